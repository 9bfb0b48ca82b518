// Names of bound sockets as the kernel tells them: what was passed to bind(2), which may lead through symbolic links.
import { basename, dirname } from 'node:path';
import { close, openat2 } from '@criu/native';
import { closeSync, constants, fstatSync, openSync, readlinkSync } from '@criu/native/fs';
import { O_CLOEXEC, O_NOFOLLOW, O_PATH, RESOLVE_IN_ROOT } from '@criu/native/uapi';

interface Inode {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Whether a path leads to the file, seen from the root directory of a task. */
function leads(root: number, path: string, file: Inode): boolean {
  const fd = openat2(root, path, O_PATH | O_CLOEXEC, RESOLVE_IN_ROOT);
  if (fd < 0) return false;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return dev === file.dev && ino === file.ino;
  } finally {
    close(fd);
  }
}

/** A folder and all above it. */
function upwards(folder: string): string[] {
  return folder === '/' ? [folder] : [folder, ...upwards(dirname(folder))];
}

/** Where a socket can be bound by its name, and how its file is called now if it was renamed. */
export interface Place {
  /** The folder to which a relative name refers. */
  readonly folder?: string;
  readonly renamed?: string;
}

/**
 * The place of a name that leads to the file now: as it is, or with the last part that it was renamed to. Relative names start at the
 * working folder of the task, or above the file.
 * @param path where the file is
 */
function placeNow(root: number, cwd: string, name: string, path: string, file: Inode): Place | undefined {
  if (name.startsWith('/')) return leads(root, name, file) ? {} : undefined;
  const plain = deletedPlace(name, path);
  if (plain) return plain;
  const folder = [cwd, ...upwards(dirname(path))].find((one) => leads(root, `${one}/${name}`, file));
  return folder === undefined ? undefined : { folder };
}

/** Undefined if the name does not lead to the file any more, and a restore could not bind it so that it does. */
export function placeOf(pid: number, name: string, path: string, file: Inode): Place | undefined {
  if (isOfTask(name)) return undefined;
  const root = openSync(`/proc/${pid}/root`, O_PATH | constants.O_DIRECTORY);
  try {
    const cwd = readlinkSync(`/proc/${pid}/cwd`);
    const place = placeNow(root, cwd, name, path, file);
    if (place) return place;
    // What lies under other mounts is reached by no path.
    if (name.startsWith('/') && !leads(root, path, file)) return {};
    const renamed = basename(path);
    const now = placeNow(root, cwd, name.slice(0, name.lastIndexOf('/') + 1) + renamed, path, file);
    if (!now || isThere(root, now.folder === undefined ? name : `${now.folder}/${name}`)) return undefined;
    return { ...now, renamed };
  } finally {
    closeSync(root);
  }
}

/** The place of a deleted file. */
export function deletedPlace(name: string, path: string): Place | undefined {
  if (name.startsWith('/')) return {};
  return path.endsWith(`/${name}`) ? { folder: path.slice(0, -name.length - 1) } : undefined;
}

function isThere(root: number, path: string): boolean {
  const fd = openat2(root, path, O_PATH | O_NOFOLLOW | O_CLOEXEC, RESOLVE_IN_ROOT);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

/** Whether a name leads through /proc, to what only the task had when it bound the socket (`/proc/self/fd/3/socket`). */
function isOfTask(name: string): boolean {
  return /^\/+proc\/+(self|thread-self|\d+)\//.test(name);
}
