// The engine as commands see it. Its modules are loaded when a command needs them; tests substitute it.

import type { Survey, SurveyOptions } from '../engine/survey.js';
import type { CpuClass, DumpOptions, DumpResult, RestoreOptions, RestoreResult } from '../options.js';
import type { BringMemory, BringMemoryResult } from '../pages/lazy/bring.js';
import type { ServePagesOptions, ServePagesResult } from '../pages/server/serve.js';
import type { Address, Listener } from '../pages/wire/socket.js';

export interface Engine {
  dump(options: DumpOptions): Promise<DumpResult>;
  /** Warms the engine up, so that the first dump and restore of this process are as fast as later ones. */
  practise(): Promise<void>;
  preDump(options: DumpOptions): Promise<DumpResult>;
  servePages(options: ServePagesOptions): Promise<ServePagesResult>;
  /** Creates a listening socket at an address, or takes over an existing descriptor. */
  listen(where: Address | number): Promise<Listener>;
  /** Creates the socket of `criu lazy-pages` in a work directory; returns its descriptor. */
  listenForRestore(workDir: string): Promise<number>;
  bringMemory(options: BringMemory): Promise<BringMemoryResult>;
  /** Ends the change tracker of a task. @returns false if there is none */
  untrack(pid: number): Promise<boolean>;
  /** Returns the number of bytes freed. */
  dedup(imagesDir: string): Promise<number>;
  /** Writes cpuinfo.img. */
  cpuinfoDump(imagesDir: string): Promise<void>;
  /** Compares this machine with cpuinfo.img. */
  cpuinfoCheck(imagesDir: string, classes: readonly CpuClass[]): Promise<void>;
  restore(options: RestoreOptions): Promise<RestoreResult>;
  /** Looks at what a restore would find on this machine. */
  survey(options: RestoreOptions, looks: SurveyOptions): Promise<Survey>;
}

export const engine: Engine = {
  practise: async () => (await import('../operations.js')).practise(),
  dump: async (options) => (await import('../operations.js')).dump(options),
  preDump: async (options) => (await import('../operations.js')).preDump(options),
  servePages: async (options) => (await import('../pages/server/serve.js')).servePages(options),
  listen: async (where) => {
    const Sockets = (await import('../pages/wire/socket.js')).Listener;
    return typeof where === 'number' ? Sockets.adopt(where) : Sockets.bind(where);
  },
  listenForRestore: async (dir) => (await import('../pages/lazy/restore-socket.js')).listenForRestore(dir),
  bringMemory: async (options) => (await import('../pages/lazy/bring.js')).bringMemory(options),
  untrack: async (pid) => (await import('../pages/tracker.js')).untrack(pid),
  dedup: async (dir) => (await import('../pages/dedup.js')).dedupParents(dir),
  cpuinfoDump: async (dir) => (await import('../arch/cpuinfo.js')).writeCpuinfo(dir),
  cpuinfoCheck: async (dir, classes) => (await import('../arch/cpuinfo.js')).checkCpuinfo(dir, classes),
  restore: async (options) => (await import('../operations.js')).restore(options),
  survey: async (options, looks) => (await import('../operations.js')).survey(options, looks),
};
