// Content of memory that is a file on the shared memory mount: its data segments, holes left out.
import { closeSync, openSync } from 'node:fs';
import { SysError, sysRaw } from '@criu/native';
import type { DumpContext } from '../../engine/dump-context.js';
import { imageName } from '../../engine/image-writer.js';
import { asCriuError } from '../../errors.js';

const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const ENXIO = 6;
const PAGE = 4096;
const PE_PRESENT = 4;

/** Data segments of a file in whole pages: (offset, length). @throws SysError */
export function dataSegments(fd: number, size: number): [offset: number, length: number][] {
  const segments: [number, number][] = [];
  for (let at = 0; at < size; ) {
    const data = sysRaw('lseek', fd, at, SEEK_DATA);
    if (data === -ENXIO) break;
    if (data < 0) throw new SysError('lseek', -data);
    const hole = sysRaw('lseek', fd, data, SEEK_HOLE);
    if (hole < 0) throw new SysError('lseek', -hole);
    const start = Math.floor(data / PAGE) * PAGE;
    const end = Math.ceil(hole / PAGE) * PAGE;
    segments.push([start, end - start]);
    at = end;
  }
  return segments;
}

/** Copies `length` bytes between files inside the kernel; what lies beyond the end of the source stays a hole. */
function copyRange(from: number, offset: number, to: number, length: number): void {
  const position = new BigInt64Array([BigInt(offset)]);
  for (let left = length; left > 0; ) {
    const n = sysRaw('sendfile', to, from, position, left);
    if (n < 0) throw new SysError('sendfile', -n);
    if (n === 0) return;
    left -= n;
  }
}

/** Writes pagemap-shmem-ID.img and its pages. `fd`: any descriptor of the file, reopened for reading. */
export function dumpShmem(ctx: DumpContext, fd: number, shmid: number, size: bigint): void {
  if (size === 0n) return;
  const pagesId = ctx.images.newPagesId();
  const name = `pages-${pagesId}.img`;
  // A position of our own, and read access whatever the task opened it for.
  const source = openSync(`/proc/self/fd/${fd}`, 'r');
  try {
    const segments = dataSegments(source, Number(size));
    ctx.images.add('PAGEMAP', { pages_id: pagesId }, { id: shmid, pattern: 1 });
    const out = ctx.images.openRaw(name);
    try {
      let written = 0;
      for (const [offset, length] of segments) {
        if (ctx.rehearsing) break;
        copyRange(source, offset, out, length);
        written += length;
        const seek = sysRaw('lseek', out, written, 0);
        if (seek < 0) throw new SysError('lseek', -seek);
        ctx.images.add(
          'PAGEMAP',
          {
            vaddr: BigInt(offset),
            compat_nr_pages: 0,
            flags: PE_PRESENT,
            nr_pages: BigInt(length / PAGE),
          },
          { id: shmid, pattern: 1 },
        );
      }
      const cut = sysRaw('ftruncate', out, written);
      if (cut < 0) throw new SysError('ftruncate', -cut);
      ctx.stats.shpagesWritten += written / PAGE;
    } finally {
      closeSync(out);
    }
    ctx.stats.shpagesScanned += Math.ceil(Number(size) / PAGE);
  } catch (error) {
    throw asCriuError(error, `cannot write shared memory to ${name}`, {
      file: imageName('PAGEMAP', shmid, 1),
    });
  } finally {
    closeSync(source);
  }
}
