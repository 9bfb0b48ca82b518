// Tells action scripts and RPC clients, which may have set up the network namespace of the tree, when to block its
// packets and when to let them pass again.
import type { Notifier } from '../notify.js';
import { readNsLink } from '../proc/index.js';

/** Whether a task is in another network namespace than this process. */
function elsewhere(pid: number): boolean {
  return readNsLink(pid, 'net')?.inode !== readNsLink(process.pid, 'net')?.inode;
}

export class NetworkLock {
  private locked = false;

  constructor(
    private readonly notifier: Notifier,
    private readonly pid: number,
  ) {}

  /** Sends `network-lock`, once the tasks are stopped. @throws NotifyError, CriuError */
  async lock(): Promise<void> {
    if (!this.notifier.wanted || !elsewhere(this.pid)) return;
    this.locked = true;
    await this.notifier.tell('network-lock', { pid: this.pid });
  }

  /** Sends `network-unlock`, before dumped tasks run on. */
  async unlock(): Promise<void> {
    if (!this.locked) return;
    this.locked = false;
    await this.notifier.inform('network-unlock', { pid: this.pid });
  }

  /** Sends `network-unlock` for a restored tree, whose network the dump locked. */
  static async unlockRestored(notifier: Notifier, pid: number): Promise<void> {
    if (notifier.wanted && elsewhere(pid)) await notifier.inform('network-unlock', { pid });
  }
}
