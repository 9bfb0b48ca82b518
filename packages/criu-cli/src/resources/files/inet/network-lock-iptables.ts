// The lock of a network namespace by iptables(8): a chain CRIU that drops unmarked packets, as CRIU creates and deletes
// it.
import { spawnSync } from 'node:child_process';
import { SOCCR_MARK } from '@criu/soccr';
import { CriuError } from '../../../errors.js';

const TIMEOUT_MS = 30_000;
const REMEDY = 'install iptables and util-linux, or choose another way with --network-lock';

/**
 * Programs for each address family; like CRIU, we take those of that name, whether they use the legacy or the nftables
 * interface.
 */
const FAMILIES = ['iptables', 'ip6tables'] as const;

/** Input for the iptables-restore(8) program of each family. */
export function lockTexts(): [program: string, rules: string][] {
  const mark = `0x${SOCCR_MARK.toString(16)}`;
  const rules = [
    '*filter',
    ':CRIU - [0:0]',
    '-I INPUT -j CRIU',
    '-I OUTPUT -j CRIU',
    `-A CRIU -m mark --mark ${mark} -j ACCEPT`,
    '-A CRIU -j DROP',
    'COMMIT',
    '',
  ].join('\n');
  return FAMILIES.map((family) => [`${family}-restore`, rules]);
}

/**
 * The iptables(8) calls that remove the lock, by program.
 * @param suffix suffix of the program names: empty, or `-legacy`
 */
export function unlockArguments(suffix = ''): [program: string, ...calls: (readonly string[])[]][] {
  return FAMILIES.map((family) => [
    `${family}${suffix}`,
    ['-w', '-D', 'INPUT', '-j', 'CRIU'],
    ['-w', '-D', 'OUTPUT', '-j', 'CRIU'],
    ['-w', '-F', 'CRIU'],
    ['-w', '-X', 'CRIU'],
  ]);
}

/** Runs a program in a network namespace, given by a path. @throws CriuError */
export function runIptables(
  netns: string,
  program: string,
  args: readonly string[],
  input?: string,
  failure: 'may fail' | 'throws' = 'throws',
): void {
  const { status, stderr, error } = spawnSync('nsenter', [`--net=${netns}`, '--', program, ...args], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    ...(input === undefined ? {} : { input }),
  });
  if (status === 0 || (failure === 'may fail' && !error)) return;
  throw new CriuError(
    /denied|not permitted/i.test(stderr) ? 'NOT_PERMITTED' : 'SYSCALL',
    `cannot lock or unlock a network namespace: ${program}: ${error?.message ?? stderr.trim()}`,
    {},
    REMEDY,
    error,
  );
}
