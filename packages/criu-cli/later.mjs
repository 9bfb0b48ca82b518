// What the bundle for dumps and restores does without until it is needed (tools/later.mjs). Each source that is listed, and all that only
// these import, is loaded when the first of them is used, which takes 3 ms more than to have it from the start. Sources that plain tasks need
// must not be here: a test has such tasks dumped and restored without the later part.

import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Sources, relative to `src`, by who needs them. */
const SOURCES = {
  'tasks in namespaces of their own': [
    ...['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'].flatMap((kind) => [
      `resources/namespaces/${kind}/dump`,
      `resources/namespaces/${kind}/restore`,
    ]),
    'views/visitors',
  ],
  terminals: ['resources/files/tty/dump', 'resources/files/tty/restore'],
  'Internet, netlink and packet sockets': ['inet', 'netlink', 'packet', 'tun'].flatMap((kind) => [
    `resources/files/${kind}/dump`,
    `resources/files/${kind}/restore`,
  ]),
  'files that few programs have open': [
    'resources/files/fanotify/dump',
    'resources/files/fanotify/restore',
    'resources/files/inotify/restore',
    'resources/files/inotify/scan',
    'resources/files/namespace/restore',
    'resources/files/pidfd/restore',
    'resources/files/posix-queue/restore',
  ],
  'files without a name, or that root may not open': [
    'resources/files/regular/ghost-dump',
    'resources/files/regular/ghost-image',
    'resources/files/regular/link-remap',
    'resources/files/regular/open-confined',
    'resources/files/regular/opener',
  ],
  'cgroups that have to be made': [
    'resources/cgroups/image',
    'resources/cgroups/settle',
    'resources/cgroups/tree',
    'resources/cgroups/given-properties',
  ],
  'memory by way of a page server, of a daemon or of userfaultfd': [
    'pages/lazy/bring',
    'pages/lazy/bringer',
    'pages/lazy/restore-socket',
    'pages/lazy/serve',
    'pages/lazy/userfaultfd',
    'pages/server/serve',
    'pages/sinks/server',
    'pages/wire/socket',
  ],
  increments: ['engine/pre-dump', 'pages/dedup', 'pages/tracker'],
  'other options and requests': [
    'action-scripts',
    'arch/cpuinfo',
    'cli/dry-run',
    'cli/swrk-command',
    'engine/freezer',
    'engine/practice',
    'engine/survey',
    'features/index',
    'plugins/host',
  ],
};

const src = join(dirname(fileURLToPath(import.meta.url)), 'src');

/** Images that plain tasks do not have, by their schema (`proto` of @criu/images); processors that are not this one. */
const SCHEMAS = [
  ...[
    'apparmor',
    'autofs',
    'binfmt-misc',
    'bpfmap-data',
    'bpfmap-file',
    'cgroup',
    'core-aarch64',
    'core-arm',
  ],
  ...[
    'core-loongarch64',
    'core-mips',
    'core-ppc64',
    'core-riscv64',
    'core-s390',
    'cpuinfo',
    'fh',
    'fsnotify',
  ],
  ...[
    'ghost-file',
    'img-streamer',
    'ipc-desc',
    'ipc-msg',
    'ipc-sem',
    'ipc-shm',
    'ipc-var',
    'macvlan',
    'mnt',
    'mqueue',
  ],
  ...[
    'netdev',
    'ns',
    'packet-sock',
    'pidfd',
    'pidns',
    'remap-file-path',
    'rpc',
    'sit',
    'sk-inet',
    'sk-netlink',
  ],
  ...['sk-packet', 'sysctl', 'tcp-stream', 'tty', 'tun', 'userns', 'utsns'],
];

/** Requests of netlink for network namespaces. */
const NETLINK = ['nfnetlink', 'nftables', 'route'];

/** What only a dump needs: the later part of the bundle for restores has it, too. */
const OF_DUMPS = [
  'cli/dump-command',
  'engine/dump',
  ...readdirSync(join(src, 'resources'), { recursive: true })
    .filter((file) => /(^|[/-])dump\.ts$/.test(file))
    .map((file) => `resources/${file.replace(/\.ts$/, '')}`),
];

/** The same the other way round; a dump plans a restore. */
const OF_RESTORES = ['cli/restore-command', 'engine/restore'];

const paths = (names) => [...new Set(names)].map((name) => `src/${name}.ts`);
const elsewhere = [
  ...SCHEMAS.map((name) => `../images/src/codec/${name}.generated.ts`),
  ...NETLINK.map((name) => `../../native/lib/netlink/${name}.ts`),
];
const rare = Object.values(SOURCES).flat();

/** Sources of the later part of each bundle, relative to the package. */
export const LATER = {
  dump: [...elsewhere, ...paths([...rare, ...OF_RESTORES])],
  restore: [...elsewhere, ...paths([...rare, ...OF_DUMPS])],
};
