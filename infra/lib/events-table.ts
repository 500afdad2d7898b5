import { AttributeType, BillingMode, ProjectionType, Table } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { RemovalPolicy } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { Stage } from "./stages.ts";

export type TableAction = "Query" | "PutItem" | "GetItem" | "DeleteItem";

const index = "byDate";

/** Events by `id`, and all of them in order of date through the index `byDate`. */
export class EventsTable extends Construct {
  readonly name: string;
  private readonly arn: string;
  private readonly shards: number;

  constructor(scope: Construct, id: string, { stage }: { stage: Stage }) {
    super(scope, id);
    const table = new Table(this, "Table", {
      partitionKey: { name: "id", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: stage.keepData },
      deletionProtection: stage.keepData,
      removalPolicy: stage.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    table.addGlobalSecondaryIndex({
      indexName: index,
      partitionKey: { name: "shard", type: AttributeType.NUMBER },
      sortKey: { name: "sort", type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    });
    this.name = table.tableName;
    this.arn = table.tableArn;
    this.shards = stage.shards;
  }

  /** Gives a function the permission for one action together with all that it must know to use it. */
  allow(user: LambdaFunction, action: TableAction): void {
    user.addToRolePolicy(
      new PolicyStatement({
        actions: [`dynamodb:${action}`],
        resources: [action === "Query" ? `${this.arn}/index/${index}` : this.arn],
      }),
    );
    user.addEnvironment("TABLE_NAME", this.name);
    user.addEnvironment("SHARDS", String(this.shards));
  }
}
