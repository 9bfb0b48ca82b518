// autofs(5): the mount is created without daemon, with its folders, and gets the daemon's pipe when no more paths are
// looked up.
import { type Operand, Program } from '@criu/compel';
import type { AutofsEntry, AutofsName } from '@criu/images';
import { constants, openSync } from '@criu/native/fs';
import {
  AT_SYMLINK_NOFOLLOW,
  AUTOFS_DEV_IOCTL_SETPIPEFD,
  AUTOFS_IOC_CATATONIC,
  AUTOFS_IOC_SETTIMEOUT,
  autofs_dev_ioctl,
  O_CLOEXEC,
  O_DIRECTORY,
  O_RDONLY,
} from '@criu/native/uapi';
import { type PlanContext, Slot, type TaskPlan, withDescriptor } from '../../../../engine/plan.js';
import { asCriuError, CriuError } from '../../../../errors.js';
import { FdTypes } from '../../../../images/types.js';
import { splitMountOptions } from '../../../../proc/index.js';
import { isPlain } from '../../../../views/mount-paths.js';
import { type Mount, placeInParent } from '../../../../views/mount-tree.js';
import { moveTo } from '../../../files/common.js';
import { fileNumbers } from '../../../files/numbers.js';
import { makeFileSystem, type Option } from '../calls.js';
import { PHASE, title, type Workshop } from '../workshop.js';
import { CATATONIC, FLAGS, MODES } from './options.js';

/** AUTOFS_DEV_IOCTL_VERSION_MAJOR and _MINOR in which SETPIPEFD was added. */
const VERSION = [1, 0] as const;

function imageOf(mount: Mount): string {
  return `autofs-${mount.entry.root_dev}.img`;
}

function bad(mount: Mount, what: string): CriuError {
  return new CriuError('BAD_IMAGE', `${title(mount)}: ${what}`, { file: imageOf(mount) });
}

/**
 * The names to be created: those of the image, or mount points for CRIU's images, which have none.
 * @throws CriuError
 */
export function namesOf(mount: Mount, entry: Pick<AutofsEntry, 'names'>): AutofsName[] {
  const names: AutofsName[] = [];
  const folders = new Set(['']);
  const known = new Set<string>();
  const add = (name: AutofsName): void => {
    const { path } = name;
    // A path below a symbolic link could lead anywhere.
    if (!isPlain(`/${path}`) || path === '' || known.has(path) || !folders.has(path.replace(/\/?[^/]*$/, '')))
      throw bad(mount, `${JSON.stringify(path)} is no name in a folder of its own`);
    known.add(path);
    if (name.target === undefined) folders.add(path);
    names.push(name);
  };
  for (const name of entry.names) add(name);
  const point = (path: string): void => {
    if (path === '' || folders.has(path)) return;
    add({ path, mode: 0o555, uid: 0, gid: 0 });
  };
  for (const child of mount.children) {
    const parts = placeInParent(child).split('/');
    for (const i of parts.keys()) point(parts.slice(0, i + 1).join('/'));
  }
  return names;
}

function makeNames(p: Program, root: Operand, names: readonly AutofsName[], label: string): void {
  for (const { path, mode, uid, gid, target } of names) {
    const name = p.cstring(path);
    const about = { label: `${label}: ${path}` };
    if (target === undefined) {
      p.syscall('mkdirat', [root, name, mode], about);
      p.syscall('fchmodat', [root, name, mode], about);
    } else p.syscall('symlinkat', [p.cstring(target), root, name], about);
    if (uid !== 0 || gid !== 0) p.syscall('fchownat', [root, name, uid, gid, AT_SYMLINK_NOFOLLOW], about);
  }
}

/**
 * Creates the mount catatonic; its daemon takes it over later. Until then its group is that of the root task, so that
 * the pid namespace of the group, which must be the daemon's, is right.
 * @throws CriuError
 */
