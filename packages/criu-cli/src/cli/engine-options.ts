// Converts settings of the command line to the options of dump() and restore().
import { resolvePath } from '@criu/native/fs';
import { actionScripts } from '../action-scripts.js';
import { CriuError } from '../errors.js';
import type { CommonOptions, DumpOptions, PageServerOptions, RestoreOptions } from '../options.js';
import { checkExternal } from '../resources/external.js';
import { parseInherited } from '../resources/files/inherit.js';
import type { Command } from './commands.js';
import type { EngineOptions } from './option-record.js';
import { OPTIONS } from './option-table.js';
import { inodesOf, pairOf } from './option-value.js';
import type { Settings } from './settings.js';

export interface Directories {
  readonly imagesDir: string;
  readonly workDir: string;
}

/**
 * Images and work directory as absolute paths, relative to the directory in which criu was started; must be called
 * before the work directory is entered.
 */
export function directories(settings: Settings): Directories {
  const imagesDir = resolvePath(settings.text('images-dir') ?? '.');
  const workDir = resolvePath(settings.text('work-dir') ?? imagesDir);
  return { imagesDir, workDir };
}

/** A command has its process to itself, and no system call of a dump takes that long. With `--timeout` it may take less. */
const STUCK_SECONDS = 60;

/** Options that a command adds to the settings: log, progress, abort signal. */
export type Attached = Pick<CommonOptions, 'log' | 'onProgress' | 'signal'>;

/** The values of `--external`, together with those of older options for the same. @throws CriuError BAD_OPTION */
function externals(settings: Settings): string[] {
  const out = [...settings.list('external')];
  for (const inode of inodesOf(settings.text('ext-unix-sk') ?? '')) out.push(`unix[${inode}]`);
  const auto = `${settings.flag('enable-external-masters') ? 'm' : ''}${settings.flag('enable-external-sharing') ? 's' : ''}`;
  for (const map of settings.list('ext-mount-map')) {
    if (map === 'auto') out.push(`mnt[]${auto && `:${auto}`}`);
    else {
      const [key, value] = pairOf('ext-mount-map', map, ':');
      out.push(`mnt[${key}]:${value}`);
    }
  }
  for (const veth of settings.list('veth-pair')) {
    const [inside, outside] = pairOf('veth-pair', veth, '=');
    out.push(`veth[${inside}]:${outside}`);
  }
  for (const value of out) checkExternal(value);
  return out;
}

/** Options that come from single records, and those that are combined from several. */
function common(
  settings: Settings,
  commands: readonly Command[],
  { imagesDir, workDir }: Directories,
  faults: string | undefined,
): EngineOptions {
  const out: EngineOptions = { imagesDir, workDir };
  for (const { name, engine, commands: concerned = commands } of OPTIONS)
    if (engine?.set && settings.has(name) && concerned.some((command) => commands.includes(command)))
      engine.set(out, settings.value(name));
  if (settings.finalState === 'stopped') out.leaveStopped = true;
  const external = externals(settings);
  if (external.length > 0) out.external = external;
  const scripts = settings.list('action-script');
  if (scripts.length > 0) out.notify = actionScripts(scripts, workDir);
  if (faults) out.faults = faults.split(',');
  return out;
}

/** The address of a page server. @throws CriuError BAD_OPTION */
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
  const { pid, ...out } = common(settings, ['dump', 'pre-dump'], dirs, faults);
  if (!pid)
    throw new CriuError('BAD_OPTION', 'no process given', {}, 'name the root of the tree with -t PID');
  if (settings.finalState === 'running') out.leaveRunning = true;
  if (settings.flag('page-server')) out.pageServer = pageServerOptions(settings);
  if (settings.flag('lazy-pages')) out.lazyServer = pageServerOptions(settings);
  const stuckSeconds = Math.min(STUCK_SECONDS, (out.timeout || STUCK_SECONDS) + 1);
  return { ...out, imagesDir: dirs.imagesDir, pid, stuckSeconds };
}

/** @throws CriuError BAD_OPTION */
export function restoreOptions(settings: Settings, dirs: Directories, faults?: string): RestoreOptions {
  const out = common(settings, ['restore'], dirs, faults);
  // -d means --daemon or --restore-detached; parsed as the former.
  if (settings.flag('daemon')) out.detached = true;
  if (out.leaveChild) {
    if (settings.operands.length === 0)
      throw new CriuError('BAD_OPTION', '--exec-cmd needs a command', {}, 'put it after --');
    if (out.detached)
      throw new CriuError(
        'BAD_OPTION',
        '--exec-cmd and --restore-detached cannot go together',
        {},
        'leave -d out: the command becomes the parent of the restored task',
      );
  }
  const pidfile = settings.text('pidfile');
  if (pidfile !== undefined) out.pidfile = resolvePath(dirs.workDir, pidfile);
  for (const value of out.inheritFd ?? []) parseInherited(value);
  return { ...out, imagesDir: dirs.imagesDir };
}
