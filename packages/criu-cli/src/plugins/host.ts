// Runs a plugin in a process of its own, and handles plugins that hang or crash.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  addon,
  errnoName,
  ownEnvironment,
  pluginHostPath,
  socketpair,
  sysRaw,
  waitForEvents,
} from '@criu/native';
import { closeSync, openSync } from '@criu/native/fs';
import { EOPNOTSUPP, POLLIN, SOCK_SEQPACKET } from '@criu/native/uapi';
import { asCriuError, CriuError } from '../errors.js';
import type { Logger } from '../log.js';
import { readStat } from '../proc/index.js';
import type { FoundPlugin } from './find.js';
import { HOOKS, type HookAnswer, type HookCall, type HookName, hookNames, STAGES } from './hooks.js';
import {
  decodeReply,
  EXIT,
  encodeRequest,
  INIT,
  KIND,
  type Reply,
  sendMessage,
  takeMessage,
} from './messages.js';
import type { PluginStage } from './plugin.js';

/** Milliseconds for the start; modules load slowly on a busy machine. */
const START_MS = 30_000;
const DEATH_MS = 200;
const LEVELS = ['error', 'error', 'warn', 'info', 'debug'] as const;

export interface HostOptions {
  readonly stage: PluginStage;
  readonly imagesDir: string;
  readonly workDir: string;
  readonly log: Logger;
  /** Time limit of a hook in milliseconds. */
  readonly patience: number;
}

/** The dynamic linker did not find a symbol, which only the CRIU executable has. */
export class MissingSymbol extends Error {}

export class PluginHost {
  name: string;
  /** MAJOR.MINOR.PATCH of a module; of C plugins the version of their interface. */
  version = '';
  hooks: ReadonlySet<HookName> = new Set();
  /** Names that the plugin adds to the inventory, and inventory names that it accepts as its own. */
  readonly listed: string[] = [];
  readonly claimed: string[] = [];
  /** The plugin has handled an object, which only this plugin can restore. */
  acted = false;
  /** Resolves when its process has ended. */
  readonly ended: Promise<void>;
  private dead: string | undefined;

  private constructor(
    readonly found: FoundPlugin,
    private readonly child: ChildProcess,
    private readonly socket: number,
    private readonly options: HostOptions,
  ) {
    this.name = found.path;
    this.ended = new Promise((resolve) => {
      for (const event of ['exit', 'error']) child.once(event, () => resolve());
    });
  }

  /** Starts the process. @throws CriuError PLUGIN_FAILED; MissingSymbol */
  static async start(found: FoundPlugin, options: HostOptions): Promise<PluginHost> {
    const [ours, theirs] = socketpair(SOCK_SEQPACKET);
    let images: number | undefined;
    let host: PluginHost;
    try {
      images = openSync(options.imagesDir, 'r');
      host = new PluginHost(found, launch(found, options, theirs, images), ours, options);
    } catch (error) {
      closeSync(ours);
      throw asCriuError(error, 'cannot start a process for a plugin', { file: found.path });
    } finally {
      closeSync(theirs);
      if (images !== undefined) closeSync(images);
    }
    try {
      const { value, wide, text, flag } = await host.waitAsync(KIND.READY, 'load', START_MS);
      host.name = text.split('\n')[0] ?? text;
      host.version = text.split('\n')[1] ?? `${value >> 16}.${(value >> 8) & 0xff}.${value & 0xff}`;
      host.hooks = new Set(hookNames.filter((hook) => (wide >> BigInt(HOOKS[hook])) & 1n));
      if (flag) options.log.debug(`Plugin ${host.name} is a module`);
      options.log.info(
        `Plugin ${host.name} (${host.version}, ${found.path}): ${[...host.hooks].join(', ') || 'no hooks'}`,
      );
      return host;
    } catch (error) {
      host.kill();
      await host.ended;
      throw error;
    }
  }

  get isModule(): boolean {
    return this.found.kind === 'module';
  }

  /** Initialises the plugin. @param inventory names of plugins in the inventory @throws CriuError PLUGIN_FAILED */
  async init(inventory: readonly string[]): Promise<void> {
    const { stage } = this.options;
    this.send({ op: INIT, args: [BigInt(STAGES[stage])], first: inventory.join('\n'), second: '' });
    const reply = await this.waitAsync(KIND.ANSWER, 'init', this.options.patience);
    if (reply.value !== 0) throw this.failure('init', `has returned ${reply.value}`, reply.text);
  }

  /** Ends the plugin; its last messages go to the log. @throws CriuError PLUGIN_FAILED */
  async exit(ok: boolean, running: boolean): Promise<void> {
    try {
      if (this.dead !== undefined) return;
      const args = [BigInt(STAGES[this.options.stage]), ok ? 0n : -1n, running ? 1n : 0n];
      this.send({ op: EXIT, args, first: '', second: '' });
      const reply = await this.waitAsync(KIND.ANSWER, 'exit', this.options.patience);
      if (reply.value < 0) throw this.failure('exit', 'has failed', reply.text);
    } finally {
      this.kill();
      await this.ended;
    }
  }

  /** Calls a hook asynchronously. @returns undefined if the plugin does not handle the object @throws CriuError */
  async ask(hook: HookName, call: HookCall): Promise<HookAnswer | undefined> {
    this.begin(hook, call);
    const fds: number[] = [];
    return this.conclude(
      hook,
      call,
      await this.waitAsync(KIND.ANSWER, hook, this.options.patience, call, fds),
      fds,
    );
  }

