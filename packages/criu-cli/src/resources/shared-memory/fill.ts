// Descriptors of pages images in the tasks: contents go from the file to memory without passing through this process.
import type { PlanContext, Slot, TaskPlan } from '../../engine/plan.js';
import { stateKey } from '../../states.js';

const slots = stateKey('pages images', (_: PlanContext): Map<string, Slot> => new Map());
const fds = stateKey('pages images of a task', (_: TaskPlan): Map<string, number> => new Map());

/** The slot for a pages image, which this process opens once. */
export function openPages(ctx: PlanContext, file: string): Slot {
  const all = ctx.states.get(slots);
  let slot = all.get(file);
  if (!slot) {
    slot = ctx.openSlot(file, () => ctx.pages.open(file, ctx.options.imageIoMode === 'direct'));
    all.set(file, slot);
  }
  return slot;
}

/** Descriptor number of the image in the task, which takes each image once. */
export function pagesFd(ctx: PlanContext, plan: TaskPlan, file: string): number {
  const mine = plan.states.get(fds);
  let fd = mine.get(file);
  if (fd === undefined) {
    fd = plan.tempFd();
    plan.take('files', openPages(ctx, file), fd);
    mine.set(file, fd);
  }
  return fd;
}
