// The user namespace of restored tasks: its id maps, and the ids that agents have until tasks get their own
// credentials.
import { holds } from '../capabilities.js';
import type { PlanContext } from '../engine/plan.js';
import { CriuError } from '../errors.js';
import { type IdRange, readStatus } from '../proc/index.js';
import { stateKey } from '../states.js';
import { plannedNamespaces } from './planned.js';

/** The user namespace that is created. */
export interface PlannedUsers {
  readonly file: string;
  readonly users: readonly IdRange[];
  readonly groups: readonly IdRange[];
  readonly setgroupsDenied: boolean;
  /** Supplementary groups, as ids of the caller's user namespace, that all tasks are created with and keep. */
  readonly outerGroups: readonly number[] | undefined;
}

/** UID_GID_MAP_MAX_EXTENTS since Linux 4.15: the most ranges of an id map. */
const MOST_RANGES = 340;
const MOST_IDS = 2 ** 32 - 1;

/** @throws CriuError BAD_IMAGE for ranges that no kernel accepts */
function checkRanges(ranges: readonly IdRange[], name: string, file: string): void {
  const bad = (reason: string): CriuError => new CriuError('BAD_IMAGE', `${name}: ${reason}`, { file });
  if (ranges.length === 0 || ranges.length > MOST_RANGES)
    throw bad(`${ranges.length} ranges, not from 1 to ${MOST_RANGES}`);
  const from = ['inside', 'outside'] as const;
  for (const { inside, outside, count } of ranges)
    if (count === 0 || inside + count > MOST_IDS || outside + count > MOST_IDS)
      throw bad(`${count} ids from ${inside} on are those from ${outside} on, which is no range`);
  for (const side of from) {
    const sorted = [...ranges].sort((a, b) => a[side] - b[side]);
    for (const [i, range] of sorted.entries()) {
      const next = sorted[i + 1];
      if (next && range[side] + range.count > next[side])
        throw bad(`id ${next[side]} ${side} is there twice`);
    }
  }
}

function read(ctx: PlanContext): PlannedUsers | undefined {
  const [namespace] = plannedNamespaces(ctx).made('user');
  if (!namespace) return undefined;
  const file = `userns-${namespace.id}.img`;
  const entry = ctx.checkpoint.images.single('USERNS', namespace.id);
  const ranges = (of: typeof entry.uid_map): IdRange[] =>
    of.map(({ first, lower_first, count }) => ({ inside: first, outside: lower_first, count }));
  const [users, groups] = [ranges(entry.uid_map), ranges(entry.gid_map)];
  checkRanges(users, 'uid_map', file);
  checkRanges(groups, 'gid_map', file);
  const denied = entry.setgroups_denied ?? false;
  return {
    file,
    users,
    groups,
    setgroupsDenied: denied,
    outerGroups: denied || entry.outer_groups.length > 0 ? entry.outer_groups : undefined,
  };
}

const planned = stateKey('users', read);

/** The user namespace to be created; undefined if tasks are in the caller's. @throws CriuError BAD_IMAGE */
export function plannedUsers(ctx: PlanContext): PlannedUsers | undefined {
  return ctx.states.get(planned);
}

/** Whether agents have fewer privileges than the restoring process, as they are in a new user namespace. */
export function isConfined(ctx: PlanContext): boolean {
  return plannedUsers(ctx) !== undefined;
}

/** Whether the restore is unprivileged, so that it exceeds no limits. */
export function isLimited(ctx: PlanContext): boolean {
  return !ctx.onPaper && ctx.options.unprivileged === true && !holds('CAP_NET_ADMIN');
}

/**
 * Whether the restoring process does what needs privileges: tasks in a user namespace of their own have none in the network
 * namespace of the host, nor those that the kernel asks of the host's root alone.
 */
export function callerSets(ctx: PlanContext): boolean {
  return isConfined(ctx) && !isLimited(ctx);
}

function outside(ranges: readonly IdRange[], id: number): number | undefined {
  for (const range of ranges)
    if (id >= range.inside && id - range.inside < range.count) return range.outside + (id - range.inside);
  return undefined;
}

/**
 * Translates an owner from the images into ids of the restoring process.
 * @throws CriuError BAD_IMAGE for ids that are not mapped
 */
export function ownerOutside(
  ctx: PlanContext,
  { uid, gid }: { readonly uid: number; readonly gid: number },
  file: string,
): { uid: number; gid: number } {
  const made = plannedUsers(ctx);
  if (!made) return { uid, gid };
  const [user, group] = [outside(made.users, uid), outside(made.groups, gid)];
  if (user === undefined || group === undefined)
    throw new CriuError(
      'BAD_IMAGE',
      `something belongs to user ${uid} and group ${gid}, not both of which ${made.file} maps`,
      { file },
    );
  return { uid: user, gid: group };
}

/** The ids of an agent, as ids of its own user namespace. */
export interface AgentIds {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** The agent cannot change its supplementary groups. */
  readonly groupsFixed: boolean;
}

/** The lowest id that is mapped, which is almost always 0. */
function lowest(ranges: readonly IdRange[]): number {
  return ranges.reduce((least, { inside }) => Math.min(least, inside), MOST_IDS);
}

const ids = stateKey('ids of agents', (ctx: PlanContext): AgentIds => {
  const made = plannedUsers(ctx);
  if (!made) {
    const { uid, gid, groups } = readStatus(process.pid);
    return { uid: uid[1], gid: gid[1], groups, groupsFixed: false };
  }
  return {
    uid: lowest(made.users),
    gid: lowest(made.groups),
    groups: [],
    groupsFixed: made.outerGroups !== undefined,
  };
});

/** The ids of agents as the restoring process sees them; undefined if there is no new user namespace. */
export function agentIdsOutside(ctx: PlanContext): { uid: number; gid: number } | undefined {
  const made = plannedUsers(ctx);
  return made && ownerOutside(ctx, agentIds(ctx), made.file);
}

const makers = stateKey('ids with which files are created', (ctx: PlanContext) => {
  const ids = agentIdsOutside(ctx);
  const own = readStatus(process.pid);
  return ids?.uid === own.uid[1] && ids.gid === own.gid[1] ? undefined : ids;
});

/** The ids with which the restoring process creates files in the place of agents; undefined if they are its own. */
export function makerIds(ctx: PlanContext): { uid: number; gid: number } | undefined {
  return ctx.states.get(makers);
}

/** The ids of the tasks' agents. */
export function agentIds(ctx: PlanContext): AgentIds {
  return ctx.states.get(ids);
}
