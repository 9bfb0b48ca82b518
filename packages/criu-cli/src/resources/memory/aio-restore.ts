// Restores AIO contexts: a new context is brought to the position of the old one by requests without effect, and moved
// into place.

import { Program } from '@criu/compel';
import {
  AT_FDCWD,
  EAGAIN,
  IOCB_CMD_PWRITE,
  iocb,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  O_CLOEXEC,
  O_WRONLY,
  PROT_READ,
  PROT_WRITE,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan, TaskRun } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import type { AioRingEntry, VmaEntry, VmaTable } from '../../images/types.js';
import { VMA } from '../../images/vma.js';
import type { PageSource } from '../../pages/sources/source.js';
import { moveTo } from '../files/common.js';
import { AIO_RING, type AioRing, readAioRing, requestsOf } from './aio.js';

/** Number of requests per system call. */
const BATCH = 1024;
const ROOM = iocb.sizeof + BATCH * 8;
/** The kernel hands out ring slots to CPUs in batches and may hold some back, so that retries are needed. */
const TRIES = 100;

interface Planned {
  readonly start: number;
  readonly length: number;
  readonly ring: AioRing;
}

function bad(plan: TaskPlan, what: string): CriuError {
  return new CriuError('BAD_IMAGE', what, { pid: plan.pid, file: `mm-${plan.pid}.img` });
}

const nameOf = ({ id }: AioRingEntry) => `the AIO context 0x${id.toString(16)}`;

function checkMapping(plan: TaskPlan, entry: AioRingEntry, rings: readonly VmaEntry[]): void {
  const vma = rings.find(({ start }) => start === entry.id);
  if (!vma || vma.end - vma.start !== BigInt(entry.ring_len))
    throw bad(plan, `${nameOf(entry)} has no mapping of ${entry.ring_len} bytes`);
}

function planned(plan: TaskPlan, entry: AioRingEntry, pages: PageSource): Planned {
  const start = Number(entry.id);
  const header = pages.read({ pid: plan.pid }, entry.id, AIO_RING.size);
  const ring = header && readAioRing(header, entry.ring_len);
  if (!ring) throw bad(plan, `${nameOf(entry)} has no ring in the pages`);
  return { start, length: entry.ring_len, ring };
}

/**
 * Adds the AIO contexts of a task; their contents have been read into anonymous memory in their places.
 * @throws CriuError
 */
export function restoreAioRings(
  ctx: PlanContext,
  plan: TaskPlan,
  entries: readonly AioRingEntry[],
  vmas: VmaTable,
): void {
  const rings = vmas.list(({ status }) => status & VMA.AIORING);
  if (rings.length !== entries.length)
    throw bad(plan, `${rings.length} AIO rings are mapped, for ${entries.length} contexts`);
  if (entries.length === 0) return;
  const sink = plan.tempFd();
  const p = plan.program('files');
  const fd = p.syscall('openat', [AT_FDCWD, p.cstring('/dev/null'), O_WRONLY | O_CLOEXEC], {
    label: 'open /dev/null for AIO',
  });
  moveTo(p, fd, sink);
  for (const entry of entries) {
    checkMapping(plan, entry, rings);
    if (!ctx.pages.readable) continue;
    const one = planned(plan, entry, ctx.pages);
    plan.step('protect', {
      title: `AIO context 0x${one.start.toString(16)}`,
      does: ['io_setup()', 'io_submit() until the ring is where it was', 'mremap()'],
      program: (run) => make(run, one, sink),
    });
  }
}

/** A request that writes nothing to a sink, and a batch of pointers to it. */
function requests(at: bigint, sink: number): Buffer {
  const bytes = Buffer.alloc(ROOM);
  bytes.writeUInt16LE(IOCB_CMD_PWRITE, iocb.aio_lio_opcode);
  bytes.writeUInt32LE(sink, iocb.aio_fildes);
  bytes.writeBigUInt64LE(at, iocb.aio_buf);
  bytes.writeBigUInt64LE(1n, iocb.aio_nbytes);
  for (let i = 0; i < BATCH; i++) bytes.writeBigUInt64LE(at, iocb.sizeof + i * 8);
  return bytes;
}

async function make(
  { agent, plan }: TaskRun,
  { start, length, ring }: Planned,
  sink: number,
): Promise<Program> {
  const { nr, head, tail } = ring;
  const setup = new Program('AIO context');
  const made = setup.data(8);
  setup.syscall('io_setup', [requestsOf(nr), made], { label: 'AIO context' });
  const context = setup.peek(made, 8);
  const mapping = setup.syscall('mmap', [
    0,
    ROOM,
    PROT_READ | PROT_WRITE,
    MAP_PRIVATE | MAP_ANONYMOUS,
    -1,
    0,
  ]);
  const result = await agent.run(setup);
  const [ctx, room] = [result.big(context), result.big(mapping)];

  const check = new Program('size of the ring');
  const places = check.peek(ctx + BigInt(AIO_RING.nr), 4);
  check.copy(room, check.data(requests(room, sink)), ROOM);
  const got = (await agent.run(check)).value(places);
  if (got !== nr)
    throw new CriuError(
      'UNSUPPORTED',
      `the kernel makes an AIO ring of ${got} places for one of ${nr}`,
      { pid: plan.pid },
      'restore on a machine with as many processors as it was dumped on',
    );

  // If the tail has wrapped around, it has to do so again: the kernel counts completed requests.
  const count = tail < head ? nr + tail : tail;
  for (let done = 0, tries = TRIES; done < count; ) {
    const q = new Program('AIO requests');
    const n = Math.min(count - done, BATCH);
    const sent = q.syscall('io_submit', [ctx, n, room + BigInt(iocb.sizeof)], {
      expect: 'any',
      label: 'AIO requests',
    });
    const answer = (await agent.run(q)).value(sent);
    if (answer < 0 && (answer !== -EAGAIN || tries-- === 0))
      throw new CriuError('SYSCALL', `cannot bring an AIO ring to its tail: io_submit gave ${answer}`, {
        pid: plan.pid,
      });
    done += Math.max(0, answer);
    const taken = new Program('AIO events');
    taken.poke(ctx + BigInt(AIO_RING.head), Math.min(done, head), 4);
    await agent.run(taken);
  }

  const last = new Program('place the AIO context');
  last.syscall('munmap', [room, ROOM]);
  last.copy(ctx + BigInt(AIO_RING.size), start + AIO_RING.size, length - AIO_RING.size);
  last.syscall('mremap', [ctx, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, start], {
    expect: start,
    label: `place the AIO context 0x${start.toString(16)}`,
  });
  return last;
}
