// Whether memory may be given transparent huge pages that nobody has asked for.
import { readFileSync } from '@criu/native/fs';

const ENABLED = '/sys/kernel/mm/transparent_hugepage/enabled';

/** Whoever runs this machine may want none at all. */
export function hugePagesWanted(): boolean {
  try {
    return !readFileSync(ENABLED, 'latin1').includes('[never]');
  } catch {
    // A kernel without them.
    return false;
  }
}
