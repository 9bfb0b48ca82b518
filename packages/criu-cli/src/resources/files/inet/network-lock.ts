// The lock of a whole network namespace between dump and restore: nothing goes in or out, except for marked packets of a restore.
// Names are those that CRIU gives its own, so that either takes the other's away.

import { type ChildProcess, spawn } from 'node:child_process';
import { Program } from '@criu/compel';
import {
  deleteTable,
  equals,
  type Message,
  meta,
  NetlinkError,
  type NetlinkSocket,
  newChain,
  newRule,
  newTable,
  nftChange,
  nftDatagram,
  u32,
  verdict,
} from '@criu/native/netlink';
import {
  ENOENT,
  NETLINK_NETFILTER,
  NF_ACCEPT,
  NF_DROP,
  NF_INET_LOCAL_IN,
  NF_INET_LOCAL_OUT,
  NFPROTO_INET,
  NFT_META_MARK,
} from '@criu/native/uapi';
import { SOCCR_MARK } from '@criu/soccr';
import type { DumpContext } from '../../../engine/dump-context.js';
import { stateKey } from '../../../states.js';
import type { Namespace } from '../../../views/namespaces.js';
import { networkPath, openNetlink } from '../../../views/networks.js';
import { isMissing, LockMethod, lockTable } from './lock.js';
import { lockTexts, runIptables, unlockArguments } from './network-lock-iptables.js';

const FAMILY = NFPROTO_INET;
const CHAINS = { input: NF_INET_LOCAL_IN, output: NF_INET_LOCAL_OUT } as const;

/** Makes the table: both chains drop what is not marked. */
function tableOf(table: string): Message[] {
  return [
    newTable(FAMILY, table),
    ...Object.entries(CHAINS).flatMap(([chain, hook]) => [
      newChain(FAMILY, table, chain, { hook, priority: 0, policy: NF_DROP }),
      newRule(FAMILY, table, chain, [
        meta(NFT_META_MARK),
        // A mark is in the machine's own byte order.
        equals(u32(SOCCR_MARK)),
        verdict(NF_ACCEPT),
      ]),
    ]),
  ];
}

/** Locks a namespace by a table of nftables. @throws NetlinkError */
export function lockByTable(socket: NetlinkSocket, table: string): void {
  nftChange(socket, tableOf(table), 'nftables lock of a network namespace');
}

/** Takes the table away; one that is not there is no error. @throws NetlinkError */
export function unlockByTable(socket: NetlinkSocket, table: string): void {
  try {
    nftChange(socket, [deleteTable(FAMILY, table)], 'nftables unlock of a network namespace');
  } catch (error) {
    if (!(error instanceof NetlinkError && error.errno === ENOENT)) throw error;
  }
}

/** A lock that is held, and how it goes. */
interface Held {
  release(): void;
  /** It stays for the restore: nobody takes it away when we are gone. */
  keep(): void;
}

/** All locks of a dump. */
class NetworkLocks {
  private readonly held = new Map<Namespace, Held>();
  private readonly table: string;

  constructor(private readonly ctx: DumpContext) {
    this.table = lockTable(ctx.runId);
    ctx.onFailure(() => this.release());
    ctx.onGoOn(() => this.release());
    ctx.onStay(() => {
      for (const lock of this.held.values()) lock.keep();
    });
  }

  /** @throws CriuError, NetlinkError */
  hold(namespace: Namespace): void {
    const { networkLock: choice } = this.ctx.options;
    if (this.held.has(namespace)) return;
    if (choice === 'skip') {
      this.ctx.networkLock = LockMethod.SKIP;
      return;
    }
    const lock = choice === 'iptables' ? this.byRules(namespace) : this.byTable(namespace);
    if (lock) this.held.set(namespace, lock);
  }

  private byTable(namespace: Namespace): Held | undefined {
    const { ctx, table } = this;
    try {
      const made = openNetlink(NETLINK_NETFILTER, namespace);
      ctx.onClose(() => made.close());
      // Before anything is changed, so that it is undone whenever we are killed.
      const p = new Program('unlock a network namespace');
      const datagram = nftDatagram([deleteTable(FAMILY, table)]);
      p.syscall('sendto', [p.fd(made.fd), p.data(datagram), datagram.length, 0, 0, 0], { expect: 'any' });
      const slot = ctx.tracer.keepFirst(p);
      lockByTable(made, table);
      ctx.networkLock = LockMethod.NFTABLES;
      return {
        release: () => unlockByTable(made, table),
        keep: () => ctx.tracer.dropKept(slot),
      };
    } catch (error) {
      const none = isMissing(error);
      if (!none || ctx.options.networkLock) throw error;
      return this.byRules(namespace);
    }
  }

  private byRules(namespace: Namespace): Held {
    const netns = networkPath(namespace);
    const guardian = guard(netns);
    try {
      for (const [program, rules] of lockTexts()) runIptables(netns, program, ['-w', '-n'], rules);
    } catch (error) {
      guardian.kill();
      unlockByRules(netns);
      throw error;
    }
    this.ctx.networkLock = LockMethod.IPTABLES;
    return {
      release: () => {
        dismiss(guardian);
        unlockByRules(netns);
      },
      keep: () => dismiss(guardian),
    };
  }

  private release(): void {
    const errors: unknown[] = [];
    for (const [namespace, lock] of this.held) {
      this.held.delete(namespace);
      try {
        lock.release();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/**
 * Takes rules away, which need not be there.
 * @param suffix what the names of the programs end with: nothing, or `-legacy`
 * @throws CriuError where a program cannot be run
 */
export function unlockByRules(netns: string, suffix = ''): void {
  for (const [program, ...calls] of unlockArguments(suffix))
    for (const args of calls) runIptables(netns, program, args, undefined, 'may fail');
}

/** A process that waits for our end, and takes the rules away then: unlike a table, no single message does it. */
function guard(netns: string): ChildProcess {
  const commands = unlockArguments().flatMap(([program, ...calls]) =>
    calls.map((args) => `${program} ${args.join(' ')} 2>/dev/null`),
  );
  const script = `read -r word && exit; ${commands.join('; ')}`;
  const child = spawn('nsenter', [`--net=${netns}`, '--', 'sh', '-c', script], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  child.unref();
  return child;
}

function dismiss(guardian: ChildProcess): void {
  guardian.stdin?.on('error', () => undefined);
  guardian.stdin?.end('done\n');
}

const locks = stateKey('locks of network namespaces', (ctx: DumpContext) => new NetworkLocks(ctx));

/**
 * Has nothing pass in or out of a network namespace that is not the dumper's, until the tasks run on or are restored.
 * @throws CriuError, NetlinkError
 */
export function lockNetwork(ctx: DumpContext, namespace: Namespace): void {
  if (namespace.host || ctx.rehearsing) return;
  ctx.states.get(locks).hold(namespace);
}
