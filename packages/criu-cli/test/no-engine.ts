// An engine of which nobody asks anything: tests put in the parts that they need.
import type { Engine } from '../src/cli/engine.js';

function never(): Promise<never> {
  return Promise.reject(new Error('not asked for in this test'));
}

export const noEngine: Engine = {
  dump: never,
  practise: never,
  preDump: never,
  servePages: never,
  listen: never,
  listenForRestore: never,
  bringMemory: never,
  untrack: never,
  dedup: never,
  cpuinfoDump: never,
  cpuinfoCheck: never,
  restore: never,
  survey: never,
};
