// Avoids that Node occupies pids of the tasks: in a new pid namespace, its threads and the agents get the lowest pids,
// which the tasks often have, too.
import { join } from 'node:path';
import { readImageSync } from '@criu/images';
import { ownEnvironment } from '@criu/native';
import { readdirSync, readFileSync, writeFileSync } from '@criu/native/fs';
import { directories } from './engine-options.js';
import { nodeOptions, ownScript } from './own-process.js';
import type { Settings } from './settings.js';

const LAST_PID = '/proc/sys/kernel/ns_last_pid';
/** Number of processes and threads that a restore starts for itself, with some to spare. */
const NEEDED = 64;
/** Number of pids reserved for processes that others start meanwhile. */
const ROOM = 1024;
/** Pid at which the kernel starts again after the largest one (RESERVED_PIDS). */
const FIRST = 300;
/** Environment variable that tells the second execution of this process not to do it again. */
export const ROOM_MADE = 'CRIU_ROOM_MADE';

/** Pids and thread ids of all tasks; none if the images cannot be read, which the restore itself will report. */
function pidsOf(imagesDir: string): number[] {
  try {
    const entries = readImageSync(join(imagesDir, 'pstree.img'), 'PSTREE').map(({ entry }) => entry);
    // A tree with its own pid namespace has no conflicts with this one.
    if (entries.some(({ pid }) => pid === 1)) return [];
    return entries.flatMap(({ pid, pgid, sid, threads }) => [pid, pgid, sid, ...threads]);
  } catch {
    return [];
  }
}

/** Whether pids of the tasks are taken by our threads, or will probably be taken by what we start. */
export function clash(wanted: readonly number[], threads: readonly number[]): boolean {
  const last = Math.max(...threads);
  const [own, ...others] = threads;
  return wanted.some((pid) => others.includes(pid) || (pid > last && pid <= last + NEEDED && pid !== own));
}

/** A pid that is followed by enough free pids for everything we start; undefined if there is none. */
export function roomFor(wanted: readonly number[], pidMax: number): number | undefined {
  const taken = [FIRST, ...wanted.filter((pid) => pid > FIRST).sort((a, b) => a - b), pidMax];
  return taken.findLast((pid, i) => (taken[i + 1] ?? pid) - pid > ROOM);
}

/**
 * Avoids conflicts of this process's threads and children with the pids of the tasks to be restored: sets the last pid,
 * and executes itself again, which keeps the pid and gives new thread ids. A conflict with its own pid cannot be
 * avoided.
 */
export async function makeRoom(settings: Settings, argv: readonly string[]): Promise<void> {
  const { [ROOM_MADE]: made, ...env } = ownEnvironment();
  delete process.env[ROOM_MADE];
  if (made !== undefined) return;
  const wanted = pidsOf(directories(settings).imagesDir);
  const threads = readdirSync('/proc/self/task').map(Number);
  if (wanted.length === 0 || !clash(wanted, threads)) return;
  try {
    const after = roomFor(wanted, Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8')));
    if (after === undefined) return;
    writeFileSync(LAST_PID, String(after));
  } catch {
    // Without privileges or /proc nothing is done: a pid that is taken gives an error later.
    return;
  }
  const { become } = await import('./exec.js');
  const { NODE_EXTRA_CA_CERTS: certificates, ...rest } = env;
  become([process.execPath, ...nodeOptions(), ownScript(), ...argv], {
    ...rest,
    ...(certificates ? { CRIU_EXTRA_CA_CERTS: certificates } : {}),
    [ROOM_MADE]: '1',
  });
}
