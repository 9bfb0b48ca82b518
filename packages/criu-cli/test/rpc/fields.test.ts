// Every field of criu_opts as an option of the command line.

import { readFileSync } from 'node:fs';
import type { CriuOpts } from '@criu/images';
import { expect, test } from 'vitest';
import { OPTIONS } from '../../src/cli/option-table.js';
import { argumentsOf } from '../../src/cli/settings.js';
import { FIELDS, fieldOptions } from '../../src/rpc/fields.js';

const LISTS = {
  veths: [],
  exec_cmd: [],
  ext_mnt: [],
  cg_root: [],
  inherit_fd: [],
  skip_mnt: [],
  enable_fs: [],
  unix_sk_ino: [],
  irmap_scan_paths: [],
  external: [],
  join_ns: [],
  cgroup_dump_controller: [],
};
const asked = (opts: Partial<CriuOpts>) => argumentsOf(fieldOptions({ images_dir_fd: 3, ...LISTS, ...opts }));

test.each<[Partial<CriuOpts>, Record<string, unknown>]>([
  [{}, {}],
  [
    { leave_running: true, leave_stopped: false },
    { 'leave-running': true, 'leave-stopped': false },
  ],
  [{ leave_running: false }, {}],
  [
    { leave_running: true, leave_stopped: true },
    { 'leave-running': false, 'leave-stopped': true },
  ],
  [
    { tcp_established: true, tcp_close: false },
    { 'tcp-established': true, 'tcp-close': false },
  ],
  [
    { log_level: 4, timeout: 7, ghost_limit: 1 << 20 },
    { verbosity: 4, timeout: 7, 'ghost-limit': '1048576' },
  ],
  [{ ext_unix_sk: true }, { 'ext-unix-sk': '' }],
  [{ ext_unix_sk: true, unix_sk_ino: [{ inode: 5 }, { inode: 6 }] }, { 'ext-unix-sk': '5,6' }],
  [{ ext_unix_sk: false, unix_sk_ino: [{ inode: 5 }] }, {}],
  [{ compress: true }, { compress: 'lz4' }],
  [{ compress: true, compress_codec: 'zstd' }, { compress: 'zstd' }],
  [{ compress_codec: 'zstd' }, { compress: 'zstd' }],
  [{ compress: false }, {}],
  [{ manage_cgroups: true }, { 'manage-cgroups': 'soft' }],
  [{ manage_cgroups: true, manage_cgroups_mode: 0 }, { 'manage-cgroups': 'ignore' }],
  [{ manage_cgroups: false }, { 'manage-cgroups': 'ignore' }],
  [{ manage_cgroups: false, manage_cgroups_mode: 5 }, { 'manage-cgroups': 'strict' }],
  [{ veths: [{ if_in: 'a', if_out: 'b' }] }, { 'veth-pair': ['a=b'] }],
  [{ ext_mnt: [{ key: '/m', val: 'k' }], auto_ext_mnt: true }, { 'ext-mount-map': ['/m:k', 'auto'] }],
  [{ cg_root: [{ path: '/p' }, { ctrl: 'cpu', path: '/q' }] }, { 'cgroup-root': ['/p', 'cpu:/q'] }],
  [{ inherit_fd: [{ fd: 4, key: 'k' }] }, { 'inherit-fd': ['fd[4]:k'] }],
  [
    {
      join_ns: [
        { ns: 'net', ns_file: '/f' },
        { ns: 'uts', ns_file: '9' },
      ],
    },
    { 'join-ns': ['net:/f', 'uts:9'] },
  ],
  [{ empty_ns: 0x40000000 }, { 'empty-ns': ['net'] }],
  [{ empty_ns: 0 }, {}],
  [{ cpu_cap: 5 }, { 'cpu-cap': 'none,fpu,ins' }],
  [{ cpu_cap: 0 }, { 'cpu-cap': 'none' }],
  [
    { ps: { address: '::1', port: -1, fd: 9 } },
    { 'page-server': true, address: '::1', port: 65535, 'ps-socket': 9 },
  ],
  [
    { ps: { port: 27 }, lazy_pages: true },
    { 'lazy-pages': true, port: 27 },
  ],
  [
    { network_lock: 3, pre_dump_mode: 2, image_io_mode: 1 },
    { 'network-lock': 'skip', 'pre-dump-mode': 'read', 'image-io-mode': 'direct' },
  ],
  [{ status_fd: 4, pidfd_store_sk: 5 }, {}],
])('%j', (opts, expected) => {
  expect(asked(opts)).toEqual(expected);
});

