import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { App } from "aws-cdk-lib/core";
import { addStack, createApp, emptyApp } from "../lib/app.ts";
import { readAppName } from "../lib/app-name.ts";
import { routes } from "../lib/routes.ts";
import { listFiles } from "../lib/site/files.ts";
import { checkStage, type Stage, stageNamed } from "../lib/stages.ts";

// CDK's validation takes seconds; alone/stack.test.ts does it for every stage.
process.env.CDK_VALIDATION = "false";

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of many shapes
export type Json = any;

export const stageNames = ["local", "dev", "prod"] as const;
export type StageName = (typeof stageNames)[number];

export interface Resource {
  readonly id: string;
  /** The path in the construct tree, below the stack. */
  readonly path: string;
  readonly Type: string;
  readonly Properties: Json;
  readonly Condition?: string;
  readonly DependsOn?: string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Synthesized {
  readonly template: Json;
  readonly terminationProtection: boolean;
  /** Of one type, in the order of the template. */
  resources(type: string): Resource[];
  /** The only one of its type. */
  resource(type: string): Resource;
  /** The files of an asset by its object key; an archive is the one file `archive`. */
  asset(objectKey: string): Record<string, string>;
}

const scratch = mkdtempSync(join(tmpdir(), "infra-test-"));
process.once("exit", () => rmSync(scratch, { recursive: true }));

export function scratchDirectory(files: Record<string, string> = {}): string {
  const directory = mkdtempSync(join(scratch, "d-"));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), text);
  }
  return directory;
}

/** The files of a site that `cargo xtask build` makes. */
export const siteFiles = {
  "boot-2aded53615334921.js": "import init from '/web-0123456789abcdef.js'; init();",
  "fonts/OFL.txt": "",
  "fonts/latin-414d5dfe5f3d02a3.woff2": "",
  "index.html": '<!doctype html><script type="module" src="/boot-2aded53615334921.js"></script>',
  "manifest.webmanifest": "{}",
  "sw.js": "",
  "style-5ec90ea6e8f24d1.css": "",
  "web-0123456789abcdef.js": "",
  "web-0123456789abcdef_bg.wasm": "",
};

/** Artefacts like those of `cargo xtask build`, as contexts for `synthesize`. */
export function builtArtefacts(site: Record<string, string> = siteFiles) {
  // The content is the route's name: no synth reads it.
  const bootstraps = routes.flatMap(({ name }) => [
    [`${name}/bootstrap`, name],
    [`${name}.zip`, name],
  ]);
  return {
    lambdas: scratchDirectory(Object.fromEntries(bootstraps)),
    site: scratchDirectory(site),
  };
}

export function synthesize(context: Record<string, unknown>): Synthesized {
  return read(createApp(context, scratchDirectory()));
}

function read(app: App): Synthesized {
  const assembly = app.synth();
  const [stack] = assembly.stacks;
  assert.ok(stack && assembly.stacks.length === 1);
  const { template, terminationProtection = false } = stack;
  const resources = (type: string) =>
    Object.entries<Json>(template.Resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([id, resource]) => ({
        id,
        path: resource.Metadata["aws:cdk:path"].slice(stack.stackName.length + 1),
        ...resource,
      }));
  return {
    template,
    terminationProtection,
    resources,
    resource: (type) => {
      const [only, ...others] = resources(type);
      assert.ok(only && others.length === 0, `exactly one ${type}`);
      return only;
    },
    asset: (objectKey) => {
      const archive = join(assembly.directory, `asset.${objectKey}`);
      if (existsSync(archive)) return { archive: readFileSync(archive, "utf8") };
      const directory = archive.replace(/\.zip$/, "");
      return Object.fromEntries(
        listFiles(directory).map((file) => [file, readFileSync(join(directory, file), "utf8")]),
      );
    },
  };
}

/** What `prod` needs besides its own settings. */
export const accepted = {
  alarmEmail: "ops@example.org",
  budgetUsd: 50,
};

const artefacts = builtArtefacts();
const synthesized = new Map<StageName, Synthesized>();

/** The stack of a stage, synthesized once per process. */
export function stack(stage: StageName): Synthesized {
  const context = stage === "prod" ? { stage, ...accepted } : { stage };
  const known = synthesized.get(stage) ?? synthesize({ ...context, ...artefacts });
  synthesized.set(stage, known);
  return known;
}

