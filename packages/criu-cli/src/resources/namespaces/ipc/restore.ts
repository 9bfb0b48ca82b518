// IPC namespaces: the root task is created in a new one and creates all objects with their ids before other tasks
// exist.
import type { DataRef, Program } from '@criu/compel';
import { imageFileName } from '@criu/images';
import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_NOWAIT,
  IPC_RMID,
  IPC_SET,
  ipc_perm,
  msgbuf,
  msqid_ds,
  PR_SET_SECUREBITS,
  SECBIT_NO_SETUID_FIXUP,
  SETALL,
  SHM_DEST,
  SHM_HUGETLB,
  SHM_LOCK,
  SHM_LOCKED,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { decodeIpcMessages, type IpcDescEntry } from '../../../images/types.js';
import { sizeOf } from '../../../pages/ranges.js';
import { TRANSFER_LIMIT } from '../../../pages/sinks/task-memory.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { type AgentIds, agentIds } from '../../../views/planned-users.js';
import { openPages } from '../../shared-memory/fill.js';
import { needHugePages } from '../../shared-memory/hugetlb.js';
import type { NamespaceRestore } from '../kind.js';
import { asCreator } from './creator.js';
import { control, type Family, LARGEST_MESSAGE, MSG, SEM, SHM } from './objects.js';
import { makePosixQueues } from './posix-queues-restore.js';
import { attachedSize, segments } from './segments.js';
import { restoredSemaphores } from './semaphores.js';
import { NEXT_ID, writeNextIds, writeSysctl, writeSysctls } from './sysctls.js';

const MODE = 0o777;
const MOST_SEMAPHORES = 32000;
/** Flags of shmget(2) for huge pages and their size. */
const HUGE_FLAGS = (SHM_HUGETLB | (0x3f << 26)) >>> 0;

/** Creates an object with its id, owner and mode. @param get adds the step that creates it */
function make(
  own: AgentIds,
  p: Program,
  family: Family,
  desc: IpcDescEntry,
  get: (mode: number, label: string) => void,
  more?: (state: Buffer) => void,
): void {
  const { id, uid, gid } = desc;
  writeSysctl(p, NEXT_ID[`${family.name}_next_id`], String(id));
  const mode = desc.mode & MODE;
  asCreator(p, own, desc, () => get(mode | IPC_CREAT | IPC_EXCL, `${family.name} ${id}`));
  const state = Buffer.alloc(family.size);
  state.writeUInt32LE(uid, ipc_perm.uid);
  state.writeUInt32LE(gid, ipc_perm.gid);
  state.writeUInt32LE(mode, ipc_perm.mode);
  more?.(state);
  const ref: DataRef = p.data(state);
  control(p, family, id, IPC_SET, ref, { label: `owner and mode of ${family.name} ${id}` });
}

function makeSegments(ctx: PlanContext, root: TaskPlan, nsId: number): void {
  const file = imageFileName('IPCNS_SHM', nsId);
  for (const segment of segments(ctx).values()) {
    const { desc, size } = segment;
    const { id, key, mode } = desc;
    const huge = segment.hugetlb_flag ?? 0;
    if (!segment.in_pagemaps)
      throw new CriuError('UNSUPPORTED', `System V shared memory ${id} has its content in the old way`, {
        file,
      });
    if (huge & ~HUGE_FLAGS)
      throw new CriuError('BAD_IMAGE', `System V shared memory ${id} has flags 0x${huge.toString(16)}`, {
        file,
      });
    if (huge) needHugePages(ctx, huge, Number(size));
    const p = root.program('namespaces');
    const get = (flags: number, label: string) =>
      p.syscall('shmget', [key, size, (flags | huge) >>> 0], { expect: id, label });
    // Huge pages need CAP_IPC_LOCK, which a change of the user id would clear otherwise.
    if (huge) p.syscall('prctl', [PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0]);
    make(agentIds(ctx), p, SHM, desc, get);
    if (huge) p.syscall('prctl', [PR_SET_SECUREBITS, 0, 0, 0, 0]);
    fill(ctx, root, id, attachedSize(segment));
    if (mode & SHM_LOCKED) control(root.program('namespaces'), SHM, id, SHM_LOCK, null);
    // A removed segment lives as long as it is attached; by this phase all tasks have attached it.
    if (mode & SHM_DEST)
      control(root.program('threads'), SHM, id, IPC_RMID, null, { label: `shm ${id}, which was removed` });
  }
}

