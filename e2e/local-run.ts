/** Local runs of a test's own, beside the app under test: the same stack, or a changed one. */

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { localBuild } from "./environment.ts";
import type { SignIn } from "./provider.ts";
import type { TableAddress } from "./table.ts";

/** What the runner's `--without` takes. */
export type Half = "gateway-cors" | "allowed-origins";

// biome-ignore lint/suspicious/noExplicitAny: it is JSON, and each caller knows its part of it
export type Template = any;

export interface Exchange {
  readonly request: { method: string; target: string; headers: Record<string, string[]> };
  readonly response: { status: number; headers: Record<string, string[]> };
}

export interface Ports {
  readonly web: number;
  readonly api: number;
  /** Of the sign-in provider. */
  readonly provider: number;
}

/** A synthesized stack of the stage `local`. Port 0 is any free one. */
export class Assembly {
  /** `site` is a folder with another build of the page. With `access` the stage has a sign-in. */
  static async synthesize(
    ports: Ports,
    { site = build().site, access }: { site?: string; access?: SignIn["access"] } = {},
  ): Promise<Assembly> {
    const signIn = access && {
      access,
      issuer: `http://localhost:${ports.provider}`,
      clientId: "page",
      resource: `http://localhost:${ports.api}`,
    };
    const folder = await mkdtemp(join(tmpdir(), "e2e-assembly-"));
    const assembly = new Assembly(folder, ports, signIn);
    const { lambdas } = build();
    const context = {
      stage: "local",
      webPort: ports.web,
      apiPort: ports.api,
      lambdas,
      site,
      ...(signIn && {
        access: signIn.access,
        signInIssuer: signIn.issuer,
        signInClientId: signIn.clientId,
        signInResource: signIn.resource,
      }),
    };
    const settings = Object.entries(context).flatMap(([k, v]) => ["--context", `${k}=${v}`]);
    await promisify(execFile)(
      "node_modules/.bin/cdk",
      ["synth", "--quiet", "--no-validation", "--output", assembly.folder, ...settings],
      {
        cwd: resolve(import.meta.dirname, "../infra"),
        // The stage has no account: the CLI must not look for one.
        env: { ...process.env, AWS_EC2_METADATA_DISABLED: "true", CDK_DISABLE_CLI_TELEMETRY: "1" },
      },
    );
    return assembly;
  }

  readonly folder: string;
  readonly ports: Ports;
  readonly signIn: SignIn | undefined;

  private constructor(folder: string, ports: Ports, signIn: SignIn | undefined) {
    this.folder = folder;
    this.ports = ports;
    this.signIn = signIn;
  }

  /** Changes the template for as long as `use` takes. */
  async changed<T>(change: (template: Template) => void, use: () => Promise<T>): Promise<T> {
    const names = await readdir(this.folder);
    const name = names.find((name) => name.endsWith(".template.json"));
    const file = join(this.folder, name ?? "the assembly has no template");
    const text = await readFile(file, "utf8");
    const template = JSON.parse(text);
    change(template);
    await writeFile(file, JSON.stringify(template));
    try {
      return await use();
    } finally {
      await writeFile(file, text);
    }
  }

  async delete(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

/** Ports that are free now, and that no other call in this process is given. */
export async function freePorts(): Promise<Ports> {
  return { web: await freePort(), api: await freePort(), provider: await freePort() };
}

/**
 * Below the ports that systems hand out by themselves, so that no connection takes one between our
 * look and its use. The ones above these are of `cargo xtask`.
 */
const CANDIDATES = { start: 11_000, end: 20_000 };

// Each process begins elsewhere: another that is about to use its ports does not hold them yet.
let turn = process.pid * 7919;

async function freePort(): Promise<number> {
  const { start, end } = CANDIDATES;
  for (let left = end - start; left > 0; left -= 1) {
    const port = start + (turn % (end - start));
    turn += 1;
    const free = await Promise.all(["127.0.0.1", "::1"].map((host) => canListen(port, host)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`no free port between ${start} and ${end}`);
}

async function canListen(port: number, host: string): Promise<boolean> {
  const server = createServer().listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    // A machine without IPv6 has no listener there either.
    return (error as NodeJS.ErrnoException).code === "EADDRNOTAVAIL";
  }
  await promisify(server.close.bind(server))();
  return true;
}

/**
 * A run with data of its own, in memory. It ends when its standard input does, so never later than
 * the tests.
 */
export class LocalRun {
  static async start(
    assembly: Assembly,
    { without = [], site = true }: { without?: Half[]; site?: boolean } = {},
  ): Promise<LocalRun> {
    const folder = await mkdtemp(join(tmpdir(), "e2e-run-"));
    const runner = spawn(
      build().runner,
      [
        ...[assembly.folder, "--memory", "--quiet", "--control"],
        ...["--record", join(folder, "record.jsonl")],
        ...without.flatMap((half) => ["--without", half]),
        ...(site ? [] : ["--no-site"]),
      ],
      { stdio: ["pipe", "pipe", "pipe"] },
    );
    const ended = once(runner, "exit");
    let log = "";
    runner.stderr.on("data", (text) => {
      log += text;
    });
    const lines = createInterface({ input: runner.stdout })[Symbol.asyncIterator]();
    const reply = async () => {
      const { value } = await lines.next();
      if (value === undefined) throw new Error(`the runner ended:\n${log}`);
      return JSON.parse(value);
    };
    const { ready } = await reply();
    const stop = async () => {
      runner.stdin.end();
      await ended;
      await rm(folder, { recursive: true, force: true });
    };
    const reload = async (next: Assembly) => {
      runner.stdin.write(`reload ${next.folder}\n`);
      const { reloaded, reloadFailed } = await reply();
      if (!reloaded) throw new Error(`not reloaded: ${reloadFailed}`);
    };
    // A run that checks no signatures names no key.
    const table = { url: ready.table, key: ready.tableKey ?? { id: "local", secret: "local" } };
    return new LocalRun(ready.api, ready.site, table, folder, () => log, stop, reload);
  }

  readonly api: string;
  readonly site: string;
  readonly table: TableAddress;
  private readonly folder: string;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
  /** Goes on with another assembly of the same ports, as a release does. */
  readonly reload: (next: Assembly) => Promise<void>;

  private constructor(
    api: string,
    site: string,
    table: TableAddress,
    folder: string,
    log: () => string,
    stop: () => Promise<void>,
    reload: (next: Assembly) => Promise<void>,
  ) {
    this.api = api;
    this.site = site;
    this.table = table;
    this.folder = folder;
    this.log = log;
    this.stop = stop;
    this.reload = reload;
  }

  /** The requests that its gateway received, with its responses, in this order. */
  async record(): Promise<Exchange[]> {
    return readRecord(join(this.folder, "record.jsonl"));
  }
}

export async function readRecord(file: string): Promise<Exchange[]> {
  const lines = (await readFile(file, "utf8")).split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Exchange);
}

function build() {
  if (!localBuild) throw new Error("this test needs the local runner: see environment.ts");
  return localBuild;
}
