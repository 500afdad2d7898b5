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

/** The page: a private bucket behind CloudFront. `publish` fills it, once the API's address is known. */
export class Site extends Construct {
  /** Where the page is, without a trailing slash. */
  readonly origin: string;
  private readonly bucket: IBucket;
  private readonly distribution: Distribution;
  private readonly props: SiteProps;

  constructor(scope: Construct, id: string, props: SiteProps) {
    super(scope, id);
    this.props = props;
    const { stage, files } = props;
    const name = customDomain(stage, "web");

    this.bucket = new Bucket(this, "Bucket", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // In every stage: its files come out of a build and can be built again.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
      // The library was not compiled with exactOptionalPropertyTypes.
    }) as IBucket;

    this.distribution = new Distribution(this, "Distribution", {
      comment: Stack.of(this).stackName,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: stage.priceClass,
      ...(name && {
        domainNames: [name.host],
        certificate: Certificate.fromCertificateArn(this, "Certificate", name.certificate),
        minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      }),
      defaultRootObject: "index.html",
      defaultBehavior: {
        // To whom may not list a bucket, S3 says 403 of a missing file, instead of 404.
        origin: S3BucketOrigin.withOriginAccessControl(this.bucket, {
          originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
        }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        compress: true,
        cachePolicy: new CachePolicy(this, "Caching", {
          comment: "As long as each file says, and not a second longer",
          // The managed policy keeps even what must always be asked for again, for a second.
          minTtl: Duration.seconds(0),
          defaultTtl: Duration.seconds(0),
          maxTtl: Duration.days(365),
          enableAcceptEncodingBrotli: true,
          enableAcceptEncodingGzip: true,
        }),
        responseHeadersPolicy: new SecurityHeaders(this, "Headers", {
          indexHtml: `${files}/index.html`,
          // The API comes after the site: unless its name is given, only its region is known yet.
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
      "No path leads to the bucket's list: / is index.html",
    );
    if (name) {
      const target = RecordTarget.fromAlias(new CloudFrontTarget(this.distribution));
      new AddressRecords(this, "Records", { ...name, target });
    }
    Validations.of(this.bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason:
        "It holds only what the page shows everybody. CloudFront alone may read it, and the stack's own uploads alone write it; CloudTrail keeps who changed the bucket.",
    });
    Validations.of(this.distribution).acknowledge(
      {
        id: "AwsSolutions-CFR1",
        reason: "The page is for everybody, wherever they are.",
      },
      {
        id: "AwsSolutions-CFR2",
        reason:
          "There is nothing behind it but files. What can be attacked is the API, whose stage has a throttle; a firewall costs more than all the rest.",
      },
      {
        id: "AwsSolutions-CFR3",
        reason:
          "Who read a public file is not kept, for the readers' sake. Every request that touches data is in the gateway's access log.",
      },
    );
    if (!name) {
      Validations.of(this.distribution).acknowledge({
        id: "AwsSolutions-CFR4",
        reason:
          "CloudFront's own certificate comes with CloudFront's own choice of TLS versions. A stage with a webOrigin takes TLS 1.2 at least.",
      });
    }
    this.origin = stage.webOrigin ?? `https://${this.distribution.distributionDomainName}`;
  }

  /**
   * Uploads the site, with `config.json` made of `config`, in three steps, each after the one before:
   * the files that carry a hash in their name, while the old ones stay; all others but one; `index.html`,
   * which switches to the new release. A page that is open meanwhile goes on working.
   *
   * Each file that may change under its name is an upload of its own, so that CloudFormation touches, and
   * CloudFront forgets, only those that did change. Returns what must wait for the API: all but the first step.
   */
  publish(config: { readonly apiUrl: string }): Construct[] {
    const { stage, files } = this.props;
    const all = listFiles(files).filter((file) => file !== "config.json");
    const only = (wanted: (file: string) => boolean) =>
      Source.asset(files, {
        exclude: listFiles(files)
          .filter((file) => !wanted(file))
          .map((file) => `/${file}`),
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
      // A slash would end the id of a construct.
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
      .filter((file) => !nameHasHash(file) && file !== "index.html")
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
