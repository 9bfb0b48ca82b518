// The handler for each type of request.
import { type CriuFeatures, type CriuOpts, type CriuReq, CriuReqType } from '@criu/images';
import { addon, SysError } from '@criu/native';
import { fstatSync } from '@criu/native/fs';
import { classesToCheck } from '../arch/cpu-classes.js';
import { AnyOf, type CancelSignal } from '../cancel.js';
import type { Engine } from '../cli/engine.js';
import { dumpOptions, restoreOptions } from '../cli/engine-options.js';
import { dumpStatsText, restoreStatsText } from '../cli/stats.js';
import { asCriuError, CriuError } from '../errors.js';
import type { CheckResult } from '../features/index.js';
import { type Logger, silentLogger } from '../log.js';
import { ancestry, ProcError } from '../proc/index.js';
import { type Connection, failure, type Response } from './connection.js';
import { listeners } from './listeners.js';
import { announceServer, type PageServers, startServer, tellReady } from './page-servers.js';
import { type Prepared, prepareRequest, type RequestContext } from './request.js';
import { versionResponse } from './version.js';

export interface ServeContext extends RequestContext {
  readonly connection: Connection;
  readonly servers: PageServers;
  readonly engine: Engine;
  check(names: readonly string[]): AsyncIterable<CheckResult>;
  readonly signal: CancelSignal;
  /** A restore may end with this process executing a command (`exec_cmd`). */
  readonly becomes: boolean;
  /**
   * Started by the client itself (swrk): descriptor numbers are shared, and a sibling of this process is a child of the
   * client.
   */
  readonly worker: boolean;
  /** Calls a function right before this process exits, which it does after its last response. */
  readonly atExit?: (action: () => void) => void;
}

/** What remains to be done after the handler. */
export interface Outcome {
  /** Undefined if the client gets none, or has it already. */
  readonly response: Response | undefined;
  /** The response was sent already, but the client had closed the connection. */
  readonly unheard?: boolean;
  /** Command to be executed by this process after the response, with the log as its output. */
  readonly become?: { readonly command: readonly string[]; readonly logPath: string | undefined };
}

type Handler = (request: CriuReq, context: ServeContext) => Promise<Outcome>;

function optionsOf({ opts }: CriuReq): CriuOpts {
  if (!opts)
    throw new CriuError(
      'BAD_OPTION',
      'the request has no options (opts)',
      {},
      'it needs at least images_dir_fd',
    );
  return opts;
}

/** Whether a process is `root` or a descendant of it. */
function within(pid: number, root: number): boolean {
  try {
    for (const up of ancestry(pid)) if (up === root) return true;
  } catch (error) {
    // A process that is not visible here has no known ancestors.
    if (!(error instanceof ProcError)) throw error;
  }
  return false;
}

/** Root of the tree for a request: the client process unless a pid is given. */
function rootOf({ pid }: CriuOpts, { peer }: ServeContext): number {
  const root = pid || peer.pid;
  if (root < 0)
    throw new CriuError(
      'BAD_OPTION',
      `${root} is no pid`,
      {},
      'name a process in pid, or leave it out for the requesting one',
    );
  return root;
}

/** Runs work, and logs its error. */
async function logged<T>(prepared: Prepared, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const error = asCriuError(thrown, 'unexpected failure');
    prepared.log.error(error.explain());
    prepared.log.debug(error.traces);
    throw error;
  }
}

/**
 * Does the work of a request, and cancels it when the client closes the connection. If the client dumps itself, the
 * connection closes as part of the dump, so it is not watched.
 */
async function whileWanted<T>(
  { connection, signal }: ServeContext,
  dumpsItself: boolean,
  work: (signal: CancelSignal) => Promise<T>,
): Promise<T> {
  if (dumpsItself) return work(signal);
  using hangUp = connection.watchHangUp();
  using either = new AnyOf(signal, hangUp.signal);
  return await work(either.signal);
}

async function dump(request: CriuReq, context: ServeContext): Promise<Outcome> {
  const opts = optionsOf(request);
  const { peer, connection, env } = context;
  const self = !opts.pid;
  const pid = rootOf(opts, context);
  const frozen = within(peer.pid, pid);
  if (frozen && opts.notify_scripts)
    throw new CriuError(
      'BAD_OPTION',
      'a process that is dumped cannot answer notifications',
      { pid: peer.pid },
      'ask without notify_scripts, or from outside of the dumped tree',
    );
  using prepared = prepareRequest('dump', opts, context, [{ name: 'tree', value: String(pid) }]);
  const { settings, directories, log } = prepared;
  const options = dumpOptions(settings, directories, env.CRIU_FAULT);
  const result = await logged(prepared, () =>
    whileWanted(context, frozen, (signal) =>
      context.engine.dump({
        ...options,
        ...listeners(opts, context, options.timeout, options.notify),
        ...(opts.orphan_pts_master ? { orphanPtsMaster: true } : {}),
        log,
        signal,
        serviceSocket: fstatSync(connection.socket.fd).ino,
        onLazyServer: () => tellReady(opts, prepared, context, pid, signal),
      }),
    ),
  );
  log.info(`Process ${result.pid}: ${result.tasks} tasks dumped`);
  if (settings.flag('display-stats')) log.info(dumpStatsText(result.stats));
  // A client that has dumped itself gets its response from the restore, which puts it into the restored socket.
  if (self && !options.leaveRunning) return { response: undefined };
  return { response: { type: request.type, success: true, dump: { restored: false } } };
}

