import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { PriceClass } from "aws-cdk-lib/aws-cloudfront";
import { nameHasHash } from "../lib/site/files.ts";
import { inlineScriptHashes } from "../lib/site/security-headers.ts";
import {
  asText,
  builtArtefacts,
  customDomains,
  inlineScript,
  type Json,
  type Resource,
  type Synthesized,
  siteFiles,
  stack,
  stackLike,
  stageNames,
  synthesize,
} from "./support.ts";

const sha256 = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const apiSource = {
  local: "http://localhost:3000",
  dev: "https://*.execute-api.<AWS::Region>.amazonaws.com",
  prod: "https://*.execute-api.<AWS::Region>.amazonaws.com",
};

const configs = {
  local: "http://localhost:3000",
  dev: "<ApiHttp.ApiEndpoint>",
  prod: "<ApiHttp.ApiEndpoint>",
};

/** By construct id: the file that it uploads, or `HashedFiles`. */
function uploads({ resources }: Synthesized): Record<string, Resource> {
  const named = resources("Custom::CDKBucketDeployment").map((resource) => [
    resource.path.replace(/^Site\/(.*)\/CustomResource\/Default$/, "$1"),
    resource,
  ]);
  return Object.fromEntries(named);
}

function upload(stack: Synthesized, file: string): Resource {
  const found = uploads(stack)[file];
  assert.ok(found, file);
  return found;
}

