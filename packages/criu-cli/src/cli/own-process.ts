// Properties of this process.
import { CriuError } from '../errors.js';

/** The effective user of this process. */
export function effectiveUser(): number {
  // Node defines geteuid on all systems with users.
  return process.geteuid?.() ?? 0;
}

/**
 * Options with which bin/criu starts Node, and this process starts itself again; V8 accepts cached code only with the flags
 * it was compiled with. The semispaces for new objects have their largest size (MiB) from the start: by default they
 * begin with 1 MiB, and the first 3 MiB of a run, most of which stay, are copied in three collections.
 */
export const NODE_FLAGS: readonly string[] = ['--min-semi-space-size=16'];

/** Options of Node for a process that does a part of the work of this one, which may be a program with the API. */
export function nodeOptions(): string[] {
  return [...NODE_FLAGS, ...process.execArgv.filter((option) => !NODE_FLAGS.includes(option))];
}

/** Path of the bundle or script that this process runs. */
export function ownScript(): string {
  const [, script] = process.argv;
  if (script === undefined) throw new CriuError('INTERNAL', 'this process runs no script');
  return script;
}
