// The packet filters that hold connections between dump and restore: by nftables as CRIU names its table, or, in
// checkpoints of CRIU's, by iptables rules for each connection.
import { execFileSync } from 'node:child_process';
import type { InetSkEntry } from '@criu/images';
import { addressText, NftLocker } from '@criu/soccr';
import type { Checkpoint } from '../../../images/checkpoint.js';
import { AF } from '../sockets/options.js';

/** `network_lock_method` of the inventory. */
export const LockMethod = { IPTABLES: 0, NFTABLES: 1, SKIP: 2 } as const;
/** Packets with this mark pass: those that a restore itself makes. */
const MARK = '0xC114';

export function lockTable(runId: string): string {
  return `CRIU-${runId}`;
}

/** Lets packets of the connections of a checkpoint through again; rules that are not there are no error. */
export function unlockConnections(checkpoint: Checkpoint, sockets: readonly InetSkEntry[]): void {
  const { network_lock_method: method, dump_criu_run_id: runId } = checkpoint.inventory;
  if (method === LockMethod.NFTABLES) {
    new NftLocker(lockTable(runId ?? String(checkpoint.root.pid))).clear();
    return;
  }
  if ((method ?? LockMethod.IPTABLES) !== LockMethod.IPTABLES) return;
  for (const s of sockets) {
    const own = { address: endText(s.family, s.src_addr), port: s.src_port };
    const peer = { address: endText(s.family, s.dst_addr), port: s.dst_port };
    for (const [chain, from, to] of [
      ['OUTPUT', own, peer],
      ['INPUT', peer, own],
    ] as const)
      deleteRule(own.address.includes(':') ? 'ip6tables' : 'iptables', chain, from, to);
  }
}

interface End {
  readonly address: string;
  readonly port: number;
}

function deleteRule(program: string, chain: string, from: End, to: End): void {
  const rule = ['-t', 'filter', '-D', chain, '--protocol', 'tcp', '-m', 'mark', '!', '--mark', MARK];
  const ends = ['--source', from.address, '--sport', String(from.port), '--destination', to.address];
  try {
    execFileSync(program, [...rule, ...ends, '--dport', String(to.port), '-j', 'DROP'], { stdio: 'ignore' });
  } catch {
    // Not there: the dump left the tasks running, or somebody was quicker.
  }
}

/** The words of an image are the address as it lies in memory; an IPv4 one in IPv6 counts as IPv4. */
function endText(family: number, words: readonly number[]): string {
  const used = words.slice(0, family === AF.INET ? 1 : 4);
  const bytes = Buffer.alloc(used.length * 4);
  for (const [i, word] of used.entries()) bytes.writeUInt32LE(word >>> 0, i * 4);
  return addressText(bytes).replace(/^::ffff:(?=\d+\.)/, '');
}
