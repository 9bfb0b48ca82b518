// All options, one record each: yargs' options with help and completion, configuration files and docs/cli.md come from here.
import type { Command } from './commands.js';

export type OptionType =
  /** On or off; `--no-NAME` when negatable. */
  | 'flag'
  | 'text'
  /** Text that may be given several times. */
  | 'list'
  | 'number'
  /** Bytes with an optional suffix K, M or G. */
  | 'size'
  /** Text that may be left out; only `--name=value` gives one. */
  | 'optional'
  /** `-v`, `-vv`, `-v4`, `--verbosity=4`. */
  | 'verbosity';

export type OptionSupport =
  /** Does what it says. */
  | 'yes'
  /** Taken for compatibility; what it asks for is always so, or has nothing to act upon here. */
  | 'accepted'
  /** An error when it is given: to ignore it would lose what was asked for. */
  | 'no';

export interface OptionRecord {
  readonly name: string;
  readonly alias?: string;
  readonly type: OptionType;
  /** Name of its value in the help. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly negatable?: boolean;
  /** Flag that says the opposite: the later one of both counts. */
  readonly rival?: string;
  /** Commands it belongs to; all when left out. CRIU takes every option with every command, and so do we. */
  readonly commands?: readonly Command[];
  readonly group: OptionGroup;
  readonly support: OptionSupport;
  /** Not in CRIU 4.2. */
  readonly ours?: boolean;
  readonly help: string;
}

export const GROUPS = [
  'Common',
  'Dump',
  'Restore',
  'Check',
  'Files and devices',
  'Network',
  'Namespaces and cgroups',
  'Memory',
  'Servers',
] as const;
export type OptionGroup = (typeof GROUPS)[number];

const DUMP: readonly Command[] = ['dump'];
const DUMPS: readonly Command[] = ['dump', 'pre-dump'];
const RESTORE: readonly Command[] = ['restore'];
const BOTH: readonly Command[] = ['dump', 'restore'];
/** Both ends of a page connection. */
const PAGES: readonly Command[] = ['dump', 'pre-dump', 'page-server'];
const CHECK: readonly Command[] = ['check'];
const SERVERS: readonly Command[] = ['page-server', 'service', 'lazy-pages'];

type Extra = Partial<OptionRecord>;

/** A group's options without saying the group each time. */
function group(name: OptionGroup, commands: readonly Command[] | undefined, records: OptionRecord[]) {
  return records.map((r) => ({ ...r, group: name, ...(commands && !r.commands ? { commands } : {}) }));
}
function record(type: OptionType, name: string, help: string, extra: Extra): OptionRecord {
  return { name, type, help, group: 'Common', support: 'yes', ...extra };
}
const flag = (name: string, help: string, extra: Extra = {}) =>
  record('flag', name, help, { negatable: true, ...extra });
const text = (name: string, value: string, help: string, extra: Extra = {}) =>
  record('text', name, help, { value, ...extra });
const list = (name: string, value: string, help: string, extra: Extra = {}) =>
  record('list', name, help, { value, ...extra });
const number = (name: string, value: string, help: string, extra: Extra = {}) =>
  record('number', name, help, { value, ...extra });

