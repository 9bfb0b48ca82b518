// Peer groups and masters of mounts (mount_namespaces(7)): the order of restoring them, and the mount from which each
// one gets its groups.
import { CriuError } from '../../../errors.js';
import { isBelow } from '../../../views/mount-paths.js';
import type { Mount } from '../../../views/mount-tree.js';

/** A detached clone of a mount, for a group of which no member's root contains the roots of all others. */
export interface Helper {
  /** The mount of which it is a clone. */
  readonly base: Mount;
  readonly root: string;
}

export type Sharer = Mount | Helper;

export function isHelper(one: Sharer): one is Helper {
  return 'base' in one;
}

/** The propagation of one mount, in the order of the list. */
export interface Sharing {
  readonly mount: Sharer;
  /** A mount that has the groups already, from which they are copied. */
  readonly like: Sharer | undefined;
  /** A member of the group of which it becomes a slave; a peer group of its own is created after that. */
  readonly slaveOf: Sharer | undefined;
  /** It is the first member of a peer group. */
  readonly shared: boolean;
  /** It is a slave of a group outside of the checkpoint. */
  readonly outside: boolean;
}

const groupOf = ({ entry }: Mount) => entry.shared_id ?? 0;
const masterOf = ({ entry }: Mount) => entry.master_id ?? 0;

interface Group {
  readonly id: number;
  /** The group of which it is a slave; 0 if none. */
  readonly master: number;
  readonly members: Mount[];
  /** Mounts of groups that are slaves of it, which get that from its members. */
  readonly slaves: Mount[];
}

function groupsOf(mounts: readonly Mount[]): Map<number, Group> {
  const groups = new Map<number, Group>();
  for (const mount of mounts) {
    const id = groupOf(mount);
    if (!id) continue;
    const group = groups.get(id) ?? { id, master: masterOf(mount), members: [], slaves: [] };
    groups.set(id, group);
    group.members.push(mount);
  }
  for (const mount of mounts) groups.get(masterOf(mount))?.slaves.push(mount);
  // The widest root first: groups can only be copied to a mount whose root is within that of the source.
  for (const { members } of groups.values()) members.sort((a, b) => a.root.length - b.root.length);
  return groups;
}

class SharingPlan {
  readonly out: Sharing[] = [];
  private readonly groups: Map<number, Group>;
  private readonly leaders = new Map<number, Sharer>();

  constructor(private readonly mounts: readonly Mount[]) {
    this.groups = groupsOf(mounts);
  }

  run(): void {
    for (const id of this.groups.keys()) this.makeGroup(id, []);
    for (const mount of this.mounts)
      if (!groupOf(mount) && masterOf(mount)) this.first(mount, masterOf(mount), false);
  }

  /**
   * The member from which all others get their groups.
   * @throws CriuError if no mount shows enough of the file system
   */
  private leader({ members, slaves }: Group): Sharer {
    const all = [...members, ...slaves];
    const widest = members.find((one) => all.every(({ root }) => isBelow(root, one.root)));
    if (widest) return widest;
    const [some] = members;
    const base = this.mounts.find(
      (one) =>
        one.entry.root_dev === some?.entry.root_dev && all.every(({ root }) => isBelow(root, one.root)),
    );
    if (base) return { base, root: base.root };
    throw new CriuError(
      'UNSUPPORTED',
      `the mounts at ${all.map(({ mountpoint }) => mountpoint).join(', ')} share their propagation, and none shows what all of them do`,
      { file: `mountpoints-${some?.namespace.id}.img` },
    );
  }

  private first(mount: Sharer, master: number, shared: boolean): void {
    const slaveOf = this.leaders.get(master);
    const outside = master !== 0 && !slaveOf;
    this.out.push({ mount, like: undefined, slaveOf, shared, outside });
  }

  private makeGroup(id: number, path: readonly number[]): void {
    const group = this.groups.get(id);
    if (!group || this.leaders.has(id)) return;
    if (path.includes(id))
      throw new CriuError('BAD_IMAGE', `peer groups ${path.join(', ')} are masters of each other`, {
        file: `mountpoints-${group.members[0]?.namespace.id}.img`,
      });
    if (group.master) this.makeGroup(group.master, [...path, id]);
    const leader = this.leader(group);
    this.leaders.set(id, leader);
    this.first(leader, group.master, true);
    for (const mount of group.members)
      if (mount !== leader)
        this.out.push({ mount, like: leader, slaveOf: undefined, shared: false, outside: false });
  }
}

/** @throws CriuError for groups that are masters of each other, or that no mount can provide */
export function planSharing(mounts: readonly Mount[]): Sharing[] {
  const plan = new SharingPlan(mounts);
  plan.run();
  return plan.out;
}
