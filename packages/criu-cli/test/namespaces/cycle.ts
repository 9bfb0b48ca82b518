// Dump and restore of a victim, by us or by CRIU 4.2, for tests of namespaces.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sys, sysRaw } from '@criu/native';
import { dump } from '../../src/engine/dump.js';
import { restore } from '../../src/engine/restore.js';
import { isRoot, peer, scratch, Victim } from '../dump/victim.js';

const WNOHANG = 1;
// Takes the place of init for orphans, which may take its time.
if (isRoot) sys('prctl', 36 /* PR_SET_CHILD_SUBREAPER */, 1, 0, 0, 0);

let dirs = 0;
export function freshDir(): string {
  dirs += 1;
  const dir = join(scratch(), `images-${dirs}`);
  mkdirSync(dir);
  return dir;
}

export function start(name: string, env: Record<string, string> = {}): Promise<Victim> {
  return Victim.start(name, env, new URL(`victims/${name}.c`, import.meta.url));
}

/** A task and all below it. */
export function family(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return [pid, ...children.flatMap((child) => family(Number(child)))];
}

/** Waits until nobody, ended or not, has the pids; the first is waited for by whoever made it. */
export async function free(pids: readonly number[]): Promise<void> {
  const [, ...orphans] = pids;
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; ) {
    for (const pid of orphans) sysRaw('wait4', pid, new Int32Array(2), WNOHANG, null);
    if (!pids.some((pid) => existsSync(`/proc/${pid}`))) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`pids ${pids} are not free in time`);
}

export interface Checkpointer {
  dump(pid: number, dir: string, more?: readonly string[]): Promise<void>;
  restore(dir: string, more?: readonly string[]): Promise<void>;
}

export const ours: Checkpointer = {
  dump: async (pid, imagesDir) => void (await dump({ pid, imagesDir })),
  restore: async (imagesDir) => void (await restore({ imagesDir, detached: true })),
};

export const theirs: Checkpointer = {
  dump: async (pid, dir, more = []) =>
    void execFileSync(peer!, ['dump', '-t', String(pid), '-D', dir, '-v4', '-o', 'dump.log', ...more], {
      stdio: 'pipe',
    }),
  restore: async (dir, more = []) =>
    void execFileSync(peer!, ['restore', '-d', '-D', dir, '-v4', '-o', 'restore.log', ...more], {
      stdio: 'pipe',
    }),
};

/** Dumped by one, restored by the other; resolves to the images. */
export async function cycle(victim: Victim, dumper = ours, restorer = ours): Promise<string> {
  const dir = freshDir();
  const pids = family(victim.pid);
  await dumper.dump(victim.pid, dir);
  await free(pids);
  await restorer.restore(dir);
  return dir;
}
