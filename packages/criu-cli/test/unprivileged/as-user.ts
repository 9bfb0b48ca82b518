// A user who is not root and has CAP_CHECKPOINT_RESTORE, as whom criu is run.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sysRaw } from '@criu/native';
import { expect } from 'vitest';
import { isRoot, scratch } from '../dump/victim.js';
import { free } from '../namespaces/cycle.js';
import { family } from '../support.js';

const WNOHANG = 1;
export const UID = 54321;
export const CRIU = fileURLToPath(new URL('../../bin/criu', import.meta.url));
export const AS_USER = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups'];
const RESTORER = ['--inh-caps=+checkpoint_restore', '--ambient-caps=+checkpoint_restore'];

interface Said {
  readonly code: number | null;
  readonly text: string;
}

/** Runs a command as that user, with CAP_CHECKPOINT_RESTORE unless it is to have nothing. */
export function asUser(command: readonly string[], capabilities: readonly string[] = RESTORER): Said {
  const [first = '', ...args] = [...AS_USER, ...capabilities, 'setsid', '--wait', ...command];
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(first, args, {
    encoding: 'utf8',
    env: { ...env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' },
    timeout: 60_000,
  });
  return { code: status, text: `${stdout}${stderr}` };
}

// Makes the bundles that the user has no place for.
if (isRoot) for (const args of [['--version'], ['dump'], ['help']]) spawnSync(CRIU, args);
/** The checkout may be in a folder that others cannot read. */
export const possible = isRoot && asUser([CRIU, '--version']).code === 0;

export function imagesFor(name: string): string {
  const dir = join(scratch(), name);
  mkdirSync(dir);
  chmodSync(dir, 0o777);
  return dir;
}

/** Dumps a task and those below it, and waits until they are gone. */
export async function dumped(pid: number, dir: string): Promise<void> {
  const pids = family(pid);
  const said = asUser([CRIU, 'dump', '-t', String(pid), '-D', dir, '--unprivileged', '--file-locks']);
  expect(said).toEqual({ code: 0, text: '' });
  // A restored one is left to this process, when criu has ended.
  const reap = setInterval(() => sysRaw('wait4', pid, new Int32Array(2), WNOHANG, null), 10);
  await free(pids).finally(() => clearInterval(reap));
}

/** Restores tasks; `pid` beside the images then has the pid of the root task. */
export function restored(dir: string, capabilities?: readonly string[]): Said {
  const args = ['restore', '-d', '-D', dir, '--unprivileged', '--file-locks', '--pidfile', join(dir, 'pid')];
  return asUser([CRIU, ...args], capabilities);
}
