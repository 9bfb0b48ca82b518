// The lock of a whole network namespace between dump and restore: only marked packets of a restore pass. The names are
// those of CRIU, so that each program can remove the other's lock.

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
import { netlinkIn, networkPath } from '../../../views/networks.js';
import { isMissing, LockMethod, lockTable } from './lock.js';
import { lockTexts, runIptables, unlockArguments } from './network-lock-iptables.js';

const FAMILY = NFPROTO_INET;
const CHAINS = { input: NF_INET_LOCAL_IN, output: NF_INET_LOCAL_OUT } as const;

/** The table: both of its chains drop unmarked packets. */
function tableOf(table: string): Message[] {
  return [
    newTable(FAMILY, table),
    ...Object.entries(CHAINS).flatMap(([chain, hook]) => [
      newChain(FAMILY, table, chain, { hook, priority: 0, policy: NF_DROP }),
      newRule(FAMILY, table, chain, [
        meta(NFT_META_MARK),
        // A mark has the byte order of the machine.
        equals(u32(SOCCR_MARK)),
        verdict(NF_ACCEPT),
      ]),
    ]),
  ];
}

/** The table as `nft list ruleset` prints it. */
export function lockText(table: string): string {
  const chains = Object.keys(CHAINS).map((chain) =>
    [
      `\tchain ${chain} {`,
      `\t\ttype filter hook ${chain} priority filter; policy drop;`,
      `\t\tmeta mark 0x${SOCCR_MARK.toString(16).padStart(8, '0')} accept`,
      '\t}\n',
    ].join('\n'),
  );
  return `table inet ${table} {\n${chains.join('\n')}}\n`;
}

/** Locks a namespace with an nftables table. @throws NetlinkError */
export function lockByTable(socket: NetlinkSocket, table: string): void {
  nftChange(socket, tableOf(table), 'nftables lock of a network namespace');
}

/** Removes the table; a missing one is no error. @throws NetlinkError */
export function unlockByTable(socket: NetlinkSocket, table: string): void {
  try {
    nftChange(socket, [deleteTable(FAMILY, table)], 'nftables unlock of a network namespace');
  } catch (error) {
    if (!(error instanceof NetlinkError && error.errno === ENOENT)) throw error;
  }
}

/** A lock in force. */
interface Held {
  release(): void;
  /** Leaves the lock to the restore: it is not removed when this process ends. */
  keep(): void;
}

/** All network namespace locks of a dump. */
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
      const made = netlinkIn(ctx, NETLINK_NETFILTER, namespace);
      // Kept before anything is changed, so that it is undone whenever we are killed.
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
 * Removes iptables rules, which may be missing.
 * @param suffix suffix of the program names: empty, or `-legacy`
 * @throws CriuError if a program cannot be run
 */
export function unlockByRules(netns: string, suffix = ''): void {
  for (const [program, ...calls] of unlockArguments(suffix))
    for (const args of calls) runIptables(netns, program, args, undefined, 'may fail');
}

/**
 * A process that waits for our end, and then removes the rules: unlike a table, they cannot be removed by a single
 * message.
 */
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
 * Blocks all packets of a network namespace other than the dumper's, until the tasks run on or are restored.
 * @throws CriuError, NetlinkError
 */
export function lockNetwork(ctx: DumpContext, namespace: Namespace): void {
  if (!namespace.host) ctx.ifStopped(() => ctx.states.get(locks).hold(namespace), undefined);
}