  /** Calls a hook and blocks until it answers. */
  askNow(hook: HookName, call: HookCall): HookAnswer | undefined {
    this.begin(hook, call);
    const fds: number[] = [];
    const deadline = Date.now() + this.options.patience;
    for (;;) {
      const reply = this.take(KIND.ANSWER, hook, fds, call);
      if (reply) return this.conclude(hook, call, reply, fds);
      const left = deadline - Date.now();
      if (left <= 0) throw this.hangs(hook, this.options.patience, call);
      const poll = new Int32Array([this.socket, POLLIN]);
      sysRaw('poll', poll, 1, left);
    }
  }

  kill(): void {
    this.dead ??= 'was ended';
    try {
      // Kills the whole process group, including children of the plugin.
      if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
    if (!this.closed) closeSync(this.socket);
    this.closed = true;
  }
  private closed = false;

  private begin(hook: HookName, { args = [], text = '', second = '', fd, about }: HookCall): void {
    if (this.dead !== undefined) throw this.failure(hook, this.dead);
    this.options.log.debug(`plugin ${this.name}: ${hook} ${about}`);
    const request = { op: HOOKS[hook], args: args.map(BigInt), first: text, second };
    this.send(request, fd, hook);
  }

  private send(request: Parameters<typeof encodeRequest>[0], fd?: number, hook = 'init'): void {
    try {
      sendMessage(this.socket, encodeRequest(request), fd);
    } catch (error) {
      throw this.failure(hook, this.fate(), undefined, undefined, error);
    }
  }

  private conclude(
    hook: HookName,
    call: HookCall,
    reply: Reply,
    fds: readonly number[],
  ): HookAnswer | undefined {
    const [fd] = fds;
    if (reply.value < 0) {
      if (fd !== undefined) closeSync(fd);
      if (reply.value === -EOPNOTSUPP) return undefined;
      const how = reply.value === -1 ? 'has failed' : `has failed with ${errnoName(-reply.value)}`;
      throw this.failure(hook, how, reply.text, call);
    }
    this.acted = true;
    return { plugin: this.name, value: reply.value, wide: reply.wide, text: reply.text, fd };
  }

  private async waitAsync(
    kind: number,
    what: string,
    patience: number,
    call?: HookCall,
    fds: number[] = [],
  ): Promise<Reply> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (!this.closed) addon().pollCancel(this.socket);
    }, patience);
    try {
      for (;;) {
        const reply = this.take(kind, what, fds, call);
        if (reply) return reply;
        if (late) throw this.hangs(what, patience, call);
        await waitForEvents(this.socket, POLLIN);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Processes the messages in the queue, up to the first one of the given kind. */
  private take(kind: number, what: string, fds: number[], call?: HookCall): Reply | undefined {
    for (;;) {
      const message = takeMessage(this.socket);
      if (message === undefined) return undefined;
      if (message.fd !== undefined) fds.push(message.fd);
      if (message.bytes.length === 0) {
        this.dead = this.fate();
        throw this.failure(what, this.dead, undefined, call);
      }
      const reply = decodeReply(message.bytes);
      if (reply.kind === kind) return reply;
      if (reply.kind === KIND.LOG) this.log(reply);
      else if (reply.kind === KIND.LISTED) this.listed.push(reply.text);
      else if (reply.kind === KIND.CLAIMED) this.claimed.push(reply.text);
      else if (reply.kind === KIND.FAILED) {
        if (/undefined symbol/.test(reply.text)) throw new MissingSymbol(reply.text);
        throw this.failure(what, 'cannot be used', reply.text);
      }
    }
  }

  private log({ value, text }: Reply): void {
    const { log } = this.options;
    for (const line of text.split('\n'))
      if (line.trim()) log[LEVELS[value] ?? 'debug'](`plugin ${this.name}: ${line.trimEnd()}`);
  }

  private hangs(what: string, patience: number, call?: HookCall): CriuError {
    this.dead = 'was ended, as it has not answered before';
    this.kill();
    return this.failure(what, `has not answered for ${patience / 1000} s`, undefined, call);
  }

  /** How the process has ended, for messages. */
  private fate(): string {
    const { pid, signalCode, exitCode } = this.child;
    if (signalCode) return `was ended by ${signalCode}`;
    if (exitCode !== null) return `has ended with exit code ${exitCode}`;
    if (pid === undefined) return 'has ended';
    for (const deadline = Date.now() + DEATH_MS; Date.now() < deadline; sysRaw('poll', null, 0, 2)) {
      try {
        const { state, exitCode: status } = readStat(pid);
        if (state !== 'Z') continue;
        return status & 0x7f
          ? `was ended by signal ${status & 0x7f}`
          : `has ended with exit code ${status >> 8}`;
      } catch {
        break;
      }
    }
    return 'has ended';
  }

  private failure(what: string, how: string, why?: string, call?: HookCall, cause?: unknown): CriuError {
    const about = call ? ` about ${call.about}` : '';
    return new CriuError(
      'PLUGIN_FAILED',
      `the plugin ${this.name} ${how} in ${what}${about}${why ? `: ${why}` : ''}`,
      { ...(call?.pid === undefined ? {} : { pid: call.pid }), file: this.found.path },
      undefined,
      cause,
    );
  }
}

/** Starts the process. Descriptor 3 is the socket, descriptor 4 the images directory. */
function launch(found: FoundPlugin, { workDir }: HostOptions, socket: number, images: number): ChildProcess {
  const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));
  const command = found.kind === 'c' ? pluginHostPath() : criu;
  return spawn(command, [found.path], {
    cwd: workDir,
    detached: true,
    stdio: ['ignore', 2, 2, socket, images],
    env: { ...ownEnvironment(), ...(found.kind === 'c' ? {} : { CRIU_COMMAND: 'criu-plugin-host' }) },
  });
}
