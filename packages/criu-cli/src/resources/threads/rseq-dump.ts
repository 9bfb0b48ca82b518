// Restartable sequences that threads may be in (rseq(2)); read before code runs in the task, since the kernel then
// clears them.
import { rseq, rseq_cs } from '@criu/native/uapi';
import type { LiveTask } from '../../engine/dump-task.js';
import type { DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { stateKey } from '../../states.js';

/** What every kernel and C library has of struct rseq. */
const AREA_BYTES = rseq.flags + 4;

export interface RseqSection {
  readonly pointer: bigint;
  readonly start: bigint;
  readonly length: bigint;
  /** Address at which an interrupted thread continues. */
  readonly abort: bigint;
  readonly flags: number;
}

function readSection(task: LiveTask, tid: number): RseqSection | undefined {
  const config = task.task.thread(tid).rseq;
  if (config.pointer === 0n) return undefined;
  const area = task.task.readMemory(config.pointer, AREA_BYTES);
  const pointer = area.readBigUInt64LE(rseq.rseq_cs);
  if (pointer === 0n) return undefined;
  const cs = task.task.readMemory(pointer, rseq_cs.sizeof);
  const start = cs.readBigUInt64LE(rseq_cs.start_ip);
  if (start === 0n) return undefined;
  const version = cs.readUInt32LE(rseq_cs.version);
  if (version !== 0)
    throw new CriuError('UNSUPPORTED', `rseq section of version ${version} in thread ${tid}`, {
      pid: task.pid,
    });
  return {
    pointer,
    start,
    length: cs.readBigUInt64LE(rseq_cs.post_commit_offset),
    abort: cs.readBigUInt64LE(rseq_cs.abort_ip),
    flags: cs.readUInt32LE(rseq_cs.flags) | area.readUInt32LE(rseq.flags),
  };
}

const sections = stateKey('rseq sections', (_: LiveTask) => new Map<number, RseqSection>());

/** The sequence that a thread has registered in rseq_cs; whether it is inside depends on its registers. */
export function rseqSection(task: LiveTask, tid: number): RseqSection | undefined {
  return task.states.get(sections).get(tid);
}

export const rseqDump: DumpPart<void> = {
  beforeInfect: true,
  collect(_ctx, task) {
    const found = task.states.get(sections);
    for (const tid of task.tids) {
      const section = readSection(task, tid);
      if (section) found.set(tid, section);
    }
  },
  describe: () => undefined,
};
