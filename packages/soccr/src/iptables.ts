// Locks with iptables rules, for kernels without nftables: one chain, changed by iptables-restore.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { isOwnNetns } from '@criu/native';
import { addressText, wireBytes } from './address.js';
import { SoccrError } from './errors.js';
import { SOCCR_MARK } from './inject.js';
import { type Connection, DEFAULT_TABLE, type Locker } from './lock.js';

const commands = { 4: 'iptables', 6: 'ip6tables' } as const;
const families = [4, 6] as const;
/** Seconds that iptables waits for another instance to release its lock. */
const WAIT = '5';

const wireFamily = (c: Connection): 4 | 6 => (wireBytes(c.remote, c.family).length === 4 ? 4 : 6);

/** The rules of one connection, without the command that adds or deletes them. */
export function iptablesRules(chain: string, connection: Connection): string[][] {
  const address = (end: Connection['local']) => addressText(wireBytes(end, connection.family));
  const { local, remote } = connection;
  const one = (from: Connection['local'], to: Connection['local']) => [
    ...[chain, '-p', 'tcp', '-s', address(from), '-d', address(to)],
    ...['--sport', `${from.port}`, '--dport', `${to.port}`],
    ...['-m', 'mark', '!', '--mark', `0x${SOCCR_MARK.toString(16)}`, '-j', 'DROP'],
  ];
  return [one(remote, local), one(local, remote)];
}

/** Runs a program in a network namespace. nsenter(1) enters one that is not the caller's. */
function start(
  command: string,
  args: readonly string[],
  input: string | undefined,
  netns: number | undefined,
): SpawnSyncReturns<string> {
  const how = { input: input ?? '', encoding: 'utf8', timeout: 20_000 } as const;
  if (netns === undefined || isOwnNetns(netns)) return spawnSync(command, args, how);
  return spawnSync('nsenter', [`--net=/proc/${process.pid}/fd/${netns}`, command, ...args], how);
}

/** Locks with iptables and ip6tables. */
export class IptablesLocker implements Locker {
  readonly chain: string;
  constructor(table: string = DEFAULT_TABLE) {
    this.chain = table.toUpperCase().slice(0, 28);
  }

  private run(family: 4 | 6, args: string[], input: string | undefined, netns: number | undefined) {
    const command = `${commands[family]}${input === undefined ? '' : '-restore'}`;
    const result = start(command, args, input, netns);
    return { command, ok: result.status === 0, error: result.error?.message ?? result.stderr.trim() };
  }

  private must(family: 4 | 6, args: string[], input: string | undefined, netns: number | undefined): void {
    const { command, ok, error } = this.run(family, args, input, netns);
    if (!ok) {
      throw new SoccrError(
        /denied|not permitted/i.test(error) ? 'NO_PERMISSION' : 'LOCK',
        `${command} ${args.join(' ')}: ${error}`,
        { object: `chain ${this.chain}` },
      );
    }
  }

  private apply(
    verb: '-A' | '-D',
    family: 4 | 6,
    connections: readonly Connection[],
    netns: number | undefined,
  ) {
    const lines = connections.flatMap((c) =>
      iptablesRules(this.chain, c).map((r) => `${verb} ${r.join(' ')}`),
    );
    this.must(family, ['-w', WAIT, '--noflush'], `*filter\n${lines.join('\n')}\nCOMMIT\n`, netns);
  }

  private locked(family: 4 | 6, connections: readonly Connection[], netns: number | undefined): Connection[] {
    return connections.filter((c) =>
      iptablesRules(this.chain, c).every(
        (rule) => this.run(family, ['-w', WAIT, '-C', ...rule], undefined, netns).ok,
      ),
    );
  }

  /** @throws SoccrError LOCK, NO_PERMISSION */
  lock(connections: readonly Connection[], netns?: number): void {
    for (const family of families) {
      const ours = connections.filter((c) => wireFamily(c) === family);
      if (ours.length === 0) continue;
      if (!this.run(family, ['-w', WAIT, '-n', '-L', this.chain], undefined, netns).ok) {
        this.must(family, ['-w', WAIT, '-N', this.chain], undefined, netns);
        for (const hook of ['INPUT', 'OUTPUT']) {
          this.must(family, ['-w', WAIT, '-I', hook, '-j', this.chain], undefined, netns);
        }
      }
      const there = new Set(this.locked(family, ours, netns));
      const rest = ours.filter((c) => !there.has(c));
      if (rest.length) this.apply('-A', family, rest, netns);
    }
  }

  /** @throws SoccrError LOCK, NO_PERMISSION */
  unlock(connections: readonly Connection[], netns?: number): void {
    for (const family of families) {
      const ours = connections.filter((c) => wireFamily(c) === family);
      const there = this.locked(family, ours, netns);
      if (there.length) this.apply('-D', family, there, netns);
    }
  }

  /** Deletes the chain if it is empty. @throws SoccrError */
  tidy(netns?: number): void {
    for (const family of families) {
      const list = start(commands[family], ['-w', WAIT, '-S', this.chain], undefined, netns);
      if (list.status === 0 && !/^-A/m.test(list.stdout)) this.remove(family, netns);
    }
  }

  /** Unlocks all connections; false if there were none. @throws SoccrError */
  clear(netns?: number): boolean {
    return families.map((family) => this.remove(family, netns)).some(Boolean);
  }

  private remove(family: 4 | 6, netns: number | undefined): boolean {
    if (!this.run(family, ['-w', WAIT, '-n', '-L', this.chain], undefined, netns).ok) return false;
    for (const hook of ['INPUT', 'OUTPUT']) {
      while (this.run(family, ['-w', WAIT, '-D', hook, '-j', this.chain], undefined, netns).ok);
    }
    this.must(family, ['-w', WAIT, '-F', this.chain], undefined, netns);
    this.must(family, ['-w', WAIT, '-X', this.chain], undefined, netns);
    return true;
  }
}
