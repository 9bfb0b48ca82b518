// Restores the contents of pipes and FIFOs: as a stream, and packet by packet where there were packets.

import type { ImageItem } from '@criu/images';
import { PAGE_SIZE } from '@criu/images';
import { F_SETFL, F_SETPIPE_SZ, O_DIRECT, O_NONBLOCK, SPLICE_F_NONBLOCK } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { PipeDataEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { moveTo } from '../common.js';

const CHUNK = 64 * 1024;

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly packet: boolean;
}

/** The contents in pieces, in the order of writing. @throws CriuError BAD_IMAGE */
export function piecesOf({ pipe_id: id, bytes, packets }: PipeDataEntry, file: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const stream = (end: number) => {
    if (end > at) pieces.push({ start: at, end, packet: false });
  };
  for (let i = 0; i < packets.length; i += 2) {
    const [start = 0, length = 0] = packets.slice(i, i + 2);
    if (start < at || length < 1 || length > PAGE_SIZE || start + length > bytes)
      throw new CriuError('BAD_IMAGE', `pipe ${id} has a packet of ${length} bytes at ${start}`, { file });
    stream(start);
    at = start + length;
    pieces.push({ start, end: at, packet: true });
  }
  stream(bytes);
  return pieces;
}

/** Capacity in bytes that the pieces need, as each takes whole pages. */
function room(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { start, end }) => sum + Math.ceil((end - start) / PAGE_SIZE), 0) * PAGE_SIZE;
}

interface Write {
  readonly plan: TaskPlan;
  readonly pipeId: number;
  readonly bytes: Buffer;
}

function writeDirectly({ plan, pipeId, bytes }: Write, fd: number, packet: boolean): void {
  const label = `${packet ? 'packet' : 'data'} of pipe ${pipeId}`;
  // O_NONBLOCK, so that missing space is an error and does not block.
  plan.program('files').syscall('fcntl', [fd, F_SETFL, O_NONBLOCK | (packet ? O_DIRECT : 0)]);
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const part = bytes.subarray(at, at + CHUNK);
    const p = plan.program('files');
    p.syscall('write', [fd, p.data(part), part.length], { expect: part.length, label });
  }
}

/**
 * Keeps a packet apart from a stream before it: the kernel would append to a partly filled page, but not to one that
 * came by tee(2).
 */
function writeApart(write: Write, fd: number, size: number): void {
  const { plan, pipeId, bytes } = write;
  const p = plan.program('files');
  const ends = [plan.tempFd(), plan.tempFd()] as const;
  const pair = p.data(8);
  p.syscall('pipe2', [pair, 0], { label: `a pipe beside ${pipeId}` });
  moveTo(p, p.load32(pair), ends[0]);
  moveTo(p, p.load32(p.at(pair, 4)), ends[1]);
  if (size) p.syscall('fcntl', [ends[1], F_SETPIPE_SZ, size]);
  writeDirectly(write, ends[1], false);
  const q = plan.program('files');
  q.syscall('tee', [ends[0], fd, bytes.length, SPLICE_F_NONBLOCK], {
    expect: bytes.length,
    label: `data of pipe ${pipeId}`,
  });
  for (const end of ends) q.syscall('close', [end]);
}

const IMAGES = { PIPES_DATA: 'pipes-data.img', FIFO_DATA: 'fifo-data.img' } as const;
type Kind = keyof typeof IMAGES;

const contents = stateKey(
  'contents of pipes',
  (_: PlanContext): Map<Kind, Map<number, ImageItem<PipeDataEntry>[]>> => new Map(),
);

/** The contents of a pipe. */
export function pipeData(ctx: PlanContext, kind: Kind, pipeId: number): readonly ImageItem<PipeDataEntry>[] {
  const kinds = ctx.states.get(contents);
  let all = kinds.get(kind);
  if (!all) {
    all = new Map();
    for (const item of ctx.checkpoint.images.optional(kind)) {
      const before = all.get(item.entry.pipe_id);
      if (before) before.push(item);
      else all.set(item.entry.pipe_id, [item]);
    }
    kinds.set(kind, all);
  }
  return all.get(pipeId) ?? [];
}

/**
 * Restores capacity and contents of a pipe or FIFO through a write end.
 * @returns whether anything was written: that changes the status flags of the end
 */
export function writePipeData(
  ctx: PlanContext,
  plan: TaskPlan,
  kind: Kind,
  pipeId: number,
  fd: number,
): boolean {
  let wrote = false;
  for (const { entry, payload } of pipeData(ctx, kind, pipeId)) {
    const pieces = piecesOf(entry, IMAGES[kind]);
    // Spliced buffers may have been larger than written ones, so the contents may need more capacity now.
    const size = entry.size ? Math.max(entry.size, room(pieces)) : 0;
    if (size)
      plan
        .program('files')
        .syscall('fcntl', [fd, F_SETPIPE_SZ, size], { label: `capacity of pipe ${pipeId}` });
    for (const [i, piece] of pieces.entries()) {
      wrote = true;
      const next = pieces[i + 1];
      const write = { plan, pipeId, bytes: (payload ?? Buffer.alloc(0)).subarray(piece.start, piece.end) };
      if (piece.packet || !next) writeDirectly(write, fd, piece.packet);
      else writeApart(write, fd, size);
    }
  }
  return wrote;
}
