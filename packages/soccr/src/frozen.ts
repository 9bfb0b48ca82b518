// A paused and locked connection: to go on here, or to vanish from here once it was saved.
import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { sysRaw } from '@criu/native';
import { SO_ERROR, SOL_SOCKET, TCP_REPAIR_OFF_NO_WP } from '@criu/native/uapi';
import { SoccrError } from './errors.js';
import { getInt, setRepair } from './kernel.js';
import type { Locker } from './lock.js';
import { dissolve, type Paused, resume } from './repair.js';
import { restoreTcp } from './restore-tcp.js';
import { connectionText, type TcpState } from './state.js';

/** Called before every step; for logs. What it throws makes the step fail. */
export type Trace = (step: string, connection: string) => void;

/** The network namespace that several frozen connections share; its descriptor is closed after the last one. */
export class Site {
  private users = 0;
  constructor(
    readonly netns: number,
    readonly locker: Locker,
  ) {}
  enter(): this {
    this.users++;
    return this;
  }
  /** `locked`: what leaves is still locked, so that there is nothing to tidy. */
  async leave(count = 1, locked = false): Promise<void> {
    this.users -= count;
    if (this.users > 0) return;
    try {
      if (!locked) await this.locker.tidy?.(this.netns);
    } finally {
      closeSync(this.netns);
    }
  }
}

/** What belongs to the place where a connection came from. */
export interface Origin {
  /** A duplicate of our own. */
  fd: number;
  socket?: Socket;
  paused: Paused;
  /** Lets the owner go on: a stopped process, a quiet Node socket. */
  wake(): void;
}

/**
 * One frozen connection. Exactly one of {@link resume} and {@link discard} ends it. Between {@link detach} and
 * `discard` it can be restored elsewhere, and `resume` still brings it back to its first owner if that failed.
 */
export class Frozen {
  private detached = false;
  private ended = false;
  constructor(
    readonly state: TcpState,
    private readonly origin: Origin,
    private readonly site: Site,
    private readonly trace: Trace,
  ) {}

  /** True until resumed or discarded. */
  get active(): boolean {
    return !this.ended;
  }

  private step(name: string): void {
    this.trace(name, connectionText(this.state));
  }

  private must(): void {
    if (this.ended) {
      throw new SoccrError('FINISHED', 'was already resumed or discarded', {
        object: connectionText(this.state),
      });
    }
  }

  /**
   * Takes the connection off its socket without a packet; it stays locked. Another process that holds the socket
   * finds it unconnected (ECONNABORTED).
   * @throws SoccrError
   */
  detach(): void {
    this.must();
    if (this.detached) return;
    this.step('detach');
    dissolve(this.origin.fd);
    this.detached = true;
  }

  /** Unlocks, leaves repair mode: the first owner goes on as if nothing had happened. @throws SoccrError */
  resume(): Promise<void> {
    return resumeAll([this]);
  }

  /**
   * Detaches if that was not done, and lets go of the socket. A Node socket is destroyed; a plain descriptor stays
   * open, unconnected, and is its owner's to close. The connection stays locked until it is restored somewhere
   * or the lock is taken away.
   * @throws SoccrError
   */
  async discard(): Promise<void> {
    this.detach();
    this.step('discard');
    this.ended = true;
    const { fd, socket } = this.origin;
    try {
      setRepair(fd, TCP_REPAIR_OFF_NO_WP);
      closeSync(fd);
      socket?.destroy();
    } finally {
      this.origin.wake();
      await this.site.leave(1, true);
    }
  }

  /** Resumes many: one change of the lock for each network namespace. @internal */
  static async resumeAll(all: readonly Frozen[]): Promise<void> {
    const errors: unknown[] = [];
    const attempt = async (action: () => void | Promise<void>) => {
      try {
        await action();
        return true;
      } catch (error) {
        errors.push(error);
        return false;
      }
    };
    const bySite = new Map<Site, Frozen[]>();
    for (const one of all) {
      one.must();
      if (one.detached) {
        // Back into the very socket that it was taken from.
        const back = await attempt(() => {
          one.step('take back');
          // Reads and so clears the ECONNABORTED that detaching left.
          getInt(one.origin.fd, SOL_SOCKET, SO_ERROR, 'SO_ERROR');
          restoreTcp(one.origin.fd, one.state);
        });
        if (!back) continue;
        one.detached = false;
      }
      const others = bySite.get(one.site);
      if (others) others.push(one);
      else bySite.set(one.site, [one]);
    }
    for (const [site, group] of bySite) {
      await attempt(async () => {
        for (const one of group) one.step('unlock');
        await site.locker.unlock(
          group.map((one) => one.state),
          site.netns,
        );
      });
      for (const one of group) {
        // Also when unlocking failed: repair mode must not stay behind.
        await attempt(() => one.step('resume'));
        await attempt(() =>
          resume(one.origin.fd, { ...one.origin.paused, nonBlocking: one.state.options.nonBlocking }),
        );
        sysRaw('close', one.origin.fd);
        one.ended = true;
        await attempt(() => one.origin.wake());
      }
      await attempt(() => site.leave(group.length));
    }
    if (errors.length) throw errors[0];
  }
}

/** {@link Frozen.resume} for many at once. All are resumed as far as possible; the first error is thrown. */
export function resumeAll(all: readonly Frozen[]): Promise<void> {
  return Frozen.resumeAll(all);
}

/** {@link Frozen.discard} for many at once. @throws SoccrError the first error, after all were tried */
export async function discardAll(all: readonly Frozen[]): Promise<void> {
  const errors: unknown[] = [];
  for (const one of all) await one.discard().catch((error: unknown) => errors.push(error));
  if (errors.length) throw errors[0];
}
