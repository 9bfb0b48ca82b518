// Ends this process when it waits for a task that it has stopped, so that the tasks run on.
import { addon } from '@criu/native';
import { CriuError } from '../errors.js';

const SIGN_MS = 500;

/**
 * Kills this process after so many seconds in which its main thread does nothing, in a system call that does not return: the tracer lets the
 * tasks go then. Whoever calls it must have the process to itself.
 */
export class Watchdog implements Disposable {
  private readonly handle: unknown;
  private readonly timer: NodeJS.Timeout;

  /** @param pid the root of the tree, for the message */
  constructor(seconds: number, pid: number) {
    const error = new CriuError(
      'TIMEOUT',
      `a system call of the dump has not returned for ${seconds} s: the dump ends, and the tasks run on`,
      { pid },
      'a task may serve what the dump reads, as a file system in user space (FUSE) or a listener of fanotify permission events does: keep it out of the tree, or end what it serves',
    );
    this.handle = addon().beginWatch(seconds, `criu: Error: ${error.explain()}\n`);
    this.timer = setInterval(() => addon().signOfLife(this.handle), SIGN_MS);
    // The timer must not keep the process alive.
    this.timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
    addon().endWatch(this.handle);
  }
}
