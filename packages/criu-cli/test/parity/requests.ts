// RPC of CRIU 4.2: requests, the fields of criu_opts, and those of other messages.
import { CriuCgMode, CriuNetworkLockMethod, CriuPreDumpMode } from '@criu/images';
import { expect } from 'vitest';
import { type Options, STRANGER } from '../rpc/client.js';
import type { Fact } from './fact.js';

/** Where a request finds its directory: its path, and a descriptor of it. */
export interface Place {
  readonly dir: string;
  readonly fd: number;
}

export interface FieldFact extends Fact {
  readonly request: 'dump' | 'pre-dump' | 'restore';
  /** The field alone, and what it means nothing without. */
  readonly opts: (place: Place) => Options;
  /** What the engine is given then, and not otherwise. */
  readonly gives?: (place: Place) => object;
  /** A value that is refused, and what the error says. */
  readonly bad?: readonly [Options, string];
}

type Extra = Partial<Pick<FieldFact, 'request' | 'bad' | 'seen'>>;

const works = (name: string, opts: Options, gives: object, more: Extra = {}): FieldFact => ({
  name,
  is: 'works',
  request: 'dump',
  opts: () => opts,
  gives: () => gives,
  ...more,
});
const flag = (name: keyof Options, key: string, more: Extra = {}) =>
  works(name, { [name]: true }, { [key]: true }, more);
const refused = (
  name: keyof Options,
  value: unknown,
  why: string,
  request: FieldFact['request'] = 'dump',
): FieldFact => ({
  name,
  is: 'refused',
  why,
  request,
  opts: () => ({ [name]: value }),
});
const always = (
  name: keyof Options,
  value: unknown,
  why: string,
  request: FieldFact['request'] = 'dump',
): FieldFact => ({
  name,
  is: 'always',
  why,
  request,
  opts: () => ({ [name]: value }),
});

const RESTORE = { request: 'restore' } as const;
const NO_TLS = 'not encrypted on the way';

