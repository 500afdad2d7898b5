import type { BucketDeployment } from "aws-cdk-lib/aws-s3-deployment";
import { Validations } from "aws-cdk-lib/core";

const basicExecutionRole =
  "arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
/** The bucket that `cdk bootstrap` creates. */
const assets = "arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>";

/**
 * Acknowledges the findings on the function by which CDK uploads files. It runs only during a
 * deployment, and CDK chooses its permissions.
 */
export function acknowledgeUploader({ handlerRole }: BucketDeployment): void {
  const uploader = handlerRole.node.scope;
  if (!uploader) throw new Error("the role of the uploader is not in its function");
  const acknowledge = (reason: string, ...ids: string[]) => {
    Validations.of(uploader).acknowledge(...ids.map((id) => ({ id, reason })));
  };
  acknowledge(
    "CDK's function writes its log by AWS's managed policy; it runs only during a deployment.",
    `AwsSolutions-IAM4[Policy::${basicExecutionRole}]`,
  );
  acknowledge(
    "CDK's function reads any asset of the deployment and writes any file of this one bucket.",
    "AwsSolutions-IAM5[Action::s3:GetBucket*]",
    "AwsSolutions-IAM5[Action::s3:GetObject*]",
    "AwsSolutions-IAM5[Action::s3:List*]",
    "AwsSolutions-IAM5[Action::s3:Abort*]",
    "AwsSolutions-IAM5[Action::s3:DeleteObject*]",
    `AwsSolutions-IAM5[Resource::${assets}/*]`,
    "AwsSolutions-IAM5[Resource::<SiteBucket978D4AEB.Arn>/*]",
  );
  acknowledge(
    "CDK grants invalidations of every distribution. Only CloudFormation invokes the function.",
    "AwsSolutions-IAM5[Resource::*]",
  );
  acknowledge(
    "CDK chooses the runtime of its function and updates it; package.json pins the version of CDK.",
    "AwsSolutions-L1",
    "Serverless-LambdaLatestVersion",
  );
  acknowledge(
    "CloudFormation invokes it, waits for the result and shows its errors.",
    "Serverless-LambdaDLQ",
    "Serverless-LambdaTracing",
  );
}
