// Modes of handling control groups (`--manage-cgroups`).
import { CriuError } from '../../errors.js';
import type { CommonOptions } from '../../options.js';

/**
 * - `ignore`: do nothing; tasks stay in the groups of the restoring process
 * - `none`: groups must exist, and are not changed
 * - `props`: groups must exist, and are configured
 * - `soft`: missing groups are created and configured, existing ones are not changed
 * - `full`: missing groups are created, and all are configured
 * - `strict`: no group may exist; all are created and configured
 */
export const CGROUP_MODES = ['ignore', 'none', 'props', 'soft', 'full', 'strict'] as const;
export type CgroupMode = (typeof CGROUP_MODES)[number];

/** The mode; by default an unprivileged caller ignores cgroups. @throws CriuError BAD_OPTION */
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
