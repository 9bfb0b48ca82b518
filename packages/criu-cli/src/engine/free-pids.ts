// Pids that are wanted: free once whoever had them is reaped, which may take init a moment.
import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../errors.js';
import { Stopwatch } from '../stopwatch.js';

/** How long init may take to reap what has ended, ms, and how often to look. */
export const GONE_MS = 2000;
const PAUSE_MS = 2;

export function pidError(error: unknown, pid: number): CriuError {
  if ((error as NodeJS.ErrnoException).code === 'EEXIST')
    return new CriuError(
      'PID_IN_USE',
      'the pid is taken by another task',
      { pid },
      'end that task, or restore in a pid namespace of its own',
      error,
    );
  return asCriuError(error, 'cannot make the task', { pid });
}

/** The pid of a task that has ended stays taken until it and all members of its session and group are reaped. */
export async function onceFree<T>(pid: number, make: () => T | Promise<T>): Promise<T> {
  for (const waited = new Stopwatch(); ; ) {
    try {
      return await make();
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EEXIST';
      if (!taken || inUse(pid) || waited.milliseconds > GONE_MS) throw error;
    }
    await sleep(PAUSE_MS);
  }
}

/** Waits until something is so, for a while. */
export async function pause(so: () => boolean, ms: number): Promise<void> {
  for (const waited = new Stopwatch(); !so() && waited.milliseconds < ms; ) await sleep(PAUSE_MS);
}

/** Whether a task lives that has the pid: neither gone nor a zombie that waits for its parent. */
export function inUse(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^[ZX]/.test(text.slice(text.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
