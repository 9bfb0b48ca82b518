// Programs whose images are damaged: each is started, dumped, and gone.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from '../../src/operations.js';
import { Victim } from '../dump/victim.js';
import { family, free } from '../support.js';

export type VictimName = readonly [folder: string, name: string];

/** Between them they have most kinds of state. */
export const VICTIMS: readonly VictimName[] = [
  ['dump', 'everything'],
  ['restore', 'unix'],
  ['restore', 'terminals'],
  ['restore', 'watches'],
  ['restore', 'table'],
  ['restore', 'packet'],
  ['restore', 'rings'],
  ['signals', 'stopped'],
  ['dump', 'tree'],
];

/** Its images, in a folder of its name; the task is gone. @returns pids that it had */
export async function dumpVictim([folder, name]: VictimName, images: string, tests: URL): Promise<number[]> {
  const victim = await Victim.start(name, {}, new URL(`${folder}/victims/${name}.c`, tests));
  const pids = family(victim.pid);
  try {
    mkdirSync(images);
    await dump({ pid: victim.pid, imagesDir: images, fileLocks: true, shellJob: true, linkRemap: true });
    await free(pids);
    return pids;
  } catch (error) {
    await victim.end();
    throw error;
  }
}

/** All of them, each in a folder below `folder`. */
export async function dumpVictims(folder: string, tests: URL, victims = VICTIMS): Promise<void> {
  for (const victim of victims) await dumpVictim(victim, join(folder, victim[1]), tests);
}
