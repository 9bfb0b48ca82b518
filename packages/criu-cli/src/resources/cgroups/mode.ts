// What is done with the control groups of tasks (`--manage-cgroups`).
import { CriuError } from '../../errors.js';
import type { CommonOptions } from '../../options.js';

/**
 * - `ignore`: nothing; tasks stay where the restore runs
 * - `none`: groups must be there, and are left as they are
 * - `props`: groups must be there, and are configured
 * - `soft`: groups that are missing are made and configured, others left as they are
 * - `full`: groups that are missing are made, and all are configured
 * - `strict`: no group may be there; all are made and configured
 */
export const CGROUP_MODES = ['ignore', 'none', 'props', 'soft', 'full', 'strict'] as const;
export type CgroupMode = (typeof CGROUP_MODES)[number];

/** Who is not root has no say in cgroups, unless a mode was asked for. @throws CriuError BAD_OPTION */
export function modeOf(options: CommonOptions): CgroupMode {
  const name = options.manageCgroups ?? (options.unprivileged ? 'ignore' : 'soft');
  const mode = CGROUP_MODES.find((known) => known === name);
  if (mode === undefined)
    throw new CriuError(
      'BAD_OPTION',
      `there is no mode ${name} of handling cgroups`,
      {},
      `it is one of ${CGROUP_MODES.join(', ')}`,
    );
  return mode;
}
