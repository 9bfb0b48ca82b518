// Dump and restore of a victim, by us or by CRIU 4.2, for tests of namespaces.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { sys, sysRaw } from '@criu/native';
import { expect } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { isRoot, peer, Victim } from '../dump/victim.js';
import { family, freshDir, until } from '../support.js';

const WNOHANG = 1;
// Takes the place of init for orphans, which may take its time.
if (isRoot) sys('prctl', 36 /* PR_SET_CHILD_SUBREAPER */, 1, 0, 0, 0);

export function start(name: string, env: Record<string, string> = {}): Promise<Victim> {
  return Victim.start(name, env, new URL(`victims/${name}.c`, import.meta.url));
}

/** Waits until nobody, ended or not, has the pids; the first is waited for by whoever made it. */
export async function free(pids: readonly number[]): Promise<void> {
  const [, ...orphans] = pids;
  await until(`pids ${pids} are free`, () => {
    for (const pid of orphans) sysRaw('wait4', pid, new Int32Array(2), WNOHANG, null);
    return !pids.some((pid) => existsSync(`/proc/${pid}`));
  });
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

/** Dumped and restored so often, the victim finds all as it was each time. It is ended then. */
export async function comesBack(victim: Victim, times = 2): Promise<void> {
  try {
    for (let i = 0; i < times; i++) {
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
    }
  } finally {
    await victim.end();
  }
}
