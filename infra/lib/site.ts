import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import {
  AccessLevel,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { RecordTarget } from "aws-cdk-lib/aws-route53";
import { CloudFrontTarget } from "aws-cdk-lib/aws-route53-targets";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import {
  BucketDeployment,
  CacheControl,
  type ISource,
  Source,
} from "aws-cdk-lib/aws-s3-deployment";
import {
  Annotations,
  Duration,
  IgnoreMode,
  RemovalPolicy,
  Stack,
  Validations,
} from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { AddressRecords } from "./address-records.ts";
import { listFiles, nameHasHash } from "./site/files.ts";
import { SecurityHeaders } from "./site/security-headers.ts";
import { acknowledgeUploader } from "./site/uploader.ts";
import { customDomain } from "./stages/domains.ts";
import type { Stage } from "./stages.ts";

export interface SiteProps {
  readonly stage: Stage;
  /** Directory of the built site. */
  readonly files: string;
}

/** A private bucket behind CloudFront. `publish` fills it once the API's address is known. */
export class Site extends Construct {
  /** Without a trailing slash. */
  readonly origin: string;
  private readonly bucket: IBucket;
  /** Alarms and the dashboard show its metrics. */
  readonly distribution: Distribution;
  private readonly props: SiteProps;

  constructor(scope: Construct, id: string, props: SiteProps) {
    super(scope, id);
    this.props = props;
    const { stage, files } = props;
    const domain = customDomain(stage, "web");

    this.bucket = new Bucket(this, "Bucket", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // In every stage: a build makes the files again.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
      // CDK is not compiled with exactOptionalPropertyTypes.
    }) as IBucket;

    this.distribution = new Distribution(this, "Distribution", {
      comment: Stack.of(this).stackName,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: stage.priceClass,
      ...(domain && {
        domainNames: [domain.host],
        certificate: Certificate.fromCertificateArn(this, "Certificate", domain.certificate),
        minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      }),
      defaultRootObject: "index.html",
      defaultBehavior: {
        // Without the permission to list, S3 answers 403 and not 404 for a missing file.
        origin: S3BucketOrigin.withOriginAccessControl(this.bucket, {
          originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
        }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        compress: true,
        cachePolicy: new CachePolicy(this, "Caching", {
          comment: "As long as each file says, and not a second longer",
          // The minimum of the managed policy is one second, for `no-cache` files too.
          minTtl: Duration.seconds(0),
          defaultTtl: Duration.seconds(0),
          maxTtl: Duration.days(365),
          enableAcceptEncodingBrotli: true,
          enableAcceptEncodingGzip: true,
        }),
        responseHeadersPolicy: new SecurityHeaders(this, "Headers", {
          indexHtml: `${files}/index.html`,
          // The API comes after the site: without a custom domain only its region is known here.
          api: stage.apiOrigin ?? `https://*.execute-api.${Stack.of(this).region}.amazonaws.com`,
        }),
        functionAssociations: [
          {
            eventType: FunctionEventType.VIEWER_REQUEST,
            function: new EdgeFunction(this, "Rewrite", {
              comment: "Every page is index.html",
              runtime: FunctionRuntime.JS_2_0,
              code: FunctionCode.fromFile({ filePath: `${import.meta.dirname}/site/rewrite.js` }),
            }),
          },
        ],
      },
    });
    Annotations.of(this).acknowledgeWarning(
      "@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk",
      "No path lists the bucket: / is index.html",
    );
    if (domain) {
      const target = RecordTarget.fromAlias(new CloudFrontTarget(this.distribution));
      new AddressRecords(this, "Records", { ...domain, target });
    }
    Validations.of(this.bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason:
        "It holds only public files. Only CloudFront reads it and only the stack's uploads write " +
        "it; CloudTrail records changes of the bucket.",
    });
    Validations.of(this.distribution).acknowledge(
      {
        id: "AwsSolutions-CFR1",
        reason: "The page is public in every country.",
      },
      {
        id: "AwsSolutions-CFR2",
        reason:
          "It serves only static files. The API has a throttle; a web application firewall would " +
          "cost more than the rest of the stack.",
      },
      {
        id: "AwsSolutions-CFR3",
        reason:
          "Requests for public files are not logged, for privacy. The gateway's access log has " +
          "every request that reads or writes data.",
      },
    );
    if (!domain) {
      Validations.of(this.distribution).acknowledge({
        id: "AwsSolutions-CFR4",
        reason:
          "With its default certificate CloudFront chooses the TLS versions. A stage with a " +
          "custom domain requires TLS 1.2.",
      });
    }
    this.origin = stage.webOrigin ?? `https://${this.distribution.distributionDomainName}`;
  }

  /**
   * Uploads the site and a `config.json` with `config`, in three steps: the files with a hash in
   * their name, next to the old ones; all others but one; `index.html`, which switches to the new
   * release. An open page keeps working.
   *
   * Each file without a hash is its own upload, so that CloudFormation replaces, and CloudFront
   * invalidates, only what changed. Returns the uploads that must wait for the API: all but those
   * of the first step.
   */
  publish(config: { readonly apiUrl: string }): Construct[] {
    const { stage, files } = this.props;
    const all = listFiles(files);
    const only = (wanted: (file: string) => boolean) =>
      Source.asset(files, {
        exclude: all.filter((file) => !wanted(file)).map((file) => `/${file}`),
        ignoreMode: IgnoreMode.GIT,
      });
    const upload = {
      destinationBucket: this.bucket,
      prune: false,
      logGroup: new LogGroup(this, "UploadLog", {
        retention: stage.logRetention,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    };

    const hashed = new BucketDeployment(this, "HashedFiles", {
      ...upload,
      sources: [only(nameHasHash)],
      cacheControl: [
        CacheControl.setPublic(),
        CacheControl.maxAge(Duration.days(365)),
        CacheControl.immutable(),
      ],
    });
    acknowledgeUploader(hashed);
    const single = (file: string, source: ISource) => {
      // The id of a construct must not contain a slash.
      const deployment = new BucketDeployment(this, file.replaceAll("/", "|"), {
        ...upload,
        sources: [source],
        cacheControl: [CacheControl.noCache()],
        distribution: this.distribution,
        distributionPaths: [`/${file}`],
      });
      deployment.node.addDependency(hashed);
      return deployment;
    };
    const others = all
      .filter((file) => !nameHasHash(file) && !["index.html", "config.json"].includes(file))
      .map((file) =>
        single(
          file,
          only((other) => other === file),
        ),
      );
    others.push(single("config.json", Source.jsonData("config.json", config)));
    const index = single(
      "index.html",
      only((file) => file === "index.html"),
    );
    index.node.addDependency(...others);
    return [...others, index];
  }
}
