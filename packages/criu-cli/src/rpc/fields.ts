// Maps every field of criu_opts: to an option of the table, to the connection code, or to nothing, with the reason.
import {
  CriuCgMode,
  CriuImageIoMode,
  CriuNetworkLockMethod,
  type CriuOpts,
  CriuPreDumpMode,
} from '@criu/images';
import { CLONE_NEWNET } from '@criu/native/uapi';
import type { GivenOption } from '../cli/normalise.js';
import { OPTIONS } from '../cli/option-table.js';
import { checkValue } from '../cli/option-value.js';
import { CriuError } from '../errors.js';
import { Refusals } from '../refusals.js';

/** An option as on the command line; false overrides a flag of configuration files. */
type Said = readonly [option: string, value: string | boolean];

type Rule<T> =
  | {
      readonly kind: 'options';
      readonly names: readonly string[];
      say(value: T, opts: CriuOpts): readonly Said[];
    }
  /** Handled in rpc/request.ts or rpc/handlers.ts. */
  | { readonly kind: 'own'; readonly what: string }
  | { readonly kind: 'ignored'; readonly why: string };

type Field = keyof CriuOpts;
type Rules = { readonly [K in Field]?: Rule<Required<CriuOpts>[K]> };

function options<T>(
  names: string | readonly string[],
  say: (value: T, opts: CriuOpts) => readonly Said[],
): Rule<T> {
  return { kind: 'options', names: typeof names === 'string' ? [names] : names, say };
}
const own = (what: string) => ({ kind: 'own', what }) as const;
const ignored = (why: string) => ({ kind: 'ignored', why }) as const;
/** A field with the same meaning as an option. */
const sameAs = (name: string) =>
  options<unknown>(name, (value) =>
    typeof value === 'boolean' ? [[name, value]] : [value].flat().map((one) => [name, String(one)] as const),
  );

/** @throws CriuError BAD_OPTION */
function wordFor(field: string, words: Readonly<Record<number, string>>, value: number): string {
  const word = words[value];
  if (word === undefined)
    throw new CriuError(
      'BAD_OPTION',
      `${field} cannot be ${value}`,
      {},
      `it is one of ${Object.entries(words)
        .map(([number, name]) => `${number} (${name})`)
        .join(', ')}`,
    );
  return word;
}
const choice = (field: string, name: string, words: Readonly<Record<number, string>>) =>
  options<number>(name, (value) => [[name, wordFor(field, words, value)]]);

const CG_MODES: Readonly<Record<number, string>> = {
  [CriuCgMode.IGNORE]: 'ignore',
  [CriuCgMode.CG_NONE]: 'none',
  [CriuCgMode.PROPS]: 'props',
  [CriuCgMode.SOFT]: 'soft',
  [CriuCgMode.FULL]: 'full',
  [CriuCgMode.STRICT]: 'strict',
  [CriuCgMode.DEFAULT]: 'soft',
};
const CPU_CAPS = ['fpu', 'cpu', 'ins'] as const;

