import { AttributeType, BillingMode, ProjectionType, Table } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Validations } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { removalPolicy } from "./removal-policy.ts";
import type { TableAction } from "./routes.ts";
import type { Units } from "./stages/bounds.ts";
import type { Stage } from "./stages.ts";

/** The index by date. */
export const index = "byDate";

export interface EventsTableProps {
  readonly stage: Stage;
  /** Whether the stack does not exist yet: see `Settings`. */
  readonly firstDeploy: boolean;
}

/** The events by `id`, and in order of date through the index `byDate`. */
export class EventsTable extends Construct {
  readonly table: Table;
  private readonly shards: number;

  constructor(scope: Construct, id: string, { stage, firstDeploy }: EventsTableProps) {
    super(scope, id);
    const keep = stage.data === "keep";
    this.table = new Table(this, "Table", {
      partitionKey: { name: "id", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: keep },
      deletionProtection: keep && !firstDeploy,
      removalPolicy: removalPolicy(keep, firstDeploy),
      ...maxUnits(stage.tableUnits?.table),
    });
    this.table.addGlobalSecondaryIndex({
      indexName: index,
      partitionKey: { name: "shard", type: AttributeType.NUMBER },
      sortKey: { name: "sort", type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
      ...maxUnits(stage.tableUnits?.index),
    });
    this.shards = stage.shards;
    if (!keep) {
      Validations.of(this.table).acknowledge({
        id: "AwsSolutions-DDB3",
        reason:
          "The stage says that its data is deleted with its stack. A stage that keeps it has " +
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

function maxUnits(units: Units | undefined) {
  return units && { maxReadRequestUnits: units.read, maxWriteRequestUnits: units.write };
}
