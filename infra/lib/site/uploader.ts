import type { BucketDeployment } from "aws-cdk-lib/aws-s3-deployment";
import { Validations } from "aws-cdk-lib/core";

/**
 * What reviewers must know of the function that the library brings to upload files: it runs while the stack
 * is deployed and at no other time, and what it may do is the library's choice.
 */
export function acknowledgeUploader({ handlerRole }: BucketDeployment): void {
  const uploader = handlerRole.node.scope;
  if (!uploader) throw new Error("the uploader's role stands in its function");
  const acknowledge = (reason: string, ...ids: string[]) => {
    Validations.of(uploader).acknowledge(...ids.map((id) => ({ id, reason })));
  };
  acknowledge(
    "The library's function writes its log by AWS's own policy for that; it runs while the stack is deployed.",
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
  );
  acknowledge(
    "The library's function reads any asset of the deployment and writes any file of this one bucket: it is made for that.",
    "AwsSolutions-IAM5[Action::s3:GetBucket*]",
    "AwsSolutions-IAM5[Action::s3:GetObject*]",
    "AwsSolutions-IAM5[Action::s3:List*]",
    "AwsSolutions-IAM5[Action::s3:Abort*]",
    "AwsSolutions-IAM5[Action::s3:DeleteObject*]",
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*]",
    "AwsSolutions-IAM5[Resource::<SiteBucket978D4AEB.Arn>/*]",
  );
  acknowledge(
    "Invalidations of one distribution: the library grants them for all. The function is called by CloudFormation alone.",
    "AwsSolutions-IAM5[Resource::*]",
  );
  acknowledge(
    "The library chooses the runtime of its function, and moves it on; the version of the library is pinned here.",
    "AwsSolutions-L1",
    "Serverless-LambdaLatestVersion",
  );
  acknowledge(
    "CloudFormation calls it, waits for its answer and shows what went wrong: nothing can get lost or be slow unseen.",
    "Serverless-LambdaDLQ",
    "Serverless-LambdaTracing",
  );
}
