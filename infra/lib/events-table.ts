import { AttributeType, BillingMode, ProjectionType, Table } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { RemovalPolicy, Validations } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { Stage } from "./stages.ts";

export type TableAction = "Query" | "PutItem" | "GetItem" | "DeleteItem";

const index = "byDate";

/** Events by `id`, and all of them in order of date through the index `byDate`. */
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
          "The data of a development stage goes with its stack. A stage with keepData can be restored to any second.",
      });
    }
  }

  /** Gives a function the permission for one action together with all that it must know to use it. */
  grant(user: LambdaFunction, action: TableAction): void {
    const { tableArn, tableName } = this.table;
    user.addToRolePolicy(
      new PolicyStatement({
        actions: [`dynamodb:${action}`],
        resources: [action === "Query" ? `${tableArn}/index/${index}` : tableArn],
      }),
    );
    user.addEnvironment("TABLE_NAME", tableName);
    user.addEnvironment("SHARDS", String(this.shards));
  }
}