export const OPTIONS: readonly OptionRecord[] = [
  ...group('Common', undefined, [
    text('images-dir', 'DIR', 'directory of the image files (default: the current one)', { alias: 'D' }),
    text('work-dir', 'DIR', 'directory of log, pid file and statistics (default: the images directory)', {
      alias: 'W',
    }),
    text('log-file', 'FILE', 'write the log to FILE in the work directory; - is standard output', {
      alias: 'o',
    }),
    flag('log-pid', "put each restored task's lines into FILE.PID"),
    record(
      'verbosity',
      'verbosity',
      'log level: 0 nothing, 1 errors, 2 warnings, 3 information, 4 debugging; -v alone is one more than 2',
      { alias: 'v', value: 'LEVEL' },
    ),
    flag('display-stats', 'print times and page counts at the end', {
      commands: ['dump', 'pre-dump', 'restore'],
    }),
    text(
      'pidfile',
      'FILE',
      'write the pid of the restored root task, or of the server, to FILE, which must not exist',
      {
        commands: [...RESTORE, ...SERVERS],
      },
    ),
    flag('shell-job', 'the task shares terminal and session with its shell', { alias: 'j', commands: BOTH }),
    text('config', 'FILE', 'read options from FILE instead of the default configuration files'),
    flag('no-default-config', 'do not read /etc/criu/default.conf and ~/.criu/default.conf', {
      negatable: false,
    }),
    number('close', 'FD', 'close this inherited descriptor first'),
    list('action-script', 'FILE', 'run FILE at certain stages', { commands: BOTH }),
    text('libdir', 'DIR', 'directory of plugins (there are none for this implementation)', {
      alias: 'L',
      support: 'accepted',
      commands: BOTH,
    }),
    flag('unprivileged', 'run without being root, with CAP_CHECKPOINT_RESTORE', { support: 'accepted' }),
    flag('deprecated', 'allow deprecated features', { support: 'accepted' }),
    record('optional', 'cpu-cap', 'CPU features to write and compare: cpu, fpu, all, ins, none; ^ negates', {
      value: 'CAP',
      support: 'accepted',
    }),
    flag('stream', 'stream images through criu-image-streamer', { support: 'no', commands: BOTH }),
    flag('version', 'print the version', { alias: 'V', negatable: false }),
    flag('help', 'print this text', { alias: 'h', negatable: false }),
  ]),
  ...group('Dump', DUMPS, [
    number('tree', 'PID', 'root of the process tree', { alias: 't' }),
    flag('leave-running', 'the tasks run on after the dump', {
      alias: 'R',
      negatable: false,
      rival: 'leave-stopped',
      commands: DUMP,
    }),
    flag('leave-stopped', 'the tasks stay stopped after dump or restore', {
      alias: 's',
      negatable: false,
      rival: 'leave-running',
      commands: BOTH,
    }),
    number(
      'timeout',
      'SECONDS',
      'give up and roll back after so long (default: a freeze 10, nothing else); page-server: the silence of a dump (60)',
      {
        commands: [...DUMPS, ...RESTORE, 'page-server'],
      },
    ),
    text('freeze-cgroup', 'DIR', 'stop the tasks with this freezer cgroup', { support: 'accepted' }),
    record('size', 'ghost-limit', 'largest deleted file kept in the images, with K, M or G (default 1M)', {
      value: 'SIZE',
      commands: DUMP,
    }),
    flag('ghost-fiemap', 'find holes of deleted files with fiemap', { support: 'accepted', commands: DUMP }),
    flag('allow-uprobes', 'allow tasks that have uprobes', { support: 'accepted', commands: BOTH }),
  ]),
  ...group('Restore', RESTORE, [
    flag('restore-detached', 'return as soon as the tasks run', { alias: 'd' }),
    flag('restore-sibling', 'the root task becomes a sibling of criu, a child of its caller (with -d)', {
      alias: 'S',
    }),
    flag('dry-run', 'read the images, print the plan, and do nothing', { ours: true }),
    flag('json', 'print the plan as JSON (with --dry-run)', { ours: true, commands: ['restore', 'check'] }),
    flag('exit-with-task', "exit with the root task's exit status instead of 0 (without -d)", { ours: true }),
    text('root', 'DIR', 'directory that is the root of the restored mount namespace', {
      alias: 'r',
    }),
    flag('exec-cmd', 'become the command after -- once the tasks run', { negatable: false }),
    text('lsm-profile', 'TYPE:NAME', 'security profile of the restored tasks', { support: 'no' }),
    text('lsm-mount-context', 'CONTEXT', 'security context of restored mounts', { support: 'no' }),
    text('file-validation', 'METHOD', 'compare sizes of files only, or build ids of programs too (default)', {
      choices: ['filesize', 'buildid'],
    }),
    flag('skip-file-rwx-check', 'permissions of files may have changed since the dump'),
    flag('weak-sysctls', 'skip sysctls that this kernel has not', { commands: RESTORE }),
  ]),
  ...group('Check', CHECK, [
    flag('extra', 'also features that only some process trees need'),
    flag('experimental', 'also experimental features'),
    flag('all', 'same as --extra --experimental', { negatable: false }),
    text('feature', 'NAME', 'only this feature; `list` prints all names'),
    flag('ms', 'retired: use --feature', { negatable: false, support: 'no' }),
  ]),
  ...group('Files and devices', BOTH, [
    list('external', 'RESOURCE', 'a resource outside of the tree, as KIND[KEY]:VALUE'),
    list('inherit-fd', 'fd[N]:KEY', 'use descriptor N of criu for the file KEY of the images', {
      commands: RESTORE,
    }),
    flag('file-locks', 'dump and restore file locks', { alias: 'l' }),
    flag('link-remap', 'link deleted files back where that is possible'),
    record('optional', 'ext-unix-sk', 'allow UNIX sockets whose other end is outside of the tree', {
      alias: 'x',
      value: 'INODES',
    }),
    flag('evasive-devices', 'use any path to a device whose own is not reachable', { support: 'accepted' }),
    flag('force-irmap', 'look for inotify targets in usual places', { support: 'accepted' }),
    list('irmap-scan-path', 'DIR', 'another place for inotify targets', { support: 'accepted' }),
  ]),
  ...group('Network', BOTH, [
    flag('tcp-established', 'dump and restore established TCP connections'),
    flag('tcp-close', 'restore TCP connections closed'),
    flag('skip-in-flight', 'leave out connections that are not accepted yet', { commands: DUMP }),
    text('network-lock', 'METHOD', 'how connections are silenced', {
      choices: ['iptables', 'nftables', 'skip', 'none'],
      commands: DUMP,
    }),
    list('veth-pair', 'IN=OUT', 'old form of --external veth[IN]:OUT', { support: 'no' }),
  ]),
  ...group('Namespaces and cgroups', BOTH, [
    record('optional', 'manage-cgroups', 'how cgroups are handled', {
      value: 'MODE',
      choices: ['none', 'props', 'soft', 'full', 'strict', 'ignore'],
    }),
    list('cgroup-root', '[CONTROLLER:]PATH', 'other root of the cgroups'),
    text('cgroup-props', 'TEXT', 'properties of controllers that are kept', { commands: DUMP }),
    text('cgroup-props-file', 'FILE', 'the same from a file', { commands: DUMP }),
    list('cgroup-dump-controller', 'NAME', 'dump only these controllers', { commands: DUMP }),
    text('cgroup-yard', 'DIR', 'where cgroups are mounted already'),
    list('join-ns', 'NS:PID|FILE', 'restore into an existing namespace', {
      alias: 'J',
      support: 'no',
      commands: RESTORE,
    }),
    list('empty-ns', 'NS', 'make the namespace but leave it empty (net)'),
    list('skip-mnt', 'PATH', 'leave out this mount point', { commands: DUMP }),
    list('enable-fs', 'NAMES', 'file systems that are mounted again as they are', { commands: DUMP }),
    list('ext-mount-map', 'KEY:VALUE', 'old form of --external mnt[KEY]:VALUE', {
      alias: 'M',
    }),
    flag('enable-external-sharing', 'with -M auto: shared external mounts', { negatable: false }),
    flag('enable-external-masters', 'with -M auto: slave external mounts', { negatable: false }),
    flag('mntns-compat-mode', 'the older way to restore mounts', { support: 'accepted', commands: RESTORE }),
  ]),
  ...group('Memory', BOTH, [
    flag('track-mem', 'have the kernel track which pages change', { commands: DUMPS }),
    text('prev-images-dir', 'DIR', 'images of the previous dump, relative to the images directory', {
      commands: [...DUMPS, 'page-server'],
    }),
    flag(
      'auto-dedup',
      'free pages of older images that are written anew; on restore, all that are in memory',
      {
        commands: ['dump', 'pre-dump', 'restore', 'page-server'],
      },
    ),
    flag('lazy-pages', 'restore memory on demand', { negatable: false, support: 'no' }),
    text('pre-dump-mode', 'MODE', 'how pre-dump reads memory', {
      choices: ['splice', 'read'],
      support: 'accepted',
      commands: ['pre-dump'],
    }),
  ]),
  ...group('Servers', SERVERS, [
    flag('page-server', 'send pages to a page server', { commands: DUMPS }),
    text('address', 'ADDRESS', 'address of a page server; path of the socket of the service', {
      commands: [...PAGES, 'service'],
    }),
    number('port', 'PORT', 'port of the page server; 0 chooses one', { commands: PAGES }),
    number('ps-socket', 'FD', 'connected socket of the page server', { commands: PAGES }),
    flag('daemon', 'go into the background (also -d)'),
    number('status-fd', 'FD', 'write a zero byte to descriptor FD when ready'),
    flag('tls', 'secure the connection with TLS', { support: 'no' }),
    text('tls-cacert', 'FILE', 'certificate authority', { support: 'no' }),
    text('tls-cacrl', 'FILE', 'revoked certificates', { support: 'no' }),
    text('tls-cert', 'FILE', 'own certificate', { support: 'no' }),
    text('tls-key', 'FILE', 'own key', { support: 'no' }),
    flag('tls-no-cn-verify', "do not compare the server's name", { negatable: false, support: 'no' }),
  ]),
];

/** What is special about an option, in a few words. */
export function optionNotes(option: OptionRecord): string[] {
  return [
    option.support === 'no' ? 'not supported yet' : '',
    option.support === 'accepted' ? 'accepted, no effect' : '',
    option.ours ? 'not in CRIU' : '',
  ].filter(Boolean);
}