export const FIELD_FACTS: readonly FieldFact[] = [
  {
    ...works(
      'images_dir_fd',
      {},
      {},
      { bad: [{ images_dir_fd: 99_999 }, 'images_dir_fd'], seen: ['rpc/swrk.test.ts'] },
    ),
    opts: ({ fd }) => ({ images_dir_fd: fd, images_dir: '/' }),
    gives: ({ dir }) => ({ imagesDir: dir }),
  },
  {
    ...works(
      'images_dir',
      {},
      {},
      { bad: [{ images_dir: '/no/such/folder' }, '/no/such/folder'], seen: ['rpc/serve.test.ts'] },
    ),
    opts: ({ dir }) => ({ images_dir_fd: -1, images_dir: `${dir}/.` }),
    gives: ({ dir }) => ({ imagesDir: dir }),
  },
  works(
    'pid',
    { pid: STRANGER - 1 },
    { pid: STRANGER - 1 },
    { bad: [{ pid: -5 }, 'no pid'], seen: ['rpc/swrk.test.ts'] },
  ),
  flag('leave_running', 'leaveRunning'),
  flag('ext_unix_sk', 'extUnixSk'),
  flag('tcp_established', 'tcpEstablished'),
  flag('evasive_devices', 'evasiveDevices'),
  flag('shell_job', 'shellJob'),
  flag('file_locks', 'fileLocks'),
  works('log_level', { log_level: 4 }, { log: { level: 4 } }),
  works(
    'log_file',
    { log_file: 'own.log' },
    {},
    { bad: [{ log_file: 'a/b' }, 'log_file'], seen: ['rpc/serve.test.ts'] },
  ),
  works(
    'ps',
    { ps: { address: '::1', port: 27 } },
    { pageServer: { address: '::1', port: 27 } },
    {
      bad: [{ ps: { fd: -1 } }, 'bad value in ps'],
    },
  ),
  works(
    'notify_scripts',
    { notify_scripts: true },
    { notify: expect.anything() },
    { seen: ['rpc/swrk.test.ts'] },
  ),
  works('root', { root: '/x' }, { root: '/x' }, RESTORE),
  works('parent_img', { parent_img: '../x' }, { prevImagesDir: '../x' }),
  flag('track_mem', 'trackMem'),
  flag('auto_dedup', 'autoDedup'),
  {
    ...works(
      'work_dir_fd',
      {},
      {},
      { bad: [{ work_dir_fd: 99_999 }, 'work_dir_fd'], seen: ['rpc/serve.test.ts'] },
    ),
    opts: ({ dir, fd }) => ({ images_dir: `${dir}/..`, work_dir_fd: fd }),
    gives: ({ dir }) => ({ workDir: dir, imagesDir: expect.not.stringContaining(dir) }),
  },
  flag('link_remap', 'linkRemap'),
  works('veths', { veths: [{ if_in: 'a', if_out: 'b' }] }, { external: ['veth[a]:b'] }),
  works('cpu_cap', { cpu_cap: 1 }, { cpuCap: ['fpu'] }),
  flag('force_irmap', 'forceIrmap'),
  works(
    'exec_cmd',
    { exec_cmd: ['true'] },
    { leaveChild: true },
    { ...RESTORE, seen: ['rpc/serve.test.ts'] },
  ),
  works('ext_mnt', { ext_mnt: [{ key: '/m', val: 'k' }] }, { external: ['mnt[/m]:k'] }),
  works('manage_cgroups', { manage_cgroups: false }, { manageCgroups: 'ignore' }),
  works(
    'cg_root',
    { cg_root: [{ ctrl: 'cpu', path: '/x' }] },
    { cgroupRoots: ['cpu:/x'] },
    {
      bad: [{ cg_root: [{ path: 'a/../b' }] }, 'cg_root'],
    },
  ),
  works('rst_sibling', { rst_sibling: true }, { sibling: true }, { ...RESTORE, seen: ['rpc/swrk.test.ts'] }),
  works(
    'inherit_fd',
    { inherit_fd: [{ fd: 4, key: 'k' }] },
    { inheritFd: ['fd[4]:k'] },
    {
      ...RESTORE,
      bad: [{ inherit_fd: [{ fd: -4, key: 'k' }] }, 'inherit_fd'],
    },
  ),
  works('auto_ext_mnt', { auto_ext_mnt: true }, { external: ['mnt[]'] }),
  works('ext_sharing', { ext_sharing: true, auto_ext_mnt: true }, { external: ['mnt[]:s'] }),
  works('ext_masters', { ext_masters: true, auto_ext_mnt: true }, { external: ['mnt[]:m'] }),
  works('skip_mnt', { skip_mnt: ['/m'] }, { skipMounts: ['/m'] }),
  works('enable_fs', { enable_fs: ['a,b', 'c'] }, { enableFs: ['a', 'b', 'c'] }),
  works(
    'unix_sk_ino',
    { unix_sk_ino: [{ inode: 5 }], ext_unix_sk: true },
    { external: ['unix[5]'] },
    { seen: ['rpc/fields.test.ts'] },
  ),
  works(
    'manage_cgroups_mode',
    { manage_cgroups_mode: CriuCgMode.STRICT },
    { manageCgroups: 'strict' },
    {
      bad: [{ manage_cgroups_mode: 9 as (typeof CriuCgMode)['STRICT'] }, 'manage_cgroups_mode'],
    },
  ),
  works('ghost_limit', { ghost_limit: 4096 }, { ghostLimit: 4096 }),
  works(
    'irmap_scan_paths',
    { irmap_scan_paths: ['/srv'] },
    { irmapScanPaths: ['/srv'] },
    {
      bad: [{ irmap_scan_paths: ['srv'] }, 'irmap_scan_paths'],
    },
  ),
  works(
    'external',
    { external: ['tty[1:2]'] },
    { external: ['tty[1:2]'] },
    { bad: [{ external: ['x'] }, 'external'] },
  ),
  works(
    'empty_ns',
    { empty_ns: 0x40000000 },
    { emptyNamespaces: ['net'] },
    { bad: [{ empty_ns: 1 }, 'empty_ns'] },
  ),
  works(
    'join_ns',
    { join_ns: [{ ns: 'net', ns_file: '/n' }] },
    { joinNamespaces: ['net:/n'] },
    {
      ...RESTORE,
      bad: [{ join_ns: [{ ns: 'user', ns_file: '/n' }] }, 'join_ns'],
    },
  ),
  works('cgroup_props', { cgroup_props: 'x' }, { cgroupProps: 'x' }),
  works('cgroup_props_file', { cgroup_props_file: '/x' }, { cgroupPropsFile: '/x' }),
  works('cgroup_dump_controller', { cgroup_dump_controller: ['cpu'] }, { cgroupDumpControllers: ['cpu'] }),
  works('freeze_cgroup', { freeze_cgroup: '/x' }, { freezeCgroup: '/x' }),
  works('timeout', { timeout: 7 }, { timeout: 7 }),
  flag('tcp_skip_in_flight', 'skipInFlight'),
  flag('weak_sysctls', 'weakSysctls', RESTORE),
  flag('lazy_pages', 'lazyPages'),
  works('status_fd', { status_fd: 1 }, {}, { seen: ['rpc/service.test.ts'] }),
  works(
    'orphan_pts_master',
    { orphan_pts_master: true, notify_scripts: true },
    { orphanPtsMaster: true },
    { ...RESTORE, seen: ['rpc/swrk.test.ts'] },
  ),
  works(
    'config_file',
    { config_file: '/no/such/file' },
    {},
    {
      bad: [{ config_file: '/' }, 'cannot read the configuration file'],
      seen: ['rpc/serve.test.ts'],
    },
  ),
  flag('tcp_close', 'tcpClose'),
  works(
    'lsm_profile',
    { lsm_profile: 'apparmor:x' },
    { lsmProfile: 'apparmor:x' },
    {
      ...RESTORE,
      bad: [{ lsm_profile: 'x' }, 'lsm_profile'],
    },
  ),
  refused('tls_cacert', 'x', NO_TLS),
  refused('tls_cacrl', 'x', NO_TLS),
  refused('tls_cert', 'x', NO_TLS),
  refused('tls_key', 'x', NO_TLS),
  refused('tls', true, NO_TLS),
  refused('tls_no_cn_verify', true, NO_TLS),
  works('cgroup_yard', { cgroup_yard: '/x' }, { cgroupYard: '/x' }),
  works(
    'pre_dump_mode',
    { pre_dump_mode: CriuPreDumpMode.VM_READ },
    { preDumpMode: 'read' },
    {
      request: 'pre-dump',
      bad: [{ pre_dump_mode: 9 as (typeof CriuPreDumpMode)['SPLICE'] }, 'pre_dump_mode'],
    },
  ),
  always('pidfd_store_sk', 5, 'start times of tasks tell of a pid that was used again', 'pre-dump'),
  works('lsm_mount_context', { lsm_mount_context: 'a:b:c:d' }, { lsmMountContext: 'a:b:c:d' }, RESTORE),
  works(
    'network_lock',
    { network_lock: CriuNetworkLockMethod.SKIP },
    { networkLock: 'skip' },
    {
      bad: [{ network_lock: 9 as (typeof CriuNetworkLockMethod)['SKIP'] }, 'network_lock'],
    },
  ),
  always('mntns_compat_mode', true, 'there is one way to restore mounts, with the same result', 'restore'),
  flag('skip_file_rwx_check', 'skipFileRwxCheck', RESTORE),
  flag('unprivileged', 'unprivileged'),
  flag('leave_stopped', 'leaveStopped'),
  works('display_stats', { display_stats: true }, {}, { seen: ['rpc/serve.test.ts'] }),
  works('log_to_stderr', { log_to_stderr: true, log_level: 0 }, {}, { seen: ['rpc/serve.test.ts'] }),
];

