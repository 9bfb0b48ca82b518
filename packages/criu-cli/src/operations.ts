// The engine with all kinds of state: what commands, requests and the API call.
import { dump as dumpTree } from './engine/dump.js';
import { practise as practiseDumps } from './engine/practice.js';
import { preDump as preDumpTree } from './engine/pre-dump.js';
import { restore as restoreTree } from './engine/restore.js';
import { planRestore as plan, type RestorePlan } from './engine/restore-plan.js';
import { type Survey, type SurveyOptions, survey as surveyRestore } from './engine/survey.js';
import type { DumpOptions, DumpResult, RestoreOptions, RestoreResult } from './options.js';
import { resources } from './resources/index.js';

/**
 * Writes the state of a process tree to the images directory. Whatever fails, the tasks run on as if nothing had
 * happened and the directory has no inventory. @throws CriuError
 */
export function dump(options: DumpOptions): Promise<DumpResult> {
  return dumpTree(options, resources);
}

/**
 * Writes the memory of a process tree for a later dump to build on. Tasks stand still only for a look at which pages
 * there are. What they change while these are copied is found by that later dump. @throws CriuError
 */
export function preDump(options: DumpOptions): Promise<DumpResult> {
  return preDumpTree(options, resources);
}

/** Brings a process tree back from its images. @throws CriuError; then no task exists and no file is left */
export function restore(options: RestoreOptions): Promise<RestoreResult> {
  return restoreTree(options, resources);
}

/** Reads images, validates them and plans their restore; nothing is made. @throws CriuError */
export function planRestore(options: RestoreOptions): Promise<RestorePlan> {
  return plan(options, resources);
}

/**
 * Plans a restore as far as it can be planned, and looks at what it would find on this machine: files, pids, features of the
 * kernel. Nothing is made or changed. @throws CriuError if there is no checkpoint to look at
 */
export function survey(options: RestoreOptions, looks: SurveyOptions = { probes: true }): Promise<Survey> {
  return surveyRestore(options, resources, looks);
}

/** Makes the others quick, for a process that has nothing else to do: see engine/practice.ts. */
export function practise(): Promise<void> {
  return practiseDumps(resources);
}
