// Peer groups and masters of mounts (mount_namespaces(7)): in which order they come back, and from whom each mount has its own.
import { CriuError } from '../../../errors.js';
import { isBelow } from './paths.js';
import type { Mount } from './tree.js';

/** One mount's propagation, in the order of the list that it is in. */
export interface Sharing {
  readonly mount: Mount;
  /** A mount that is in the group already, and whose groups it gets. */
  readonly like: Mount | undefined;
  /** A member of the group that it becomes a slave of; its own group, if any, is made after that. */
  readonly slaveOf: Mount | undefined;
  /** It is the first of a group of peers. */
  readonly shared: boolean;
  /** It is a slave of a group outside of the checkpoint. */
  readonly outside: boolean;
}

const groupOf = ({ entry }: Mount) => entry.shared_id ?? 0;
const masterOf = ({ entry }: Mount) => entry.master_id ?? 0;

/** @throws CriuError for groups that are masters of each other, or that no mount can give */
export function planSharing(mounts: readonly Mount[]): Sharing[] {
  const members = new Map<number, Mount[]>();
  for (const mount of mounts) {
    const id = groupOf(mount);
    if (id) members.set(id, [...(members.get(id) ?? []), mount]);
  }
  // The widest first: only from a mount whose root is not narrower can another one get its groups.
  for (const group of members.values()) group.sort((a, b) => a.root.length - b.root.length);
  const out: Sharing[] = [];
  const done = new Set<number>();
  const wider = (mount: Mount, of: readonly Mount[]): Mount => {
    const found = of.find((other) => other !== mount && isBelow(mount.root, other.root));
    if (!found)
      throw new CriuError(
        'UNSUPPORTED',
        `the mount at ${mount.mountpoint} shares its propagation with one that shows less of the file system`,
        { file: `mountpoints-${mount.namespace.id}.img` },
      );
    return found;
  };
  const alone = (mount: Mount, shared: boolean): void => {
    const master = masterOf(mount);
    const masters = master ? members.get(master) : undefined;
    out.push({
      mount,
      like: undefined,
      slaveOf: masters && wider(mount, masters),
      shared,
      outside: master !== 0 && !masters,
    });
  };
  const makeGroup = (id: number, path: readonly number[]): void => {
    if (done.has(id)) return;
    const group = members.get(id);
    const [first, ...others] = group ?? [];
    if (!first) return;
    if (path.includes(id))
      throw new CriuError('BAD_IMAGE', `peer groups ${path.join(', ')} are masters of each other`, {
        file: `mountpoints-${first.namespace.id}.img`,
      });
    const master = masterOf(first);
    if (master) makeGroup(master, [...path, id]);
    done.add(id);
    alone(first, true);
    for (const mount of others)
      out.push({
        mount,
        like: wider(mount, [first, ...others]),
        slaveOf: undefined,
        shared: false,
        outside: false,
      });
  };
  for (const id of members.keys()) makeGroup(id, []);
  for (const mount of mounts) if (!groupOf(mount) && masterOf(mount)) alone(mount, false);
  return out;
}
