import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { nameHasHash } from "../lib/site/files.ts";
import { inlineScriptHashes } from "../lib/site/security-headers.ts";
import {
  asText,
  builtArtefacts,
  inlineScript,
  type Json,
  type StageName,
  siteFiles,
  stack,
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

function uploads(stage: StageName) {
  const [hashed, others, ...more] = stack(stage).resources("Custom::CDKBucketDeployment");
  assert.ok(hashed && others && more.length === 0);
  return { hashed, others };
}

for (const stage of stageNames) {
  test(`${stage}: the bucket is private, encrypted and takes TLS only`, () => {
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

  test(`${stage}: this distribution alone may read and list the bucket`, () => {
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

  test(`${stage}: the distribution speaks HTTP/2 and 3, compresses, rewrites pages, sends the headers`, () => {
    const { resource } = stack(stage);
    const config = resource("AWS::CloudFront::Distribution").Properties.DistributionConfig;
    const behavior = config.DefaultCacheBehavior;
    assert.equal(config.HttpVersion, "http2and3");
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

  test(`${stage}: the content security policy names the API, and nothing that need not be`, () => {
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
        ["cross-origin-opener-policy", "same-origin", true],
        ["cross-origin-resource-policy", "same-origin", true],
        ["permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()", true],
      ],
    );
  });

  test(`${stage}: hashed files are uploaded first, cached for ever, and the old ones stay`, () => {
    const { hashed, others } = uploads(stage);
    assert.ok(others.DependsOn?.includes(hashed.id));
    assert.equal(
      hashed.Properties.SystemMetadata["cache-control"],
      "public, max-age=31536000, immutable",
    );
    assert.deepEqual([hashed.Properties.Prune, others.Properties.Prune], [false, false]);
    assert.deepEqual(hashed.Properties.SourceObjectKeys.map(fileNames(stage)), [
      ["style-5ec90ea6e8f24d1.css", "web-0123456789abcdef.js", "web-0123456789abcdef_bg.wasm"],
    ]);
  });

  test(`${stage}: index.html and config.json come second, are revalidated, and alone invalidated`, () => {
    const { hashed, others } = uploads(stage);
    assert.equal(others.Properties.SystemMetadata["cache-control"], "no-cache");
    assert.deepEqual(others.Properties.SourceObjectKeys.map(fileNames(stage)), [
      ["index.html", "robots.txt"],
      ["config.json"],
    ]);
    assert.deepEqual(others.Properties.DistributionPaths, [
      "/index.html",
      "/robots.txt",
      "/config.json",
    ]);
    assert.deepEqual(others.Properties.DistributionId, {
      Ref: stack(stage).resource("AWS::CloudFront::Distribution").id,
    });
    assert.equal(hashed.Properties.DistributionId, undefined);
  });

  test(`${stage}: the page is switched after the API that it may rely on`, () => {
    const { template, resources } = stack(stage);
    const functions = resources("AWS::Lambda::Function").filter(({ path }) =>
      path.startsWith("Api/"),
    );
    const { DependsOn = [] } = uploads(stage).others;
    assert.equal(functions.length, 4);
    for (const { id, path } of functions) assert.ok(DependsOn.includes(id), path);
    assert.ok(DependsOn.every((id) => id in template.Resources));
  });

  test(`${stage}: config.json carries the API's address`, () => {
    const { SourceObjectKeys, SourceMarkers = [] } = uploads(stage).others.Properties;
    let text = stack(stage).asset(SourceObjectKeys[1])["config.json"] ?? "";
    for (const [marker, value] of Object.entries(SourceMarkers[1] ?? {})) {
      text = text.replaceAll(marker, asText(value));
    }
    assert.deepEqual(JSON.parse(text), { apiUrl: configs[stage] });
  });
}

function fileNames(stage: StageName) {
  return (objectKey: string) => Object.keys(stack(stage).asset(objectKey));
}

test("files below directories are uploaded as well, and a config.json of the build is not", () => {
  const deep = { ...siteFiles, "snippets/app-0123456789abcdef/inline0.js": "", "config.json": "" };
  const { resources, asset } = synthesize({ stage: "local", ...builtArtefacts(deep) });
  const [, others] = resources("Custom::CDKBucketDeployment");
  assert.deepEqual(others?.Properties.DistributionPaths, [
    "/index.html",
    "/robots.txt",
    "/snippets/app-0123456789abcdef/inline0.js",
    "/config.json",
  ]);
  assert.deepEqual(
    others?.Properties.SourceObjectKeys.map((key: string) => Object.keys(asset(key))),
    [["index.html", "robots.txt", "snippets/app-0123456789abcdef/inline0.js"], ["config.json"]],
  );
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
  test(`${file} ${hashed ? "is named after its content" : "may change under its name"}`, () => {
    assert.equal(nameHasHash(file), hashed);
  });
}

test("only inline scripts are hashed, as the browser reads them", () => {
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
