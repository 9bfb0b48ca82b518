// Who has set up the network namespace of a tree is told when its packets are to be held, and when they may pass again.
import type { Notifier } from '../notify.js';
import { readNsLink } from '../proc/index.js';

/** Whether a task has another network than we have. */
function elsewhere(pid: number): boolean {
  return readNsLink(pid, 'net')?.inode !== readNsLink(process.pid, 'net')?.inode;
}

export class NetworkLock {
  private locked = false;

  constructor(
    private readonly notifier: Notifier,
    private readonly pid: number,
  ) {}

  /** When the tasks stand still. @throws NotifyError, CriuError */
  async lock(): Promise<void> {
    if (!this.notifier.wanted || !elsewhere(this.pid)) return;
    this.locked = true;
    await this.notifier.tell('network-lock', { pid: this.pid });
  }

  /** Before tasks run on that were dumped. */
  async unlock(): Promise<void> {
    if (!this.locked) return;
    this.locked = false;
    await this.notifier.inform('network-unlock', { pid: this.pid });
  }

  /** The same for a restored tree, whose network was locked by its dump. */
  static async unlockRestored(notifier: Notifier, pid: number): Promise<void> {
    if (notifier.wanted && elsewhere(pid)) await notifier.inform('network-unlock', { pid });
  }
}
