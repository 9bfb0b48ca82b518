// What this process knows of itself.
import { CriuError } from '../errors.js';

/** The effective user of this process. */
export function effectiveUser(): number {
  // Node has it wherever there are users.
  return process.geteuid?.() ?? 0;
}

/** The bundle or script that this process runs. */
export function ownScript(): string {
  const [, script] = process.argv;
  if (script === undefined) throw new CriuError('INTERNAL', 'this process runs no script');
  return script;
}