/** Fields that are not named in an option record, since they need a conversion. */
const SPECIAL: Rules = {
  images_dir_fd: own('directory of the images: a descriptor of the requesting process; -1 for none'),
  images_dir: own('the same by its path, where images_dir_fd is -1'),
  work_dir_fd: own('directory of the log and of statistics (default: that of the images)'),
  pid: own('root of the process tree; 0 or left out: the requesting process'),
  log_file: own('name of the log, without a slash (default: criu.log; for CHECK none)'),
  log_to_stderr: own('no log file'),
  notify_scripts: own('the client is told of each stage, and has to answer'),
  rst_sibling: own('the restored root is a child of the requesting process (`criu swrk` only)'),
  exec_cmd: own('command that this process becomes after the answer'),
  config_file: own('configuration file whose options come last, if it is there'),
  orphan_pts_master: own(
    'the client gets the master of a terminal whose other side was not dumped (with notify_scripts)',
  ),
  // A false value does not disable the other one of the two options.
  leave_running: options('leave-running', (on) => (on ? [['leave-running', true]] : [])),
  leave_stopped: options('leave-stopped', (on) => (on ? [['leave-stopped', true]] : [])),
  network_lock: choice('network_lock', 'network-lock', {
    [CriuNetworkLockMethod.IPTABLES]: 'iptables',
    [CriuNetworkLockMethod.NFTABLES]: 'nftables',
    [CriuNetworkLockMethod.SKIP]: 'skip',
  }),
  pre_dump_mode: choice('pre_dump_mode', 'pre-dump-mode', {
    [CriuPreDumpMode.SPLICE]: 'splice',
    [CriuPreDumpMode.VM_READ]: 'read',
  }),
  image_io_mode: choice('image_io_mode', 'image-io-mode', {
    [CriuImageIoMode.IMAGE_IO_WRITEBACK]: 'writeback',
    [CriuImageIoMode.IMAGE_IO_DIRECT]: 'direct',
  }),
  compress: options('compress', (on, { compress_codec = 'lz4' }) => [['compress', on && compress_codec]]),
  compress_codec: options('compress', (codec) => [['compress', codec]]),
  // The mode takes precedence if both fields are set.
  manage_cgroups: options('manage-cgroups', (on) => [['manage-cgroups', on ? 'soft' : 'ignore']]),
  manage_cgroups_mode: choice('manage_cgroups_mode', 'manage-cgroups', CG_MODES),
  cg_root: options('cgroup-root', (roots) =>
    roots.map(({ ctrl, path }) => ['cgroup-root', ctrl === undefined ? path : `${ctrl}:${path}`]),
  ),
  ext_unix_sk: options('ext-unix-sk', (on, { unix_sk_ino }) => [
    ['ext-unix-sk', on && unix_sk_ino.map(({ inode }) => inode).join(',')],
  ]),
  unix_sk_ino: ignored('part of ext_unix_sk, without which it means nothing'),
  veths: options('veth-pair', (pairs) =>
    pairs.map(({ if_in, if_out }) => ['veth-pair', `${if_in}=${if_out}`]),
  ),
  ext_mnt: options('ext-mount-map', (mounts) =>
    mounts.map(({ key, val }) => ['ext-mount-map', `${key}:${val}`]),
  ),
  auto_ext_mnt: options('ext-mount-map', (on) => (on ? [['ext-mount-map', 'auto']] : [])),
  inherit_fd: options('inherit-fd', (files) =>
    files.map(({ fd, key }) => ['inherit-fd', `fd[${fd}]:${key}`]),
  ),
  join_ns: options('join-ns', (spaces) =>
    spaces.map(({ ns, ns_file, extra_opt }) => [
      'join-ns',
      `${ns}:${ns_file}${extra_opt === undefined ? '' : `,${extra_opt}`}`,
    ]),
  ),
  empty_ns: options('empty-ns', (mask) => {
    if (mask & ~CLONE_NEWNET)
      throw new CriuError(
        'BAD_OPTION',
        'empty_ns can only be the network namespace (CLONE_NEWNET)',
        {},
        `it is 0x${CLONE_NEWNET.toString(16)}, or left out`,
      );
    return mask ? [['empty-ns', 'net']] : [];
  }),
  // `none` first, so that the request replaces the default instead of adding to it.
  cpu_cap: options('cpu-cap', (bits) => [
    ['cpu-cap', ['none', ...CPU_CAPS.filter((_, i) => bits & (1 << i))].join(',')],
  ]),
  ps: options(['page-server', 'address', 'port', 'ps-socket'], ({ address, port, fd }, { lazy_pages }) => [
    // With lazy pages, the field has the address at which pages are served.
    ...(lazy_pages ? [] : [['page-server', true] as const]),
    ...(address === undefined ? [] : [['address', address] as const]),
    ...(port === undefined ? [] : [['port', String(port & 0xffff)] as const]),
    ...(fd === undefined ? [] : [['ps-socket', String(fd)] as const]),
  ]),
  status_fd: own(
    'a page server writes a zero byte to that descriptor of the requesting process when it is ready',
  ),
  pidfd_store_sk: ignored(
    'a second way, beside start times, to notice that a pid was used again between two dumps',
  ),
};

/** All fields of criu_opts; those with the meaning of an option come from its record. */
export const FIELDS: Readonly<Partial<Record<Field, Rule<unknown>>>> = {
  ...(SPECIAL as Partial<Record<Field, Rule<unknown>>>),
  ...Object.fromEntries(OPTIONS.flatMap(({ name, rpc }) => (rpc ? [[rpc, sameAs(name)]] : []))),
};

/** An option that was made from a field. */
export interface FieldOption extends GivenOption {
  readonly field: string;
}

/** Converts the fields of a request to options of the command line. @throws CriuError BAD_OPTION naming the field */
export function fieldOptions(opts: CriuOpts): FieldOption[] {
  const out: FieldOption[] = [];
  const refusals = new Refusals();
  for (const [field, rule] of Object.entries(FIELDS)) {
    const value = opts[field as Field];
    if (value === undefined || rule.kind !== 'options') continue;
    refusals.attempt(() => {
      for (const [name, said] of rule.say(value, opts)) out.push(given(field, name, said));
    });
  }
  refusals.settle();
  return out;
}

function given(field: string, name: string, said: string | boolean): FieldOption {
  const option = OPTIONS.find((o) => o.name === name);
  if (!option) throw new CriuError('INTERNAL', `${field} stands for --${name}, which does not exist`);
  if (said === false) return { field, option, negated: true };
  const one: FieldOption = said === true ? { field, option } : { field, option, value: said };
  try {
    checkValue(one);
  } catch (error) {
    const { code, message, remedy } = error as CriuError;
    throw new CriuError(
      code,
      code === 'BAD_OPTION' ? `bad value in ${field}: ${said}` : `${field}: ${message}`,
      {},
      remedy,
    );
  }
  return one;
}
