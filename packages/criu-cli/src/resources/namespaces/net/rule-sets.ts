// Packet filters of a network namespace: the output of `nft list ruleset`, and that of iptables-save(8) if there are
// tables of the legacy interface.
import { spawnSync } from 'node:child_process';
import { ownEnvironment } from '@criu/native';
import { listTables } from '@criu/native/netlink';
import { NETLINK_NETFILTER, NFPROTO_UNSPEC } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { Namespace } from '../../../views/namespaces.js';
import { netlinkIn, networkPath, networkText } from '../../../views/networks.js';
import { lockTable } from '../../files/inet/lock.js';
import { lockText } from '../../files/inet/network-lock.js';
import { readRaw, saveRaw } from './saved.js';

/** Limit in bytes for the text of a rule set. */
const MOST = 64 << 20;

/**
 * Runs a program in a network namespace.
 * @param netns path of the namespace file
 * @throws CriuError with the program's output
 */
export function runIn(
  netns: string,
  [program = '', ...args]: readonly string[],
  remedy: string,
  input?: Buffer,
): Buffer {
  const { status, stdout, stderr, error } = spawnSync('nsenter', [`--net=${netns}`, '--', program, ...args], {
    ...(input ? { input } : {}),
    maxBuffer: MOST,
  });
  if (error || status !== 0)
    throw new CriuError(
      'SYSCALL',
      `${[program, ...args].join(' ')} failed: ${error ? error.message : stderr.toString().trim()}`,
      {},
      remedy,
      error,
    );
  return stdout;
}

const NFT = 'install nftables and util-linux';
const IPTABLES =
  'install iptables with its programs for the older interface (iptables-legacy-save), and util-linux';

/** Names of the tables of nftables in a namespace. */
function tablesOf(ctx: DumpContext, namespace: Namespace): string[] {
  try {
    return listTables(netlinkIn(ctx, NETLINK_NETFILTER, namespace), NFPROTO_UNSPEC).map(({ name }) => name);
  } catch {
    // A kernel without nf_tables has no rule sets.
    return [];
  }
}

/** Lists the rules. nft(8) need not be run for the lock of this dump, which CRIU's restore needs to be in the image. */
function ruleSet(ctx: DumpContext, namespace: Namespace, tables: readonly string[]): Buffer {
  const lock = lockTable(ctx.runId);
  if (tables.every((name) => name === lock)) return Buffer.from(lockText(lock));
  return runIn(networkPath(namespace), ['nft', 'list', 'ruleset'], NFT);
}

/** The legacy interface by family: names of the image, of the file that lists tables, and of the programs. */
const LEGACY = [
  { image: 'iptables', tables: 'ip_tables_names', programs: ['iptables-legacy', 'iptables'] },
  { image: 'ip6tables', tables: 'ip6_tables_names', programs: ['ip6tables-legacy', 'ip6tables'] },
] as const;

/** The command that saves or loads rules of the legacy interface; $CR_IPTABLES overrides it. @throws CriuError */
function legacyCommand(programs: readonly string[], what: '-save' | '-restore'): string[] {
  const command = ownEnvironment()['CR_IPTABLES'];
  if (command) return ['sh', '-c', command];
  return [legacyProgram(programs, what), ...(what === '-restore' ? ['-w'] : [])];
}

/** The program of the legacy interface: with suffix, or without if that is the only one. @throws CriuError */
function legacyProgram(programs: readonly string[], what: '-save' | '-restore'): string {
  for (const program of programs) {
    const { status, stdout } = spawnSync(`${program}${what}`, ['-V'], { encoding: 'latin1' });
    if (status === 0 && !stdout.includes('nf_tables')) return `${program}${what}`;
  }
  throw new CriuError(
    'UNSUPPORTED',
    `there is no ${programs[0]}${what} for rules of a network namespace`,
    {},
    IPTABLES,
  );
}

/** Whether programs with the suffix -legacy exist. */
export function hasLegacyPrograms(): boolean {
  return spawnSync('iptables-legacy', ['-V'], { stdio: 'ignore' }).status === 0;
}

/** Whether a namespace has tables of the legacy interface. */
export function hasLegacyTables(netns: string): boolean {
  const files = LEGACY.map(({ tables }) => `/proc/thread-self/net/${tables}`);
  const { stdout } = spawnSync('nsenter', [`--net=${netns}`, '--', 'cat', ...files]);
  return (stdout?.length ?? 0) > 0;
}

/** Writes nftables-ID.img, iptables-ID.img and ip6tables-ID.img, if the namespace has any table. @throws CriuError */
export function dumpRuleSets(ctx: DumpContext, namespace: Namespace): void {
  const { id } = namespace;
  const path = networkPath(namespace);
  const own = tablesOf(ctx, namespace);
  if (own.length > 0) saveRaw(ctx, `nftables-${id}.img`, ruleSet(ctx, namespace, own));
  for (const { image, tables, programs } of LEGACY)
    if (networkText(namespace, tables).trim() !== '')
      saveRaw(ctx, `${image}-${id}.img`, runIn(path, legacyCommand(programs, '-save'), IPTABLES));
}

/** The first line of CRIU's own part of a rule set: a chain (iptables) or a table (nftables). */
const LOCK_PART = /^\t*(?:chain CRIU|table inet CRIU-\S+) \{$/;
const LOCK_RULE = /^\t*(?:counter packets \d+ bytes \d+ )?jump CRIU$/;
/** The same in the output of iptables-save(8). */
const LOCK_LINE = /^(?::CRIU |-A CRIU |-A (?:INPUT|OUTPUT) -j CRIU$)/;

/**
 * A rule set without the network lock of a dump. CRIU locks a namespace before it saves the rules, and unlocks it at
 * the end of a restore.
 */
export function withoutLock(ruleSet: string): string {
  const kept: string[] = [];
  let end: string | undefined;
  for (const line of ruleSet.split('\n')) {
    if (end !== undefined) {
      if (line === end) end = undefined;
    } else if (LOCK_PART.test(line)) end = `${/^\t*/.exec(line)}}`;
    else if (!LOCK_RULE.test(line) && !LOCK_LINE.test(line)) kept.push(line);
  }
  return kept.join('\n');
}

function read(ctx: PlanContext, name: string): Buffer | undefined {
  const text = withoutLock(readRaw(ctx, name)?.toString('latin1') ?? '');
  // Often there was nothing but the lock.
  return text.trim() === '' ? undefined : Buffer.from(text, 'latin1');
}

/** Loads the images into a namespace that was filled, through its descriptor. @throws CriuError */
export function restoreRuleSets(ctx: PlanContext, id: number, netns: number): void {
  const path = `/proc/${process.pid}/fd/${netns}`;
  for (const { image, programs } of LEGACY) {
    const text = read(ctx, `${image}-${id}.img`);
    if (text) runIn(path, legacyCommand(programs, '-restore'), IPTABLES, text);
  }
  const text = read(ctx, `nftables-${id}.img`);
  if (text) runIn(path, ['nft', '-f', '-'], NFT, text);
}
