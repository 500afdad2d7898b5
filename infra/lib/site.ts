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
  S3OriginAccessControl,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { RecordTarget } from "aws-cdk-lib/aws-route53";
import { CloudFrontTarget } from "aws-cdk-lib/aws-route53-targets";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import { CacheControl, type ISource, Source } from "aws-cdk-lib/aws-s3-deployment";
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
import { logEmptying } from "./site/emptying.ts";
import { contentTypes, listFiles, nameHasHash, toldExtension } from "./site/files.ts";
import { regionalName, SecurityHeaders } from "./site/security-headers.ts";
import { Uploader } from "./site/uploader.ts";
import { customDomain } from "./stages/domains.ts";
import type { Stage } from "./stages.ts";

export interface SiteProps {
  readonly stage: Stage;
  /** Directory of the built site. */
  readonly files: string;
  /** Origins that the page calls to sign members in. */
  readonly signInOrigins: readonly string[];
}

/** The page's `config.json`. */
export interface PageConfig {
  readonly apiUrl: string;
  readonly signIn?: object;
  /** Of the venues. */
  readonly timeZone?: string;
}

/** A private bucket behind CloudFront. `publish` fills it once the API's address is known. */
export class Site extends Construct {
  /** Without a trailing slash. */
  readonly origin: string;
  private readonly bucket: IBucket;
  /** Alarms and the dashboard show its metrics. */
  readonly distribution: Distribution;
  private readonly files: string;
  private readonly uploader: Uploader;

  constructor(scope: Construct, id: string, props: SiteProps) {
    super(scope, id);
    const { stage, files, signInOrigins } = props;
    this.files = files;
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

    const logGroup = new LogGroup(this, "DeploymentLog", {
      retention: stage.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    logEmptying(logGroup);
    this.uploader = new Uploader(this, "Uploader", { bucket: this.bucket, logGroup });

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
          originAccessControl: new S3OriginAccessControl(this, "AccessControl", {
            originAccessControlName: regionalName(this, 64),
          }),
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
          // The API comes after the site: without a custom domain only its region is known here.
          api:
            stage.apiOrigin ??
            `https://*.execute-api.${Stack.of(this).region}.${Stack.of(this).urlSuffix}`,
          signInOrigins,
          hstsIncludeSubdomains: stage.hstsIncludeSubdomains ?? false,
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
   * Old hashed files stay. S3 can expire a file by the age of its upload alone, and that says
   * nothing of when its release was replaced: the files of a release that is live for long would
   * expire too.
   *
   * Returns the uploads that must wait for the API: all but those of the first step.
   */
  publish(config: PageConfig): Construct[] {
    const files = listFiles(this.files).filter((file) => file !== "config.json");
    const hashed = this.upload("HashedFiles", files.filter(nameHasHash), [
      CacheControl.setPublic(),
      CacheControl.maxAge(Duration.days(365)),
      CacheControl.immutable(),
    ]);
    const others = this.upload(
      "OtherFiles",
      files.filter((file) => !nameHasHash(file) && file !== "index.html"),
      [CacheControl.noCache()],
      [Source.jsonData("config.json", config)],
    );
    const index = this.upload("index.html", ["index.html"], [CacheControl.noCache()]);
    for (const upload of others) upload.node.addDependency(...hashed);
    for (const upload of index) upload.node.addDependency(...hashed, ...others);
    return [...others, ...index];
  }

  /**
   * Each upload gives all of its files one type, or none. So the files whose type must be told are
   * uploads of their own, by extension. Their number depends on the extensions and not on the
   * files: each upload adds a tag to the bucket, which can have 50.
   */
  private upload(
    id: string,
    files: readonly string[],
    cacheControl: CacheControl[],
    sources: ISource[] = [],
  ): Construct[] {
    const of = (extension: string | undefined) =>
      files.filter((file) => toldExtension(file) === extension);
    const told = Object.entries(contentTypes).filter(([extension]) => of(extension).length > 0);
    return [
      this.uploader.upload(id, [this.only(of(undefined)), ...sources], { cacheControl }),
      ...told.map(([extension, contentType]) =>
        this.uploader.upload(`${id}.${extension}`, [this.only(of(extension))], {
          cacheControl,
          contentType,
        }),
      ),
    ];
  }

  /** These files of the site. */
  private only(wanted: readonly string[]): ISource {
    return Source.asset(this.files, {
      exclude: listFiles(this.files)
        .filter((file) => !wanted.includes(file))
        .map((file) => `/${file}`),
      ignoreMode: IgnoreMode.GIT,
    });
  }
}
