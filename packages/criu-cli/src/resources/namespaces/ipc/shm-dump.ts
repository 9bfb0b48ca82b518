// System V shared memory: segments and their contents, which are copied from an agent that attaches them.
import { type Agent, Program } from '@criu/compel';
import { PAGE_SIZE, PagemapFlags } from '@criu/images';
import { closeSync, fstatSync, openSync } from '@criu/native/fs';
import { SHM_HUGETLB, SHM_RDONLY, shmid_ds } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { asCriuError, CriuError } from '../../../errors.js';
import { joined } from '../../../pages/runs.js';
import { dataSegments } from '../../shared-memory/dump.js';
import { hugeSegments } from '../../shared-memory/huge-file.js';
import { hugeFlag } from '../../shared-memory/hugetlb.js';
import { hasMemfdNumber, inodesOf } from '../../shared-memory/inodes.js';
import { descInside, type IpcObject, listObjects, SHM } from './objects.js';

/** Refuses a task that has a segment of an earlier namespace attached. */
function checkAttached(ctx: DumpContext, segments: readonly IpcObject[]): void {
  const known = new Set(segments.map(({ id }) => BigInt(id)));
  for (const task of ctx.live)
    for (const { path, ino } of task.smaps.attributes)
      if (path.startsWith('/SYSV') && !known.has(ino))
        throw new CriuError(
          'UNSUPPORTED',
          `System V shared memory ${ino} is attached, which its IPC namespace does not have`,
          { pid: task.pid, file: path },
        );
}

/** The file of a segment that a task has attached, and its page size. @throws CriuError, SysError */
function attachedFile(ctx: DumpContext, pid: number, at: bigint, size: number): { fd: number; page: number } {
  const { dev, huge } = inodesOf(ctx);
  let failure: unknown;
  for (const page of [PAGE_SIZE, ...huge.values()]) {
    const end = at + BigInt(Math.ceil(size / page) * page);
    try {
      const fd = openSync(`/proc/${pid}/map_files/${at.toString(16)}-${end.toString(16)}`, 'r');
      const stat = fstatSync(fd, { bigint: true });
      if (stat.dev === dev) return { fd, page: PAGE_SIZE };
      const hugePage = huge.get(stat.dev);
      if (hugePage !== undefined) return { fd, page: hugePage };
      closeSync(fd);
    } catch (error) {
      failure ??= error;
    }
  }
  throw new CriuError(
    'UNSUPPORTED',
    'its file is none that the kernel makes for segments',
    {},
    undefined,
    failure,
  );
}

/** Dumps a segment. @returns 0 for ordinary pages, else the flags of shmget(2) for huge pages */
async function dumpSegment(ctx: DumpContext, id: number, size: number, inside: Agent): Promise<number> {
  const p = new Program(`attach segment ${id}`);
  const attached = p.syscall('shmat', [id, null, SHM_RDONLY], { label: `segment ${id}` });
  const at = (await inside.run(p)).big(attached);
  const { fd: file, page } = attachedFile(ctx, inside.pid, at, size);
  const whole = Math.ceil(size / page) * page;
  try {
    const data =
      page === PAGE_SIZE
        ? dataSegments(file, size)
        : hugeSegments(file, whole, page, fstatSync(file).blocks * 512);
    const runs = data.map(([offset, length]) => ({
      start: BigInt(offset),
      end: BigInt(offset + length),
      flags: PagemapFlags.PRESENT,
    }));
    // Copied from memory, not from the file, since the last page may have more contents than the size of the file. The
    // segment stays attached until the agent ends.
    ctx.addPages({ which: { shmid: id }, pid: inside.pid, base: at, fd: -1, runs: joined(runs) });
    ctx.stats.shpagesScanned += whole / PAGE_SIZE;
  } finally {
    closeSync(file);
  }
  return page === PAGE_SIZE ? 0 : (SHM_HUGETLB | hugeFlag(page)) >>> 0;
}

/** Writes ipcns-shm-ID.img and the pages of all segments. @throws CriuError */
export async function dumpSegments(ctx: DumpContext, ns: number, inside: Agent): Promise<void> {
  ctx.images.touch('IPCNS_SHM', ns);
  const segments = await listObjects(inside, SHM);
  checkAttached(ctx, segments);
  for (const { id, desc, state } of segments) {
    const size = state.readBigUInt64LE(shmid_ds.shm_segsz);
    if (hasMemfdNumber(ctx, id))
      throw new CriuError(
        'UNSUPPORTED',
        `System V shared memory ${id} has the number of another shared memory object`,
        { pid: ctx.root.pid },
      );
    try {
      const huge = await dumpSegment(ctx, id, Number(size), inside);
      const entry = {
        desc: descInside(ctx, SHM, desc),
        size,
        in_pagemaps: true,
        ...(huge ? { hugetlb_flag: huge } : {}),
      };
      ctx.images.add('IPCNS_SHM', entry, { id: ns });
    } catch (error) {
      throw asCriuError(error, `cannot read System V shared memory ${id}`, { pid: ctx.root.pid });
    }
  }
}
