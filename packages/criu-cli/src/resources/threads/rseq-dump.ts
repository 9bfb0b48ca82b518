// Restartable sequences that threads may be in (rseq(2)); read before code runs in the task, since the kernel then
// clears them.
import type { LiveTask } from '../../engine/dump-context.js';
import type { DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { stateKey } from '../../states.js';

export const RSEQ_CS_NO_RESTART_ON_SIGNAL = 2;
const AREA = { cs: 8, flags: 16, size: 20 } as const;
const SECTION = { version: 0, flags: 4, start: 8, length: 16, abort: 24, size: 32 } as const;

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
  const rseq = task.task.readMemory(config.pointer, AREA.size);
  const pointer = rseq.readBigUInt64LE(AREA.cs);
  if (pointer === 0n) return undefined;
  const cs = task.task.readMemory(pointer, SECTION.size);
  const start = cs.readBigUInt64LE(SECTION.start);
  if (start === 0n) return undefined;
  const version = cs.readUInt32LE(SECTION.version);
  if (version !== 0)
    throw new CriuError('UNSUPPORTED', `rseq section of version ${version} in thread ${tid}`, {
      pid: task.pid,
    });
  return {
    pointer,
    start,
    length: cs.readBigUInt64LE(SECTION.length),
    abort: cs.readBigUInt64LE(SECTION.abort),
    flags: cs.readUInt32LE(SECTION.flags) | rseq.readUInt32LE(AREA.flags),
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
