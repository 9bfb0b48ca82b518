// Which files are memory: memfds and shared anonymous mappings, by the mounts that the kernel has for them alone.

import { close, cstring, sys } from '@criu/native';
import { fstatSync } from '@criu/native/fs';
import { MFD_CLOEXEC, MFD_HUGETLB, S_IFMT, S_IFREG } from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import type { FileStat } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { hugeFlag, hugeSizes } from './hugetlb.js';

interface Inodes {
  readonly ids: Map<string, bigint>;
  readonly shmids: Set<number>;
  readonly dev: bigint;
  /** Sizes of huge pages by the device that the kernel itself has for them. */
  readonly huge: ReadonlyMap<bigint, number>;
}

/** The device of memfds with certain flags; it takes no pages to find out. @throws SysError where there are none */
function deviceOf(flags: number): bigint {
  const probe = sys('memfd_create', cstring('probe'), MFD_CLOEXEC | flags);
  const { dev } = fstatSync(probe, { bigint: true });
  close(probe);
  return dev;
}

const inodes = stateKey('inodes of memfds', (_: DumpContext): Inodes => {
  // All memfds and shared anonymous mappings live on one kernel-internal mount.
  const huge = new Map<bigint, number>();
  for (const size of hugeSizes()) {
    try {
      huge.set(deviceOf(MFD_HUGETLB | hugeFlag(size)), size);
    } catch {
      // Nobody has memfds of huge pages that cannot be made.
    }
  }
  return { ids: new Map(), shmids: new Set(), dev: deviceOf(0), huge };
});

/** What is known of them in a dump. */
export function inodesOf(ctx: DumpContext): Inodes {
  return ctx.states.get(inodes);
}

/** Whether a file is on the mount of memfds. */
export function isMemfd(ctx: DumpContext, stat: FileStat): boolean {
  const { dev, huge } = inodesOf(ctx);
  return (stat.dev === dev || huge.has(stat.dev)) && (Number(stat.mode) & S_IFMT) === S_IFREG;
}

/** Size of the huge pages of a file that has no other name than a memfd has; undefined for one of ordinary pages. */
export function hugePageOf(ctx: DumpContext, { dev }: FileStat): number | undefined {
  return inodesOf(ctx).huge.get(dev);
}

/** Whether the content of a memfd has this number in the images. */
export function hasMemfdNumber(ctx: DumpContext, shmid: number): boolean {
  return inodesOf(ctx).shmids.has(shmid);
}
