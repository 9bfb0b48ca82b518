// Settings of the command line as the options of dump() and restore().
import { resolvePath } from '@criu/native/fs';
import { actionScripts } from '../action-scripts.js';
import { CriuError } from '../errors.js';
import type { CommonOptions, DumpOptions, PageServerOptions, RestoreOptions } from '../options.js';
import { checkExternal } from '../resources/external.js';
import { parseInherited } from '../resources/files/inherit.js';
import { OPTIONS } from './option-table.js';
import { parseSize } from './option-value.js';
import type { Settings } from './settings.js';

export interface Directories {
  readonly imagesDir: string;
  readonly workDir: string;
}

/** Directories as absolute paths, seen from where criu was started: before the work directory is entered. */
export function directories(settings: Settings): Directories {
  const imagesDir = resolvePath(settings.text('images-dir') ?? '.');
  const workDir = resolvePath(settings.text('work-dir') ?? imagesDir);
  return { imagesDir, workDir };
}

/** What a command adds to the settings: log, progress, abort signal. */
export type Attached = Pick<CommonOptions, 'log' | 'onProgress' | 'signal'>;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** `--external` with the older ways to say the same in one list. @throws CriuError BAD_OPTION */
function externals(settings: Settings): string[] {
  const pair = (option: string, value: string, between: string): [string, string] => {
    const at = value.indexOf(between);
    if (at < 0)
      throw new CriuError('BAD_OPTION', `bad value for --${option}: ${value}`, {}, `it needs a ${between}`);
    return [value.slice(0, at), value.slice(at + 1)];
  };
  const out = [...settings.list('external')];
  for (const inode of settings.text('ext-unix-sk')?.split(',') ?? []) {
    if (inode === '') continue;
    if (!/^\d+$/.test(inode))
      throw new CriuError(
        'BAD_OPTION',
        `bad value for --ext-unix-sk: ${inode}`,
        {},
        'it takes inodes of sockets, with commas between them',
      );
    out.push(`unix[${Number(inode)}]`);
  }
  const auto = `${settings.flag('enable-external-masters') ? 'm' : ''}${settings.flag('enable-external-sharing') ? 's' : ''}`;
  for (const map of settings.list('ext-mount-map')) {
    if (map === 'auto') out.push(`mnt[]${auto && `:${auto}`}`);
    else {
      const [key, value] = pair('ext-mount-map', map, ':');
      out.push(`mnt[${key}]:${value}`);
    }
  }
  for (const veth of settings.list('veth-pair')) {
    const [inside, outside] = pair('veth-pair', veth, '=');
    out.push(`veth[${inside}]:${outside}`);
  }
  for (const value of out) checkExternal(value);
  return out;
}

function common(
  settings: Settings,
  { imagesDir, workDir }: Directories,
  faults: string | undefined,
): Mutable<CommonOptions> & SharedOptions {
  const out: Mutable<CommonOptions> & SharedOptions = { imagesDir, workDir };
  if (settings.flag('shell-job')) out.shellJob = true;
  if (settings.flag('tcp-established')) out.tcpEstablished = true;
  if (settings.flag('tcp-close')) out.tcpClose = true;
  if (settings.flag('file-locks')) out.fileLocks = true;
  if (settings.flag('link-remap')) out.linkRemap = true;
  if (settings.has('ext-unix-sk')) out.extUnixSk = true;
  if (settings.finalState === 'stopped') out.leaveStopped = true;
  const external = externals(settings);
  if (external.length > 0) out.external = external;
  // Without a value the mode is the default one.
  if (settings.has('manage-cgroups')) out.manageCgroups = settings.text('manage-cgroups') || 'soft';
  const roots = settings.list('cgroup-root');
  if (roots.length > 0) out.cgroupRoots = roots;
  const yard = settings.text('cgroup-yard');
  if (yard !== undefined) out.cgroupYard = resolvePath(yard);
  const scripts = settings.list('action-script');
  if (scripts.length > 0) out.notify = actionScripts(scripts, workDir);
  if (faults) out.faults = faults.split(',');
  return out;
}

type SharedOptions = Mutable<
  Pick<
    DumpOptions & RestoreOptions,
    'tcpEstablished' | 'tcpClose' | 'fileLocks' | 'linkRemap' | 'extUnixSk' | 'leaveStopped' | 'external'
  >
>;

/** Where a page server is, or is to be. @throws CriuError BAD_OPTION */
export function pageServerOptions(settings: Settings): PageServerOptions {
  const [address, port, socket] = [
    settings.text('address'),
    settings.number('port'),
    settings.number('ps-socket'),
  ];
  if (port !== undefined && (port < 0 || port > 65535))
    throw new CriuError('BAD_OPTION', `bad value for --port: ${port}`, {}, 'it is between 0 and 65535');
  return {
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port }),
    ...(socket === undefined ? {} : { socket }),
  };
}

