// Finds the memory that may be restored as transparent huge pages: where the kernel might have used some itself.
import { addon } from '@criu/native';
import { MADV_MERGEABLE, MADV_NOHUGEPAGE, MAP_GROWSDOWN, MAP_SHARED } from '@criu/native/uapi';
import type { PlanContext } from '../../engine/plan.js';
import type { MmEntry, VmaEntry } from '../../images/types.js';
import { isAdvised, VMA } from '../../images/vma.js';
import { hugePagesWanted } from '../../pages/huge-pages.js';
import { stateKey } from '../../states.js';
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

/** Bytes of a task from which on it is known before it is filled whether huge pages pay. */
const MUCH = 32 << 20;
/** Number of huge pages whose cost is measured. */
const MEASURED = 16;

/** Whether huge pages pay now: the answer is the same for all tasks, so that not each of them has to find out. */
const hugePagesPay = stateKey(
  'huge pages pay',
  ({ onPaper }: PlanContext) => !onPaper && addon().hugePagesPay(MEASURED),
);

/** The mappings of a task that are filled with huge pages. @param bytes what the images have for the task */
export function filledHuge(ctx: PlanContext, mm: MmEntry, bytes: number): VmaEntry[] {
  const mappings = hugeMappings(mm);
  return mappings.length === 0 || bytes < MUCH || ctx.states.get(hugePagesPay) ? mappings : [];
}
