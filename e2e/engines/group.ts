/** A program that ends with the tests, however they end. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

/**
 * Waits for the end of a pipe that only the tests hold, then ends the group: asked first, then by
 * force. It removes the group's folder.
 */
const GUARD = `read -r _
signal() { kill -s "$1" -- -"$group"; }
group=$1 folder=$2 tries=50
signal TERM
while signal 0 && [ $tries -gt 0 ]; do tries=$((tries - 1)); sleep 0.1; done
signal KILL
rm -rf "$folder"`;

/** A program in a process group of its own, with whatever it starts and a folder for its files. */
export class Group {
  /** `third` is the program's file descriptor 3, where some say on what they listen. */
  static async start(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Group> {
    const folder = await mkdtemp(join(tmpdir(), "e2e-browser-"));
    const child = spawn(program, args, {
      detached: true,
      env: { ...process.env, ...env, TMPDIR: folder },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    await once(child, "spawn");
    const guard = spawn("sh", ["-c", GUARD, "guard", `${child.pid}`, folder], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const stop = async () => {
      guard.stdin.end();
      await once(guard, "exit");
    };
    const group = new Group(child.stdio[3] as Readable, stop);
    for (const output of [child.stdout, child.stderr]) {
      output?.on("data", (text) => {
        group.log += text;
      });
    }
    child.on("exit", () => {
      group.hasEnded = true;
    });
    return group;
  }

  /** What the program wrote. */
  log = "";
  hasEnded = false;
  /** What it writes to its file descriptor 3. */
  readonly third: Readable;
  readonly stop: () => Promise<void>;

  private constructor(third: Readable, stop: () => Promise<void>) {
    this.third = third;
    this.stop = stop;
  }
}
