// Where a restore may fill memory as huge pages: where the kernel might have given the task some by itself.
import { readFileSync } from '@criu/native/fs';
import type { MmEntry, VmaEntry } from '../../images/types.js';
import { MAP, VMA } from '../../images/vma.js';
import { isHuge } from '../shared-memory/hugetlb.js';

const ENABLED = '/sys/kernel/mm/transparent_hugepage/enabled';
const MADV_MERGEABLE = 12n;
const MADV_NOHUGEPAGE = 15n;

/** Whether whoever runs this machine wants no transparent huge pages at all. */
function forbidden(): boolean {
  try {
    return readFileSync(ENABLED, 'latin1').includes('[never]');
  } catch {
    // A kernel without them.
    return true;
  }
}

/** The mappings of a task that may have huge pages. */
export function hugeMappings(mm: Pick<MmEntry, 'vmas' | 'thp_disabled' | 'merge_any'>): VmaEntry[] {
  if (mm.thp_disabled || mm.merge_any || forbidden()) return [];
  return mm.vmas.filter(
    ({ status, flags, madv = 0n }) =>
      status & VMA.ANON_PRIVATE &&
      !(status & VMA.AIORING) &&
      !(flags & (MAP.GROWSDOWN | MAP.SHARED)) &&
      !isHuge(flags) &&
      !((madv >> MADV_NOHUGEPAGE) & 1n) &&
      !((madv >> MADV_MERGEABLE) & 1n),
  );
}
