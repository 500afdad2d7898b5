import {
  AccessLevel,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  PriceClass,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, Source } from "aws-cdk-lib/aws-s3-deployment";
import { Annotations, Duration, IgnoreMode, RemovalPolicy, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { listFiles, nameHasHash } from "./site/files.ts";
import { SecurityHeaders } from "./site/security-headers.ts";
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
      comment: `events-${stage.name}`,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultRootObject: "index.html",
      defaultBehavior: {
        // To whom may not list a bucket, S3 says 403 of a missing file, instead of 404.
        origin: S3BucketOrigin.withOriginAccessControl(this.bucket, {
          originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
        }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        compress: true,
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
    this.origin = stage.webOrigin ?? `https://${this.distribution.distributionDomainName}`;
  }

  /**
   * Uploads the site, with `config.json` made of `config`. The new files that carry a hash in their
   * name come first, and the old ones stay: a page that is open during a release goes on working.
   * Returns the second step, the one that switches to the new release.
   */
  publish(config: { readonly apiUrl: string }): Construct {
    const { stage, files } = this.props;
    const all = listFiles(files);
    const hashed = all.filter(nameHasHash);
    const others = all.filter((file) => !nameHasHash(file) && file !== "config.json");
    const only = (wanted: string[]) =>
      Source.asset(files, {
        exclude: all.filter((file) => !wanted.includes(file)).map((file) => `/${file}`),
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

    const hashedFiles = new BucketDeployment(this, "HashedFiles", {
      ...upload,
      sources: [only(hashed)],
      cacheControl: [
        CacheControl.setPublic(),
        CacheControl.maxAge(Duration.days(365)),
        CacheControl.immutable(),
      ],
    });
    const otherFiles = new BucketDeployment(this, "OtherFiles", {
      ...upload,
      sources: [only(others), Source.jsonData("config.json", config)],
      cacheControl: [CacheControl.noCache()],
      distribution: this.distribution,
      distributionPaths: [...others, "config.json"].map((file) => `/${file}`),
    });
    otherFiles.node.addDependency(hashedFiles);
    return otherFiles;
  }
}
