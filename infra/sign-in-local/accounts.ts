/** Development accounts: an e-mail address is one, and no password belongs to it. */

import { createHash } from "node:crypto";
import type { Account } from "oidc-provider";

export class Accounts {
  private readonly emails = new Map<string, string>();

  /** The account id of an address, the same in each run. It does not contain the address. */
  add(email: string): string {
    const address = email.toLowerCase();
    const sub = createHash("sha256").update(address).digest("base64url");
    this.emails.set(sub, address);
    return sub;
  }

  find(sub: string): Account | undefined {
    const email = this.emails.get(sub);
    if (email === undefined) return undefined;
    return { accountId: sub, claims: () => ({ sub, email, email_verified: false }) };
  }
}
