// Properties of this process.
import { CriuError } from '../errors.js';

/** The effective user of this process. */
export function effectiveUser(): number {
  // Node defines geteuid on all systems with users.
  return process.geteuid?.() ?? 0;
}

/** Path of the bundle or script that this process runs. */
export function ownScript(): string {
  const [, script] = process.argv;
  if (script === undefined) throw new CriuError('INTERNAL', 'this process runs no script');
  return script;
}
