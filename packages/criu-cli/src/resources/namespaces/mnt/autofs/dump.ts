// autofs(5): what a mount is like, which end of which task's pipe it sends its requests to, and the folders in it.
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
} from '@criu/native/uapi';
import type { DumpContext, LiveTask } from '../../../../engine/dump-context.js';
import { withDescriptor } from '../../../../engine/plan.js';
import { CriuError } from '../../../../errors.js';
import { readFdInfo, readFds } from '../../../../proc/index.js';
import { asHostPid } from '../../../../proc/pids.js';
import { pidInside } from '../../../../views/pids.js';
import { rootOfTasks } from '../../../../views/users.js';
import { bytesIn } from '../../../files/pipe/peek.js';
import type { FoundMount } from '../table.js';
import { type AutofsOptions, CATATONIC, MODES, parseAutofs } from './options.js';

/** How long a look at a path may take. */
const PATIENCE_MS = 5000;
/** struct stat: its size, and where its members are. */
const STAT = { size: 144, mode: 24, uid: 28, gid: 32 } as const;

interface Ends {
  readonly read: number | undefined;
  readonly write: readonly number[];
}

/** The ends of a pipe that a task has. */
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

/** The task that answers: the leader of the group if it can, as CRIU looks at nobody else. */
function daemonOf(ctx: DumpContext, { group, pipe }: AutofsOptions): Daemon | undefined {
  const members = ctx.live.filter(({ stat, pid }) => stat.pgrp === group || pid === group);
  for (const task of members.sort((a, b) => Number(b.pid === group) - Number(a.pid === group))) {
    const ends = endsOf(task.pid, pipe);
    if (ends.read !== undefined) return { ...ends, task, read: ends.read };
  }
  return undefined;
}

/** Somebody on the machine who has an end to read from. */
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

/** lstat(2), but for that it has nobody mount anything there. @throws SysError */
function lookAt(path: string): { mode: number; uid: number; gid: number } {
  const stat = Buffer.alloc(STAT.size);
  sys('newfstatat', AT_FDCWD, cstring(path), stat, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
  const word = (at: number): number => stat.readUInt32LE(at);
  return { mode: word(STAT.mode), uid: word(STAT.uid), gid: word(STAT.gid) };
}

/** Folders and links in the file system below an open folder; a look into one of them has nobody mount anything. */
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
    // Not with O_DIRECTORY: that is what has the daemon asked to mount something there.
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
    // An empty folder can be opened by the daemon alone.
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

/** What is left of a mount whose daemon is no more: the kernel makes it catatonic at the next look into it. */
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

/** Whose mount it is, as images have it. @throws CriuError for one that cannot be left to its daemon as it is */
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
    // The daemon closed its own end to write: only the kernel has one.
    ...(write.includes(options.fd) ? {} : { read_fd: read }),
  };
}

/**
 * Adds what a mount is like to the images.
 * @param open gives its root, with nothing on it; it may be made to wait for the daemon, where that owes somebody an answer
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

/** What is opened, unless it takes so long that somebody waits for the daemon, which stands still. @throws CriuError */
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
    // It ends with the agent.
    opened.then(close, () => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
