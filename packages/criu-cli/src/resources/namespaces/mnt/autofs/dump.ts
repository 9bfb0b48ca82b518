// autofs(5): options of a mount, the pipe end of the daemon to which its requests go, and its folders.
import type { AutofsName, Encodable } from '@criu/images';
import { close, cstring, sys } from '@criu/native';
import { closeSync, constants, openSync, readdirSync, readlinkSync } from '@criu/native/fs';
import {
  AT_FDCWD,
  AT_NO_AUTOMOUNT,
  AT_SYMLINK_NOFOLLOW,
  ENOENT,
  O_ACCMODE,
  O_PATH,
  O_RDONLY,
  O_WRONLY,
  S_IFLNK,
  S_IFMT,
  stat,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../../engine/dump-context.js';
import type { LiveTask } from '../../../../engine/dump-task.js';
import { withDescriptor } from '../../../../engine/plan.js';
import { CriuError } from '../../../../errors.js';
import { readFdInfo, readFds } from '../../../../proc/index.js';
import { asHostPid } from '../../../../proc/pids.js';
import { pidInside } from '../../../../views/pids.js';
import { rootOfTasks } from '../../../../views/users.js';
import { bytesIn } from '../../../files/pipe/peek.js';
import type { FoundMount } from '../table.js';
import { type AutofsOptions, CATATONIC, MODES, parseAutofs } from './options.js';

/** Milliseconds for looking at a path. */
const PATIENCE_MS = 5000;

interface Ends {
  readonly read: number | undefined;
  readonly write: readonly number[];
}

/** The ends of a pipe that a task has open. */
function endsOf(pid: number, inode: number): Ends {
  const ends = readFds(pid).filter(({ link }) => link === `pipe:[${inode}]`);
  const ways = ends.map(({ fd }) => ({ fd, way: readFdInfo(pid, fd).flags & O_ACCMODE }));
  return {
    read: ways.find(({ way }) => way === O_RDONLY)?.fd,
    write: ways.filter(({ way }) => way === O_WRONLY).map(({ fd }) => fd),
  };
}

interface Daemon extends Ends {
  readonly task: LiveTask;
  readonly read: number;
}

/** The daemon: preferably the leader of the group, as CRIU supports no other. */
function daemonOf(ctx: DumpContext, { group, pipe }: AutofsOptions): Daemon | undefined {
  const members = ctx.live.filter(({ stat, pid }) => stat.pgrp === group || pid === group);
  for (const task of members.sort((a, b) => Number(b.pid === group) - Number(a.pid === group))) {
    const ends = endsOf(task.pid, pipe);
    if (ends.read !== undefined) return { ...ends, task, read: ends.read };
  }
  return undefined;
}

/** Pid of a process on this machine that has a read end open. */
function readerOutside(pipe: number): number | undefined {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (endsOf(Number(name), pipe).read !== undefined) return Number(name);
    } catch {
      // It ended in the meantime.
    }
  }
  return undefined;
}

