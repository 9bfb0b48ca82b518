// What system tests have in common beside victims: directories for images, and waiting for what will be so soon.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from './dump/victim.js';

let dirs = 0;

/** An empty directory for images. */
export function freshDir(): string {
  dirs += 1;
  const dir = join(scratch(), `images-${dirs}`);
  mkdirSync(dir);
  return dir;
}

/** Waits for something, and gives it. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false,
  milliseconds = 15_000,
): Promise<T> {
  for (const deadline = Date.now() + milliseconds; Date.now() < deadline; ) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not in time: ${what}`);
}

/** Waits until nobody, ended or not, has the pids. */
export async function free(pids: readonly number[]): Promise<void> {
  await until(`pids ${pids} are free`, () => !pids.some((pid) => existsSync(`/proc/${pid}`)));
}

/** A task and all below it, without those that end meanwhile. @throws if the task itself is not there */
export function family(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  const below = (child: number): number[] => {
    try {
      return family(child);
    } catch {
      return [];
    }
  };
  return [pid, ...children.flatMap((child) => below(Number(child)))];
}