test.each<[Partial<CriuOpts>, string]>([
  [{ manage_cgroups_mode: 9 }, 'manage_cgroups_mode cannot be 9'],
  [{ network_lock: 0 }, 'network_lock cannot be 0'],
  [{ pre_dump_mode: -1 }, 'pre_dump_mode cannot be -1'],
  [{ image_io_mode: 2 }, 'image_io_mode cannot be 2'],
  [{ compress_codec: 'gzip' }, 'bad value in compress_codec: gzip'],
  [{ empty_ns: 0x20000000 }, 'empty_ns can only be the network namespace'],
  [{ ps: { fd: -1 } }, 'bad value in ps: -1'],
  [
    { join_ns: [{ ns: 'user', ns_file: '9', extra_opt: '0:0' }] },
    'join_ns: a tree cannot be restored in a user namespace',
  ],
  [{ external: ['nonsense'] }, 'bad value in external: nonsense'],
])('%j is refused: %s', (opts, message) => {
  expect(() => asked(opts)).toThrow(message);
});

/** A value for which a field says something. */
function sample(field: keyof CriuOpts): unknown {
  if (field === 'empty_ns') return 0x40000000;
  if (field === 'ps') return { address: 'x', port: 1, fd: 2 };
  const structs: Partial<Record<keyof CriuOpts, unknown>> = {
    veths: [{ if_in: 'a', if_out: 'b' }],
    ext_mnt: [{ key: 'a', val: 'b' }],
    cg_root: [{ path: 'a' }],
    inherit_fd: [{ key: 'a', fd: 1 }],
    join_ns: [{ ns: 'net', ns_file: '1' }],
  };
  if (structs[field]) return structs[field];
  if (field === 'external') return ['tty[1:2]'];
  if (field === 'lsm_profile') return 'none';
  if (field in LISTS) return ['/x'];
  const numbers = [
    'log_level',
    'timeout',
    'ghost_limit',
    'cpu_cap',
    'manage_cgroups_mode',
    'network_lock',
    'pre_dump_mode',
    'image_io_mode',
    'compress_acceleration',
    'compress_region_size',
    'decompress_threads',
  ];
  if (numbers.includes(field)) return 1;
  return /root|_img|cgroup|lsm|tls_(ca|cert|key)/.test(field) && field !== 'manage_cgroups' ? 'x' : true;
}

test('every field of criu_opts is known, and every one that is known is in criu_opts', () => {
  const proto = readFileSync(new URL('../../../images/proto/rpc.proto', import.meta.url), 'utf8');
  const message = /^message criu_opts \{(.*?)^\}/ms.exec(proto)?.[1] ?? '';
  const fields = [...message.matchAll(/^\s*(?:optional|required|repeated)\s+\S+\s+(\w+)\s*=/gm)].map(
    (m) => m[1],
  );
  expect(fields.length).toBeGreaterThan(60);
  expect(Object.keys(FIELDS).sort()).toEqual(fields.sort());
});

test('every field is an option, the business of the connection, or ignored for a reason', () => {
  const known = new Set(OPTIONS.map((o) => o.name));
  for (const [field, rule] of Object.entries(FIELDS)) {
    if (rule.kind === 'ignored') expect(rule.why.length, field).toBeGreaterThan(20);
    if (rule.kind !== 'options') continue;
    const opts = { images_dir_fd: 3, ...LISTS, [field]: sample(field as keyof CriuOpts) };
    const options = fieldOptions(opts as CriuOpts);
    expect(options.length, field).toBeGreaterThan(0);
    for (const { option } of options) expect(known.has(option.name), field).toBe(true);
  }
});
