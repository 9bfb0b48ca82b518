// Namespaces, and the other things tasks may share: each gets a number, the same for those who have the same one.
import type { TaskKobjIdsEntry, Timespec } from '@criu/images';
import { sysRaw } from '@criu/native';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import { dumpModule, type TreeDump } from '../../engine/dump-module.js';
import { CriuError } from '../../errors.js';
import {
  type ClockOffset,
  type NsName,
  readNsLink,
  readNsLinks,
  readTimensOffsets,
  type TimensOffsets,
} from '../../proc/index.js';

const KCMP = { VM: 1, FILES: 2, FS: 3, SIGHAND: 4 } as const;
const CLOCK_MONOTONIC = 1;
const CLOCK_BOOTTIME = 7;
const NSEC = 1_000_000_000n;
const NO_OFFSETS: TimensOffsets = { monotonic: { sec: 0n, nsec: 0 }, boottime: { sec: 0n, nsec: 0 } };
/** In the order in which they are numbered. */
const NAMESPACES = ['pid', 'net', 'ipc', 'uts', 'time', 'mnt', 'user', 'cgroup'] as const satisfies NsName[];

type Shared = keyof typeof KCMP;

/** Numbers for kernel objects; number 1 is the dumper's own. */
class Numbers {
  private readonly namespaces = new Map<string, number>();
  private readonly owners: Record<Shared, { pid: number; id: number }[]> = {
    VM: [],
    FILES: [],
    FS: [],
    SIGHAND: [],
  };

  namespace(name: string, inode: bigint): number {
    const key = `${name}:${inode}`;
    let id = this.namespaces.get(key);
    if (id === undefined) {
      id = this.namespaces.size + 1;
      this.namespaces.set(key, id);
    }
    return id;
  }

  object(kind: Shared, pid: number): { id: number; sharedWith: number | undefined } {
    const known = this.owners[kind];
    for (const other of known)
      if (sysRaw('kcmp', pid, other.pid, KCMP[kind], 0, 0) === 0)
        return { id: other.id, sharedWith: other.pid };
    const id = known.length + 1;
    known.push({ pid, id });
    return { id, sharedWith: undefined };
  }
}

interface State {
  readonly numbers: Numbers;
  readonly own: TaskKobjIdsEntry;
  readonly ownLinks: ReturnType<typeof readNsLinks>;
}

const states = new WeakMap<DumpContext, State>();

function idsOf(numbers: Numbers, pid: number, links: ReturnType<typeof readNsLinks>): TaskKobjIdsEntry {
  const entry: TaskKobjIdsEntry = {
    vm_id: numbers.object('VM', pid).id,
    files_id: numbers.object('FILES', pid).id,
    fs_id: numbers.object('FS', pid).id,
    sighand_id: numbers.object('SIGHAND', pid).id,
  };
  for (const name of NAMESPACES) {
    const link = links[name];
    if (link) entry[`${name}_ns_id`] = numbers.namespace(name, link.inode);
  }
  return entry;
}

function stateOf(ctx: DumpContext): State {
  let state = states.get(ctx);
  if (!state) {
    const numbers = new Numbers();
    const ownLinks = readNsLinks(globalThis.process.pid);
    state = { numbers, ownLinks, own: idsOf(numbers, globalThis.process.pid, ownLinks) };
    states.set(ctx, state);
  }
  return state;
}

/** Numbers of the dumper, by which the inventory tells which namespaces are the host's. */
function ownIds(ctx: DumpContext): TaskKobjIdsEntry {
  return stateOf(ctx).own;
}

/** Number of a namespace. */
export function namespaceNumber(ctx: DumpContext, name: string, inode: bigint): number {
  return stateOf(ctx).numbers.namespace(name, inode);
}

/** What a clock says now in a time namespace with this offset. */
function clockWith(clock: number, offset: ClockOffset): Timespec {
  const time = new BigInt64Array(2);
  sysRaw('clock_gettime', clock, time);
  const total = (time[0]! + offset.sec) * NSEC + time[1]! + BigInt(offset.nsec);
  return { tv_sec: total / NSEC, tv_nsec: total % NSEC };
}

/**
 * What the clocks of the tasks say, so that they can go on from there in a time namespace. The image has number 0 when
 * the tasks are in the host's, else that of their own.
 */
function noteClocks(ctx: DumpContext): void {
  const { ownLinks } = stateOf(ctx);
  const { root } = ctx;
  if (!ownLinks.time || root.ids.time_ns_id === undefined) return;
  const foreign = root.ids.time_ns_id !== ownIds(ctx).time_ns_id;
  const offsets = (foreign ? readTimensOffsets(root.pid) : undefined) ?? NO_OFFSETS;
  ctx.images.add(
    'TIMENS',
    {
      monotonic: clockWith(CLOCK_MONOTONIC, offsets.monotonic),
      boottime: clockWith(CLOCK_BOOTTIME, offsets.boottime),
    },
    { id: foreign ? root.ids.time_ns_id : 0 },
  );
}

/** Namespaces other than the dumper's cannot be dumped yet, but for one time namespace of the whole tree. */
function checkNamespaces(ctx: DumpContext, task: LiveTask, links: ReturnType<typeof readNsLinks>): void {
  const { ownLinks } = stateOf(ctx);
  const own = (name: NsName) => links[name]?.inode === ownLinks[name]?.inode;
  for (const name of NAMESPACES)
    if (name !== 'time' && links[name] && ownLinks[name] && !own(name))
      throw new CriuError('UNSUPPORTED', `it is in a ${name} namespace of its own`, { pid: task.pid });
  const { root } = ctx;
  const rootTime = task === root ? links.time : readNsLink(root.pid, 'time');
  if (links.time?.inode !== rootTime?.inode)
    throw new CriuError('UNSUPPORTED', 'it is in another time namespace than the root task', {
      pid: task.pid,
    });
  if (links.time_for_children?.inode !== links.time?.inode)
    throw new CriuError('UNSUPPORTED', 'its children would be in another time namespace', { pid: task.pid });
}

function checkShared(ctx: DumpContext, task: LiveTask): void {
  const { numbers } = stateOf(ctx);
  const what: Record<Exclude<Shared, 'FILES'>, string> = {
    VM: 'its memory (CLONE_VM, vfork)',
    FS: 'its working folder (CLONE_FS)',
    SIGHAND: 'its signal handlers (CLONE_SIGHAND)',
  };
  for (const kind of ['VM', 'FS', 'SIGHAND'] as const) {
    const { sharedWith } = numbers.object(kind, task.pid);
    if (sharedWith !== undefined && sharedWith !== task.pid)
      throw new CriuError('UNSUPPORTED', `shares ${what[kind]} with task ${sharedWith}`, { pid: task.pid });
  }
}

export const namespaces = dumpModule<TaskKobjIdsEntry>({
  name: 'namespaces',

  collect(ctx, task) {
    const { numbers } = stateOf(ctx);
    checkShared(ctx, task);
    const links = readNsLinks(task.pid);
    checkNamespaces(ctx, task, links);
    task.ids = idsOf(numbers, task.pid, links);
    return task.ids;
  },

  describe: (ctx, task, ids) => ctx.images.add('IDS', ids, { id: task.pid }),
});

export const namespaceTree: TreeDump = {
  name: 'namespaces',
  afterCollect: noteClocks,
  inventory: (ctx) => ({ root_ids: ownIds(ctx) }),
};
