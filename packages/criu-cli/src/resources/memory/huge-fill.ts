// Finds the memory that may be restored as transparent huge pages: where the kernel might have used some itself.
import { MADV_MERGEABLE, MADV_NOHUGEPAGE, MAP_GROWSDOWN, MAP_SHARED } from '@criu/native/uapi';
import type { MmEntry, VmaEntry } from '../../images/types.js';
import { isAdvised, VMA } from '../../images/vma.js';
import { hugePagesWanted } from '../../pages/huge-pages.js';
import { isHuge } from '../shared-memory/hugetlb.js';

/** The mappings of a task that may have huge pages. */
export function hugeMappings(mm: Pick<MmEntry, 'vmas' | 'thp_disabled' | 'merge_any'>): VmaEntry[] {
  if (mm.thp_disabled || mm.merge_any || !hugePagesWanted()) return [];
  return mm.vmas.filter(
    (vma) =>
      vma.status & VMA.ANON_PRIVATE &&
      !(vma.status & VMA.AIORING) &&
      !(vma.flags & (MAP_GROWSDOWN | MAP_SHARED)) &&
      !isHuge(vma.flags) &&
      !isAdvised(vma, MADV_NOHUGEPAGE) &&
      !isAdvised(vma, MADV_MERGEABLE),
  );
}
