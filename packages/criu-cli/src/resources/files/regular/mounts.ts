// Whether a file is on a mount that tasks have: a path says nothing of one that is elsewhere, even if it leads to something.
import { cstring, sysRaw } from '@criu/native';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { readFdInfo, readMountInfo, readNsLink } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';
import { externalId } from '../../external.js';
import { FsMagic } from '../open-file.js';
import type { PathFile } from './dump.js';

const AT_EMPTY_PATH = 0x1000;
const STATX_MNT_ID = 0x1000;
/** struct statx: its size, and where stx_mask and stx_mnt_id are. */
const STATX = { size: 256, mask: 0, mountId: 0x90 } as const;

/** By inode of the mount namespace: ids of its mounts, as fdinfo and statx(2) have them. */
const mounts = stateKey('mounts of the tasks', (_: DumpContext) => new Map<bigint, Set<number>>());

/** mountinfo has what can be reached from the root of the task that it is of: others may see more. */
function readMounts(ctx: DumpContext, inode: bigint, pid: number): Set<number> {
  const members = [pid, process.pid, ctx.root.pid].filter((one) => readNsLink(one, 'mnt')?.inode === inode);
  const ids = new Set(members.flatMap((one) => readMountInfo(one).map(({ mntId }) => mntId)));
  ctx.states.get(mounts).set(inode, ids);
  return ids;
}

export function mountIdOf(fd: number): number {
  const struct = Buffer.alloc(STATX.size);
  const result = sysRaw('statx', fd, cstring(''), AT_EMPTY_PATH, STATX_MNT_ID, struct);
  if (result === 0 && struct.readUInt32LE(STATX.mask) & STATX_MNT_ID)
    return Number(struct.readBigUInt64LE(STATX.mountId));
  // Before Linux 5.8.
  return readFdInfo(process.pid, fd).mntId;
}

/** @throws CriuError UNSUPPORTED if the file is on a mount that the tasks do not have */
export function checkMount(ctx: DumpContext, file: PathFile): void {
  // The terminal of a shell job is that of whoever started it, as for CRIU.
  if (file.fsType === FsMagic.DEVPTS && ctx.options.shellJob) return;
  const id = mountIdOf(file.local);
  const inode = readNsLink(file.pid, 'mnt')?.inode ?? 0n;
  if (ctx.states.get(mounts).get(inode)?.has(id) || readMounts(ctx, inode, file.pid).has(id)) return;
  throw new CriuError(
    'UNSUPPORTED',
    `the file is on mount ${id}, which is not in the mount namespace of the tasks`,
    { pid: file.pid, file: file.link, ...(file.fd === undefined ? {} : { fd: file.fd }) },
    `close it before the dump, or have it given at restore (--external '${externalId.file(id, file.stat.ino)}', and --inherit-fd)`,
  );
}
