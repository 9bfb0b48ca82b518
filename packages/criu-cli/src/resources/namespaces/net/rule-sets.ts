// Packet filters of a network namespace: the text that `nft list ruleset` prints and `nft -f` reads.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from '@criu/native/fs';
import { listTables, NETLINK, NetlinkSocket, NFPROTO } from '@criu/native/netlink';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { Namespace } from '../../../views/namespaces.js';

/** A rule set of more text than that is nobody's. */
const MOST = 64 << 20;

/** Runs nft(8) in the network namespace of a process. @throws CriuError with what it says */
function nft(pid: number, args: readonly string[], input?: Buffer): Buffer {
  const { status, stdout, stderr, error } = spawnSync(
    'nsenter',
    [`--net=/proc/${pid}/ns/net`, '--', 'nft', ...args],
    { ...(input ? { input } : {}), maxBuffer: MOST },
  );
  if (error || status !== 0)
    throw new CriuError(
      'SYSCALL',
      `nft ${args.join(' ')} failed: ${error ? error.message : stderr.toString().trim()}`,
      { pid },
      'install nftables and util-linux',
      error,
    );
  return stdout;
}

function hasTables(pid: number): boolean {
  const netns = openSync(`/proc/${pid}/ns/net`, 'r');
  try {
    using socket = NetlinkSocket.open(NETLINK.NETFILTER, netns);
    return listTables(socket, NFPROTO.UNSPEC).length > 0;
  } catch {
    // A kernel without nf_tables has no rule sets.
    return false;
  } finally {
    closeSync(netns);
  }
}

/** Writes nftables-ID.img, where the namespace has any table. @throws CriuError */
export function dumpRuleSets(ctx: DumpContext, { id, members }: Namespace): void {
  const [member] = members;
  if (!member || !hasTables(member.pid)) return;
  const text = nft(member.pid, ['list', 'ruleset']);
  const fd = ctx.images.openRaw(`nftables-${id}.img`);
  try {
    for (let done = 0; done < text.length; ) done += writeSync(fd, text, done);
  } finally {
    closeSync(fd);
  }
}

/** How a rule set begins a part of CRIU's own: its chain, by iptables, or its table, by nftables. */
const LOCK_PART = /^\t*(?:chain CRIU|table inet CRIU-\S+) \{$/;
const LOCK_RULE = /^\t*(?:counter packets \d+ bytes \d+ )?jump CRIU$/;

/**
 * A rule set without the network lock of a dump. CRIU locks a namespace before it saves the rules, and takes the lock away at the
 * end of its restore.
 */
export function withoutLock(ruleSet: string): string {
  const kept: string[] = [];
  let end: string | undefined;
  for (const line of ruleSet.split('\n')) {
    if (end !== undefined) {
      if (line === end) end = undefined;
    } else if (LOCK_PART.test(line)) end = `${/^\t*/.exec(line)}}`;
    else if (!LOCK_RULE.test(line)) kept.push(line);
  }
  return kept.join('\n');
}

/** Loads such an image in the network namespace of a process. @throws CriuError */
export function restoreRuleSets(pid: number, path: string): void {
  const text = readFileSync(path);
  if (text.length > 0) nft(pid, ['-f', '-'], Buffer.from(withoutLock(text.toString('latin1')), 'latin1'));
}