export function makeAutofs(shop: Workshop, mount: Mount, source: string): void {
  const { ctx, plan } = shop;
  const entry = ctx.checkpoint.images.single('AUTOFS', mount.entry.root_dev);
  const mode = MODES[entry.mode];
  if (mode === undefined) throw bad(mount, `there is no mode ${entry.mode}`);
  const names = namesOf(mount, entry);
  const label = title(mount);
  const [reader, writer] = [plan.tempFd(), plan.tempFd()];
  const p = shop.program;
  const pair = p.data(8);
  p.syscall('pipe2', [pair, O_CLOEXEC], { label: `${label}: a pipe for a moment` });
  moveTo(p, p.load32(pair), reader);
  moveTo(p, p.load32(p.at(pair, 4)), writer);
  const shown = splitMountOptions(mount.entry.options);
  const options: Option[] = [
    ...(source === '' ? [] : [['source', source] as const]),
    ['fd', String(writer)],
    ['minproto', String(entry.minproto)],
    ['maxproto', String(entry.maxproto)],
    ...(entry.uid === undefined ? [] : [['uid', String(entry.uid)] as const]),
    ...(entry.gid === undefined ? [] : [['gid', String(entry.gid)] as const]),
    [mode, undefined],
    ...FLAGS.filter((flag) => shown.includes(flag)).map((flag) => [flag, undefined] as const),
  ];
  const fd = shop.fd(mount);
  moveTo(p, makeFileSystem(p, 'autofs', options, label), fd);
  const root = plan.tempFd();
  moveTo(p, p.syscall('openat', [fd, p.cstring('.'), O_RDONLY | O_DIRECTORY], { label }), root);
  makeNames(p, root, names, label);
  p.syscall('ioctl', [root, AUTOFS_IOC_SETTIMEOUT, p.u64(entry.timeout)], { label: `${label}: timeout` });
  p.syscall('ioctl', [root, AUTOFS_IOC_CATATONIC, 0], { label: `${label}: no daemon` });
  for (const end of [reader, writer]) p.syscall('close', [end]);
  if (entry.fd === CATATONIC) {
    p.syscall('close', [root]);
    return;
  }
  const slot = new Slot(`root of ${label}`);
  plan.give(PHASE, root, slot);
  handOver(ctx, mount, entry, slot);
}

interface Daemon {
  readonly plan: TaskPlan;
  /** The task that puts the descriptors of the daemon into place. */
  readonly holder: TaskPlan;
  /** The daemon's end of the pipe: the write end, or the read end if it has no write end. */
  readonly end: { readonly id: number };
}

/** @throws CriuError */
function daemonOf(ctx: PlanContext, mount: Mount, { fd, pgrp, read_fd: read }: AutofsEntry): Daemon {
  const number = read ?? fd;
  const group = ctx.tasks.filter(({ task }) => task.pid === pgrp || task.pgid === pgrp);
  for (const plan of group.sort((a, b) => Number(b.pid === pgrp) - Number(a.pid === pgrp))) {
    const end = plan.task.fds.find((one) => one.fd === number && one.type === FdTypes.PIPE);
    const owner = plan.table && plan.table.index > 0 ? ctx.taskOf(plan.table.owner) : plan;
    if (end && owner) return { plan, holder: owner, end };
  }
  throw bad(mount, `no task of process group ${pgrp} has a pipe as descriptor ${number}, to be asked by`);
}

function autofsDevice(ctx: PlanContext): Slot {
  return ctx.openSlot('/dev/autofs', () => {
    try {
      return openSync('/dev/autofs', constants.O_RDONLY);
    } catch (error) {
      throw asCriuError(error, 'autofs mounts get their daemons by /dev/autofs', { file: '/dev/autofs' });
    }
  });
}

/** Gives the mount to its daemon, which itself has to request that, at a time when no task looks up paths any more. */
function handOver(ctx: PlanContext, mount: Mount, entry: AutofsEntry, root: Slot): void {
  const { plan, holder, end } = daemonOf(ctx, mount, entry);
  const alone = entry.read_fd !== undefined;
  const taken = alone && plan.task.fds.some(({ fd }) => fd === entry.fd);
  const pipe = taken ? Math.max(...plan.task.fds.map(({ fd }) => fd)) + 1 : entry.fd;
  const label = `${title(mount)} gets its daemon`;
  if (alone) {
    // Only the kernel had a write end: this process keeps one until the mount has it.
    const slot = ctx.openSlot(`pipe of ${title(mount)}`);
    const about = {
      title: slot.name,
      failure: `${title(mount)}: cannot open its pipe`,
      object: { file: imageOf(mount) },
    };
    const number = ctx.states.get(fileNumbers).temp(holder, end.id);
    holder.meanwhile('place', about, ({ hostPid }) =>
      withDescriptor(hostPid, number, (local) =>
        slot.fill(openSync(`/proc/self/fd/${local}`, constants.O_WRONLY)),
      ),
    );
    holder.take('place', slot, pipe);
  }
  const p = new Program(label);
  const device = autofsDevice(ctx);
  const [mountFd, deviceFd] = [p.fd(() => root.value), p.fd(() => device.value)];
  const argument = p.data(autofs_dev_ioctl.sizeof);
  p.poke(p.at(argument, autofs_dev_ioctl.ver_major), VERSION[0], 4);
  p.poke(p.at(argument, autofs_dev_ioctl.ver_minor), VERSION[1], 4);
  p.poke(p.at(argument, autofs_dev_ioctl.size), autofs_dev_ioctl.sizeof, 4);
  p.poke(p.at(argument, autofs_dev_ioctl.ioctlfd), mountFd, 4);
  p.poke(p.at(argument, autofs_dev_ioctl.pipefd), pipe, 4);
  p.syscall('ioctl', [deviceFd, AUTOFS_DEV_IOCTL_SETPIPEFD, argument], { label });
  if (alone) p.syscall('close', [pipe]);
  for (const fd of [mountFd, deviceFd]) p.syscall('close', [fd]);
  plan.step('signals', { title: label, program: p, needs: [root, device] });
}