/** The connection stays open for the following dump, unless the request is a single pre-dump. */
async function preDump(request: CriuReq, context: ServeContext): Promise<Outcome> {
  const opts = optionsOf(request);
  const { peer, env } = context;
  const pid = rootOf(opts, context);
  using prepared = prepareRequest('pre-dump', opts, context, [{ name: 'tree', value: String(pid) }]);
  const { settings, directories, log } = prepared;
  const options = dumpOptions(settings, directories, env.CRIU_FAULT);
  const result = await logged(prepared, () =>
    whileWanted(context, within(peer.pid, pid), (signal) =>
      context.engine.preDump({ ...options, log, signal }),
    ),
  );
  log.info(`Process ${result.pid}: ${result.tasks} tasks pre-dumped`);
  if (settings.flag('display-stats')) log.info(dumpStatsText(result.stats));
  return { response: { type: request.type, success: true } };
}

async function restore(request: CriuReq, context: ServeContext): Promise<Outcome> {
  const opts = optionsOf(request);
  const { env, worker } = context;
  if (!worker && opts.rst_sibling)
    throw new CriuError(
      'BAD_OPTION',
      "rst_sibling: a service is nobody's child",
      {},
      'start `criu swrk` for it',
    );
  if (!worker && opts.inherit_fd.length > 0)
    throw new CriuError(
      'BAD_OPTION',
      'inherit_fd: a service has not inherited anything',
      {},
      'start `criu swrk` for it',
    );
  if (opts.exec_cmd.length > 0 && !context.becomes)
    throw new CriuError(
      'BAD_OPTION',
      'exec_cmd: this process cannot become another one',
      {},
      'ask `criu swrk` or `criu service`',
    );
  using prepared = prepareRequest('restore', opts, context, [
    { name: 'restore-detached' },
    ...(opts.rst_sibling ? [{ name: 'restore-sibling' }] : []),
  ]);
  const { settings, directories, log } = prepared;
  const options = restoreOptions(settings, directories, env.CRIU_FAULT);
  const command = opts.exec_cmd;
  const ends = !request.keep_open && command.length === 0;
  let unheard = false;
  await logged(prepared, () =>
    whileWanted(context, false, (signal) =>
      context.engine.restore({
        ...options,
        ...listeners(opts, context, options.timeout, options.notify),
        ...(command.length > 0 ? { leaveChild: true } : {}),
        ...(opts.orphan_pts_master && opts.notify_scripts ? { orphanPtsMaster: true } : {}),
        log,
        signal,
        ...(context.atExit && ends ? { atExit: context.atExit } : {}),
        async onRestored({ pid, stats }) {
          if (settings.flag('display-stats')) log.info(restoreStatsText(stats));
          // The client may read it as soon as it has the answer.
          log.flush();
          try {
            await context.connection.respond({ type: request.type, success: true, restore: { pid } });
          } catch (error) {
            // The tasks run all the same.
            if (!(error instanceof SysError)) throw error;
            log.warn(`nobody is told of the restored tasks: ${error.message}`);
            unheard = true;
          }
        },
      }),
    ),
  );
  return {
    response: undefined,
    unheard,
    ...(command.length > 0 ? { become: { command, logPath: prepared.logPath } } : {}),
  };
}

/** Starts a page server as a process of its own; as a child of this process if the client will wait for it. */
async function pageServer(request: CriuReq, context: ServeContext): Promise<Outcome> {
  const opts = optionsOf(request);
  using prepared = prepareRequest('page-server', opts, context, []);
  const child = request.type === CriuReqType.PAGE_SERVER_CHLD;
  const ps = await logged(prepared, async () => {
    const server = await startServer(prepared, context, child);
    await announceServer(opts, prepared, context, server.pid);
    return server;
  });
  return { response: { type: CriuReqType.PAGE_SERVER, success: true, ps } };
}

/** Checks the required features. As in CRIU, there is no log unless the request names one. */
async function check(request: CriuReq, context: ServeContext): Promise<Outcome> {
  const { opts } = request;
  using prepared =
    opts?.log_file !== undefined && !opts.log_to_stderr
      ? prepareRequest('check', opts, context, [])
      : undefined;
  const work = () => checkRequired(context, prepared?.log ?? silentLogger);
  await (prepared ? logged(prepared, work) : work());
  return { response: { type: request.type, success: true } };
}

