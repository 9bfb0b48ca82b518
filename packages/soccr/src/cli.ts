// The `soccr` command: show, save, restore and hand over a connection of a running process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { endpointText } from './address.js';
import { clearLocks, type LockChoice } from './choose.js';
import { SoccrError } from './errors.js';
import { type Look, look } from './facts.js';
import { freeze } from './freeze.js';
import { toSocket } from './node-socket.js';
import { restore } from './restore.js';
import { connectionText, stateFromJson, stateToJson, type TcpState } from './state.js';

const usage = `soccr: save and restore a live TCP connection

  soccr show PID FD                      what kind of connection it is; it takes no notice
  soccr save PID FD [-o FILE]            take it from its process into FILE (else to standard output); it stays
                                         locked until it is restored
  soccr save PID FD -o FILE --keep       only look: its process goes on with it
  soccr restore FILE [-- COMMAND …]      run COMMAND with the connection as descriptor 3 (SOCCR_FD); without one,
                                         connect it with standard input and output
  soccr handover PID FD -- COMMAND …     save and restore in one go; if that fails its process goes on with it
  soccr unlock                           let all locked connections go, after a crash

  --json         machine-readable output
  --lock HOW     nftables, iptables, none, auto (default)
  --table NAME   name of the lock's table (default soccr)
  --unlocked     restore: the connection is not locked here, as on another machine
  --netns FILE   restore, unlock: in this network namespace (/run/netns/NAME, /proc/PID/ns/net)

The process that loses a connection finds its socket unconnected (ECONNABORTED). Needs CAP_NET_ADMIN, and
CAP_SYS_PTRACE for a process of somebody else.
`;

class Usage extends Error {}

const locks = ['auto', 'nftables', 'iptables', 'none'] as const;

function parse(args: string[]) {
  const split = args.indexOf('--');
  const own = split < 0 ? args : args.slice(0, split);
  const command = split < 0 ? [] : args.slice(split + 1);
  try {
    const { values, positionals } = parseArgs({
      args: own,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        unlocked: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        output: { type: 'string', short: 'o' },
        lock: { type: 'string', default: 'auto' },
        table: { type: 'string' },
        netns: { type: 'string' },
      },
    });
    const lock = locks.find((name) => name === values.lock);
    if (!lock) throw new Usage(`--lock: ${locks.join(', ')}`);
    return { values, positionals, command, lock };
  } catch (error) {
    if (error instanceof Usage) throw error;
    throw new Usage((error as Error).message);
  }
}

type Parsed = ReturnType<typeof parse>;

function number(text: string | undefined, what: string): number {
  if (text === undefined || !/^\d+$/.test(text)) throw new Usage(`${what} must be a number`);
  return Number(text);
}

function target({ positionals }: Parsed) {
  if (positionals.length !== 3) throw new Usage(`${positionals[0]} takes a process and a descriptor`);
  return { pid: number(positionals[1], 'PID'), fd: number(positionals[2], 'FD') };
}

function common({ lock, values }: Parsed): { lock: LockChoice; table?: string } {
  return values.table === undefined ? { lock } : { lock, table: values.table };
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

/** Commands expect a descriptor that waits, whatever its former owner wanted. */
function waiting(state: TcpState): TcpState {
  return { ...state, options: { ...state.options, nonBlocking: false } };
}

/** Runs a command that owns the connection from now on; its exit code. */
async function runWith(fd: number, command: string[]): Promise<number> {
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ['inherit', 'inherit', 'inherit', fd],
    env: { ...process.env, SOCCR_FD: '3' },
  });
  // The child has its own copy now.
  child.once('spawn', () => closeSync(fd));
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? (signal ? 128 : 1);
  } catch (cause) {
    closeSync(fd);
    throw new SoccrError('SYSTEM', `cannot run it: ${(cause as Error).message}`, {
      object: command[0]!,
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

async function save(parsed: Parsed): Promise<number> {
  const { output, keep, json } = parsed.values;
  if (keep && output === undefined) throw new Usage('--keep needs a FILE to save into (-o)');
  const frozen = await freeze(target(parsed), common(parsed));
  try {
    // First written, then taken: a full disk must not cost the connection.
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
        : `${connection} ${keep ? 'copied' : 'saved'} to ${output}${keep ? '' : '; it is locked until it is restored'}\n`,
    );
  }
  return 0;
}

async function restoreCommand(parsed: Parsed): Promise<number> {
  const file = parsed.positionals[1];
  if (file === undefined || parsed.positionals.length !== 2) throw new Usage('restore takes a file');
  const state = stateFromJson(readFileSync(file === '-' ? 0 : file, 'utf8'));
  const fd = await inside(parsed.values.netns, (netns) =>
    restore(waiting(state), {
      ...common(parsed),
      locked: !parsed.values.unlocked,
      ...(netns === undefined ? {} : { netns }),
    }),
  );
  if (parsed.values.json) process.stderr.write(`${JSON.stringify(summary(state))}\n`);
  return parsed.command.length ? runWith(fd, parsed.command) : relay(fd, state);
}

async function handover(parsed: Parsed): Promise<number> {
  if (parsed.command.length === 0) throw new Usage('handover takes a command after --');
  const frozen = await freeze(target(parsed), common(parsed));
  let fd: number;
  try {
    frozen.detach();
    fd = await restore(waiting(frozen.state), common(parsed));
  } catch (error) {
    await frozen.resume();
    throw error;
  }
  await frozen.discard();
  if (parsed.values.json) process.stderr.write(`${JSON.stringify(summary(frozen.state))}\n`);
  return runWith(fd, parsed.command);
}

async function run(parsed: Parsed): Promise<number> {
  const [name] = parsed.positionals;
  if (parsed.values.help || name === undefined) {
    process.stdout.write(usage);
    return parsed.values.help ? 0 : 2;
  }
  switch (name) {
    case 'show': {
      const it = look(target(parsed));
      process.stdout.write(parsed.values.json ? `${JSON.stringify(it)}\n` : describe(it));
      return 0;
    }
    case 'save':
      return save(parsed);
    case 'restore':
      return restoreCommand(parsed);
    case 'handover':
      return handover(parsed);
    case 'unlock': {
      const cleared = await inside(parsed.values.netns, (netns) => clearLocks(parsed.values.table, netns));
      process.stdout.write(
        parsed.values.json
          ? `${JSON.stringify({ cleared })}\n`
          : cleared
            ? 'unlocked\n'
            : 'nothing was locked\n',
      );
      return 0;
    }
  }
  throw new Usage(`there is no command ${name}`);
}

/** Runs one command line; the exit code: 0, 1 after an error, 2 after a wrong command line, or the command's own. */
export async function main(args: string[]): Promise<number> {
  const json = args.includes('--json');
  try {
    return await run(parse(args));
  } catch (error) {
    if (error instanceof Usage) {
      process.stderr.write(`soccr: ${error.message}\n\n${usage}`);
      return 2;
    }
    const { message, code } = error as { message: string; code?: string };
    process.stderr.write(json ? `${JSON.stringify({ error: { code, message } })}\n` : `soccr: ${message}\n`);
    return 1;
  }
}
