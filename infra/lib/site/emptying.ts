import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { type CfnResource, Stack } from "aws-cdk-lib/core";

/**
 * Has CDK's function that empties a bucket before its deletion write to `logGroup`. By itself it
 * makes a log group that has no retention and outlives the stack, and may write every log of the
 * account.
 */
export function logEmptying(logGroup: LogGroup): void {
  const provider = Stack.of(logGroup).node.findChild(
    "Custom::S3AutoDeleteObjectsCustomResourceProvider",
  );
  const handler = provider.node.findChild("Handler") as CfnResource;
  handler.addPropertyOverride("LoggingConfig", { LogGroup: logGroup.logGroupName });
  const role = provider.node.findChild("Role") as CfnResource;
  role.addPropertyDeletionOverride("ManagedPolicyArns");
  role.addPropertyOverride("Policies", [
    {
      PolicyName: "Log",
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: logGroup.logGroupArn,
          },
        ],
      },
    },
  ]);
}
