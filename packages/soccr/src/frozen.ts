// A paused and locked connection, which is resumed here, or discarded once it is saved.
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

/** Called before each step, for logs. An exception makes the step fail. */
export type Trace = (step: string, connection: string) => void;

/** The network namespace of several frozen connections. Its descriptor is closed after the last of them has ended. */
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
  /** `locked`: the connections that end stay locked, so tidying the lock is not necessary. */
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

/** The socket and owner from which a connection was taken. */
export interface Origin {
  /** A duplicate that this process owns. */
  fd: number;
  socket?: Socket;
  paused: Paused;
  /** Lets the owner continue: a stopped process, or a quiet Node socket. */
  wake(): void;
}

/**
 * One frozen connection. Either {@link resume} or {@link discard} ends it. Between {@link detach} and `discard` it can
 * be restored elsewhere; if that fails, `resume` still returns it to its first owner.
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

  /** True until the connection is resumed or discarded. */
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
   * Disconnects the socket without sending a packet; the connection stays locked. Another process with the socket finds
   * it unconnected (ECONNABORTED).
   * @throws SoccrError
   */
  detach(): void {
    this.must();
    if (this.detached) return;
    this.step('detach');
    dissolve(this.origin.fd);
    this.detached = true;
  }

  /** Unlocks the connection and leaves repair mode, so that the first owner continues. @throws SoccrError */
  resume(): Promise<void> {
    return resumeAll([this]);
  }

  /**
   * Detaches the connection if necessary, and releases the socket. A Node socket is destroyed; a plain descriptor stays
   * open and unconnected, and its owner closes it. The connection stays locked until it is restored or the lock is
   * cleared.
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

  /** Resumes several connections with one change of the lock for each network namespace. @internal */
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
        // Restores the connection into the socket from which it was taken.
        const back = await attempt(() => {
          one.step('take back');
          // Reading SO_ERROR clears the ECONNABORTED that detaching left.
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
        // Repair mode must end even if unlocking failed.
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

/** {@link Frozen.resume} for several connections. All are tried; the first error is thrown. */
export function resumeAll(all: readonly Frozen[]): Promise<void> {
  return Frozen.resumeAll(all);
}

/** {@link Frozen.discard} for several connections. All are tried. @throws SoccrError the first error */
export async function discardAll(all: readonly Frozen[]): Promise<void> {
  const errors: unknown[] = [];
  for (const one of all) await one.discard().catch((error: unknown) => errors.push(error));
  if (errors.length) throw errors[0];
}
