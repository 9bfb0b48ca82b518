// The commands of `soccr`; each returns an exit code.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ownEnvironment, showOdd, startable } from '@criu/native';
import { closeSync, openSync, readFileSync, writeFileSync } from '@criu/native/fs';
import { endpointText } from './address.js';
import { clearLocks, type LockChoice } from './choose.js';
import { SoccrError } from './errors.js';
import { type Look, look } from './facts.js';
import { freeze } from './freeze.js';
import { toSocket } from './node-socket.js';
import { restore } from './restore.js';
import { connectionText, stateFromJson, stateToJson, type TcpState } from './state.js';

/** A wrong command line. */
export class Usage extends Error {}

/** Options of all commands. */
export interface Common {
  readonly json: boolean;
  readonly lock: LockChoice & string;
  readonly table?: string | undefined;
}

/** A descriptor of a process, as text from the command line. */
export interface Target {
  readonly PID: string;
  readonly FD: string;
}

function number(text: string, what: string): number {
  if (!/^\d+$/.test(text)) throw new Usage(`${what} must be a number`);
  return Number(text);
}

function target({ PID, FD }: Target) {
  return { pid: number(PID, 'PID'), fd: number(FD, 'FD') };
}

function locking({ lock, table }: Common): { lock: LockChoice; table?: string } {
  return table === undefined ? { lock } : { lock, table };
}

async function inside<T>(netns: string | undefined, action: (fd?: number) => T | Promise<T>): Promise<T> {
  if (netns === undefined) return action();
  const fd = openSync(netns, 'r');
  try {
    return await action(fd);
  } finally {
    closeSync(fd);
  }
}

function summary(state: TcpState) {
  return {
    connection: connectionText(state),
    state: state.state,
    unread: state.receive.data.length,
    unacknowledged: state.send.data.length,
    unsent: state.send.unsent,
  };
}

function describe(it: Look): string {
  const scale = it.negotiated.windowScale;
  const agreed = [
    it.negotiated.sack && 'SACK',
    it.negotiated.timestamps && 'timestamps',
    scale && `window scale ${scale.send}/${scale.receive}`,
  ].filter(Boolean);
  const set = Object.entries(it.options)
    .filter(([, value]) => value !== false && value !== 0)
    .map(([name, value]) => `${name}=${value}`);
  return `${[
    `${endpointText(it.local)} → ${endpointText(it.remote)}`,
    `state      ${it.state}${it.repair ? ' (in repair mode)' : ''}`,
    `queues     ${it.unread} bytes unread; ${it.unacknowledged} unacknowledged, of them ${it.unsent} unsent`,
    `agreed     ${agreed.join(', ') || 'no options'}; segments of ${it.sendMss} out, ${it.receiveMss} in`,
    `path       ${it.roundTripMs} ms there and back, ${it.retransmits} retransmissions`,
    `options    ${set.join(' ')}`,
  ].join('\n')}\n`;
}

/** A command expects a blocking descriptor, also if its former owner had set O_NONBLOCK. */
function waiting(state: TcpState): TcpState {
  return { ...state, options: { ...state.options, nonBlocking: false } };
}

/** Runs a command that takes over the connection. Resolves to its exit code. */
async function runWith(fd: number, [name = '', ...args]: readonly string[]): Promise<number> {
  const program = startable({
    command: name,
    args,
    env: { ...ownEnvironment(), SOCCR_FD: '3' },
  });
  const child = spawn(program.command, program.args, {
    stdio: ['inherit', 'inherit', 'inherit', fd],
    env: program.env,
  });
  // The child has its own copy of the descriptor by then.
  child.once('spawn', () => closeSync(fd));
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? (signal ? 128 : 1);
  } catch (cause) {
    closeSync(fd);
    throw new SoccrError('SYSTEM', `cannot run it: ${(cause as Error).message}`, {
      object: name,
      cause,
    });
  }
}

async function relay(fd: number, state: TcpState): Promise<number> {
  const socket = toSocket(fd, state, { allowHalfOpen: true });
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
  await once(socket, 'close');
  return 0;
}

export async function showCommand(options: Common & Target): Promise<number> {
  const it = look(target(options));
  process.stdout.write(options.json ? `${JSON.stringify(it)}\n` : describe(it));
  return 0;
}

export async function saveCommand(
  options: Common & Target & { readonly output?: string | undefined; readonly keep: boolean },
): Promise<number> {
  const { output, keep, json } = options;
  if (keep && output === undefined) throw new Usage('--keep needs a FILE to save into (-o)');
  const frozen = await freeze(target(options), locking(options));
  try {
    // The state is written before the connection is discarded: a full disk must not lose it.
    const text = `${stateToJson(frozen.state, 2)}\n`;
    if (output === undefined) process.stdout.write(text);
    else writeFileSync(output, text, { mode: 0o600 });
    if (!keep) await frozen.discard();
  } finally {
    if (frozen.active) await frozen.resume();
  }
  if (output !== undefined) {
    const { connection, ...rest } = summary(frozen.state);
    process.stdout.write(
      json
        ? `${JSON.stringify({ connection, ...rest, file: output, kept: keep })}\n`
        : `${connection} ${keep ? 'copied' : 'saved'} to ${showOdd(output)}${keep ? '' : '; it is locked until it is restored'}\n`,
    );
  }
  return 0;
}

/** @throws SoccrError */
function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
    throw new SoccrError('SYSTEM', `cannot be read (${code}): name the file of \`soccr save -o FILE\``, {
      object: showOdd(file),
      cause,
    });
  }
}

export async function restoreCommand(
  options: Common & {
    readonly FILE: string;
    readonly unlocked: boolean;
    readonly netns?: string | undefined;
    readonly command: readonly string[];
  },
): Promise<number> {
  const { FILE, unlocked, netns, command, json } = options;
  const state = stateFromJson(textOf(FILE));
  const fd = await inside(netns, (inFd) =>
    restore(waiting(state), {
      ...locking(options),
      locked: !unlocked,
      ...(inFd === undefined ? {} : { netns: inFd }),
    }),
  );
  if (json) process.stderr.write(`${JSON.stringify(summary(state))}\n`);
  return command.length ? runWith(fd, command) : relay(fd, state);
}

export async function handoverCommand(
  options: Common & Target & { readonly command: readonly string[] },
): Promise<number> {
  if (options.command.length === 0) throw new Usage('handover takes a command after --');
  const frozen = await freeze(target(options), locking(options));
  let fd: number;
  try {
    frozen.detach();
    fd = await restore(waiting(frozen.state), locking(options));
  } catch (error) {
    await frozen.resume();
    throw error;
  }
  await frozen.discard();
  if (options.json) process.stderr.write(`${JSON.stringify(summary(frozen.state))}\n`);
  return runWith(fd, options.command);
}

export async function unlockCommand(
  options: Common & { readonly netns?: string | undefined },
): Promise<number> {
  const cleared = await inside(options.netns, (netns) => clearLocks(options.table, netns));
  const text = cleared ? 'unlocked' : 'nothing was locked';
  process.stdout.write(options.json ? `${JSON.stringify({ cleared })}\n` : `${text}\n`);
  return 0;
}
