/**
 * `GET /events/{id}` and `GET /events` with the AWS SDK, as a simple first version: a peer of our
 * functions in the benchmarks. It reads the same items and returns the same bodies. It does not
 * validate its input, and it queries each shard of the list once, even if a shard has more events
 * for the page.
 */
import http from "node:http";
import { DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";

const { TABLE_NAME: TableName, SHARDS, AWS_LAMBDA_RUNTIME_API: runtime } = process.env;
const PAGE = 100;
const SHARE = 31;

const table = new DynamoDBClient({});

async function getEvent(id) {
  const { Item } = await table.send(
    new GetItemCommand({ TableName, Key: { id: { S: id } }, ConsistentRead: true }),
  );
  return Item ? [200, eventOf(Item)] : [404, { error: "Event not found" }];
}

async function listEvents() {
  const query = (shard) =>
    new QueryCommand({
      TableName,
      IndexName: "byDate",
      KeyConditionExpression: "#shard = :shard",
      ExpressionAttributeNames: { "#shard": "shard" },
      ExpressionAttributeValues: { ":shard": { N: String(shard) } },
      Limit: SHARE,
    });
  const shards = [...Array(Number(SHARDS)).keys()];
  const pages = await Promise.all(shards.map((shard) => table.send(query(shard))));
  const items = pages.flatMap((page) => page.Items).sort((a, b) => (a.sort.S < b.sort.S ? -1 : 1));
  return [200, items.slice(0, PAGE).map(eventOf)];
}

function eventOf({ shard, sort, ...members }) {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, value.S]));
}

async function handle(request) {
  const one = request.routeKey === "GET /events/{id}";
  const [statusCode, body] = await (one ? getEvent(request.pathParameters.id) : listEvents());
  return {
    statusCode,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

const agent = new http.Agent({ keepAlive: true });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const url = `http://${runtime}/2018-06-01/runtime/invocation/${path}`;
    const request = http.request(url, { method, agent }, async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve([response.headers["lambda-runtime-aws-request-id"], text]);
    });
    request.on("error", reject).end(body);
  });
}

for (;;) {
  const [id, request] = await call("GET", "next");
  await call("POST", `${id}/response`, JSON.stringify(await handle(JSON.parse(request))));
}
