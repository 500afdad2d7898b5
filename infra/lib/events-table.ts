import { AttributeType, BillingMode, ProjectionType, Table } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { RemovalPolicy, Validations } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { Stage } from "./stages.ts";

export type TableAction = "Query" | "PutItem" | "GetItem" | "DeleteItem";

const index = "byDate";

/** The events by `id`, and in order of date through the index `byDate`. */
export class EventsTable extends Construct {
  readonly table: Table;
  private readonly shards: number;

  constructor(scope: Construct, id: string, { stage }: { stage: Stage }) {
    super(scope, id);
    this.table = new Table(this, "Table", {
      partitionKey: { name: "id", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: stage.keepData },
      deletionProtection: stage.keepData,
      removalPolicy: stage.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: index,
      partitionKey: { name: "shard", type: AttributeType.NUMBER },
      sortKey: { name: "sort", type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    });
    this.shards = stage.shards;
    if (!stage.keepData) {
      Validations.of(this.table).acknowledge({
        id: "AwsSolutions-DDB3",
        reason:
          "The data of a development stage is deleted with its stack. A stage with keepData has " +
          "point-in-time recovery.",
      });
    }
  }

  /** Grants a function one action and sets the environment variables that it needs for it. */
  grant(grantee: LambdaFunction, action: TableAction): void {
    const { tableArn, tableName } = this.table;
    grantee.addToRolePolicy(
      new PolicyStatement({
        actions: [`dynamodb:${action}`],
        resources: [action === "Query" ? `${tableArn}/index/${index}` : tableArn],
      }),
    );
    grantee.addEnvironment("TABLE_NAME", tableName);
    grantee.addEnvironment("SHARDS", String(this.shards));
  }
}
