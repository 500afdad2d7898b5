/** What the access token of a call must allow: `SERVER/SCOPE`. */
export const scopes = ["events/write", "events/read"] as const;
export type Scope = (typeof scopes)[number];

/** Who may do what, by the scopes that calls need; a call that needs another one needs none. */
const guarded = {
  /** Everybody reads and writes. */
  public: [],
  /** Everybody reads; who is signed in writes. */
  "members-write": ["events/write"],
  /** Who is signed in reads and writes. */
  members: scopes,
} as const satisfies Readonly<Record<string, readonly Scope[]>>;

export type Access = keyof typeof guarded;
export const accesses = Object.keys(guarded) as Access[];

/** The scopes that calls need, of those that a token can have. */
export function guardedScopes(access: Access): readonly Scope[] {
  return guarded[access];
}