/** criu_req_type; those of answers only are refused as requests. */
export const REQUEST_FACTS: readonly Fact[] = [
  { name: 'EMPTY', is: 'refused', why: 'no request of type 0' },
  { name: 'DUMP', is: 'works', seen: ['rpc/swrk.test.ts'] },
  { name: 'RESTORE', is: 'works', seen: ['rpc/swrk.test.ts'] },
  { name: 'CHECK', is: 'works', seen: ['rpc/serve-small.test.ts'] },
  { name: 'PRE_DUMP', is: 'works', seen: ['memory/rpc.test.ts'] },
  { name: 'PAGE_SERVER', is: 'works', seen: ['memory/rpc.test.ts'] },
  { name: 'NOTIFY', is: 'refused', why: 'no request of type 6' },
  { name: 'CPUINFO_DUMP', is: 'works', seen: ['rpc/serve.test.ts'] },
  { name: 'CPUINFO_CHECK', is: 'works', seen: ['rpc/serve.test.ts'] },
  { name: 'FEATURE_CHECK', is: 'works', seen: ['rpc/serve-small.test.ts'] },
  { name: 'VERSION', is: 'works', seen: ['rpc/serve-small.test.ts'] },
  { name: 'WAIT_PID', is: 'works', seen: ['memory/rpc.test.ts'] },
  { name: 'PAGE_SERVER_CHLD', is: 'works', seen: ['memory/rpc.test.ts'] },
  { name: 'SINGLE_PRE_DUMP', is: 'works', seen: ['memory/rpc.test.ts'] },
];

