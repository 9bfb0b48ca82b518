// Dumps the contents of files of shared memory (shmem): their data segments, without holes.
import { imageFileName, PAGE_SIZE, PagemapFlags } from '@criu/images';
import { SysError, sysRaw } from '@criu/native';
import { fstatSync, openSync } from '@criu/native/fs';
import { ENXIO, SEEK_DATA, SEEK_HOLE } from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import { asCriuError } from '../../errors.js';
import { joined } from '../../pages/runs.js';
import { hugeSegments } from './huge-file.js';

/** Data segments of a file in whole pages: (offset, length) in bytes. @throws SysError */
export function dataSegments(fd: number, size: number): [offset: number, length: number][] {
  const segments: [number, number][] = [];
  for (let at = 0; at < size; ) {
    const data = sysRaw('lseek', fd, at, SEEK_DATA);
    if (data === -ENXIO) break;
    if (data < 0) throw new SysError('lseek', -data);
    const hole = sysRaw('lseek', fd, data, SEEK_HOLE);
    if (hole < 0) throw new SysError('lseek', -hole);
    const start = Math.floor(data / PAGE_SIZE) * PAGE_SIZE;
    const end = Math.ceil(hole / PAGE_SIZE) * PAGE_SIZE;
    segments.push([start, end - start]);
    at = end;
  }
  return segments;
}

/** Queues the pages of a shared memory object for dumping. @param fd any descriptor of the object @throws CriuError */
export function dumpShmem(
  ctx: DumpContext,
  fd: number,
  shmid: number,
  size: bigint,
  hugePage?: number,
): void {
  if (size === 0n) return;
  try {
    // Opened anew: this gives a file position of our own, and read access however the task has opened it.
    const source = openSync(`/proc/self/fd/${fd}`, 'r');
    const segments = hugePage
      ? hugeSegments(source, Number(size), hugePage, fstatSync(source).blocks * 512)
      : dataSegments(source, Number(size));
    const runs = segments.map(([offset, length]) => ({
      start: BigInt(offset),
      end: BigInt(offset + length),
      flags: PagemapFlags.PRESENT,
    }));
    ctx.stats.shpagesScanned += Math.ceil(Number(size) / PAGE_SIZE);
    ctx.addPages({ which: { shmid }, pid: 0, fd: source, runs: joined(runs) });
  } catch (error) {
    throw asCriuError(error, 'cannot read shared memory', { file: imageFileName('PAGEMAP', shmid, 1) });
  }
}