/** The stack of a changed stage, in an app of any name. */
export function stackLike(
  name: StageName,
  changed: Partial<Stage>,
  { firstDeploy = false, appName = readAppName() } = {},
): Synthesized {
  const { alarmEmail, budgetUsd: usd } = accepted;
  const like = stageNamed(
    name,
    { webPort: undefined, apiPort: undefined },
    name === "prod" ? { alarmEmail, budget: { usd, email: alarmEmail } } : {},
  );
  const stage = checkStage({ ...like, ...changed });
  const archives = name !== "local";
  const app = emptyApp({}, scratchDirectory());
  const built = { ...artefacts, archives, named: [] };
  addStack(app, { stage, artefacts: built, firstDeploy }, appName);
  return read(app);
}

/** The `config.json` that is uploaded. */
export function configOf({ resources, asset }: Synthesized): Json {
  const upload = resources("Custom::CDKBucketDeployment").find(({ path }) =>
    path.includes("/OtherFiles/"),
  );
  const { SourceObjectKeys, SourceMarkers = [] } = upload?.Properties ?? {};
  let text = asset(SourceObjectKeys[1])["config.json"] ?? "";
  for (const [marker, value] of Object.entries(SourceMarkers[1] ?? {})) {
    text = text.replaceAll(marker, asText(value));
  }
  return JSON.parse(text);
}

/** The sources of `connect-src`, without `'self'`. */
export function connectSources({ resource }: Synthesized): string[] {
  const { ContentSecurityPolicy } = resource("AWS::CloudFront::ResponseHeadersPolicy").Properties
    .ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy;
  const [, sources = ""] = /connect-src 'self' ([^;]*);/.exec(asText(ContentSecurityPolicy)) ?? [];
  return sources.split(" ");
}

/** The headers that CloudFront sends for the stack's policy. */
export function headersOf(stage: StageName): IncomingHttpHeaders {
  const { SecurityHeadersConfig: security, CustomHeadersConfig: custom } = stack(stage).resource(
    "AWS::CloudFront::ResponseHeadersPolicy",
  ).Properties.ResponseHeadersPolicyConfig;
  const { AccessControlMaxAgeSec, IncludeSubdomains } = security.StrictTransportSecurity;
  return {
    "content-security-policy": asText(security.ContentSecurityPolicy.ContentSecurityPolicy)
      .replaceAll("<AWS::Region>.<AWS::URLSuffix>", "eu-central-1.amazonaws.com")
      .replace("<MembersPoolDomain>.auth.<AWS::Region>", "app.auth.eu-central-1"),
    "referrer-policy": security.ReferrerPolicy.ReferrerPolicy,
    "strict-transport-security": `max-age=${AccessControlMaxAgeSec}${
      IncludeSubdomains ? "; includeSubDomains" : ""
    }`,
    ...(security.ContentTypeOptions && { "x-content-type-options": "nosniff" }),
    "x-frame-options": security.FrameOptions.FrameOption,
    ...Object.fromEntries(custom.Items.map(({ Header, Value }: Json) => [Header, Value])),
  };
}

const certificate = (region: string) =>
  `arn:aws:acm:${region}:123456789012:certificate/00000000-0000-4000-8000-000000000000`;

/** The settings of a stage with custom domains. */
export const customDomains = {
  webOrigin: "https://events.example.org",
  apiOrigin: "https://api.events.example.org",
  webCertificate: certificate("us-east-1"),
  apiCertificate: certificate("eu-central-1"),
  zone: { id: "Z0123456789ABCDEFGHIJ", name: "example.org" },
};

/** An intrinsic function as text, like `https://<SiteDistribution.DomainName>`. */
export function asText(value: Json): string {
  if (value === null || typeof value !== "object") return String(value);
  const [[name, argument] = []] = Object.entries<Json>(value);
  switch (name) {
    case "Ref":
      return `<${withoutHash(argument)}>`;
    case "Fn::GetAtt":
      return `<${[withoutHash(argument[0]), ...argument.slice(1)].join(".")}>`;
    case "Fn::Sub":
      return argument.replaceAll(/\$\{([^}]*)\}/g, "<$1>");
    case "Fn::Join":
      return argument[1].map(asText).join(argument[0]);
    // A part of a text that only AWS knows.
    case "Fn::Select":
      return `<${argument[0]} of ${asText(argument[1])}>`;
    case "Fn::Split":
      return `${asText(argument[1])} by ${argument[0]}`;
    default:
      throw new Error(`an intrinsic function unknown to the tests: ${JSON.stringify(value)}`);
  }
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, "");
}
