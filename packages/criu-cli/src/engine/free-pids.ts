// Waiting for pids that a restore needs: a pid becomes free only when its former task has been reaped, which init may
// delay.
import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../errors.js';
import { Stopwatch } from '../stopwatch.js';

/** Milliseconds that init may take to reap ended tasks, and the polling interval. */
export const GONE_MS = 2000;
const PAUSE_MS = 2;

/** The error of a failed clone3(2) that asked for `pid`: PID_IN_USE if that pid is taken (EEXIST). */
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

/**
 * Calls `make`, again and again while it fails with EEXIST and no live task has the pid. The pid of an ended task stays
 * taken until the task and all members of its session and process group have been reaped.
 */
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

/** Waits until `so` returns true, for at most `ms` milliseconds. */
export async function pause(so: () => boolean, ms: number): Promise<void> {
  for (const waited = new Stopwatch(); !so() && waited.milliseconds < ms; ) await sleep(PAUSE_MS);
}

/** Whether the pid belongs to a live task, not to one that has ended (state Z or X) or does not exist. */
export function inUse(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^[ZX]/.test(text.slice(text.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
