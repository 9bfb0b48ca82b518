// The setting of the machine for transparent huge pages.
import { readFileSync } from '@criu/native/fs';

const ENABLED = '/sys/kernel/mm/transparent_hugepage/enabled';

/** Whether the kernel may use transparent huge pages. The administrator can disable them altogether. */
export function hugePagesWanted(): boolean {
  try {
    return !readFileSync(ENABLED, 'latin1').includes('[never]');
  } catch {
    // The kernel has no transparent huge pages.
    return false;
  }
}
