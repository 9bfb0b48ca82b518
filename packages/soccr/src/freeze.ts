// Locks, pauses and saves connections. After a failure all of them continue.
import { closeSync } from 'node:fs';
import { sys } from '@criu/native';
import { chooseLocker, type LockChoice } from './choose.js';
import { SoccrError, wrap } from './errors.js';
import { Frozen, type Origin, Site, type Trace } from './frozen.js';
import { identity } from './kernel.js';
import type { Locker } from './lock.js';
import { netnsOf } from './netns.js';
import { quiet } from './node-socket.js';
import { type Paused, pause, resume } from './repair.js';
import { type Facts, inspect, refuseUnmovable, saveTcp } from './save.js';
import { connectionText, type SocketOptions, type TcpState } from './state.js';
import { fetchFd, isSocket, stopProcess, type Target } from './target.js';

export interface FreezeOptions {
  /** The lock for packets. `auto`: nftables, else iptables. */
  lock?: LockChoice;
  /** Name of the table of the lock, for {@link clearLocks}. Default `soccr`. */
  table?: string;
  /**
   * Whether to stop (SIGSTOP) the process that owns a descriptor meanwhile. Default true; false if it is stopped
   * already.
   */
  stop?: boolean;
  /**
   * Bytes that the owner has read but not yet processed, such as half a request. They are put back in front of the
   * receive queue, so that the next owner reads them again.
   */
  unread?: Uint8Array;
  trace?: Trace;
}

interface Item {
  facts: Facts;
  origin: Omit<Origin, 'paused'>;
  paused?: Paused;
  ahead: Uint8Array[];
  options: SocketOptions;
  state?: TcpState;
}

/** Freezes one connection. See {@link freezeAll}. */
export async function freeze(target: Target, options: FreezeOptions = {}): Promise<Frozen> {
  const [one] = await freezeAll([target], options);
  if (!one) throw new SoccrError('BAD_STATE', 'nothing was frozen');
  return one;
}

/**
 * Locks, pauses and saves connections. `resume()` lets a connection continue here, `discard()` removes it from here.
 * Either all are frozen, or none: a failure restores the previous state.
 * @throws SoccrError
 */
export async function freezeAll(
  targets: readonly (Target | { target: Target; unread: Uint8Array })[],
  options: FreezeOptions = {},
): Promise<Frozen[]> {
  const locker = chooseLocker(options.lock, options.table);
  const trace = options.trace ?? (() => {});
  const items: Item[] = [];
  const sites = new Map<string, { site: Site; items: Item[]; locked: boolean }>();
  try {
    for (const entry of targets) {
      const wrapped = typeof entry === 'object' && 'target' in entry;
      const target = wrapped ? entry.target : entry;
      const unread = wrapped ? entry.unread : options.unread;
      trace('open', `${items.length}`);
      items.push(await open(target, unread, options));
    }
    for (const item of items) place(item, sites, locker);
    for (const group of sites.values()) {
      for (const { facts } of group.items) trace('lock', connectionText(facts));
      group.locked = true;
      await locker.lock(
        group.items.map(({ facts }) => facts),
        group.site.netns,
      );
    }
    for (const item of items) {
      trace('pause', connectionText(item.facts));
      item.paused = pause(item.origin.fd);
    }
    for (const item of items) {
      trace('save', connectionText(item.facts));
      if (item.paused) item.state = complete(item, saveTcp(item.origin.fd, item.paused));
    }
    for (const { facts } of items) trace('saved', connectionText(facts));
  } catch (error) {
    await undo(items, [...sites.values()], locker, error);
    throw error;
  }
  return [...sites.values()]
    .flatMap(({ site, items: group }) =>
      group.flatMap((item) => {
        const { origin, paused, state } = item;
        if (!paused || !state) return [];
        return [[item, new Frozen(state, { ...origin, paused }, site.enter(), trace)] as const];
      }),
    )
    .sort(([a], [b]) => items.indexOf(a) - items.indexOf(b))
    .map(([, frozen]) => frozen);
}

/** Opens a target and stops its owner. */
async function open(target: Target, unread: Uint8Array | undefined, options: FreezeOptions): Promise<Item> {
  const ahead = unread?.length ? [unread] : [];
  if (typeof target === 'number') {
    const facts = inspect(target);
    return { facts, origin: { fd: duplicate(target), wake() {} }, ahead, options: {} };
  }
  if (isSocket(target)) {
    const still = await quiet(target);
    try {
      return {
        facts: inspect(still.fd),
        origin: { fd: duplicate(still.fd), socket: target, wake: still.wake },
        ahead: still.ahead.length ? [...ahead, still.ahead] : ahead,
        options: still.options,
      };
    } catch (error) {
      still.wake();
      throw error;
    }
  }
  const fd = fetchFd(target);
  try {
    const facts = inspect(fd);
    const wake = options.stop === false ? () => {} : stopProcess(target.pid);
    return { facts, origin: { fd, wake }, ahead, options: {} };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Duplicates the descriptor, since its owner may close it at any time and reuse the number. */
function duplicate(fd: number): number {
  try {
    return sys('fcntl', fd, 1030 /* F_DUPFD_CLOEXEC */, 0);
  } catch (error) {
    throw wrap(error, 'cannot be duplicated', `descriptor ${fd}`);
  }
}

/** Makes all checks that can refuse a connection, before any connection is locked. */
function place(
  item: Item,
  sites: Map<string, { site: Site; items: Item[]; locked: boolean }>,
  locker: Locker,
): void {
  const object = connectionText(item.facts);
  let netns: number;
  try {
    refuseUnmovable(item.origin.fd, object);
    netns = netnsOf(item.origin.fd);
  } catch (error) {
    throw wrap(error, 'cannot be paused', object);
  }
  const name = identity(netns);
  const known = sites.get(name);
  if (known) {
    closeSync(netns);
    known.items.push(item);
  } else sites.set(name, { site: new Site(netns, locker), items: [item], locked: false });
}

/** Puts bytes that the owner had read back in front of the receive queue. */
function complete(item: Item, state: TcpState): TcpState {
  Object.assign(state.options, item.options);
  if (item.ahead.length === 0) return state;
  if (state.state === 'syn-sent')
    throw new SoccrError('BAD_STATE', 'a connection in its handshake has no unread data');
  const data = Buffer.concat([...item.ahead, state.receive.data]);
  return { ...state, receive: { ...state.receive, data } };
}

async function undo(
  items: readonly Item[],
  groups: readonly { site: Site; items: Item[]; locked: boolean }[],
  locker: Locker,
  cause: unknown,
): Promise<void> {
  const failures: unknown[] = [];
  const attempt = async (action: () => void | Promise<void>) => {
    try {
      await action();
    } catch (error) {
      failures.push(error);
    }
  };
  for (const { site, items: group, locked } of groups) {
    if (!locked) continue;
    await attempt(() =>
      locker.unlock(
        group.map(({ facts }) => facts),
        site.netns,
      ),
    );
  }
  for (const { origin, paused } of items) {
    if (paused) await attempt(() => resume(origin.fd, paused));
    await attempt(() => origin.wake());
    await attempt(() => closeSync(origin.fd));
  }
  for (const { site } of groups) await attempt(() => site.leave(0));
  if (failures.length) {
    throw new AggregateError(failures, `also failed to undo after: ${String(cause)}`, { cause });
  }
}
