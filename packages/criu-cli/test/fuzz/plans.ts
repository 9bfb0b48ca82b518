// Plans of damaged image sets, made in this process: each is a plan or a CriuError that blames the images, in good time.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from '@criu/compel';
import { PHASES } from '../../src/engine/plan.js';
import { RestorePlan } from '../../src/engine/restore-plan.js';
import { CriuError } from '../../src/errors.js';
import { Checkpoint } from '../../src/images/checkpoint.js';
import type { ImageSource } from '../../src/images/source.js';
import type { RestoreOptions } from '../../src/options.js';
import { resources } from '../../src/resources/index.js';
import type { ImageSetCopy } from './image-set.js';
import { type Mutant, mutate } from './mutate.js';
import { Random } from './random.js';

/** More than this for one plan of a small set is as good as for ever. */
const SLOW_MS = 3000;

export interface PlanFailure {
  readonly position: number;
  readonly set: string;
  readonly what: readonly string[];
  readonly failure: string;
}

function sourceOf(set: ImageSetCopy, { changed }: Mutant): ImageSource {
  return {
    dir: set.dir,
    pages: set.complete ? 'there' : 'coming',
    has: (name) => (changed.has(name) ? changed.get(name) !== undefined : existsSync(join(set.dir, name))),
    read: (name) => changed.get(name) ?? set.image(name)?.bytes ?? readFileSync(join(set.dir, name)),
  };
}

/** All that a restore may be allowed. */
export const PERMISSIVE = { shellJob: true, extUnixSk: true, fileLocks: true, tcpEstablished: true } as const;

function planOf(set: ImageSetCopy, mutant: Mutant, onPaper: boolean): void {
  const options: RestoreOptions = { imagesDir: set.dir, ...PERMISSIVE };
  const plan = new RestorePlan(new Checkpoint(sourceOf(set, mutant)), options, resources, { onPaper });
  plan.toText();
  JSON.stringify(plan.toJSON(), (_key, value) => (typeof value === 'bigint' ? String(value) : value));
  // What goes over to the agents.
  for (const task of plan.tasks)
    for (const { name } of PHASES)
      for (const { program, needs } of task.steps(name))
        if (program instanceof Program && needs.length === 0) program.encode();
}

/** What is wrong with how a damaged set was met; undefined if nothing is. */
export function planFault(set: ImageSetCopy, mutant: Mutant, onPaper: boolean): string | undefined {
  const start = performance.now();
  try {
    planOf(set, mutant, onPaper);
  } catch (error) {
    if (!(error instanceof CriuError))
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    // Images are to blame, or the machine; never the program.
    if (error.code === 'INTERNAL' || error.code === 'SYSCALL')
      return `${error.code}: ${error.explain()}\n${error.stack}`;
  }
  const took = performance.now() - start;
  return took > SLOW_MS ? `it took ${Math.round(took)} ms` : undefined;
}

/** The damaged set of a position. */
export function caseAt(sets: readonly ImageSetCopy[], seed: number, position: number) {
  const random = new Random(seed, position);
  const set = random.pick(sets);
  const onPaper = random.chance(60) || !set.complete;
  return { set, onPaper, mutant: mutate(set, random) };
}

/** Plans the damaged sets of some positions. */
export function* fuzzPlans(
  sets: readonly ImageSetCopy[],
  seed: number,
  positions: Iterable<number>,
  begin: (position: number) => void = () => undefined,
): Generator<PlanFailure> {
  for (const position of positions) {
    begin(position);
    const { set, onPaper, mutant } = caseAt(sets, seed, position);
    const failure = planFault(set, mutant, onPaper);
    if (failure !== undefined) yield { position, set: set.name, what: mutant.what, failure };
  }
}
