"""GET /events/{id} and GET /events with boto3, as a simple first version: a peer of our functions
in the benchmarks. It reads the same items and returns the same bodies. It does not validate its
input, and it queries each shard of the list once, even if a shard has more events for the page."""

import http.client
import json
import os

import boto3

TABLE = os.environ["TABLE_NAME"]
SHARDS = int(os.environ["SHARDS"])
PAGE, SHARE = 100, 31

table = boto3.client("dynamodb")


def get_event(event_id):
    output = table.get_item(TableName=TABLE, Key={"id": {"S": event_id}}, ConsistentRead=True)
    item = output.get("Item")
    return (200, event_of(item)) if item else (404, {"error": "Event not found"})


def list_events():
    items = []
    for shard in range(SHARDS):
        items += table.query(
            TableName=TABLE,
            IndexName="byDate",
            KeyConditionExpression="#shard = :shard",
            ExpressionAttributeNames={"#shard": "shard"},
            ExpressionAttributeValues={":shard": {"N": str(shard)}},
            Limit=SHARE,
        )["Items"]
    items.sort(key=lambda item: item["sort"]["S"])
    return 200, [event_of(item) for item in items[:PAGE]]


def event_of(item):
    return {name: value["S"] for name, value in item.items() if name not in ("shard", "sort")}


def handle(request):
    one = request["routeKey"] == "GET /events/{id}"
    status, body = get_event(request["pathParameters"]["id"]) if one else list_events()
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }


def run():
    runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    invocation = "/2018-06-01/runtime/invocation/"
    while True:
        runtime.request("GET", invocation + "next")
        event = runtime.getresponse()
        response = json.dumps(handle(json.loads(event.read())))
        request_id = event.headers["lambda-runtime-aws-request-id"]
        runtime.request("POST", invocation + request_id + "/response", response)
        runtime.getresponse().read()


run()
