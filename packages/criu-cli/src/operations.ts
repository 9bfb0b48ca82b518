// The operations of the engine with all kinds of state, as called by commands, RPC requests and the API.
import { dump as dumpTree } from './engine/dump.js';
import { practise as practiseDumps } from './engine/practice.js';
import { preDump as preDumpTree } from './engine/pre-dump.js';
import { restore as restoreTree } from './engine/restore.js';
import { planRestore as plan, type RestorePlan } from './engine/restore-plan.js';
import { type Survey, type SurveyOptions, survey as surveyRestore } from './engine/survey.js';
import type { DumpOptions, DumpResult, RestoreOptions, RestoreResult } from './options.js';
import { resources } from './resources/index.js';

/**
 * Writes the state of a process tree to the images directory. If it fails, the tasks run on and the directory has no
 * inventory.
 * @throws CriuError
 */
export function dump(options: DumpOptions): Promise<DumpResult> {
  return dumpTree(options, resources);
}

/**
 * Writes the memory of a process tree as a parent for a later dump. Tasks are stopped only while their page maps are
 * read; the later dump finds what changes while pages are copied.
 * @throws CriuError
 */
export function preDump(options: DumpOptions): Promise<DumpResult> {
  return preDumpTree(options, resources);
}

/** Restores a process tree from its images. @throws CriuError; then no task and no file of the restore exists */
export function restore(options: RestoreOptions): Promise<RestoreResult> {
  return restoreTree(options, resources);
}

/** Reads and validates images and plans their restore; nothing is created. @throws CriuError */
export function planRestore(options: RestoreOptions): Promise<RestorePlan> {
  return plan(options, resources);
}

/**
 * Plans a restore as far as possible, and looks at what it would find on this machine: files, pids, kernel features.
 * Nothing is created or changed.
 * @throws CriuError if the checkpoint cannot be read
 */
export function survey(options: RestoreOptions, looks: SurveyOptions = { probes: true }): Promise<Survey> {
  return surveyRestore(options, resources, looks);
}

/** Warms the operations up in an idle process, see engine/practice.ts. */
export function practise(): Promise<void> {
  return practiseDumps(resources);
}
