// Where a restore may fill memory as huge pages: where the kernel might have given the task some by itself.
import { readFileSync } from '@criu/native/fs';
import { MADV_MERGEABLE, MADV_NOHUGEPAGE } from '@criu/native/uapi';
import type { MmEntry, VmaEntry } from '../../images/types.js';
import { isAdvised, MAP, VMA } from '../../images/vma.js';
import { isHuge } from '../shared-memory/hugetlb.js';

const ENABLED = '/sys/kernel/mm/transparent_hugepage/enabled';

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
    (vma) =>
      vma.status & VMA.ANON_PRIVATE &&
      !(vma.status & VMA.AIORING) &&
      !(vma.flags & (MAP.GROWSDOWN | MAP.SHARED)) &&
      !isHuge(vma.flags) &&
      !isAdvised(vma, MADV_NOHUGEPAGE) &&
      !isAdvised(vma, MADV_MERGEABLE),
  );
}
