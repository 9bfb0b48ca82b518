// All options, one record each.
import { parseCpuClasses } from '../arch/cpu-classes.js';
import { pluginPath } from '../plugins/find.js';
import { parseRoots } from '../resources/cgroups/roots.js';
import { parseProfile } from '../resources/creds/profile.js';
import { checkExternal } from '../resources/external.js';
import { parseInherited } from '../resources/files/inherit.js';
import { parseJoined } from '../resources/namespaces/join.js';
import type { Command } from './commands.js';
import {
  flag,
  group,
  list,
  number,
  type OptionRecord,
  partOf,
  pathTo,
  record,
  refused,
  text,
  to,
} from './option-record.js';
import { bytesOf, inodesOf, pairOf, plainFolder, positive } from './option-value.js';

export {
  GROUPS,
  type OptionRecord,
  type OptionSupport,
  type OptionType,
  optionNotes,
} from './option-record.js';

/** The directory in which the command was started; later the process enters its work directory. */
const STARTED = startDirectory();

function startDirectory(): string {
  try {
    return process.cwd();
  } catch {
    // The directory has been removed.
    return '/';
  }
}

const DUMP: readonly Command[] = ['dump'];
const DUMPS: readonly Command[] = ['dump', 'pre-dump'];
const RESTORE: readonly Command[] = ['restore'];
const BOTH: readonly Command[] = ['dump', 'restore'];
/** Commands on both ends of a page server connection. */
const PAGES: readonly Command[] = ['dump', 'pre-dump', 'page-server'];
const CHECK: readonly Command[] = ['check'];
const SERVERS: readonly Command[] = ['page-server', 'service', 'lazy-pages'];

