// The command line of CRIU 4.2: all long options, their letters and forms.
import type { Fact } from './fact.js';

export interface OptionFact extends Fact {
  readonly short?: string;
  readonly argument: 'none' | 'needed' | 'optional';
  /** There is `--no-NAME`. */
  readonly negatable?: boolean;
  readonly command: string;
  /** Values that are taken. */
  readonly good?: readonly string[];
  /** Values that are refused. */
  readonly bad?: readonly string[];
  /** Words that have to stand beside it. */
  readonly beside?: readonly string[];
}

type More = Partial<Omit<OptionFact, 'name'>>;

/** A flag that has an opposite. */
const flag = (name: string, seen: string, more: More = {}): OptionFact => ({
  name,
  is: 'works',
  command: 'dump',
  argument: 'none',
  negatable: true,
  seen: seen.split(' '),
  ...more,
});
/** One without. */
const plain = (name: string, seen: string, more: More = {}): OptionFact =>
  flag(name, seen, { negatable: false, ...more });
const value = (name: string, good: readonly string[], seen: string, more: More = {}): OptionFact => ({
  name,
  is: 'works',
  command: 'dump',
  argument: 'needed',
  good,
  seen: seen.split(' '),
  ...more,
});
const refused = (fact: OptionFact, why: string): OptionFact => ({ ...fact, is: 'refused', seen: [], why });
const always = (fact: OptionFact, why: string): OptionFact => ({ ...fact, is: 'always', seen: [], why });

const RESTORE = { command: 'restore' } as const;
const CHECK = { command: 'check' } as const;
const NO_TLS = 'not encrypted on the way';