/** lstat(2) without triggering an automount. @throws SysError */
function lookAt(path: string): { mode: number; uid: number; gid: number } {
  const status = Buffer.alloc(stat.sizeof);
  sys('newfstatat', AT_FDCWD, cstring(path), status, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
  const word = (at: number): number => status.readUInt32LE(at);
  return { mode: word(stat.st_mode), uid: word(stat.st_uid), gid: word(stat.st_gid) };
}

/** Folders and symbolic links below an open folder; listing them triggers no automount. */
function namesIn(folder: number, above = ''): Encodable<AutofsName>[] {
  const names: Encodable<AutofsName>[] = [];
  for (const name of readdirSync(`/proc/self/fd/${folder}`)) {
    const path = `/proc/self/fd/${folder}/${name}`;
    const { mode, uid, gid } = lookAt(path);
    const about = { path: `${above}${name}`, mode: mode & ~S_IFMT, uid, gid };
    if ((mode & S_IFMT) === S_IFLNK) {
      names.push({ ...about, target: readlinkSync(path) });
      continue;
    }
    names.push(about);
    // Without O_DIRECTORY, which would trigger an automount.
    const place = openSync(path, O_PATH | constants.O_NOFOLLOW);
    try {
      names.push(...namesBelow(place, about.path));
    } finally {
      closeSync(place);
    }
  }
  return names;
}

function namesBelow(place: number, path: string): Encodable<AutofsName>[] {
  let folder: number;
  try {
    folder = openSync(`/proc/self/fd/${place}/.`, constants.O_RDONLY);
  } catch (error) {
    // Only the daemon can open an empty folder.
    if ((error as { errno?: number }).errno === -ENOENT) return [];
    throw error;
  }
  try {
    return namesIn(folder, `${path}/`);
  } finally {
    closeSync(folder);
  }
}

function refusal(mount: FoundMount, what: string, remedy: string): CriuError {
  return new CriuError(
    'NOT_DUMPABLE',
    `mount ${mount.id} of autofs ${what}`,
    { file: mount.mountpoint },
    remedy,
  );
}

/** A mount without daemon: the kernel makes it catatonic on the next lookup. */
function abandoned(mount: FoundMount, options: AutofsOptions): { fd: number; pgrp: number } {
  const reader = readerOutside(options.pipe);
  if (reader !== undefined)
    throw refusal(
      mount,
      `is served by process ${reader}, which is not among the tasks`,
      `dump the daemon with them, or name the mount with --external mnt[${mount.mountpoint}]:KEY`,
    );
  return { fd: CATATONIC, pgrp: options.group };
}

/** The owner of a mount, as in images. @throws CriuError for a mount that cannot be returned to its daemon unchanged */
function ownerOf(ctx: DumpContext, mount: FoundMount, options: AutofsOptions) {
  if (options.fd === CATATONIC) return { fd: CATATONIC, pgrp: options.group };
  const daemon = daemonOf(ctx, options);
  return daemon ? served(ctx, mount, options, daemon) : abandoned(mount, options);
}

function served(ctx: DumpContext, mount: FoundMount, options: AutofsOptions, daemon: Daemon) {
  const { task, read, write } = daemon;
  withDescriptor(asHostPid(task.pid), read, (local) => {
    if (bytesIn(local) > 0)
      throw refusal(
        mount,
        `has asked its daemon (task ${task.pid}) for something that it has not read yet`,
        'dump again when the daemon has answered',
      );
  });
  return {
    fd: options.fd,
    pgrp: pidInside(ctx, asHostPid(options.group)),
    // The daemon has closed its own write end, so that only the kernel has one.
    ...(write.includes(options.fd) ? {} : { read_fd: read }),
  };
}

/**
 * Adds a mount to the images.
 * @param open returns a descriptor of its root with nothing mounted on it; may have to wait for the daemon if a request
 * is pending
 * @throws CriuError
 */
export async function dumpAutofs(
  ctx: DumpContext,
  mount: FoundMount,
  open: () => Promise<number>,
): Promise<void> {
  const options = parseAutofs(mount.options, mount.mountpoint);
  if (rootOfTasks(ctx))
    throw refusal(
      mount,
      'cannot be made by tasks in a user namespace of their own',
      `name it with --external mnt[${mount.mountpoint}]:KEY, and give it to the restore with --external mnt[KEY]:PATH`,
    );
  const { timeout, minproto, maxproto, mode, uid, gid } = options;
  const owner = ownerOf(ctx, mount, options);
  const folder = await inTime(mount, open());
  try {
    ctx.images.add(
      'AUTOFS',
      {
        ...owner,
        timeout,
        minproto,
        maxproto,
        mode: MODES.indexOf(mode),
        ...(uid === undefined ? {} : { uid }),
        ...(gid === undefined ? {} : { gid }),
        names: namesIn(folder),
      },
      { id: mount.dev },
    );
  } finally {
    close(folder);
  }
}

/** Waits for an open, with a time limit, as it may wait for the daemon, which is stopped. @throws CriuError */
async function inTime(mount: FoundMount, opened: Promise<number>): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          refusal(
            mount,
            'has asked its daemon for something that it has not answered yet',
            'dump again when the daemon has answered',
          ),
        ),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([opened, late]);
  } catch (error) {
    // The open ends when the agent does.
    opened.then(close, () => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
