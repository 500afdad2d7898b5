/** The devices that the page is measured on: this machine, and one that Chromium imitates by it. */

import type { CDPSession, Page } from "@playwright/test";

export interface Device {
  readonly name: string;
  /** How many times slower the processor is. */
  readonly cpu: number;
  readonly network?: { readonly latency: number; readonly bitsPerSecond: number };
}

export const thisMachine: Device = { name: "this machine", cpu: 1 };

export const slowPhone: Device = {
  name: "slow phone",
  cpu: 4,
  network: { latency: 150, bitsPerSecond: 1_600_000 },
};

export const devices = [thisMachine, slowPhone];

export const SLOW_PHONE =
  "The slow phone is this machine with a processor 4 times slower, 1.6 Mbit/s and 150 ms a round " +
  "trip, all of them Chromium's imitation; TLS and the name's resolution are not in it.";

export async function imitate(page: Page, { cpu, network }: Device): Promise<CDPSession> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: cpu });
  if (network) {
    const bytesPerSecond = network.bitsPerSecond / 8;
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: network.latency,
      downloadThroughput: bytesPerSecond,
      uploadThroughput: bytesPerSecond,
    });
  }
  return devtools;
}

/** Keeps the page's WebAssembly memory where `memory` finds it. Runs first in the page. */
export function watchMemory(): void {
  const instantiate = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...source) => {
    const module = await instantiate(...source);
    Object.assign(window, { wasmMemory: module.instance.exports.memory });
    return module;
  };
}

/** Bytes that JavaScript, the document and WebAssembly hold. */
export async function memory(page: Page, devtools: CDPSession): Promise<number> {
  await devtools.send("HeapProfiler.collectGarbage");
  const heap = (await devtools.send("Runtime.getHeapUsage")) as {
    usedSize: number;
    embedderHeapUsedSize: number;
  };
  // DevTools do not count it.
  const wasm = await page.evaluate(
    () => (Reflect.get(window, "wasmMemory") as WebAssembly.Memory).buffer.byteLength,
  );
  return heap.usedSize + heap.embedderHeapUsedSize + wasm;
}
