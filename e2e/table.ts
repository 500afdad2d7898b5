/**
 * Stores many events at once in the table of a local run. The API would take minutes, and what is
 * tested is the page.
 */

import { createHash, createHmac, randomUUID } from "node:crypto";
import type { NewEvent, StoredEvent } from "./api.ts";

/** Where the table of a run is, and with which key. */
export interface TableAddress {
  readonly url: string;
  readonly key: { readonly id: string; readonly secret: string };
}

type Item = Record<string, { S: string } | { N: string }>;

/** As many items as one call takes. */
const BATCH = 25;

/** Stores events that are like `model`, which the API made, but for what is given of each. */
export async function storeAll(
  table: TableAddress,
  model: StoredEvent & { date: string },
  events: readonly (NewEvent & { date: string })[],
): Promise<void> {
  const names = (await call(table, "ListTables", {})).TableNames as string[];
  const [name = ""] = names;
  const key = { id: { S: model.id } };
  const { Item: stored } = await call(table, "GetItem", { TableName: name, Key: key });
  const puts = events.map((event) => ({ PutRequest: { Item: like(stored, model, event) } }));
  for (let i = 0; i < puts.length; i += BATCH) {
    const some = { [name]: puts.slice(i, i + BATCH) };
    const { UnprocessedItems: left } = await call(table, "BatchWriteItem", { RequestItems: some });
    if (Object.keys(left).length > 0) throw new Error("the table did not take all");
  }
}

/** The order in the list is part of an item: date, time and id, as the API writes them. */
function like(stored: Item, model: StoredEvent & { date: string }, event: NewEvent): Item {
  const text = JSON.stringify(stored);
  const id = randomUUID();
  const item = JSON.parse(
    text.replaceAll(model.id, id).replaceAll(model.date, event.date ?? model.date),
  );
  return { ...item, name: { S: event.name } };
}

// biome-ignore lint/suspicious/noExplicitAny: each caller knows the answer to its call
async function call({ url, key }: TableAddress, operation: string, input: object): Promise<any> {
  const body = JSON.stringify(input);
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const headers = {
    host: new URL(url).host,
    "x-amz-date": time,
    "x-amz-target": `DynamoDB_20120810.${operation}`,
  };
  const response = await fetch(url, {
    method: "POST",
    headers: {
      ...headers,
      "content-type": "application/x-amz-json-1.0",
      authorization: authorization(headers, time, body, key),
    },
    body,
  });
  if (!response.ok) throw new Error(`${operation}: ${await response.text()}`);
  return await response.json();
}

/** IAM User Guide, "AWS Signature Version 4 for API requests". */
function authorization(
  headers: Record<string, string>,
  time: string,
  body: string,
  { id, secret }: TableAddress["key"],
): string {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const hmac = (key: string | Buffer, text: string) =>
    createHmac("sha256", key).update(text).digest();
  const names = Object.keys(headers).toSorted();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const signed = names.join(";");
  const request = ["POST", "/", "", lines, signed, sha256(body)].join("\n");
  const scope = [time.slice(0, 8), "us-east-1", "dynamodb", "aws4_request"];
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(request)].join("\n");
  const signingKey = scope.reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const signature = hmac(signingKey, text).toString("hex");
  const credential = [id, ...scope].join("/");
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signed}, Signature=${signature}`;
}
