// Pending signals with their siginfo; all are blocked until the very last moment.
import type { Program } from '@criu/compel';
import { CriuError } from '../../errors.js';
import type { SignalQueueEntry } from '../../images/types.js';

const SIGINFO_SIZE = 128;

function each(
  queue: SignalQueueEntry | undefined,
  tid: number,
  add: (signal: number, info: Uint8Array) => void,
): void {
  for (const { siginfo } of queue?.signals ?? []) {
    if (siginfo.length !== SIGINFO_SIZE)
      throw new CriuError('BAD_IMAGE', `a siginfo of ${siginfo.length} bytes`, { file: `core-${tid}.img` });
    add(Buffer.from(siginfo).readInt32LE(0), siginfo);
  }
}

/** Signals pending for the process as a whole; its own leader queues them, so that any si_code goes. */
export function queueShared(p: Program, pid: number, queue: SignalQueueEntry | undefined): void {
  each(queue, pid, (signal, info) => {
    p.syscall('rt_sigqueueinfo', [pid, signal, p.data(info)], { label: `pending signal ${signal}` });
  });
}

/** Signals pending for one thread; queued by that thread itself. */
export function queuePrivate(
  p: Program,
  pid: number,
  tid: number,
  queue: SignalQueueEntry | undefined,
): void {
  each(queue, tid, (signal, info) => {
    p.syscall('rt_tgsigqueueinfo', [pid, tid, signal, p.data(info)], {
      label: `signal ${signal} pending for thread ${tid}`,
    });
  });
}
