import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { scratchDirectory } from "../support.ts";

const infra = resolve(import.meta.dirname, "../..");

/** An answer of AWS to the operation that a request names. */
type Answers = Record<string, { readonly status?: number; readonly body: string }>;

const query = (operation: string, result: string) => {
  const inner = `<${operation}Result>${result}</${operation}Result>`;
  return { body: `<${operation}Response>${inner}</${operation}Response>` };
};
const queryError = (status: number, code: string, message: string) => {
  const error = `<Type>Sender</Type><Code>${code}</Code><Message>${message}</Message>`;
  return { status, body: `<ErrorResponse><Error>${error}</Error></ErrorResponse>` };
};

const stack = (status: string) =>
  query(
    "DescribeStacks",
    `<Stacks><member><StackName>app-dev</StackName><StackStatus>${status}</StackStatus>
     <EnableTerminationProtection>true</EnableTerminationProtection>
     <CreationTime>2026-01-01T00:00:00Z</CreationTime></member></Stacks>`,
  );

/** An account that is bootstrapped, with a stack that works. */
const good: Answers = {
  GetCallerIdentity: query(
    "GetCallerIdentity",
    "<Account>111111111111</Account><Arn>arn:aws-cn:iam::111111111111:user/me</Arn>",
  ),
  AssumeRole: query(
    "AssumeRole",
    `<Credentials><AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
     <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>`,
  ),
  GetParameter: { body: JSON.stringify({ Parameter: { Value: "30" } }) },
  DescribeStacks: stack("UPDATE_COMPLETE"),
  GetTemplateSummary: query(
    "GetTemplateSummary",
    `<Metadata>{&quot;DataAfterDestroy&quot;:&quot;kept&quot;}</Metadata>
     <ResourceTypes><member>AWS::Cognito::UserPool</member></ResourceTypes>`,
  ),
  GetAccountSettings: {
    body: JSON.stringify({
      AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 9 },
    }),
  },
};

