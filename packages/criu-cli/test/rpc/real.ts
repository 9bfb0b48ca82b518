// The command itself as a server: `criu swrk` and `criu service`, talked to from here.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type PacketSocket, seqpacketPair } from '../../src/rpc/socket.js';
import { Client } from './client.js';

export const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));

/** Bundles the command if it is not built, which takes longer than any wait. */
export function prepare(): void {
  execFileSync(criu, ['--help']);
}

export interface Worker {
  readonly client: Client;
  readonly child: ChildProcess;
  /** Exit code. */
  readonly ended: Promise<number | null>;
}

/**
 * `criu swrk`, started as container engines do it.
 * @param wrapper command that starts it
 */
export function swrk(env: Record<string, string> = {}, wrapper: readonly string[] = []): Worker {
  return swrkOn(seqpacketPair(), env, wrapper);
}

/** The same on sockets that are there: ours, and the worker's, which is closed here. */
export function swrkOn(
  [ours, theirs]: readonly [PacketSocket, PacketSocket],
  env: Record<string, string> = {},
  wrapper: readonly string[] = [],
): Worker {
  const [command = criu, ...args] = [...wrapper, criu, 'swrk', '3'];
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe', theirs.fd],
    env: { ...process.env, HOME: '/nonexistent', ...env },
  });
  theirs.close();
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { client: new Client(ours), child, ended };
}
