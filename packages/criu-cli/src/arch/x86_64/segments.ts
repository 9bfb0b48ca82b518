// Segments of a program's own: the local descriptor table (modify_ldt(2)), which emulators of 16-bit programs use.
import type { Program, StepRef } from '@criu/compel';

/** Function of modify_ldt(2) that reads the table. */
const READ = 0;

/** Asks the executing task: a positive result means that it has such a table. Kernels can be built without. */
export function askOwnSegments(p: Program): StepRef {
  const entry = p.out(8);
  return p.syscall('modify_ldt', [READ, entry, entry.size], { expect: 'any' });
}