const arguments_ = [
  ...["--stack", "app-dev", "--bootstrap", "/cdk-bootstrap/x/version"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as in an assembly.
  ...["--role", "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/look-${AWS::Region}"],
];

/** Runs the script against these answers; gives what it says, and the calls with their keys. */
async function run(answers: Answers, env: NodeJS.ProcessEnv = {}, args = arguments_) {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      const target = String(request.headers["x-amz-target"] ?? "").split(".")[1];
      const form = new URLSearchParams(body);
      const operation = target ?? form.get("Action") ?? "GetAccountSettings";
      const key = /Credential=(\w+)/.exec(request.headers.authorization ?? "")?.[1];
      calls.push([operation, key, ...form.getAll("RoleArn")].join(" "));
      const answer = answers[operation] ?? { status: 500, body: "" };
      response.writeHead(answer.status ?? 200).end(answer.body);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const text = await new Promise<string>((done, failed) => {
    const settings = {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_MAX_ATTEMPTS: "1",
      ...env,
    };
    const script = ["--no-warnings", "--import", "tsx", "deploy/account.ts", ...args];
    const options = { cwd: infra, env: settings };
    const child = execFile(process.execPath, script, options, (error, stdout, stderr) => {
      if (error || stderr) failed(error ?? new Error(stderr));
      else done(stdout);
    });
    child.stdin?.end();
  });
  server.close();
  assert.equal(text.split("\n").length, 2, "one line");
  return { answer: JSON.parse(text), calls };
}

const keys = {
  AWS_ACCESS_KEY_ID: "OWN",
  AWS_SECRET_ACCESS_KEY: "s",
  AWS_REGION: "eu-west-1",
};

test("it says whose account it is and how the stack stands, with the assembly's role", async () => {
  const { answer, calls } = await run(good, keys);
  const { monthly, ...rest } = answer;
  assert.deepEqual(rest, {
    id: "111111111111",
    caller: "arn:aws-cn:iam::111111111111:user/me",
    region: "eu-west-1",
    session: null,
    bootstrap: 30,
    stack: {
      status: "UPDATE_COMPLETE",
      protected: true,
      keepsData: true,
      userPool: true,
      failures: [],
    },
    concurrency: { quota: 10, unreserved: 9 },
  });
  assert.match(monthly.idle, /^\d+\.\d\d$/);
  assert.match(monthly.million, /^\d+\.\d\d$/);
  assert.deepEqual(calls, [
    "GetCallerIdentity OWN",
    "AssumeRole OWN arn:aws-cn:iam::111111111111:role/look-eu-west-1",
    "GetParameter ROLE",
    "DescribeStacks ROLE",
    "GetTemplateSummary ROLE",
    "GetAccountSettings ROLE",
  ]);
});

test("without a stack it tells only whose account it is", async () => {
  const { answer, calls } = await run(good, keys, []);
  assert.deepEqual(answer, {
    id: "111111111111",
    caller: "arn:aws-cn:iam::111111111111:user/me",
    region: "eu-west-1",
    session: null,
  });
  assert.deepEqual(calls, ["GetCallerIdentity OWN"]);
});

test("an empty account has no role, no parameter and no stack, and tells no quota", async () => {
  const { answer, calls } = await run(
    {
      ...good,
      AssumeRole: queryError(403, "AccessDenied", "may not"),
      GetParameter: { status: 400, body: JSON.stringify({ __type: "ParameterNotFound" }) },
      DescribeStacks: queryError(400, "ValidationError", "Stack with id app-dev does not exist"),
      GetAccountSettings: {
        status: 403,
        body: JSON.stringify({ __type: "AccessDeniedException" }),
      },
    },
    keys,
  );
  assert.equal(answer.bootstrap, null);
  assert.equal(answer.stack, null);
  assert.equal(answer.concurrency, null);
  assert.ok(calls.includes("DescribeStacks OWN"));
});

test("a creation that failed tells its causes, the first one first", async () => {
  const event = (status: string, id: string, reason: string) =>
    `<member><StackName>app-dev</StackName><EventId>${id}</EventId><StackId>x</StackId>
     <LogicalResourceId>${id}</LogicalResourceId><ResourceType>T</ResourceType>
     <Timestamp>2026-01-01T00:00:00Z</Timestamp><ResourceStatus>${status}</ResourceStatus>
     <ResourceStatusReason>${reason}</ResourceStatusReason></member>`;
  const events = [
    event("ROLLBACK_COMPLETE", "app-dev", ""),
    event("CREATE_FAILED", "Late", "Resource creation cancelled"),
    event("CREATE_FAILED", "Second", "b"),
    event("CREATE_FAILED", "First", "a"),
    event("CREATE_COMPLETE", "Good", ""),
  ];
  const { answer } = await run(
    {
      ...good,
      DescribeStacks: stack("ROLLBACK_COMPLETE"),
      DescribeStackEvents: query(
        "DescribeStackEvents",
        `<StackEvents>${events.join("")}</StackEvents>`,
      ),
    },
    keys,
  );
  assert.deepEqual(answer.stack.failures, ["First (T): a", "Second (T): b"]);
});

test("the region is that of the environment or of the profile, and never a default", async () => {
  const config = join(scratchDirectory(), "config");
  const profile = (name: string, lines: string) => `[profile ${name}]\n${lines}\n`;
  const credentials = "aws_access_key_id=FILE\naws_secret_access_key=s";
  writeFileSync(
    config,
    profile("there", `region=eu-north-1\n${credentials}`) + profile("nowhere", credentials),
  );
  const region = async (env: NodeJS.ProcessEnv) => {
    const { answer, calls } = await run(good, { AWS_CONFIG_FILE: config, ...env }, []);
    return [answer.region ?? answer.error, ...calls];
  };
  assert.deepEqual(await region({ AWS_PROFILE: "there" }), [
    "eu-north-1",
    "GetCallerIdentity FILE",
  ]);
  const whoFirst = { AWS_DEFAULT_PROFILE: "there", AWS_DEFAULT_REGION: "eu-west-3" };
  assert.deepEqual(await region(whoFirst), ["eu-west-3", "GetCallerIdentity FILE"]);
  // As for the CLI: keys in the environment come before a profile.
  const both = { ...keys, AWS_PROFILE: "there" };
  assert.deepEqual(await region(both), ["eu-west-1", "GetCallerIdentity OWN"]);
  assert.deepEqual(await region({ AWS_PROFILE: "nowhere" }), [
    "no region: pass --region, as in --region eu-central-1, or set AWS_REGION",
  ]);
});

test("what is wrong with the credentials is one line with what to do", async () => {
  const error = async (answers: Answers, env: NodeJS.ProcessEnv) =>
    String((await run(answers, env)).answer.error);
  const signIn = /: sign in \(`aws sso login`, or AWS_PROFILE, or AWS_ACCESS_KEY_ID and/;
  const none = await error(good, { AWS_REGION: "eu-west-1" });
  assert.match(none, /^no AWS credentials \(/);
  assert.match(none, signIn);
  for (const code of ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"]) {
    const answers = { ...good, GetCallerIdentity: queryError(403, code, "The token is bad") };
    const refused = await error(answers, keys);
    assert.match(refused, /^AWS does not take the credentials \(The token is bad\)/);
    assert.match(refused, signIn);
  }
  const denied = { ...good, DescribeStacks: queryError(403, "AccessDenied", "me may not look") };
  assert.equal(
    await error(denied, keys),
    "AWS refuses (me may not look): use credentials that may do this",
  );
  const unreachable = { ...keys, AWS_ENDPOINT_URL: "http://127.0.0.1:1" };
  assert.match(await error(good, unreachable), /^AWS does not answer \(.*\): is the region's name/);
});

test("an MFA code is asked for on a terminal only", async () => {
  const config = join(scratchDirectory(), "config");
  writeFileSync(
    config,
    "[profile base]\naws_access_key_id=A\naws_secret_access_key=s\n" +
      "[profile mfa]\nregion=eu-west-1\nsource_profile=base\nmfa_serial=arn:aws:iam::1:mfa/me\n" +
      "role_arn=arn:aws:iam::111111111111:role/x\n",
  );
  const { answer } = await run(good, { AWS_CONFIG_FILE: config, AWS_PROFILE: "mfa" });
  assert.equal(
    answer.error,
    "the profile asks for an MFA code, and there is no terminal to ask on",
  );
});