for (const stage of stageNames) {
  test(`${stage}: the bucket is private, encrypted and requires TLS`, () => {
    const bucket = stack(stage).resource("AWS::S3::Bucket");
    assert.deepEqual(bucket.Properties.PublicAccessBlockConfiguration, {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    const [rule] = bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration;
    assert.equal(rule.ServerSideEncryptionByDefault.SSEAlgorithm, "AES256");

    const { Statement } = stack(stage).resource("AWS::S3::BucketPolicy").Properties.PolicyDocument;
    assert.ok(
      Statement.some(
        ({ Effect, Action, Principal, Condition }: Json) =>
          Effect === "Deny" &&
          Action === "s3:*" &&
          Principal.AWS === "*" &&
          Condition.Bool["aws:SecureTransport"] === "false",
      ),
    );
  });

  test(`${stage}: only this distribution may read and list the bucket`, () => {
    const { Statement } = stack(stage).resource("AWS::S3::BucketPolicy").Properties.PolicyDocument;
    const readers = Statement.filter((s: Json) => s.Principal.Service !== undefined);
    assert.equal(readers.length, 1);
    assert.deepEqual(readers[0].Action, ["s3:GetObject", "s3:ListBucket"]);
    assert.equal(readers[0].Principal.Service, "cloudfront.amazonaws.com");
    assert.equal(
      asText(readers[0].Condition.StringEquals["AWS:SourceArn"]),
      "arn:<AWS::Partition>:cloudfront::<AWS::AccountId>:distribution/<SiteDistribution>",
    );
  });

  test(`${stage}: the distribution has HTTP/2 and 3, compression, rewrites and headers`, () => {
    const { resource } = stack(stage);
    const config = resource("AWS::CloudFront::Distribution").Properties.DistributionConfig;
    const behavior = config.DefaultCacheBehavior;
    assert.equal(config.HttpVersion, "http2and3");
    assert.equal(config.PriceClass, "PriceClass_100");
    assert.equal(config.DefaultRootObject, "index.html");
    assert.equal(config.CustomErrorResponses, undefined);
    assert.equal(behavior.Compress, true);
    assert.equal(behavior.ViewerProtocolPolicy, "redirect-to-https");
    assert.deepEqual(behavior.ResponseHeadersPolicyId, {
      Ref: resource("AWS::CloudFront::ResponseHeadersPolicy").id,
    });
    const rewrite = resource("AWS::CloudFront::Function");
    assert.equal(rewrite.Properties.FunctionConfig.Runtime, "cloudfront-js-2.0");
    assert.deepEqual(behavior.FunctionAssociations, [
      {
        EventType: "viewer-request",
        FunctionARN: { "Fn::GetAtt": [rewrite.id, "FunctionARN"] },
      },
    ]);
  });

  test(`${stage}: the content security policy allows the API and no more than needed`, () => {
    const headers = stack(stage).resource("AWS::CloudFront::ResponseHeadersPolicy").Properties
      .ResponseHeadersPolicyConfig.SecurityHeadersConfig;
    const { ContentSecurityPolicy: policy, Override } = headers.ContentSecurityPolicy;
    assert.equal(Override, true);
    assert.deepEqual(asText(policy).split("; "), [
      "default-src 'none'",
      `script-src 'self' 'wasm-unsafe-eval' ${sha256(inlineScript)}`,
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "manifest-src 'self'",
      `connect-src 'self' ${apiSource[stage]}`,
      "worker-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]);
  });

  test(`${stage}: the other security headers`, () => {
    const { SecurityHeadersConfig, CustomHeadersConfig } = stack(stage).resource(
      "AWS::CloudFront::ResponseHeadersPolicy",
    ).Properties.ResponseHeadersPolicyConfig;
    const { ContentSecurityPolicy: _, ...others } = SecurityHeadersConfig;
    assert.deepEqual(others, {
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: "DENY", Override: true },
      ReferrerPolicy: { ReferrerPolicy: "no-referrer", Override: true },
      StrictTransportSecurity: {
        AccessControlMaxAgeSec: 63_072_000,
        IncludeSubdomains: true,
        Override: true,
      },
    });
    assert.deepEqual(
      CustomHeadersConfig.Items.map(({ Header, Value, Override }: Json) => [
        Header,
        Value,
        Override,
      ]),
      [
        ["cross-origin-embedder-policy", "credentialless", true],
        ["cross-origin-opener-policy", "same-origin", true],
        ["cross-origin-resource-policy", "same-origin", true],
        [
          "permissions-policy",
          "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), " +
            "magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), " +
            "screen-wake-lock=(), usb=(), xr-spatial-tracking=()",
          true,
        ],
        ["x-dns-prefetch-control", "off", true],
        ["x-permitted-cross-domain-policies", "none", true],
      ],
    );
  });

  test(`${stage}: hashed files are cached for a year, and no upload removes old ones`, () => {
    const hashed = upload(stack(stage), "HashedFiles").Properties;
    assert.equal(hashed.SystemMetadata["cache-control"], "public, max-age=31536000, immutable");
    assert.deepEqual(hashed.SourceObjectKeys.map(fileNames(stack(stage))), [
      ["style-5ec90ea6e8f24d1.css", "web-0123456789abcdef.js", "web-0123456789abcdef_bg.wasm"],
    ]);
    assert.equal(hashed.DistributionId, undefined);
    for (const [file, { Properties }] of Object.entries(uploads(stack(stage)))) {
      assert.equal(Properties.Prune, false, file);
      assert.equal(Properties.RetainOnDelete ?? true, true, file);
    }
  });

  test(`${stage}: every other file is its own upload, revalidated and invalidated`, () => {
    const { HashedFiles: _, ...others } = uploads(stack(stage));
    assert.deepEqual(Object.keys(others).sort(), [
      "config.json",
      "index.html",
      "manifest.webmanifest",
      "sw.js",
    ]);
    const distribution = stack(stage).resource("AWS::CloudFront::Distribution").id;
    for (const [file, { Properties }] of Object.entries(others)) {
      assert.equal(Properties.SystemMetadata["cache-control"], "no-cache", file);
      assert.deepEqual(Properties.SourceObjectKeys.map(fileNames(stack(stage))), [[file]]);
      assert.deepEqual(Properties.DistributionPaths, [`/${file}`]);
      assert.deepEqual(Properties.DistributionId, { Ref: distribution });
    }
  });

  test(`${stage}: a release is hashed files, then API, then other files, then index.html`, () => {
    const { template, resources } = stack(stage);
    const { HashedFiles, ...rest } = uploads(stack(stage));
    const { "index.html": index, ...others } = rest;
    assert.ok(HashedFiles && index);
    const functions = resources("AWS::Lambda::Function").filter(({ path }) =>
      path.startsWith("Api/"),
    );
    assert.equal(functions.length, 4);
    for (const [file, { DependsOn = [] }] of Object.entries(rest)) {
      assert.ok(DependsOn.includes(HashedFiles.id), file);
      for (const { id, path } of functions) assert.ok(DependsOn.includes(id), `${file}: ${path}`);
      assert.ok(DependsOn.every((id) => id in template.Resources));
    }
    assert.equal(Object.keys(others).length, 3);
    for (const { id, path } of Object.values(others)) {
      assert.ok(index.DependsOn?.includes(id), path);
    }
    // The hashed files wait for nothing.
    for (const { id } of Object.values(rest)) assert.ok(!HashedFiles.DependsOn?.includes(id));
  });

  test(`${stage}: CloudFront caches by the header of each file, and compresses`, () => {
    const { resource } = stack(stage);
    const policy = resource("AWS::CloudFront::CachePolicy");
    const { CachePolicyId } = resource("AWS::CloudFront::Distribution").Properties
      .DistributionConfig.DefaultCacheBehavior;
    assert.deepEqual(CachePolicyId, { Ref: policy.id });
    const {
      MinTTL,
      DefaultTTL,
      MaxTTL,
      ParametersInCacheKeyAndForwardedToOrigin: key,
    } = policy.Properties.CachePolicyConfig;
    // A minimum above zero would apply to `no-cache` files too.
    assert.deepEqual([MinTTL, DefaultTTL, MaxTTL], [0, 0, 31_536_000]);
    assert.deepEqual(key, {
      EnableAcceptEncodingBrotli: true,
      EnableAcceptEncodingGzip: true,
      CookiesConfig: { CookieBehavior: "none" },
      HeadersConfig: { HeaderBehavior: "none" },
      QueryStringsConfig: { QueryStringBehavior: "none" },
    });
  });

  test(`${stage}: config.json has the API's address`, () => {
    const { SourceObjectKeys, SourceMarkers = [] } = upload(stack(stage), "config.json").Properties;
    let text = stack(stage).asset(SourceObjectKeys[0])["config.json"] ?? "";
    for (const [marker, value] of Object.entries(SourceMarkers[0] ?? {})) {
      text = text.replaceAll(marker, asText(value));
    }
    assert.deepEqual(JSON.parse(text), { apiUrl: configs[stage] });
  });
}

function fileNames({ asset }: Synthesized) {
  return (objectKey: string) => Object.keys(asset(objectKey));
}

test("files in directories are uploaded, and a config.json of the build is not", () => {
  const deep = { ...siteFiles, "snippets/app-0123456789abcdef/inline0.js": "", "config.json": "x" };
  const site = synthesize({ stage: "local", ...builtArtefacts(deep) });
  const { Properties } = upload(site, "snippets|app-0123456789abcdef|inline0.js");
  assert.deepEqual(Properties.DistributionPaths, ["/snippets/app-0123456789abcdef/inline0.js"]);
  assert.deepEqual(Properties.SourceObjectKeys.map(fileNames(site)), [
    ["snippets/app-0123456789abcdef/inline0.js"],
  ]);
  const config = upload(site, "config.json").Properties.SourceObjectKeys[0];
  assert.equal(site.asset(config)["config.json"], '{"apiUrl":"http://localhost:3000"}');
});

test("a release replaces and invalidates only the files whose content changed", () => {
  const before = synthesize({ stage: "local", ...builtArtefacts() });
  const after = synthesize({
    stage: "local",
    ...builtArtefacts({ ...siteFiles, "sw.js": "another", "style-0123456789abcdef.css": "new" }),
  });
  const changed = Object.entries(uploads(after))
    .filter(([file, { Properties }]) => {
      return JSON.stringify(Properties) !== JSON.stringify(upload(before, file).Properties);
    })
    .map(([file]) => file);
  assert.deepEqual(changed.sort(), ["HashedFiles", "sw.js"]);
});

const names: [file: string, hashed: boolean][] = [
  ["frontend-9f86d081884c7d65.js", true],
  ["frontend-9f86d081884c7d65_bg.wasm", true],
  ["style-f86d081884c7d65.css", true],
  ["assets/icon-9f86d081884c7d65.svg", true],
  ["index.html", false],
  ["favicon-32.png", false],
  ["icon-facade.svg", false],
  ["snippets/app-9f86d081884c7d65/inline0.js", false],
];

for (const [file, hashed] of names) {
  test(`${file} ${hashed ? "has" : "has no"} hash in its name`, () => {
    assert.equal(nameHasHash(file), hashed);
  });
}

test("only inline scripts are hashed, with line feeds as in browsers", () => {
  const html = [
    '<script type="module">',
    "start();",
    "</script>",
    '<script src="/a.js"></script>',
    '<SCRIPT data-src="no attribute of its own">second()</SCRIPT >',
  ];
  const expected = [sha256("\nstart();\n"), sha256("second()")];
  assert.deepEqual(inlineScriptHashes(html.join("\n")), expected);
  assert.deepEqual(inlineScriptHashes(html.join("\r\n")), expected);
  assert.deepEqual(inlineScriptHashes("<p>no script</p>"), []);
});

test("a site with a custom domain requires TLS 1.2 and names its API in the policy", () => {
  const site = stackLike("dev", { ...customDomains, priceClass: PriceClass.PRICE_CLASS_ALL });
  const config = site.resource("AWS::CloudFront::Distribution").Properties.DistributionConfig;
  assert.deepEqual(config.Aliases, ["events.example.org"]);
  assert.equal(config.PriceClass, "PriceClass_All");
  assert.deepEqual(config.ViewerCertificate, {
    AcmCertificateArn: customDomains.webCertificate,
    MinimumProtocolVersion: "TLSv1.2_2021",
    SslSupportMethod: "sni-only",
  });
  const { SecurityHeadersConfig } = site.resource("AWS::CloudFront::ResponseHeadersPolicy")
    .Properties.ResponseHeadersPolicyConfig;
  assert.match(
    asText(SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy),
    /; connect-src 'self' https:\/\/api\.events\.example\.org;/,
  );
  assert.equal(site.template.Outputs.SiteUrl.Value, customDomains.webOrigin);
  const { AllowOrigins } = site.resource("AWS::ApiGatewayV2::Api").Properties.CorsConfiguration;
  assert.deepEqual(AllowOrigins, [customDomains.webOrigin]);
});