/** Fields of the other messages, and stages that a client is notified of. */
export const MESSAGE_FACTS: Readonly<Record<string, readonly Fact[]>> = {
  criu_req: ['type', 'opts', 'notify_success', 'keep_open', 'features', 'pid'].map((name) => ({
    name,
    is: 'works',
  })),
  criu_resp: [
    'type',
    'success',
    'dump',
    'restore',
    'notify',
    'ps',
    'cr_errno',
    'features',
    'cr_errmsg',
    'version',
    'status',
  ].map((name) => ({ name, is: 'works' })),
  criu_features: ['mem_track', 'lazy_pages', 'pidfd_store'].map((name) => ({ name, is: 'works' })),
  criu_notify: ['script', 'pid'].map((name) => ({ name, is: 'works' })),
  criu_dump_resp: [{ name: 'restored', is: 'works' }],
  criu_restore_resp: [{ name: 'pid', is: 'works' }],
  criu_page_server_info: ['address', 'port', 'pid', 'fd'].map((name) => ({ name, is: 'works' })),
  criu_veth_pair: ['if_in', 'if_out'].map((name) => ({ name, is: 'works' })),
  ext_mount_map: ['key', 'val'].map((name) => ({ name, is: 'works' })),
  join_namespace: [
    { name: 'ns', is: 'works' },
    { name: 'ns_file', is: 'works' },
    { name: 'extra_opt', is: 'refused', why: 'user namespace' },
  ],
  inherit_fd: ['key', 'fd'].map((name) => ({ name, is: 'works' })),
  cgroup_root: ['ctrl', 'path'].map((name) => ({ name, is: 'works' })),
  unix_sk: [{ name: 'inode', is: 'works' }],
  criu_version: ['major_number', 'minor_number', 'gitid', 'sublevel', 'extra', 'name'].map((name) => ({
    name,
    is: 'works',
  })),
};

export const STAGE_FACTS: readonly Fact[] = [
  { name: 'pre-stream', is: 'refused', why: 'not from front to back' },
  ...[
    'pre-dump',
    'post-dump',
    'pre-restore',
    'post-restore',
    'network-lock',
    'network-unlock',
    'pre-resume',
    'post-resume',
    'query-ext-files',
  ].map((name): Fact => ({ name, is: 'works', seen: ['notify/stages.test.ts'] })),
  { name: 'setup-namespaces', is: 'works', seen: ['namespaces/pid.test.ts'] },
  { name: 'post-setup-namespaces', is: 'works', seen: ['namespaces/pid.test.ts'] },
  { name: 'orphan-pts-master', is: 'works', seen: ['rpc/swrk.test.ts'] },
  { name: 'status-ready', is: 'works', seen: ['rpc/service.test.ts'] },
];
