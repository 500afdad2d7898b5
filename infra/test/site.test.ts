import assert from "node:assert/strict";
import { test } from "node:test";
import { PriceClass } from "aws-cdk-lib/aws-cloudfront";
import { listFiles, nameHasHash, toldExtension } from "../lib/site/files.ts";
import {
  asText,
  builtArtefacts,
  configOf,
  customDomains,
  type Json,
  type Resource,
  type Synthesized,
  siteFiles,
  stack,
  stackLike,
  stageNames,
  synthesize,
} from "./support.ts";

const apiSource = {
  local: "http://localhost:3000",
  dev: "https://*.execute-api.<AWS::Region>.<AWS::URLSuffix>",
  prod: "https://*.execute-api.<AWS::Region>.<AWS::URLSuffix>",
};

const userPool = [
  "https://cognito-idp.<AWS::Region>.<AWS::URLSuffix>",
  "https://<MembersPoolDomain>.auth.<AWS::Region>.amazoncognito.com",
];
const signInSources = { local: [], dev: userPool, prod: userPool };

const configs = {
  local: "http://localhost:3000",
  dev: "<ApiHttp.ApiEndpoint>",
  prod: "<ApiHttp.ApiEndpoint>",
};

/** By construct id. */
function uploads({ resources }: Synthesized): Record<string, Resource> {
  const named = resources("Custom::CDKBucketDeployment").map((resource) => [
    resource.path.replace(/^Site\/Uploader\/(.*)\/CustomResource\/Default$/, "$1"),
    resource,
  ]);
  return Object.fromEntries(named);
}

function upload(stack: Synthesized, id: string): Resource {
  const found = uploads(stack)[id];
  assert.ok(found, id);
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
      "script-src 'self' 'wasm-unsafe-eval'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "manifest-src 'self'",
      `connect-src 'self' ${[apiSource[stage], ...signInSources[stage]].join(" ")}`,
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
        IncludeSubdomains: false,
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

  test(`${stage}: what each upload uploads, for how long it is cached, and of which type`, () => {
    const year = "public, max-age=31536000, immutable";
    const found = Object.entries(uploads(stack(stage))).map(([id, { Properties }]) => [
      id,
      Properties.SystemMetadata,
      Properties.SourceObjectKeys.map(fileNames(stack(stage))),
    ]);
    assert.deepEqual(found, [
      [
        "HashedFiles",
        { "cache-control": year },
        [
          [
            "boot-2aded53615334921.js",
            "style-5ec90ea6e8f24d1.css",
            "web-0123456789abcdef.js",
            "web-0123456789abcdef_bg.wasm",
          ],
        ],
      ],
      [
        "HashedFiles.woff2",
        { "cache-control": year, "content-type": "font/woff2" },
        [["fonts/latin-414d5dfe5f3d02a3.woff2"]],
      ],
      [
        "OtherFiles",
        { "cache-control": "no-cache" },
        [["fonts/OFL.txt", "manifest.webmanifest", "sw.js"], ["config.json"]],
      ],
      ["index.html", { "cache-control": "no-cache" }, [["index.html"]]],
    ]);
  });

  test(`${stage}: no upload removes files, or waits for an invalidation`, () => {
    for (const [id, { Properties }] of Object.entries(uploads(stack(stage)))) {
      assert.equal(Properties.Prune, false, id);
      assert.equal(Properties.RetainOnDelete ?? true, true, id);
      assert.equal(Properties.DistributionId, undefined, id);
      assert.equal(Properties.WaitForDistributionInvalidation, false, id);
    }
  });

  test(`${stage}: a release is hashed files, then API, then other files, then index.html`, () => {
    const { template, resources } = stack(stage);
    const all = uploads(stack(stage));
    const { "index.html": index, OtherFiles: others, ...hashed } = all;
    assert.ok(index && others);
    const functions = resources("AWS::Lambda::Function").filter(({ path }) =>
      path.startsWith("Api/"),
    );
    assert.equal(functions.length, 4);
    for (const { id, DependsOn = [] } of [others, index]) {
      for (const earlier of [...Object.values(hashed), ...functions]) {
        assert.ok(DependsOn.includes(earlier.id), `${id}: ${earlier.path}`);
      }
      assert.ok(DependsOn.every((id) => id in template.Resources));
    }
    assert.ok(index.DependsOn?.includes(others.id));
    // The hashed files wait for nothing.
    assert.equal(Object.keys(hashed).length, 2);
    for (const { DependsOn = [] } of Object.values(hashed)) {
      assert.ok(!DependsOn.some((id) => Object.values(all).some((upload) => upload.id === id)));
      assert.ok(!DependsOn.some((id) => functions.some((other) => other.id === id)));
    }
  });

  test(`${stage}: one layer with the AWS CLI, used by the one function that uploads`, () => {
    const { resource, resources } = stack(stage);
    const layers = resources("AWS::Lambda::Function").flatMap((f) => f.Properties.Layers ?? []);
    assert.deepEqual(layers, [{ Ref: resource("AWS::Lambda::LayerVersion").id }]);
  });

  test(`${stage}: every log goes with the stack, and no function may make another`, () => {
    const { resources, template } = stack(stage);
    for (const { path, DeletionPolicy } of resources("AWS::Logs::LogGroup")) {
      assert.equal(DeletionPolicy, "Delete", path);
    }
    const text = JSON.stringify(template);
    assert.doesNotMatch(text, /AWSLambdaBasicExecutionRole|logs:CreateLogGroup/);
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
    assert.equal(configOf(stack(stage)).apiUrl, configs[stage]);
  });
}

