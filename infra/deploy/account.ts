/**
 * What `cargo xtask deploy` asks of AWS besides the CDK's CLI. Prints one line of JSON: the answer,
 * or `{"error": …}` with one line for the user.
 *
 *   account.ts [--stack NAME --bootstrap PARAMETER --role ARN]
 *
 * A role's ARN has the placeholders of an assembly, as in `arn:${AWS::Partition}:iam::…`. A role
 * that cannot be assumed is passed over, as the CLI does it.
 */

import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateSummaryCommand,
  paginateDescribeStackEvents,
} from "@aws-sdk/client-cloudformation";
import { GetAccountSettingsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { cost, prices } from "../costs/costs.ts";

class Refused extends Error {}

const signIn =
  "sign in (`aws sso login`, or AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), " +
  "then run the command again";

const { values } = parseArgs({
  options: {
    stack: { type: "string" },
    bootstrap: { type: "string" },
    role: { type: "string" },
  },
});

try {
  console.log(JSON.stringify(await answer()));
} catch (error) {
  console.log(JSON.stringify({ error: explain(error as Error) }));
}

async function answer() {
  const profile = process.env.AWS_PROFILE || process.env.AWS_DEFAULT_PROFILE || undefined;
  const region = await regionOf(profile);
  // As in the CLI, and unlike the SDK's default: keys in the environment come before a profile.
  const keys = Boolean(process.env.AWS_ACCESS_KEY_ID && process.env.AWS_SECRET_ACCESS_KEY);
  if (keys) delete process.env.AWS_PROFILE;

  let askedForCode = false;
  const provider = defaultProvider({
    ...(profile !== undefined && !keys && { profile }),
    mfaCodeProvider: async (device) => {
      askedForCode = true;
      return await ask(`MFA code of ${device}: `);
    },
  });
  const own = await provider();
  const sts = new STSClient({ region, credentials: own });
  const { Account: account = "", Arn: caller = "" } = await sts.send(
    new GetCallerIdentityCommand({}),
  );
  const credentials = await assumed(sts, own, account, caller, region);
  const cloudFormation = new CloudFormationClient({ region, credentials });

  const StackName = values.stack;
  const ssm = new SSMClient({ region, credentials });
  const lambda = new LambdaClient({ region, credentials });
  return {
    id: account,
    caller,
    region,
    // A code is good for one session: this one goes on to the CLI.
    session: askedForCode ? environment(own) : null,
    ...(StackName !== undefined && {
      bootstrap: await bootstrapVersion(ssm),
      stack: await stackOf(cloudFormation, StackName),
      concurrency: await concurrency(lambda),
      monthly: monthly(),
    }),
  };
}

/** AWS_REGION, AWS_DEFAULT_REGION or the profile's; never a default. */
async function regionOf(profile: string | undefined): Promise<string> {
  const region = process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  if (region) return region;
  try {
    return await new STSClient({ ...(profile !== undefined && { profile }) }).config.region();
  } catch {
    throw new Refused("no region: pass --region, as in --region eu-central-1, or set AWS_REGION");
  }
}

async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new Refused("the profile asks for an MFA code, and there is no terminal to ask on");
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const code = await terminal.question(question);
  terminal.close();
  return code.trim();
}

function environment({ accessKeyId, secretAccessKey, sessionToken }: Credentials) {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken ?? "",
  };
}

type Credentials = Awaited<ReturnType<ReturnType<typeof defaultProvider>>>;

async function assumed(
  sts: STSClient,
  own: Credentials,
  account: string,
  caller: string,
  region: string,
): Promise<Credentials> {
  const places: Record<string, string | undefined> = {
    Partition: caller.split(":")[1],
    AccountId: account,
    Region: region,
  };
  const RoleArn = values.role?.replaceAll(/\$\{AWS::(\w+)\}/g, (_, name) => places[name] ?? "");
  if (RoleArn === undefined) return own;
  try {
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: "cargo-xtask-deploy" });
    const { Credentials: given } = await sts.send(command);
    return {
      accessKeyId: given?.AccessKeyId ?? "",
      secretAccessKey: given?.SecretAccessKey ?? "",
      sessionToken: given?.SessionToken ?? "",
    };
  } catch (error) {
    if (isDenied(error as Error)) return own;
    throw error;
  }
}

/** Null where the region of the account is not bootstrapped. */
async function bootstrapVersion(ssm: SSMClient): Promise<number | null> {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: values.bootstrap }));
    return Number(Parameter?.Value);
  } catch (error) {
    if ((error as Error).name === "ParameterNotFound") return null;
    throw error;
  }
}

/** Null where there is none. `failures` says why a creation failed, the cause first. */
async function stackOf(client: CloudFormationClient, StackName: string) {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
    const status: string = Stacks?.[0]?.StackStatus ?? "";
    const isProtected = Stacks?.[0]?.EnableTerminationProtection ?? false;
    const failures: string[] = [];
    if (/^(ROLLBACK_|CREATE_FAILED|DELETE_FAILED)/.test(status)) {
      for await (const page of paginateDescribeStackEvents({ client }, { StackName })) {
        for (const event of page.StackEvents ?? []) {
          const reason = event.ResourceStatusReason ?? "";
          if (!event.ResourceStatus?.endsWith("_FAILED") || /cancelled/.test(reason)) continue;
          failures.unshift(`${event.LogicalResourceId} (${event.ResourceType}): ${reason}`);
        }
      }
    }
    const { Metadata = "{}", ResourceTypes = [] } = await client.send(
      new GetTemplateSummaryCommand({ StackName }),
    );
    return {
      status,
      protected: isProtected,
      keepsData: JSON.parse(Metadata).DataAfterDestroy === "kept",
      userPool: ResourceTypes.includes("AWS::Cognito::UserPool"),
      failures: failures.slice(0, 3),
    };
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return null;
    throw error;
  }
}

/** Of Lambda: the account's quota, and what of it no function reserves; null if it is not told. */
async function concurrency(lambda: LambdaClient) {
  try {
    const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
    const unreserved = AccountLimit?.UnreservedConcurrentExecutions ?? 0;
    return { quota: AccountLimit?.ConcurrentExecutions ?? 0, unreserved };
  } catch (error) {
    if (isDenied(error as Error)) return null;
    throw error;
  }
}

/** US dollars without a request, and with a million. */
function monthly() {
  const items = Object.keys(prices) as (keyof typeof prices)[];
  const total = (requests: number) => items.reduce((sum, item) => sum + cost(item, requests), 0);
  return { idle: total(0).toFixed(2), million: total(1e6).toFixed(2) };
}

function isDenied({ name }: Error): boolean {
  return /^AccessDenied/.test(name);
}

function explain(error: Error): string {
  if (error instanceof Refused) return error.message;
  const { name } = error;
  const message = error.message.split("\n")[0];
  if (/ProviderError$/.test(name)) return `no AWS credentials (${message}): ${signIn}`;
  if (
    /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoes|InvalidSig)/.test(name)
  ) {
    const advice = `${signIn}; where they are right, the region may be off in this account`;
    return `AWS does not take the credentials (${message}): ${advice}`;
  }
  if (isDenied(error)) return `AWS refuses (${message}): use credentials that may do this`;
  return `AWS does not answer (${message}): is the region's name right, and the network up?`;
}
