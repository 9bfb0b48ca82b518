// Starts this command again for a part of its work.
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import { ownEnvironment, startable } from '@criu/native';
import { CriuError } from '../errors.js';
import { nodeOptions, ownScript } from './own-process.js';

export interface SelfOptions {
  readonly stdio: StdioOptions;
  readonly cwd?: string;
  readonly detached?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts it as bin/criu does, without the certificates that Node would read at start. */
export function startSelf(args: readonly string[], options: SelfOptions): ChildProcess {
  const { NODE_EXTRA_CA_CERTS: certificates, ...env } = ownEnvironment();
  const self = startable({
    command: process.execPath,
    args: [...nodeOptions(), ownScript(), ...args],
    env: { ...env, ...(certificates ? { CRIU_EXTRA_CA_CERTS: certificates } : {}), ...options.env },
    cwd: options.cwd,
  });
  return spawn(self.command, self.args, {
    stdio: options.stdio,
    cwd: self.cwd,
    detached: options.detached ?? false,
    env: self.env,
  });
}

/** @throws CriuError if the process could not be started */
export function startedPid({ pid, spawnfile }: ChildProcess): number {
  if (pid === undefined)
    throw new CriuError(
      'SYSCALL',
      'cannot be started once more, for a part of its work',
      { file: spawnfile },
      'look whether memory and processes are left (ulimit -u, the pids controller of its cgroup)',
    );
  return pid;
}
