// How a task reaches a path of the images: from its root, or from a mount to which the path does not lead in its view.
import { AT_FDCWD } from '@criu/native/uapi';
import type { PhaseName, PlanContext, TaskPlan } from '../../../engine/plan.js';
import { folderSlot, hiddenFrom } from '../../../views/planned-mounts.js';

/** A place where a task opens a file: below a descriptor of its own, or AT_FDCWD. */
export interface Place {
  readonly folder: number;
  readonly path: string;
}

/** @param mountId mount id in image entries */
export function folderOf(
  ctx: PlanContext,
  plan: TaskPlan,
  path: string,
  mountId: number | undefined,
  phase: PhaseName = 'files',
): Place {
  const hidden = hiddenFrom(ctx, plan, path, mountId);
  if (!hidden) return { folder: AT_FDCWD, path };
  const folder = plan.tempFd();
  plan.take(phase, folderSlot(ctx, hidden), folder);
  // The covered object may be a file, below which no path can be opened.
  if (hidden.cover && hidden.path === '.') return { folder: AT_FDCWD, path: `/proc/self/fd/${folder}` };
  return { folder, path: hidden.path };
}
