// Recognises files that are memory (memfds and shared anonymous mappings) by the kernel-internal mounts on which they
// live.

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
  /** Sizes of huge pages by device number of the kernel-internal hugetlbfs mounts. */
  readonly huge: ReadonlyMap<bigint, number>;
}

/**
 * Device number of memfds with these flags; creating one allocates no pages.
 * @throws SysError if such memfds are not supported
 */
function deviceOf(flags: number): bigint {
  const probe = sys('memfd_create', cstring('probe'), MFD_CLOEXEC | flags);
  const { dev } = fstatSync(probe, { bigint: true });
  close(probe);
  return dev;
}

const inodes = stateKey('inodes of memfds', (_: DumpContext): Inodes => {
  // All memfds and shared anonymous mappings are on one kernel-internal mount.
  const huge = new Map<bigint, number>();
  for (const size of hugeSizes()) {
    try {
      huge.set(deviceOf(MFD_HUGETLB | hugeFlag(size)), size);
    } catch {
      // Memfds of this size are not supported, so no task has any.
    }
  }
  return { ids: new Map(), shmids: new Set(), dev: deviceOf(0), huge };
});

/** The memory files that a dump has found. */
export function inodesOf(ctx: DumpContext): Inodes {
  return ctx.states.get(inodes);
}

/** Whether a file is on a mount of memfds. */
export function isMemfd(ctx: DumpContext, stat: FileStat): boolean {
  const { dev, huge } = inodesOf(ctx);
  return (stat.dev === dev || huge.has(stat.dev)) && (Number(stat.mode) & S_IFMT) === S_IFREG;
}

/** Size of the huge pages of a file on an internal hugetlbfs mount; undefined for ordinary pages. */
export function hugePageOf(ctx: DumpContext, { dev }: FileStat): number | undefined {
  return inodesOf(ctx).huge.get(dev);
}

/** Whether a memfd has this shmid in the images. */
export function hasMemfdNumber(ctx: DumpContext, shmid: number): boolean {
  return inodesOf(ctx).shmids.has(shmid);
}
