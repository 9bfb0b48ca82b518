// Combines configuration files, the request, and the configuration file that the request names.
import type { CriuOpts } from '@criu/images';
import type { PeerIdentity } from '@criu/native';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readlinkSync,
  resolvePath,
  statSync,
} from '@criu/native/fs';
import { configured } from '../cli/command-line.js';
import type { Command } from '../cli/commands.js';
import type { Directories } from '../cli/engine-options.js';
import { type Environment, refusedVariables } from '../cli/environment.js';
import { descriptorTarget, FileLogger, fileTarget } from '../cli/log-file.js';
import type { GivenOption } from '../cli/normalise.js';
import { optionNamed } from '../cli/option-table.js';
import { effectiveUser } from '../cli/own-process.js';
import { argumentsOf, refusalOf, requirePrivileges, requireSupported, Settings } from '../cli/settings.js';
import { CriuError } from '../errors.js';
import type { LogLevel } from '../log.js';
import { Refusals } from '../refusals.js';
import { fieldOptions } from './fields.js';

const DEFAULT_LOG = 'criu.log';
const NO_FD = -1;

export interface RequestContext {
  readonly peer: PeerIdentity;
  /** Options of configuration files, read once before the first request. */
  readonly configured: readonly GivenOption[];
  readonly env: Environment;
}

export interface Prepared extends Disposable {
  readonly settings: Settings;
  readonly directories: Directories;
  readonly log: FileLogger;
  /** Undefined if the log goes to standard error. */
  readonly logPath: string | undefined;
}

/** Opens the file of a client's descriptor anew, by /proc/pid/fd. @throws the error of open(2) */
export function reopenOfPeer({ pid }: Pick<PeerIdentity, 'pid'>, number: number, flags: number): number {
  return openSync(`/proc/${pid}/fd/${number}`, flags);
}

/**
 * Opens a directory by a client's descriptor, and returns a path that works in this process; `fd` keeps it valid.
 * @throws CriuError
 */
function openOfPeer({ pid }: PeerIdentity, number: number, field: string): { path: string; fd: number } {
  const wrong = (why: string, cause?: unknown) =>
    new CriuError(
      'BAD_OPTION',
      `${field}: ${why}`,
      {},
      'it has to be the number of an open directory of the requesting process',
      cause,
    );
  if (number < 0) throw wrong(`${number} is no descriptor`);
  if (pid <= 0) throw wrong('the requesting process cannot be seen from here');
  let fd: number;
  try {
    fd = reopenOfPeer({ pid }, number, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw wrong(`descriptor ${number} of ${pid} cannot be opened as a directory`, error);
  }
  const opened = fstatSync(fd, { bigint: true });
  const name = readlinkSync(`/proc/self/fd/${fd}`);
  const there = statSync(name, { bigint: true, throwIfNoEntry: false });
  // The real path is preferred for messages, if it leads to the same directory here as for the client.
  const same = there?.ino === opened.ino && there.dev === opened.dev;
  return { path: same ? name : `/proc/${process.pid}/fd/${fd}`, fd };
}

/** The last value of an option in a list. */
function lastOf(given: readonly GivenOption[], name: string): string | undefined {
  return given.findLast(({ option }) => option.name === name)?.value;
}

interface Sources {
  readonly opts: CriuOpts;
  readonly context: RequestContext;
  /** Options of the configuration file that the request names. */
  readonly named: readonly GivenOption[];
  /** The request is a check, which has no images. */
  readonly checks: boolean;
}

/** @throws CriuError BAD_OPTION */
function findDirectories({ opts, context, named, checks }: Sources, keep: (fd: number) => void): Directories {
  const ofPeer = (number: number, field: string) => {
    const { path, fd } = openOfPeer(context.peer, number, field);
    keep(fd);
    return path;
  };
  const given = (
    option: string,
    fd: number | undefined,
    field: string,
    path?: string,
  ): string | undefined => {
    const configuredDir = lastOf(named, option);
    if (configuredDir !== undefined) return resolvePath(configuredDir);
    if (fd !== undefined) return ofPeer(fd, field);
    return path === undefined ? undefined : resolvePath(path);
  };
  const imagesFd = opts.images_dir_fd === NO_FD ? undefined : opts.images_dir_fd;
  const images = given('images-dir', imagesFd, 'images_dir_fd', opts.images_dir);
  const everywhere = lastOf(context.configured, 'work-dir');
  const work = given('work-dir', opts.work_dir_fd, 'work_dir_fd', everywhere);
  // A check has no images; its log goes to the work directory.
  const imagesDir = images ?? (checks ? work : undefined);
  if (imagesDir === undefined)
    throw new CriuError('BAD_OPTION', 'no images directory', {}, 'give images_dir_fd or images_dir');
  const workDir = work ?? imagesDir;
  for (const [what, dir] of [
    ['images', imagesDir],
    ['work', workDir],
  ] as const)
    if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory())
      throw new CriuError(
        'BAD_OPTION',
        `the ${what} directory is no directory`,
        { file: dir },
        what === 'work'
          ? 'open one for work_dir_fd'
          : 'make it, or name another in images_dir_fd or images_dir',
      );
  return { imagesDir, workDir };
}