/** @throws CriuError BAD_OPTION */
export function dumpOptions(settings: Settings, dirs: Directories, faults?: string): DumpOptions {
  const pid = settings.number('tree');
  if (!pid)
    throw new CriuError('BAD_OPTION', 'no process given', {}, 'name the root of the tree with -t PID');
  const out: Mutable<DumpOptions> = { ...common(settings, dirs, faults), pid };
  if (settings.finalState === 'running') out.leaveRunning = true;
  const timeout = settings.number('timeout');
  if (timeout !== undefined && timeout > 0) out.timeout = timeout;
  const ghostLimit = settings.text('ghost-limit');
  if (ghostLimit !== undefined)
    out.ghostLimit = parseSize(OPTIONS.find((o) => o.name === 'ghost-limit')!, ghostLimit);
  const prevImagesDir = settings.text('prev-images-dir');
  if (prevImagesDir !== undefined) out.prevImagesDir = prevImagesDir;
  if (settings.flag('skip-in-flight')) out.skipInFlight = true;
  const emptyNamespaces = settings.list('empty-ns');
  if (emptyNamespaces.length > 0) out.emptyNamespaces = emptyNamespaces;
  const skipMounts = settings.list('skip-mnt');
  if (skipMounts.length > 0) out.skipMounts = skipMounts;
  const enableFs = settings.list('enable-fs').flatMap((names) => names.split(','));
  if (enableFs.length > 0) out.enableFs = enableFs;
  const lock = settings.text('network-lock');
  if (lock === 'nftables' || lock === 'iptables') out.networkLock = lock;
  else if (lock !== undefined) out.networkLock = 'skip';
  if (settings.flag('track-mem')) out.trackMem = true;
  if (settings.flag('auto-dedup')) out.autoDedup = true;
  const cgroupProps = settings.text('cgroup-props');
  if (cgroupProps !== undefined) out.cgroupProps = cgroupProps;
  const cgroupPropsFile = settings.text('cgroup-props-file');
  if (cgroupPropsFile !== undefined) out.cgroupPropsFile = resolvePath(cgroupPropsFile);
  const cgroupDumpControllers = settings.list('cgroup-dump-controller');
  if (cgroupDumpControllers.length > 0) out.cgroupDumpControllers = cgroupDumpControllers;
  if (settings.flag('page-server')) out.pageServer = pageServerOptions(settings);
  const mode = settings.text('pre-dump-mode');
  if (mode !== undefined) out.preDumpMode = mode === 'read' ? 'read' : 'splice';
  const freezeCgroup = settings.text('freeze-cgroup');
  if (freezeCgroup !== undefined) out.freezeCgroup = freezeCgroup;
  return out;
}

/** @throws CriuError BAD_OPTION */
export function restoreOptions(settings: Settings, dirs: Directories, faults?: string): RestoreOptions {
  const out: Mutable<RestoreOptions> = { ...common(settings, dirs, faults) };
  const timeout = settings.number('timeout');
  if (timeout !== undefined && timeout > 0) out.timeout = timeout;
  if (settings.flag('restore-detached') || settings.flag('daemon')) out.detached = true;
  if (settings.flag('exec-cmd')) {
    if (settings.operands.length === 0)
      throw new CriuError('BAD_OPTION', '--exec-cmd needs a command', {}, 'put it after --');
    if (out.detached)
      throw new CriuError(
        'BAD_OPTION',
        '--exec-cmd and --restore-detached cannot go together',
        {},
        'leave -d out: the command becomes the parent of the restored task',
      );
    out.leaveChild = true;
  }
  if (settings.flag('restore-sibling')) {
    if (!out.detached)
      throw new CriuError('BAD_OPTION', '--restore-sibling needs --restore-detached', {}, 'add -d');
    out.sibling = true;
  }
  const pidfile = settings.text('pidfile');
  if (pidfile !== undefined) out.pidfile = resolvePath(out.workDir!, pidfile);
  if (settings.flag('auto-dedup')) out.autoDedup = true;
  if (settings.flag('skip-file-rwx-check')) out.skipFileRwxCheck = true;
  const validation = settings.text('file-validation');
  if (validation !== undefined) out.fileValidation = validation === 'filesize' ? 'filesize' : 'buildid';
  const emptyNamespaces = settings.list('empty-ns');
  if (emptyNamespaces.length > 0) out.emptyNamespaces = emptyNamespaces;
  if (settings.flag('weak-sysctls')) out.weakSysctls = true;
  const root = settings.text('root');
  if (root !== undefined) out.root = root;
  const inheritFd = settings.list('inherit-fd');
  for (const value of inheritFd) parseInherited(value);
  if (inheritFd.length > 0) out.inheritFd = inheritFd;
  return out;
}
