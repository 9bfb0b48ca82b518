// This command, started once more for a part of its work.
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { spawn } from 'node:child_process';

export interface SelfOptions {
  readonly stdio: StdioOptions;
  readonly cwd?: string;
  readonly detached?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts it as bin/criu does: without the certificates that node would read first. */
export function startSelf(args: readonly string[], options: SelfOptions): ChildProcess {
  const { NODE_EXTRA_CA_CERTS: certificates, ...env } = process.env;
  return spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
    stdio: options.stdio,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    detached: options.detached ?? false,
    env: { ...env, ...(certificates ? { CRIU_EXTRA_CA_CERTS: certificates } : {}), ...options.env },
  });
}