/** File of the log; undefined for standard error. @throws CriuError BAD_OPTION */
function logFile({ opts, context, named }: Sources, workDir: string): string | undefined {
  const given = lastOf(named, 'log-file');
  if (given !== undefined) return resolvePath(workDir, given);
  if (opts.log_file !== undefined) {
    if (opts.log_file.includes('/') || opts.log_file === '')
      throw new CriuError(
        'BAD_OPTION',
        `log_file: ${opts.log_file} is no plain file name`,
        {},
        'leave out the slashes',
      );
    return resolvePath(workDir, opts.log_file);
  }
  if (opts.log_to_stderr) return undefined;
  return resolvePath(workDir, lastOf(context.configured, 'log-file') ?? DEFAULT_LOG);
}

/** Refuses unsupported options by the name of the request's field. @throws CriuError UNSUPPORTED */
function refuseUnsupported(command: Command, fields: ReturnType<typeof fieldOptions>): void {
  const refusals = new Refusals();
  for (const { field, option, negated } of fields) {
    const concerns = !option.commands || option.commands.includes(command);
    if (option.support === 'no' && concerns && !negated)
      refusals.add(refusalOf(`${field} (--${option.name})`, option));
  }
  refusals.settle();
}

/**
 * The configuration file named by the request. Container engines always name one, which usually does not exist.
 * @throws CriuError BAD_OPTION
 */
function namedFile({ config_file: name }: CriuOpts): { named: readonly GivenOption[]; missing: boolean } {
  if (name === undefined) return { named: [], missing: false };
  const path = resolvePath(name);
  if (!existsSync(path)) return { named: [], missing: true };
  return { named: configured({ named: path, defaults: false }, { env: {} }), missing: false };
}

/** Prepares a request: settings, directories, log. @throws CriuError; then nothing is left open */
export function prepareRequest(
  command: Exclude<Command, 'lazy-pages' | 'service' | 'swrk' | 'dedup' | 'completion'>,
  opts: CriuOpts,
  context: RequestContext,
  more: readonly { name: string; value?: string }[],
): Prepared {
  const fds: number[] = [];
  const closeAll = () => {
    for (const fd of fds.splice(0)) closeSync(fd);
  };
  try {
    const { named, missing } = namedFile(opts);
    const fields = fieldOptions(opts);
    const given = [
      ...context.configured,
      ...fields,
      ...more.map(({ name, value }) => ({
        option: optionNamed(name),
        ...(value === undefined ? {} : { value }),
      })),
      ...named,
    ];
    const settings = new Settings(command, argumentsOf(given));
    const sources = { opts, context, named, checks: command === 'check' };
    const directories = findDirectories(sources, (fd) => fds.push(fd));
    const path = logFile(sources, directories.workDir);
    const level = Math.min(4, Math.max(0, settings.verbosity)) as LogLevel;
    const target = path === undefined ? descriptorTarget(2) : fileTarget(path, settings.flag('log-pid'));
    const log = new FileLogger(level, target);
    log.banner();
    if (missing) log.info(`There is no configuration file ${opts.config_file}`);
    try {
      // Checked after the log was opened, so that the refusal is logged, too.
      refuseUnsupported(command, fields);
      requireSupported(settings);
      requirePrivileges(settings, effectiveUser());
      for (const { name, help } of refusedVariables(context.env as Record<string, string | undefined>))
        log.warn(`$${name} has no effect: ${help}`);
    } catch (error) {
      log.error((error as CriuError).explain());
      log.close();
      throw error;
    }
    return {
      settings,
      directories,
      log,
      logPath: path,
      [Symbol.dispose]() {
        log.close();
        closeAll();
      },
    };
  } catch (error) {
    closeAll();
    throw error;
  }
}
