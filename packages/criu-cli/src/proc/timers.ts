/** `/proc/PID/timers`: POSIX timers of a process (proc_pid_timers(5)); needs CONFIG_CHECKPOINT_RESTORE. */

import { PROC_ROOT, type ProcText, readTextIfAny } from './io.js';
import { Scan } from './scan.js';

/** How a timer reports its expiry: SIGEV_* without SIGEV_THREAD_ID. */
export type TimerNotify = 'signal' | 'none' | 'thread';

export interface PosixTimer {
  /** As timer_create(2) gave it. */
  id: number;
  signo: number;
  /** `sigev_value`. */
  sigval: bigint;
  notify: TimerNotify;
  /** Whether the signal goes to one thread (SIGEV_THREAD_ID), not to the process. */
  perThread: boolean;
  /** The tid or pid of the target, as this procfs numbers it; 0 if it is gone. */
  target: number;
  /** CLOCK_*; negative for CPU clocks of a task. */
  clockId: number;
}

/** Parses the text of timers. */
export function parseTimers(text: ProcText, file = 'timers'): PosixTimer[] {
  const scan = new Scan(text, file);
  const timers: PosixTimer[] = [];
  while (!scan.atEnd) timers.push(scanTimer(scan));
  return timers;
}

function scanTimer(scan: Scan): PosixTimer {
  scan.expect('ID: ');
  const id = scan.int();
  scan.endLine();
  scan.expect('signal: ');
  const signo = scan.int();
  scan.expect('/');
  scan.skip('0x');
  const sigval = scan.hexBig();
  scan.endLine();
  scan.expect('notify: ');
  const notify = scanNotify(scan);
  const perThread = scan.skip('/tid.');
  if (!perThread) scan.expect('/pid.');
  const target = scan.int();
  scan.endLine();
  scan.expect('ClockID: ');
  const clockId = scan.int();
  scan.endLine();
  // Skips fields that a later kernel may add.
  while (!scan.atEnd && !scan.text.startsWith('ID: ', scan.pos)) scan.nextLine();
  return { id, signo, sigval, notify, perThread, target, clockId };
}

function scanNotify(scan: Scan): TimerNotify {
  if (scan.skip('signal')) return 'signal';
  if (scan.skip('none')) return 'none';
  if (scan.skip('thread')) return 'thread';
  throw scan.error('expected signal, none or thread');
}

/** Reads the timers of a process in the kernel's order; undefined if this kernel does not show them. */
export function readTimers(pid: number, root: string = PROC_ROOT): PosixTimer[] | undefined {
  const text = readTextIfAny(pid, 'timers', root);
  return text === undefined ? undefined : parseTimers(text, `${root}/${pid}/timers`);
}
