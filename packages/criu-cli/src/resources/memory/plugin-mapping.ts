// Mappings of devices whose contents a plugin restores: it names the file and the offset to be mapped.
import { Program } from '@criu/compel';
import { openSync } from '@criu/native/fs';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import { asCriuError } from '../../errors.js';
import type { VmaEntry } from '../../images/types.js';
import { hex, vmaSize } from '../../images/vma.js';
import { fileFlags, mapFlags } from './map-flags.js';

/** Maps a device as a plugin says, or as it was if no plugin handles it. @throws CriuError BAD_IMAGE */
export function mapDevice(ctx: PlanContext, plan: TaskPlan, vma: VmaEntry): void {
  const { name } = ctx.checkpoint.regular(
    Number(vma.shmid),
    `the mapping at ${hex(vma.start)} of task ${plan.pid}`,
  );
  const about = `the mapping of ${name} at ${hex(vma.start)}`;
  let offset = vma.pgoff;
  const slot = ctx.openSlot(about, () => {
    const answer = ctx.hooks?.askNow('UPDATE_VMA_MAP', { args: [vma.start, vma.pgoff], text: name, about });
    // As in CRIU, the value 1 means that the offset is a new one.
    if (answer?.value === 1) offset = answer.wide;
    if (answer?.fd !== undefined) return answer.fd;
    try {
      return openSync(name, fileFlags(vma));
    } catch (error) {
      throw asCriuError(error, `cannot open the file of ${about}`, { file: name });
    }
  });
  const fd = plan.tempFd();
  plan.take('files', slot, fd);
  plan.step('address-space', {
    title: about,
    does: ['mmap() at the offset that the plugin has said'],
    program: () => {
      const p = new Program(about);
      const start = Number(vma.start);
      p.syscall('mmap', [start, vmaSize(vma), vma.prot, mapFlags(vma.flags, true), fd, offset], {
        expect: start,
        label: `map ${hex(start)}-${hex(vma.end)}`,
      });
      return p;
    },
  });
}