async function checkRequired(context: ServeContext, log: Logger): Promise<void> {
  const { FEATURES } = await import('../features/index.js');
  const names = FEATURES.filter((f) => f.category === 'required').map((f) => f.name);
  for await (const { feature, missing } of context.check(names)) {
    if (missing !== null)
      throw new CriuError(
        'UNSUPPORTED',
        `the kernel lacks ${feature.name}: ${missing}`,
        {},
        `${feature.what}; without it: ${feature.without}; \`criu check --all\` tells what else is lacking`,
      );
    log.info(`${feature.name}: yes`);
  }
  log.info('Looks good.');
}

/** Fields of criu_features, with the feature's name for `criu check --feature`. */
const FEATURE_NAMES = {
  mem_track: 'mem_dirty_track',
  lazy_pages: 'uffd-noncoop',
  pidfd_store: 'pidfd_store',
} as const satisfies Partial<Record<keyof CriuFeatures, string>>;

async function featureCheck(request: CriuReq, context: ServeContext): Promise<Outcome> {
  const { features } = request;
  if (!features)
    throw new CriuError(
      'BAD_OPTION',
      'the request names no features (features)',
      {},
      'set those that are asked for to true',
    );
  const found: CriuFeatures = { mem_track: false, lazy_pages: false, pidfd_store: false };
  // Compression needs no kernel feature; it is reported only to clients that ask for it.
  if (features.mem_compression) found.mem_compression = true;
  for (const field of Object.keys(FEATURE_NAMES) as (keyof typeof FEATURE_NAMES)[]) {
    if (!features[field]) continue;
    for await (const { missing } of context.check([FEATURE_NAMES[field]])) found[field] = missing === null;
  }
  return { response: { type: request.type, success: true, features: found } };
}

async function version(): Promise<Outcome> {
  return { response: versionResponse() };
}

/** Returns the exit status of a child process that an earlier request has started. */
async function waitPid({ type, pid = 0 }: CriuReq, context: ServeContext): Promise<Outcome> {
  if (pid <= 0 || pid > 0x7fffffff)
    throw new CriuError('BAD_OPTION', `${pid} is no pid`, {}, 'name a child of this process in pid');
  const own = await context.servers.ended(pid);
  if (own !== undefined) return { response: { type, success: true, status: own } };
  const status = await addon().waitChild(pid, true);
  if (status >= 0) return { response: { type, success: true, status } };
  return {
    response: { type, success: false, cr_errno: -status, cr_errmsg: `${pid} is no child to wait for` },
  };
}

async function cpuinfo(request: CriuReq, context: ServeContext): Promise<Outcome> {
  const opts = optionsOf(request);
  const dumps = request.type === CriuReqType.CPUINFO_DUMP;
  using prepared = prepareRequest(dumps ? 'cpuinfo dump' : 'cpuinfo check', opts, context, []);
  const { settings, directories } = prepared;
  await logged(prepared, () =>
    dumps
      ? context.engine.cpuinfoDump(directories.imagesDir)
      : context.engine.cpuinfoCheck(directories.imagesDir, classesToCheck(settings.text('cpu-cap'))),
  );
  return { response: { type: request.type, success: true } };
}

const HANDLERS: Readonly<Record<number, Handler>> = {
  [CriuReqType.DUMP]: dump,
  [CriuReqType.RESTORE]: restore,
  [CriuReqType.CHECK]: check,
  [CriuReqType.FEATURE_CHECK]: featureCheck,
  [CriuReqType.VERSION]: version,
  [CriuReqType.WAIT_PID]: waitPid,
  [CriuReqType.PRE_DUMP]: preDump,
  [CriuReqType.SINGLE_PRE_DUMP]: preDump,
  [CriuReqType.PAGE_SERVER]: pageServer,
  [CriuReqType.PAGE_SERVER_CHLD]: pageServer,
  [CriuReqType.CPUINFO_DUMP]: cpuinfo,
  [CriuReqType.CPUINFO_CHECK]: cpuinfo,
};

/** The type of the response to a request. */
function responseType(type: number): number {
  if (type === CriuReqType.PAGE_SERVER_CHLD) return CriuReqType.PAGE_SERVER;
  return type in HANDLERS ? type : CriuReqType.EMPTY;
}

function failed(request: CriuReq, error: CriuError): Response {
  const response = failure(responseType(request.type), error);
  if (request.type === CriuReqType.DUMP) return { ...response, dump: { restored: false } };
  return request.type === CriuReqType.RESTORE ? { ...response, restore: { pid: -1 } } : response;
}

/** Handles a request; an error becomes a response. */
export async function handle(request: CriuReq, context: ServeContext): Promise<Outcome> {
  try {
    const handler = HANDLERS[request.type];
    if (!handler)
      throw new CriuError(
        'BAD_OPTION',
        `there is no request of type ${request.type}`,
        {},
        'ask VERSION which CRIU this is as good as: newer ones may know more requests',
      );
    return await handler(request, context);
  } catch (error) {
    return { response: failed(request, asCriuError(error, 'unexpected failure')) };
  }
}