/** Restores the contents of a segment through the memory of the root task's agent. */
function fill(ctx: PlanContext, root: TaskPlan, id: number, size: number): void {
  const name = `pagemap-shmem-${id}.img`;
  if (ctx.checkpoint.source.pages === 'elsewhere') return;
  if (!ctx.checkpoint.source.has(name))
    throw new CriuError('IMAGE_MISSING', 'the image is missing', { file: name });
  const ranges = ctx.pages.ranges({ shmid: id });
  for (const r of ranges)
    if (r.end > size)
      throw new CriuError('BAD_IMAGE', `page 0x${r.start.toString(16)} is beyond the segment`, {
        file: name,
      });
  if (!ctx.pages.readable) return;
  const files = new Map(ranges.files.map((f) => [f, openPages(ctx, f)]));
  for (const [path, slot] of files) {
    const fd = root.tempFd();
    root.take('namespaces', slot, fd);
    const p = root.program('namespaces');
    const at = p.syscall('shmat', [id, null, 0], { label: `System V shared memory ${id}` });
    for (const r of ranges.list.filter(({ file }) => file === path))
      for (let done = 0; done < sizeOf(r); done += TRANSFER_LIMIT) {
        const length = Math.min(TRANSFER_LIMIT, sizeOf(r) - done);
        p.full('pread64', [fd, p.plus(at, Number(r.start) + done), length, r.offset + done], {
          expect: length,
          label: `System V shared memory ${id}`,
        });
      }
    p.syscall('shmdt', [at]);
    p.syscall('close', [fd]);
  }
}

function makeQueues(ctx: PlanContext, root: TaskPlan, nsId: number): void {
  const file = imageFileName('IPCNS_MSG', nsId);
  for (const { entry, payload } of ctx.checkpoint.images.optional('IPCNS_MSG', nsId)) {
    const { desc, qbytes, qnum } = entry;
    const { id, key } = desc;
    const p = root.program('namespaces');
    make(
      agentIds(ctx),
      p,
      MSG,
      desc,
      (flags, label) => p.syscall('msgget', [key, flags], { expect: id, label }),
      (state) => state.writeBigUInt64LE(BigInt(qbytes), msqid_ds.msg_qbytes),
    );
    for (const { header, data } of decodeIpcMessages(payload ?? Buffer.alloc(0), qnum, file)) {
      if (data.length > LARGEST_MESSAGE)
        throw new CriuError('UNSUPPORTED', `queue ${id} has a message of ${data.length} bytes`, { file });
      const bytes = Buffer.alloc(msgbuf.mtext + data.length);
      bytes.writeBigUInt64LE(header.mtype, msgbuf.mtype);
      bytes.set(data, msgbuf.mtext);
      const q = root.program('namespaces');
      q.syscall('msgsnd', [id, q.data(bytes), data.length, IPC_NOWAIT], { label: `message of queue ${id}` });
    }
  }
}

function makeSemaphores(ctx: PlanContext, root: TaskPlan, nsId: number): void {
  const file = imageFileName('IPCNS_SEM', nsId);
  for (const { entry, payload } of ctx.checkpoint.images.optional('IPCNS_SEM', nsId)) {
    const { desc, nsems } = entry;
    const { id, key } = desc;
    if (nsems > MOST_SEMAPHORES)
      throw new CriuError('BAD_IMAGE', `set ${id} has ${nsems} semaphores`, { file });
    const p = root.program('namespaces');
    make(agentIds(ctx), p, SEM, desc, (flags, label) =>
      p.syscall('semget', [key, nsems, flags], { expect: id, label }),
    );
    ctx.states.get(restoredSemaphores).add(id);
    control(p, SEM, id, SETALL, p.data(payload ?? Buffer.alloc(nsems * 2)), { label: `values of sem ${id}` });
  }
}

export const ipcRestore: NamespaceRestore = {
  plan(ctx, root, { id }) {
    const file = `ipcns-var-${id}.img`;
    const tunables = ctx.checkpoint.images.single('IPC_VAR', id);
    root.birthFlags |= BigInt(CLONE_NEW.ipc);
    writeSysctls(root.program('namespaces'), tunables, file);
    makeSegments(ctx, root, id);
    makeQueues(ctx, root, id);
    makePosixQueues(ctx, root, tunables, file);
    makeSemaphores(ctx, root, id);
    writeNextIds(root.program('namespaces'), tunables);
  },
};
