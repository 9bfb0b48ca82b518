// System V shared memory: what segments there are, and their content, which is copied out of an agent that attaches them.
import { type Agent, Program } from '@criu/compel';
import { PagemapFlags } from '@criu/images';
import { closeSync, fstatSync, openSync } from '@criu/native/fs';
import { SHM_RDONLY } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { asCriuError, CriuError } from '../../../errors.js';
import { joined } from '../../../pages/runs.js';
import { dataSegments } from '../../shared-memory/dump.js';
import { hasMemfdNumber, isMemfd } from '../../shared-memory/inodes.js';
import { type IpcObject, listObjects, SHM } from './objects.js';

const PAGE = 4096;

/** A task may have a segment of a namespace that it was in before. */
function checkAttached(ctx: DumpContext, segments: readonly IpcObject[]): void {
  const known = new Set(segments.map(({ id }) => BigInt(id)));
  for (const task of ctx.live)
    for (const { path, ino } of task.smaps)
      if (path.startsWith('/SYSV') && !known.has(ino))
        throw new CriuError(
          'UNSUPPORTED',
          `System V shared memory ${ino} is attached, which its IPC namespace does not have`,
          { pid: task.pid, file: path },
        );
}

async function dumpSegment(ctx: DumpContext, id: number, size: number, inside: Agent): Promise<void> {
  const p = new Program(`attach segment ${id}`);
  const attached = p.syscall('shmat', [id, null, SHM_RDONLY], { label: `segment ${id}` });
  const at = (await inside.run(p)).big(attached);
  const end = at + BigInt(Math.ceil(size / PAGE) * PAGE);
  const file = openSync(`/proc/${inside.pid}/map_files/${at.toString(16)}-${end.toString(16)}`, 'r');
  try {
    if (!isMemfd(ctx, fstatSync(file, { bigint: true })))
      throw new CriuError('UNSUPPORTED', `System V shared memory ${id} has huge pages`, {
        pid: ctx.root.pid,
      });
    const runs = dataSegments(file, size).map(([offset, length]) => ({
      start: BigInt(offset),
      end: BigInt(offset + length),
      flags: PagemapFlags.PRESENT,
    }));
    // From memory, not from the file: the last page may have more than the file's size tells. It stays attached until
    // the visitor ends.
    ctx.addPages({ which: { shmid: id }, pid: inside.pid, base: at, fd: -1, runs: joined(runs) });
    ctx.stats.shpagesScanned += Math.ceil(size / PAGE);
  } finally {
    closeSync(file);
  }
}

/** Writes ipcns-shm-ID.img and the pages of all segments. @throws CriuError */
export async function dumpSegments(ctx: DumpContext, ns: number, inside: Agent): Promise<void> {
  ctx.images.touch('IPCNS_SHM', ns);
  const segments = await listObjects(inside, SHM);
  checkAttached(ctx, segments);
  for (const { id, desc, state } of segments) {
    const size = state.readBigUInt64LE(SHM.segsz);
    if (hasMemfdNumber(ctx, id))
      throw new CriuError(
        'UNSUPPORTED',
        `System V shared memory ${id} has the number of another shared memory object`,
        { pid: ctx.root.pid },
      );
    ctx.images.add('IPCNS_SHM', { desc, size, in_pagemaps: true }, { id: ns });
    try {
      await dumpSegment(ctx, id, Number(size), inside);
    } catch (error) {
      throw asCriuError(error, `cannot read System V shared memory ${id}`, { pid: ctx.root.pid });
    }
  }
}
