import { createRequire } from "node:module";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { SingletonFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import {
  BucketDeployment,
  type BucketDeploymentProps,
  type ISource,
} from "aws-cdk-lib/aws-s3-deployment";
import { Stack, Validations } from "aws-cdk-lib/core";
import { Construct } from "constructs";

const require = createRequire(import.meta.url);
/** How cdk-nag writes a reference in the id of a finding. */
const {
  flattenCfnReference,
}: {
  flattenCfnReference: (reference: unknown) => string;
} = require("cdk-nag/lib/utils/flatten-cfn-reference");

export interface UploaderProps {
  readonly bucket: IBucket;
  readonly logGroup: LogGroup;
}

/** CDK's function that uploads files during a deployment, and its uploads. */
export class Uploader extends Construct {
  private readonly props: UploaderProps;
  private readonly role: Role;
  private hasFunction = false;

  constructor(scope: Construct, id: string, props: UploaderProps) {
    super(scope, id);
    this.props = props;
    // CDK's own role for it may write every log of the account, and make log groups that nobody
    // deletes.
    this.role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    props.logGroup.grantWrite(this.role);
  }

  /**
   * Uploads the files of all sources, and deletes none. CloudFront is not told: it asks S3 for each
   * file that may change under its name.
   */
  upload(
    id: string,
    sources: ISource[],
    metadata: Pick<BucketDeploymentProps, "cacheControl" | "contentType">,
  ): BucketDeployment {
    const deployment = new BucketDeployment(this, id, {
      ...metadata,
      sources: sources.map((source) => this.observed(source)),
      destinationBucket: this.props.bucket,
      prune: false,
      waitForDistributionInvalidation: false,
      role: this.role,
      logGroup: this.props.logGroup,
    });
    if (this.hasFunction) {
      // All uploads share the function of the first. CDK makes a layer for each.
      deployment.node.tryRemoveChild("AwsCliLayer");
    } else {
      this.hasFunction = true;
      this.acknowledgeFunction(deployment);
    }
    return deployment;
  }

  /** Acknowledges that the function reads from the bucket of a source's asset. */
  private observed(source: ISource): ISource {
    return {
      bind: (scope, context) => {
        const config = source.bind(scope, context);
        this.acknowledgeFiles(config.bucket);
        return config;
      },
    };
  }

  private acknowledgeFiles(bucket: IBucket): void {
    const resource = flattenCfnReference(Stack.of(this).resolve(bucket.arnForObjects("*")));
    Validations.of(this.role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${resource}]`,
      reason:
        "CDK's function reads any asset of the deployment and writes any file of this one bucket.",
    });
  }

  private acknowledgeFunction({ node }: BucketDeployment): void {
    this.acknowledgeFiles(this.props.bucket);
    for (const action of ["GetBucket*", "GetObject*", "List*", "Abort*", "DeleteObject*"]) {
      Validations.of(this.role).acknowledge({
        id: `AwsSolutions-IAM5[Action::s3:${action}]`,
        reason: "CDK chooses the actions, on the assets of the deployment and on this one bucket.",
      });
    }
    const handler = node.findChild("CustomResourceHandler") as SingletonFunction;
    const resource = handler.permissionsNode.defaultChild;
    if (!resource) throw new Error("the function that uploads has no resource");
    const acknowledge = (reason: string, ...ids: string[]) => {
      Validations.of(resource).acknowledge(...ids.map((id) => ({ id, reason })));
    };
    acknowledge(
      "CDK chooses the runtime of its function and updates it; package.json pins the version of " +
        "CDK.",
      "AwsSolutions-L1",
      "Serverless-LambdaLatestVersion",
    );
    acknowledge(
      "CloudFormation invokes it, waits for the result and shows its errors.",
      "Serverless-LambdaDLQ",
      "Serverless-LambdaTracing",
    );
  }
}