export const OPTION_FACTS: readonly OptionFact[] = [
  value('tree', ['7'], 'cli/bin.test.ts', { short: 't', bad: ['0', 'x', '-1'] }),
  plain('leave-stopped', 'dump/single.test.ts', { short: 's' }),
  plain('leave-running', 'dump/single.test.ts', { short: 'R' }),
  flag('restore-detached', 'restore/options.test.ts', { short: 'd', ...RESTORE }),
  flag('restore-sibling', 'restore/options.test.ts', { short: 'S', ...RESTORE, beside: ['-d'] }),
  flag('daemon', 'memory/commands.test.ts', { command: 'restore' }),
  value('images-dir', ['DIR'], 'cli/commands.test.ts', { short: 'D' }),
  value('work-dir', ['DIR'], 'cli/commands.test.ts', { short: 'W' }),
  value('log-file', ['-'], 'cli/commands.test.ts', { short: 'o' }),
  value('join-ns', ['net:1', 'uts:/proc/1/ns/uts', 'ipc:1', 'time:1'], 'namespaces/join.test.ts', {
    short: 'J',
    ...RESTORE,
    bad: ['net', 'user:1', 'nonsense:1'],
  }),
  value('root', ['/x'], 'namespaces/options.test.ts', { short: 'r', ...RESTORE }),
  value('ext-unix-sk', ['1,2'], 'external/inherit.test.ts', {
    short: 'x',
    argument: 'optional',
    bad: ['one'],
  }),
  plain('help', 'cli/commands.test.ts', { short: 'h' }),
  flag('tcp-established', 'restore/tcp.test.ts'),
  value('close', ['99'], 'cli/options.test.ts', { bad: ['x'] }),
  flag('log-pid', 'cli/commands.test.ts', RESTORE),
  plain('version', 'cli/bin.test.ts', { short: 'V' }),
  flag('evasive-devices', 'files/devices.test.ts'),
  value('pidfile', ['p'], 'cli/bin.test.ts', RESTORE),
  value('veth-pair', ['a=b'], 'namespaces/options.test.ts', { bad: ['a'] }),
  value('action-script', ['/bin/true'], 'notify/notify.test.ts'),
  flag('link-remap', 'deleted/links.test.ts'),
  flag('shell-job', 'restore/shell-job.test.ts', { short: 'j' }),
  flag('file-locks', 'restore/kinds.test.ts', { short: 'l' }),
  flag('page-server', 'memory/commands.test.ts'),
  value('address', ['::1'], 'memory/commands.test.ts'),
  value('port', ['27'], 'memory/commands.test.ts', {
    command: 'dump',
    beside: ['--page-server'],
    bad: ['x', '70000'],
  }),
  value('prev-images-dir', ['../before'], 'memory/increment.test.ts'),
  refused(plain('ms', '', CHECK), 'it was retired, in CRIU too'),
  flag('track-mem', 'memory/increment.test.ts'),
  flag('auto-dedup', 'memory/increment.test.ts'),
  value('libdir', ['/usr/lib'], 'plugins/plugins.test.ts', { short: 'L' }),
  value('cpu-cap', ['fpu', 'all', 'none', '^ins,cpu'], 'cpuinfo/cpuinfo.test.ts', {
    argument: 'optional',
    bad: ['mmx'],
  }),
  flag('force-irmap', 'files/watched.test.ts'),
  value('ext-mount-map', ['auto', '/m:key'], 'namespaces/options.test.ts', { short: 'M', bad: ['x'] }),
  plain('exec-cmd', 'restore/exec-cmd.test.ts', RESTORE),
  value('manage-cgroups', ['none', 'props', 'soft', 'full', 'strict', 'ignore'], 'cgroups/options.test.ts', {
    argument: 'optional',
    bad: ['firm'],
  }),
  value('cgroup-root', ['/x', 'cpu:/x'], 'cgroups/options.test.ts', { bad: ['cpu:', '/a/../b'] }),
  value('inherit-fd', ['fd[3]:x'], 'external/inherit.test.ts', { ...RESTORE, bad: ['x', 'fd[x]:y'] }),
  value('feature', ['kcmp'], 'cli/check.test.ts', { ...CHECK, bad: ['nonsense'] }),
  value('skip-mnt', ['/m'], 'namespaces/options.test.ts'),
  value('enable-fs', ['aufs', 'all'], 'namespaces/options.test.ts'),
  plain('enable-external-sharing', 'namespaces/options.test.ts'),
  plain('enable-external-masters', 'namespaces/options.test.ts'),
  value('freeze-cgroup', ['/sys/fs/cgroup/x'], 'cgroups/freezer.test.ts'),
  value('ghost-limit', ['10', '1M', '2G'], 'dump/faults.test.ts', { bad: ['x', '1T'] }),
  value('irmap-scan-path', ['/srv'], 'files/watched.test.ts', { bad: ['srv'] }),
  value('lsm-profile', ['apparmor:x', 'selinux:a:b:c:d', 'none'], 'process/labels.test.ts', {
    ...RESTORE,
    bad: ['x', 'apparmor:', 'smack:x'],
  }),
  value('timeout', ['10'], 'restore/call-off.test.ts', { bad: ['x'] }),
  value('external', ['mnt[/x]:y', 'tty[1:2]', 'net[5]:x'], 'external/inherit.test.ts', {
    bad: ['x', 'cat[1]'],
  }),
  value('empty-ns', ['net'], 'namespaces/options.test.ts', { bad: ['ipc'] }),
  plain('lazy-pages', 'memory/lazy/daemon.test.ts'),
  flag('extra', 'cli/check.test.ts', CHECK),
  flag('experimental', 'cli/options.test.ts', CHECK),
  plain('all', 'cli/check.test.ts', CHECK),
  value('cgroup-props', ['cpu: x'], 'cgroups/options.test.ts'),
  value('cgroup-props-file', ['/x'], 'cgroups/options.test.ts'),
  value('cgroup-dump-controller', ['cpu'], 'cgroups/cycle.test.ts'),
  flag('skip-in-flight', 'restore/inet.test.ts'),
  always(flag('deprecated', ''), 'images of older versions are read'),
  flag('display-stats', 'cli/commands.test.ts'),
  flag('weak-sysctls', 'namespaces/options.test.ts', RESTORE),
  value('status-fd', ['9'], 'memory/commands.test.ts', { bad: ['one'] }),
  flag('tcp-close', 'restore/inet.test.ts'),
  value('verbosity', ['4', 'vv'], 'cli/command-line.test.ts', { short: 'v', argument: 'optional' }),
  value('ps-socket', ['9'], 'memory/commands.test.ts', { bad: ['one'] }),
  refused(flag('stream', ''), 'not from front to back'),
  value('config', ['FILE'], 'cli/config-command.test.ts', { bad: ['/no/such/file'] }),
  plain('no-default-config', 'cli/config-file.test.ts'),
  refused(value('tls-cacert', ['x'], ''), NO_TLS),
  refused(value('tls-cacrl', ['x'], ''), NO_TLS),
  refused(value('tls-cert', ['x'], ''), NO_TLS),
  refused(value('tls-key', ['x'], ''), NO_TLS),
  refused(flag('tls', ''), NO_TLS),
  refused(plain('tls-no-cn-verify', ''), NO_TLS),
  value('cgroup-yard', ['/x'], 'cgroups/cycle.test.ts'),
  value('pre-dump-mode', ['splice', 'read'], 'memory/increment.test.ts', {
    command: 'pre-dump',
    bad: ['other'],
  }),
  value('file-validation', ['filesize', 'buildid'], 'files/changed.test.ts', { ...RESTORE, bad: ['1'] }),
  flag('skip-file-rwx-check', 'files/changed.test.ts', RESTORE),
  value('lsm-mount-context', ['x'], 'process/labels.test.ts', RESTORE),
  value('network-lock', ['iptables', 'nftables', 'skip', 'none'], 'namespaces/net-lock.test.ts', {
    bad: ['x'],
  }),
  always(flag('mntns-compat-mode', '', RESTORE), 'there is one way to restore mounts, with the same result'),
  flag('unprivileged', 'unprivileged/unprivileged.test.ts'),
  flag('ghost-fiemap', 'files/holes.test.ts'),
  flag('allow-uprobes', 'memory/probed.test.ts'),
];

/** Commands; of those that are retired in CRIU too, what to use instead. */
export const COMMAND_FACTS: readonly Fact[] = [
  ...[
    'dump',
    'pre-dump',
    'restore',
    'lazy-pages',
    'check',
    'page-server',
    'service',
    'swrk',
    'dedup',
    'cpuinfo dump',
    'cpuinfo check',
  ].map((name): Fact => ({ name, is: 'works' })),
  { name: 'exec', is: 'refused', why: 'compel syscall' },
  { name: 'show', is: 'refused', why: 'crit show' },
];
