// System calls of the mount API (fsopen(2), open_tree(2), move_mount(2), mount_setattr(2)) as steps of a program.
import type { Operand, Program, StepRef } from '@criu/compel';
import {
  AT_EMPTY_PATH,
  FSCONFIG_CMD_CREATE,
  FSCONFIG_CMD_RECONFIGURE,
  FSCONFIG_SET_FLAG,
  FSCONFIG_SET_STRING,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  FSPICK_CLOEXEC,
  FSPICK_EMPTY_PATH,
  MOVE_MOUNT_F_EMPTY_PATH,
  MOVE_MOUNT_SET_GROUP,
  MOVE_MOUNT_T_EMPTY_PATH,
  mount_attr,
  O_CLOEXEC,
  O_PATH,
  OPEN_TREE_CLONE,
  open_how,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
} from '@criu/native/uapi';

/** Flags of move_mount(2) that copy the groups of one mount to another, both given by descriptors. */
export const SET_GROUP = MOVE_MOUNT_SET_GROUP | MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;

export type Option = readonly [key: string, value: string | undefined];

function configure(p: Program, context: Operand, [key, value]: Option, label: string): void {
  if (value === undefined)
    p.syscall('fsconfig', [context, FSCONFIG_SET_FLAG, p.cstring(key), null, 0], { label });
  else
    p.syscall('fsconfig', [context, FSCONFIG_SET_STRING, p.cstring(key), p.cstring(value), 0], {
      label,
    });
}

/** Creates a file system as a detached mount. @returns its descriptor */
export function makeFileSystem(p: Program, fs: string, options: readonly Option[], label: string): StepRef {
  const context = p.syscall('fsopen', [p.cstring(fs), FSOPEN_CLOEXEC], { label });
  for (const option of options)
    configure(
      p,
      context,
      option,
      `${label}: option ${option[0]}${option[1] === undefined ? '' : `=${option[1]}`}`,
    );
  p.syscall('fsconfig', [context, FSCONFIG_CMD_CREATE, null, null, 0], { label });
  const mount = p.syscall('fsmount', [context, FSMOUNT_CLOEXEC, 0], { label });
  p.syscall('close', [context]);
  return mount;
}

/** Changes options of a mount's superblock. */
export function reconfigure(p: Program, mount: Operand, options: readonly Option[], label: string): void {
  const context = p.syscall('fspick', [mount, p.cstring(''), FSPICK_EMPTY_PATH | FSPICK_CLOEXEC], { label });
  for (const option of options) configure(p, context, option, label);
  p.syscall('fsconfig', [context, FSCONFIG_CMD_RECONFIGURE, null, null, 0], { label });
  p.syscall('close', [context]);
}

/** Resolves a path only within the mount. */
export const RESOLVE_INSIDE = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;

/** Opens a path below the root of a mount, without leaving it. @returns its descriptor */
function inside(p: Program, of: Operand, path: string, label: string): StepRef {
  const how = p.u64(O_PATH | O_CLOEXEC, 0, RESOLVE_INSIDE);
  return p.syscall('openat2', [of, p.cstring(path), how, open_how.sizeof], { label });
}

/** Clones a mount, with a path below its root as the root of the detached clone. @returns its descriptor */
export function cloneMount(p: Program, of: Operand, path: string, label: string): StepRef {
  const place = path === '' ? of : inside(p, of, path, label);
  const clone = p.syscall('open_tree', [place, p.cstring(''), OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH], {
    label,
  });
  if (path !== '') p.syscall('close', [place]);
  return clone;
}

/** Label of the step that opens the mount point. */
export function pointOf(label: string): string {
  return `point of ${label}`;
}

/**
 * Attaches a mount to another one, at `path` below its root, or at the root itself if `path` is empty.
 * @param covered number for a descriptor of the covered directory or file
 */
export function attachInside(
  p: Program,
  mount: Operand,
  parent: Operand,
  path: string,
  label: string,
  covered?: number,
): void {
  const place = path === '' ? parent : inside(p, parent, path, pointOf(label));
  if (covered !== undefined)
    p.syscall('dup3', [place, covered, O_CLOEXEC], { label: `what ${label} covers` });
  attach(p, mount, place, '', label);
  if (path !== '') p.syscall('close', [place]);
}

/** Attaches a mount at `path` below `folder`, or at `folder` itself if `path` is empty. */
export function attach(
  p: Program,
  mount: Operand,
  folder: Operand,
  path: string,
  label: string,
  options: { expect?: 'any' } = {},
): StepRef {
  const flags = MOVE_MOUNT_F_EMPTY_PATH | (path === '' ? MOVE_MOUNT_T_EMPTY_PATH : 0);
  return p.syscall('move_mount', [mount, p.cstring(''), folder, p.cstring(path), flags], {
    label,
    ...options,
  });
}

/** Puts a private mount into the groups of another mount of the same superblock. */
export function joinGroup(p: Program, mount: Operand, of: Operand, label: string): void {
  p.syscall('move_mount', [of, p.cstring(''), mount, p.cstring(''), SET_GROUP], { label });
}

/** Sets attributes and propagation (MS_SHARED and others; 0 leaves it) of one mount. */
export function setAttributes(
  p: Program,
  mount: Operand,
  change: { set?: number; clear?: number; propagation?: number },
  label: string,
): void {
  p.syscall(
    'mount_setattr',
    [
      mount,
      p.cstring(''),
      AT_EMPTY_PATH,
      p.u64(change.set ?? 0, change.clear ?? 0, change.propagation ?? 0, 0),
      mount_attr.sizeof,
    ],
    { label },
  );
}