/** TLS is refused: pages go from kernel to kernel with splice(2), so nothing here could encrypt them. */
const NO_TLS = {
  commands: [...DUMPS, ...SERVERS],
  ...refused(
    'pages are moved by the kernel, from memory to socket, and are not encrypted on the way',
    'lead the connection through a tunnel: ssh -L PORT:localhost:PORT, stunnel or WireGuard',
  ),
} as const;

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
      { alias: 'v', value: 'LEVEL', rpc: 'log_level' },
    ),
    flag('display-stats', 'print times and page counts at the end', {
      commands: ['dump', 'pre-dump', 'restore'],
      rpc: 'display_stats',
    }),
    text(
      'pidfile',
      'FILE',
      'write the pid of the restored root task, or of the server, to FILE, which must not exist',
      {
        commands: [...RESTORE, ...SERVERS],
        engine: partOf('pidfile'),
      },
    ),
    flag('shell-job', 'the task shares terminal and session with its shell', {
      alias: 'j',
      commands: BOTH,
      as: 'shellJob',
      rpc: 'shell_job',
    }),
    text('config', 'FILE', 'read options from FILE instead of the default configuration files'),
    flag('no-default-config', 'do not read /etc/criu/default.conf and ~/.criu/default.conf', {
      negatable: false,
    }),
    number('close', 'FD', 'close this inherited descriptor first'),
    list('action-script', 'FILE', 'run FILE at certain stages', { commands: BOTH, engine: partOf('notify') }),
    text(
      'libdir',
      'DIR',
      'directory of plugins: .so, .js and .mjs files (default: $CRIU_LIBS_DIR, or /usr/lib/criu)',
      {
        alias: 'L',
        commands: [...DUMPS, ...RESTORE],
        engine: pathTo('libdir'),
      },
    ),
    list('plugin', 'NAME', 'a plugin by its path, or by the name of its package', {
      commands: [...DUMPS, ...RESTORE],
      engine: to('plugins', (names: readonly string[]) => names.map((name) => pluginPath(name, STARTED))),
      ours: true,
    }),
    number('plugin-timeout', 'SECONDS', 'how long a hook of a plugin may take (default 60)', {
      commands: [...DUMPS, ...RESTORE],
      engine: to('pluginTimeout', (seconds: number) => (seconds > 0 ? seconds : undefined)),
      ours: true,
    }),
    flag('unprivileged', 'run without being root, with CAP_CHECKPOINT_RESTORE', {
      as: 'unprivileged',
      rpc: 'unprivileged',
    }),
    flag('deprecated', 'allow images of older versions, which are read in any case', { support: 'accepted' }),
    record(
      'optional',
      'cpu-cap',
      'CPU features that a dump writes down, and that have to be there for a restore: fpu,ins and those that are named ' +
        '(cpu: the very same; all, which is also meant without any; none); ^ before one takes it away',
      {
        value: 'CAP',
        commands: ['dump', 'restore', 'cpuinfo check'],
        engine: to('cpuCap', (value: string) => parseCpuClasses(value)),
        check: parseCpuClasses,
      },
    ),
    flag('stream', 'stream images through criu-image-streamer', {
      commands: BOTH,
      ...refused(
        'images are written to and read from files of a directory, several at a time and not from front to back',
        'dump to a directory in memory (tmpfs) and send it on from there, or send the memory to a page server (--page-server)',
      ),
    }),
    flag('version', 'print the version', { alias: 'V', negatable: false }),
    flag('help', 'print this text', { alias: 'h', negatable: false }),
  ]),
  ...group('Dump', DUMPS, [
    number('tree', 'PID', 'root of the process tree', {
      alias: 't',
      as: 'pid',
      check: positive('tree', 'a pid'),
    }),
    flag('leave-running', 'the tasks run on after the dump', {
      alias: 'R',
      negatable: false,
      rival: 'leave-stopped',
      commands: DUMP,
      engine: partOf('leaveRunning'),
    }),
    flag('leave-stopped', 'the tasks stay stopped after dump or restore', {
      alias: 's',
      negatable: false,
      rival: 'leave-running',
      commands: BOTH,
      engine: partOf('leaveStopped'),
    }),
    number(
      'timeout',
      'SECONDS',
      'give up and roll back after so long (default: a freeze 10, nothing else); page-server: the silence of a dump (60)',
      {
        commands: [...DUMPS, ...RESTORE, 'page-server'],
        engine: to('timeout', (seconds: number) => (seconds > 0 ? seconds : undefined)),
        rpc: 'timeout',
      },
    ),
    text('freeze-cgroup', 'DIR', 'stop the tasks by freezing this cgroup (freezer of v1, or v2)', {
      engine: pathTo('freezeCgroup'),
      rpc: 'freeze_cgroup',
    }),
    record('size', 'ghost-limit', 'largest deleted file kept in the images, with K, M or G (default 1M)', {
      value: 'SIZE',
      commands: DUMP,
      engine: to('ghostLimit', (size: string) => bytesOf(size)),
      rpc: 'ghost_limit',
    }),
    flag('ghost-fiemap', 'find the holes of deleted files in the map of their extents, where there is one', {
      commands: DUMP,
      as: 'ghostFiemap',
    }),
    flag('allow-uprobes', 'tasks may have met probes in their code, which are there again on restore', {
      commands: BOTH,
      as: 'allowUprobes',
    }),
  ]),
  ...group('Restore', RESTORE, [
    flag('restore-detached', 'return as soon as the tasks run', { alias: 'd', as: 'detached' }),
    flag('restore-sibling', 'the root task becomes a sibling of criu, a child of its caller (with -d)', {
      alias: 'S',
      as: 'sibling',
    }),
    flag(
      'dry-run',
      'do nothing, but say what would be restored and what is in the way here; with -v each step',
      {
        ours: true,
      },
    ),
    flag('json', 'print what is found as JSON (restore with --dry-run)', {
      ours: true,
      commands: ['restore', 'check', 'config'],
    }),
    flag('exit-with-task', "exit with the root task's exit status instead of 0 (without -d)", { ours: true }),
    text('root', 'DIR', 'directory that is the root of the restored mount namespace', {
      alias: 'r',
      as: 'root',
      rpc: 'root',
    }),
    flag('exec-cmd', 'become the command after -- once the tasks run', {
      negatable: false,
      as: 'leaveChild',
    }),
    text(
      'lsm-profile',
      'TYPE:NAME',
      'label of a security module (apparmor, selinux) that tasks are to have instead of theirs, or none',
      { check: parseProfile, as: 'lsmProfile', rpc: 'lsm_profile' },
    ),
    text('lsm-mount-context', 'CONTEXT', 'SELinux context of file systems that were mounted with one', {
      as: 'lsmMountContext',
      rpc: 'lsm_mount_context',
    }),
    text('file-validation', 'METHOD', 'compare sizes of files only, or build ids of programs too (default)', {
      choices: ['filesize', 'buildid'],
      engine: to('fileValidation', (method: string) => (method === 'filesize' ? method : 'buildid')),
    }),
    flag('skip-file-rwx-check', 'permissions of files may have changed since the dump', {
      as: 'skipFileRwxCheck',
      rpc: 'skip_file_rwx_check',
    }),
    flag('weak-sysctls', 'skip sysctls that this kernel has not', {
      commands: RESTORE,
      as: 'weakSysctls',
      rpc: 'weak_sysctls',
    }),
  ]),
  ...group('Check', CHECK, [
    flag('extra', 'also features that only some process trees need'),
    flag('experimental', 'also experimental features'),
    flag('all', 'same as --extra --experimental', { negatable: false }),
    text('feature', 'NAME', 'only this feature; `list` prints all names'),
    flag('ms', 'retired: use --feature', {
      negatable: false,
      ...refused('it was retired, in CRIU too', 'ask for single features with --feature NAME'),
    }),
  ]),
  ...group('Files and devices', BOTH, [
    list('external', 'RESOURCE', 'a resource outside of the tree, as KIND[KEY]:VALUE', {
      check: checkExternal,
      engine: partOf('external'),
      rpc: 'external',
    }),
    list('inherit-fd', 'fd[N]:KEY', 'use descriptor N of criu for the file KEY of the images', {
      check: parseInherited,
      commands: RESTORE,
      as: 'inheritFd',
    }),
    flag('file-locks', 'dump and restore file locks', { alias: 'l', as: 'fileLocks', rpc: 'file_locks' }),
    flag('link-remap', 'link deleted files back where that is possible', {
      as: 'linkRemap',
      rpc: 'link_remap',
    }),
    record('optional', 'ext-unix-sk', 'allow UNIX sockets whose other end is outside of the tree', {
      alias: 'x',
      value: 'INODES',
      check: inodesOf,
      engine: { keys: ['extUnixSk', 'external'], set: (out) => (out.extUnixSk = true) },
    }),
    flag(
      'evasive-devices',
      'a device whose path leads to another node of the same device is opened by that one',
      {
        commands: DUMP,
        as: 'evasiveDevices',
        rpc: 'evasive_devices',
      },
    ),
    flag(
      'force-irmap',
      'watched files (inotify, fanotify) without a path of their own are looked for, and have to be found',
      {
        commands: DUMP,
        as: 'forceIrmap',
        rpc: 'force_irmap',
      },
    ),
    list('irmap-scan-path', 'DIR', 'they are looked for in DIR, before /etc and other usual places', {
      commands: DUMP,
      check: plainFolder('irmap-scan-path'),
      as: 'irmapScanPaths',
      rpc: 'irmap_scan_paths',
    }),
  ]),
  ...group('Network', BOTH, [
    flag('tcp-established', 'dump and restore established TCP connections', {
      as: 'tcpEstablished',
      rpc: 'tcp_established',
    }),
    flag('tcp-close', 'restore TCP connections closed', { as: 'tcpClose', rpc: 'tcp_close' }),
    flag('skip-in-flight', 'leave out connections that are not accepted yet', {
      commands: DUMP,
      as: 'skipInFlight',
      rpc: 'tcp_skip_in_flight',
    }),
    text('network-lock', 'METHOD', 'how connections are silenced', {
      choices: ['iptables', 'nftables', 'skip', 'none'],
      commands: DUMP,
      engine: to('networkLock', (method: string) =>
        method === 'nftables' || method === 'iptables' ? method : 'skip',
      ),
    }),
    list('veth-pair', 'IN=OUT', 'old form of --external veth[IN]:OUT', {
      check: (value) => pairOf('veth-pair', value, '='),
      engine: partOf('external'),
    }),
  ]),
  ...group('Namespaces and cgroups', BOTH, [
    record('optional', 'manage-cgroups', 'how cgroups are handled', {
      value: 'MODE',
      choices: ['none', 'props', 'soft', 'full', 'strict', 'ignore'],
      engine: to('manageCgroups', (mode: string) => mode || 'soft'),
    }),
    list('cgroup-root', '[CONTROLLER:]PATH', 'other root of the cgroups', {
      check: (value) => parseRoots([value]),
      as: 'cgroupRoots',
    }),
    text('cgroup-props', 'TEXT', 'properties of controllers that are kept', {
      commands: DUMP,
      as: 'cgroupProps',
      rpc: 'cgroup_props',
    }),
    text('cgroup-props-file', 'FILE', 'the same from a file', {
      commands: DUMP,
      engine: pathTo('cgroupPropsFile'),
      rpc: 'cgroup_props_file',
    }),
    list('cgroup-dump-controller', 'NAME', 'dump only these controllers', {
      commands: DUMP,
      as: 'cgroupDumpControllers',
      rpc: 'cgroup_dump_controller',
    }),
    text('cgroup-yard', 'DIR', 'where cgroups are mounted already', {
      engine: pathTo('cgroupYard'),
      rpc: 'cgroup_yard',
    }),
    list('join-ns', 'NS:PID|FILE', 'restore into an existing namespace (net, uts, ipc, time)', {
      alias: 'J',
      check: parseJoined,
      as: 'joinNamespaces',
      commands: RESTORE,
    }),
    list('empty-ns', 'NS', 'make the namespace but leave it empty (net)', {
      choices: ['net'],
      as: 'emptyNamespaces',
    }),
    list('skip-mnt', 'PATH', 'leave out this mount point', {
      commands: DUMP,
      as: 'skipMounts',
      rpc: 'skip_mnt',
    }),
    list('enable-fs', 'NAMES', 'file systems that are mounted again as they are', {
      commands: DUMP,
      engine: to('enableFs', (given: readonly string[]) => given.flatMap((names) => names.split(','))),
      rpc: 'enable_fs',
    }),
    list('ext-mount-map', 'KEY:VALUE', 'old form of --external mnt[KEY]:VALUE', {
      alias: 'M',
      check: (value) => value === 'auto' || pairOf('ext-mount-map', value, ':'),
      engine: partOf('external'),
    }),
    flag('enable-external-sharing', 'with -M auto: shared external mounts', {
      negatable: false,
      engine: partOf('external'),
      rpc: 'ext_sharing',
    }),
    flag('enable-external-masters', 'with -M auto: slave external mounts', {
      negatable: false,
      engine: partOf('external'),
      rpc: 'ext_masters',
    }),
    flag(
      'mntns-compat-mode',
      'restore mounts in a way that old kernels know; there is one way here, with the same result',
      {
        support: 'accepted',
        commands: RESTORE,
        rpc: 'mntns_compat_mode',
      },
    ),
  ]),
  ...group('Memory', BOTH, [
    flag('track-mem', 'have the kernel track which pages change', {
      commands: DUMPS,
      as: 'trackMem',
      rpc: 'track_mem',
    }),
    text('prev-images-dir', 'DIR', 'images of the previous dump, relative to the images directory', {
      commands: [...DUMPS, 'page-server'],
      as: 'prevImagesDir',
      rpc: 'parent_img',
    }),
    flag(
      'auto-dedup',
      'free pages of older images that are written anew; on restore, all that are in memory',
      {
        commands: ['dump', 'pre-dump', 'restore', 'page-server'],
        as: 'autoDedup',
        rpc: 'auto_dedup',
      },
    ),
    record(
      'optional',
      'compress',
      'pack pages, each by itself: by lz4, or by zstd, which no CRIU reads; CRIU 4.2 cannot restore either',
      {
        alias: 'c',
        value: 'CODEC',
        choices: ['lz4', 'zstd'],
        negatable: true,
        ours: true,
        commands: DUMPS,
        engine: to('compress', (codec: string) => (codec === 'zstd' ? codec : 'lz4')),
      },
    ),
    record('size', 'compress-region', 'pack pages by so many bytes, with K or M: whole pages, at most 4M', {
      value: 'SIZE',
      ours: true,
      commands: DUMPS,
      engine: to('compressRegion', (size: string) => bytesOf(size)),
      rpc: 'compress_region_size',
    }),
    number('compress-acceleration', 'N', 'pack faster and less, from 1 (default) up', {
      ours: true,
      commands: DUMPS,
      as: 'compressAcceleration',
      rpc: 'compress_acceleration',
    }),
    number('decompress-threads', 'N', 'unpack pages by so many threads: as many as are of use, in any case', {
      ours: true,
      support: 'accepted',
      commands: RESTORE,
      rpc: 'decompress_threads',
    }),
    text(
      'image-io-mode',
      'MODE',
      'how pages images are written and read: writeback (default), or direct, past the page cache, where their file system can',
      {
        ours: true,
        choices: ['writeback', 'direct'],
        commands: [...DUMPS, ...RESTORE],
        engine: to('imageIoMode', (mode: string) => (mode === 'direct' ? 'direct' : 'writeback')),
      },
    ),
    flag(
      'covered-files',
      'dump files that are open below what another mount covers, which CRIU cannot restore',
      {
        ours: true,
        commands: DUMP,
        as: 'coveredFiles',
      },
    ),
    flag('live', 'with -R: the tasks stand still only until their memory is held, not until it is written', {
      ours: true,
      commands: DUMP,
      as: 'live',
      rpc: 'live',
    }),
    flag('lazy', 'the tasks run at once, and their memory comes from the images when they need it', {
      ours: true,
      commands: RESTORE,
      as: 'lazy',
      rpc: 'lazy',
    }),
    flag('lazy-pages', 'the same by a daemon, `criu lazy-pages`; on dump, keep the memory for one', {
      negatable: false,
      as: 'lazyPages',
      rpc: 'lazy_pages',
    }),
    text(
      'pre-dump-mode',
      'MODE',
      'how the images say that pre-dump has read memory, which it reads the same way',
      {
        choices: ['splice', 'read'],
        commands: ['pre-dump'],
        engine: to('preDumpMode', (mode: string) => (mode === 'read' ? 'read' : 'splice')),
      },
    ),
  ]),
  ...group('Servers', SERVERS, [
    flag('page-server', 'send pages to a page server', { commands: DUMPS, engine: partOf('pageServer') }),
    text('address', 'ADDRESS', 'address of a page server; path of the socket of the service', {
      commands: [...PAGES, 'service'],
      engine: partOf('pageServer'),
    }),
    number('port', 'PORT', 'port of the page server; 0 chooses one', {
      commands: PAGES,
      engine: { keys: ['pageServer', 'lazyServer'] },
    }),
    number('ps-socket', 'FD', 'connected socket of the page server', {
      commands: PAGES,
      engine: partOf('pageServer'),
    }),
    flag('daemon', 'go into the background (also -d)', { engine: partOf('detached') }),
    number('status-fd', 'FD', 'write a zero byte to descriptor FD when ready', {
      commands: [...SERVERS, 'dump'],
      engine: partOf('onLazyServer'),
    }),
    flag('tls', 'secure the connection with TLS', { ...NO_TLS, rpc: 'tls' }),
    text('tls-cacert', 'FILE', 'certificate authority', { ...NO_TLS, rpc: 'tls_cacert' }),
    text('tls-cacrl', 'FILE', 'revoked certificates', { ...NO_TLS, rpc: 'tls_cacrl' }),
    text('tls-cert', 'FILE', 'own certificate', { ...NO_TLS, rpc: 'tls_cert' }),
    text('tls-key', 'FILE', 'own key', { ...NO_TLS, rpc: 'tls_key' }),
    flag('tls-no-cn-verify', "do not compare the server's name", {
      negatable: false,
      ...NO_TLS,
      rpc: 'tls_no_cn_verify',
    }),
  ]),
];

/** @throws Error for an unknown name, which is a bug */
export function optionNamed(name: string): OptionRecord {
  const found = OPTIONS.find((o) => o.name === name);
  if (!found) throw new Error(`no option --${name}`);
  return found;
}
