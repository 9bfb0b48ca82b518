// Finds the memory that may be restored as transparent huge pages: where the kernel might have used some itself. Whether
// this machine has any that pay is found out when the first task is filled, and is no part of the plan.
import { addon } from '@criu/native';
import { MADV_MERGEABLE, MADV_NOHUGEPAGE, MAP_GROWSDOWN, MAP_SHARED } from '@criu/native/uapi';
import type { PlanContext } from '../../engine/plan.js';
import type { MmTable, VmaEntry } from '../../images/types.js';
import { isAdvised, VMA } from '../../images/vma.js';
import { hugePagesWanted } from '../../pages/huge-pages.js';
import type { HugeFill } from '../../pages/sinks/task-memory.js';
import { stateKey } from '../../states.js';
import { isHuge } from '../shared-memory/hugetlb.js';

/** The mappings of a task that may have huge pages. */
export function hugeMappings(mm: Pick<MmTable, 'vmas' | 'thp_disabled' | 'merge_any'>): VmaEntry[] {
  if (mm.thp_disabled || mm.merge_any) return [];
  return mm.vmas.list(
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

/** Whether the kernel may make huge pages. */
const wanted = stateKey('huge pages wanted', hugePagesWanted);

/** Whether huge pages pay now: the answer is the same for all tasks, so that not each of them has to find out. */
const pay = stateKey('huge pages pay', () => addon().hugePagesPay(MEASURED));

/** What huge pages a task may be filled with. @param bytes what the images have for the task */
export function hugeFill({ states }: Pick<PlanContext, 'states'>, mm: MmTable, bytes: number): HugeFill {
  return {
    mappings: hugeMappings(mm),
    made: {
      kind: 'late',
      name: bytes < MUCH ? 'huge pages wanted' : 'huge pages pay',
      value: () => Number(states.get(wanted) && (bytes < MUCH || states.get(pay))),
    },
  };
}