function fileNames({ asset }: Synthesized) {
  return (objectKey: string) => Object.keys(asset(objectKey));
}

test("files in directories are uploaded, and a config.json of the build is not", () => {
  const deep = { ...siteFiles, "snippets/app-0123456789abcdef/inline0.js": "", "config.json": "x" };
  const site = synthesize({ stage: "local", ...builtArtefacts(deep) });
  const { SourceObjectKeys } = upload(site, "OtherFiles").Properties;
  const [others, config] = SourceObjectKeys.map(site.asset);
  assert.ok("snippets/app-0123456789abcdef/inline0.js" in others);
  assert.ok(!("config.json" in others));
  assert.equal(config["config.json"], '{"apiUrl":"http://localhost:3000"}');
});

test("another build changes nothing but the assets of the site", () => {
  const before = synthesize({ stage: "dev", ...builtArtefacts() });
  const { "boot-2aded53615334921.js": _, ...kept } = siteFiles;
  const after = synthesize({
    stage: "dev",
    ...builtArtefacts({
      ...kept,
      "boot-0000000000000001.js": "another",
      "index.html":
        '<script type="module" src="/boot-0000000000000001.js"></script><script>x()</script>',
      "sw.js": "another",
    }),
  });
  const withoutSite = ({ template }: Synthesized) => {
    for (const { id } of Object.values(uploads({ ...before }))) {
      delete template.Resources[id].Properties.SourceObjectKeys;
    }
    return template;
  };
  const keys = (stack: Synthesized) =>
    Object.entries(uploads(stack)).map(([id, { Properties }]) => [id, Properties.SourceObjectKeys]);
  const [old, fresh] = [Object.fromEntries(keys(before)), Object.fromEntries(keys(after))];
  assert.deepEqual(
    Object.keys(old).filter((id) => JSON.stringify(old[id]) !== JSON.stringify(fresh[id])),
    ["HashedFiles", "OtherFiles", "index.html"],
  );
  assert.deepEqual(withoutLambdas(withoutSite(after)), withoutLambdas(withoutSite(before)));
});

/** Each synth of these tests has a folder of functions of its own. */
function withoutLambdas(template: Json): Json {
  return JSON.parse(JSON.stringify(template).replaceAll(/"[^"]*infra-test-[^"]*"/g, '"ARTEFACT"'));
}

test("many files are no more uploads: each adds a tag to the bucket, and S3 allows 50", () => {
  const many = Array.from({ length: 60 }, (_, i) => [`images/${i}.png`, `${i}`]);
  const site = synthesize({
    stage: "local",
    ...builtArtefacts({ ...siteFiles, ...Object.fromEntries(many) }),
  });
  const tags = site.resource("AWS::S3::Bucket").Properties.Tags;
  assert.deepEqual(tags.map(({ Key }: Json) => Key.replace(/:[0-9a-f]{8}$/, "")).sort(), [
    "aws-cdk:auto-delete-objects",
    ...Object.keys(uploads(site)).map(() => "aws-cdk:cr-owned"),
  ]);
  assert.equal(tags.length, 5);
});

test("every type of the page's files is one that the uploader knows or is told", () => {
  // Python 3.13, `mimetypes.types_map`.
  const known = ["css", "html", "js", "json", "png", "svg", "txt", "wasm", "webmanifest"];
  // What trunk copies or makes of these sources; `rs` and `toml` do not reach the site, nor do the
  // packages that are installed beside them.
  const sources = listFiles("../frontend").filter((file) => !file.startsWith("node_modules"));
  const files = [...sources, "app_bg.wasm", "config.json"];
  const unknown = files.filter((file) => {
    const extension = file.slice(file.lastIndexOf(".") + 1);
    return !["rs", "toml", "md", ...known].includes(extension) && !toldExtension(file);
  });
  assert.deepEqual(unknown, []);
});

test("HSTS covers subdomains only where the stage says so", () => {
  const { StrictTransportSecurity } = stackLike("prod", {
    hstsIncludeSubdomains: true,
  }).resource("AWS::CloudFront::ResponseHeadersPolicy").Properties.ResponseHeadersPolicyConfig
    .SecurityHeadersConfig;
  assert.equal(StrictTransportSecurity.IncludeSubdomains, true);
});

test("names that are global to the account contain the region", () => {
  const { resource } = stack("prod");
  const name = (type: string, config: string) => asText(resource(type).Properties[config].Name);
  const names = [
    name("AWS::CloudFront::ResponseHeadersPolicy", "ResponseHeadersPolicyConfig"),
    name("AWS::CloudFront::OriginAccessControl", "OriginAccessControlConfig"),
    name("AWS::CloudFront::CachePolicy", "CachePolicyConfig"),
    asText(resource("AWS::CloudFront::Function").Properties.Name),
  ];
  for (const name of names) assert.match(name, /<AWS::Region>/);
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
    /; connect-src 'self' https:\/\/api\.events\.example\.org https:/,
  );
  assert.equal(site.template.Outputs.SiteUrl.Value, customDomains.webOrigin);
  const { AllowOrigins } = site.resource("AWS::ApiGatewayV2::Api").Properties.CorsConfiguration;
  assert.deepEqual(AllowOrigins, [customDomains.webOrigin]);
});
