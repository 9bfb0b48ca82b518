// Pids that node itself would take from the tasks: in a pid namespace that is new, its threads and the agents get the lowest
// ones, which are those of the tasks, too.
import { join } from 'node:path';
import { readImageSync } from '@criu/images';
import { ownEnvironment } from '@criu/native';
import { readdirSync, readFileSync, writeFileSync } from '@criu/native/fs';
import { directories } from './engine-options.js';
import { ownScript } from './own-process.js';
import type { Settings } from './settings.js';

const LAST_PID = '/proc/sys/kernel/ns_last_pid';
/** Processes and threads that a restore makes for itself, with some to spare. */
const NEEDED = 64;
/** What others may start meanwhile. */
const ROOM = 1024;
/** Where the kernel begins again when pids have run out. */
const FIRST = 300;
/** Says that there was room to be made. */
export const ROOM_MADE = 'CRIU_ROOM_MADE';

/** Pids and thread ids of all tasks; none where the images cannot be read, which is for the restore to say. */
function pidsOf(imagesDir: string): number[] {
  try {
    const entries = readImageSync(join(imagesDir, 'pstree.img'), 'PSTREE').map(({ entry }) => entry);
    // The tree has a pid namespace of its own.
    if (entries.some(({ pid }) => pid === 1)) return [];
    return entries.flatMap(({ pid, pgid, sid, threads }) => [pid, pgid, sid, ...threads]);
  } catch {
    return [];
  }
}

/** Whether pids of tasks are those of our threads, or are likely to become those of what we start. */
export function clash(wanted: readonly number[], threads: readonly number[]): boolean {
  const last = Math.max(...threads);
  const [own, ...others] = threads;
  return wanted.some((pid) => others.includes(pid) || (pid > last && pid <= last + NEEDED && pid !== own));
}

/** A pid after which there is room for all that we start; undefined where there is none. */
export function roomFor(wanted: readonly number[], pidMax: number): number | undefined {
  const taken = [FIRST, ...wanted.filter((pid) => pid > FIRST).sort((a, b) => a - b), pidMax];
  return taken.findLast((pid, i) => (taken[i + 1] ?? pid) - pid > ROOM);
}

/**
 * Sees to it that this process has other thread ids than the tasks that are to be restored, and what it starts other
 * pids: it becomes itself again, with the same pid and new threads. Its own pid cannot be helped.
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
    // Without the privilege, or /proc: a pid that is taken is an error that says so.
    return;
  }
  const { become } = await import('./exec.js');
  const { NODE_EXTRA_CA_CERTS: certificates, ...rest } = env;
  become([process.execPath, ...process.execArgv, ownScript(), ...argv], {
    ...rest,
    ...(certificates ? { CRIU_EXTRA_CA_CERTS: certificates } : {}),
    [ROOM_MADE]: '1',
  });
}
