// Translates users and groups of a dump into ids of the tasks' own user namespace, which is what images have.
import type { DumpContext } from '../engine/dump-context.js';
import { CriuError, type CriuErrorObject } from '../errors.js';
import { type IdRange, readGidMap, readUidMap } from '../proc/index.js';
import { stateKey } from '../states.js';
import { ownsNamespace } from './namespaces.js';

/** Default of /proc/sys/kernel/overflowuid: the id of users who are not mapped. */
export const OVERFLOW_ID = 65534;

/**
 * The id maps of the tasks' user namespace, as this process sees them; undefined if the tasks are in the user namespace
 * of this process.
 */
export const idMaps = stateKey('id maps', (ctx: DumpContext) =>
  ownsNamespace(ctx, 'user')
    ? { users: readUidMap(ctx.root.pid) ?? [], groups: readGidMap(ctx.root.pid) ?? [] }
    : undefined,
);

function inside(ranges: readonly IdRange[], id: number): number | undefined {
  for (const range of ranges)
    if (id >= range.outside && id - range.outside < range.count) return range.inside + (id - range.outside);
  return undefined;
}

function lowest(ranges: readonly IdRange[]): IdRange {
  return ranges.reduce((least, range) => (range.inside < least.inside ? range : least));
}

/**
 * The root user of the tasks' user namespace, as ids inside and as this process sees them; undefined if the tasks are
 * in the user namespace of this process.
 */
export function rootOfTasks(
  ctx: DumpContext,
): { inside: { uid: number; gid: number }; outside: { uid: number; gid: number } } | undefined {
  const maps = ctx.states.get(idMaps);
  if (!maps || maps.users.length === 0 || maps.groups.length === 0) return undefined;
  const [user, group] = [lowest(maps.users), lowest(maps.groups)];
  return {
    inside: { uid: user.inside, gid: group.inside },
    outside: { uid: user.outside, gid: group.outside },
  };
}

/** A uid as the tasks see it; undefined if their user namespace does not map it. */
export function userInside(ctx: DumpContext, uid: number): number | undefined {
  const maps = ctx.states.get(idMaps);
  return maps ? inside(maps.users, uid) : uid;
}

/** A gid as the tasks see it; undefined if their user namespace does not map it. */
export function groupInside(ctx: DumpContext, gid: number): number | undefined {
  const maps = ctx.states.get(idMaps);
  return maps ? inside(maps.groups, gid) : gid;
}

/** Translates the owner of an object to ids of the tasks. @throws CriuError NOT_DUMPABLE if an id is not mapped */
export function ownerInside(
  ctx: DumpContext,
  { uid, gid }: { readonly uid: number | bigint; readonly gid: number | bigint },
  what: string,
  about: CriuErrorObject = {},
): { uid: number; gid: number } {
  const [user, group] = [userInside(ctx, Number(uid)), groupInside(ctx, Number(gid))];
  if (user === undefined || group === undefined)
    throw new CriuError(
      'NOT_DUMPABLE',
      `${what} belongs to ${user === undefined ? `user ${uid}` : `group ${gid}`}, which the user namespace of the tasks does not map`,
      about,
      'have it belong to a user and a group that are mapped',
    );
  return { uid: user, gid: group };
}
