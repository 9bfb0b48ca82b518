// Rules of iptables(8) that block the packets of one connection, in the form in which CRIU 4.2 creates and deletes
// them.
import { spawnSync } from 'node:child_process';
import { CriuError } from '../../../errors.js';

/** One end of a connection in rules; an IPv4-mapped address is written as IPv4. */
export interface End {
  readonly address: string;
  readonly port: number;
}

/** Packets with this mark pass: those that a restore sends. */
const MARK = '0xC114';
/** Seconds to wait for the xtables lock. */
const WAIT = '10';
const TIMEOUT_MS = 30_000;
/** Exit code of iptables(8) for missing privileges, and if the lock is held for too long. */
const NOT_NOW = 4;

function rulesOf(own: End, peer: End): string[][] {
  const rule = (chain: string, from: End, to: End) => [
    ...[chain, '--protocol', 'tcp', '-m', 'mark', '!', '--mark', MARK],
    ...['--source', from.address, '--sport', `${from.port}`],
    ...['--destination', to.address, '--dport', `${to.port}`, '-j', 'DROP'],
  ];
  return [rule('INPUT', peer, own), rule('OUTPUT', own, peer)];
}

interface Outcome {
  readonly program: string;
  readonly status: number | null;
  readonly missing: boolean;
  readonly text: string;
}

function run(own: End, verb: '-I' | '-C' | '-D', rule: readonly string[]): Outcome {
  const program = own.address.includes(':') ? 'ip6tables' : 'iptables';
  const result = spawnSync(program, ['-w', WAIT, '-t', 'filter', verb, ...rule], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: TIMEOUT_MS,
  });
  const error = result.error as NodeJS.ErrnoException | undefined;
  return {
    program,
    status: result.status,
    missing: error?.code === 'ENOENT',
    text: error?.message ?? result.stderr.trim(),
  };
}

function failed({ program, text }: Outcome, what: string, own: End, peer: End): CriuError {
  return new CriuError(
    /denied|not permitted/i.test(text) ? 'NOT_PERMITTED' : 'SYSCALL',
    `${what} ${own.address} port ${own.port}, ${peer.address} port ${peer.port}: ${program}: ${text}`,
    {},
    'choose another way with --network-lock',
  );
}

/** Blocks packets between the two ends. @throws CriuError; then no rule is left */
export function lockByRules(own: End, peer: End): void {
  for (const rule of rulesOf(own, peer)) {
    const outcome = run(own, '-I', rule);
    if (outcome.status === 0) continue;
    unlockByRules(own, peer);
    throw failed(outcome, 'cannot lock the TCP connection', own, peer);
  }
}

/**
 * Removes the rules of a connection. Missing rules are no error: the tasks have run on after the dump, or are restored
 * on another machine.
 * @returns false if iptables itself is missing here
 * @throws CriuError if a rule cannot be removed
 */
export function unlockByRules(own: End, peer: End): boolean {
  for (const rule of rulesOf(own, peer)) {
    for (;;) {
      const there = run(own, '-C', rule);
      if (there.missing) return false;
      if (there.status === null || there.status === NOT_NOW)
        throw failed(there, 'cannot unlock the TCP connection', own, peer);
      // The rule is missing, or perhaps the table or the match that it needs.
      if (there.status !== 0) break;
      const outcome = run(own, '-D', rule);
      if (outcome.status !== 0) throw failed(outcome, 'cannot unlock the TCP connection', own, peer);
    }
  }
  return true;
}
