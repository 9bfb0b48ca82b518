// Files that are written for others to find: images, logs, statistics, pid files. Their directory may belong to somebody
// else, who may have put links, devices or files of his own there before, or may do so at this moment.
import { basename, dirname, join } from 'node:path';
import { cstring, SysError, sys, sysRaw } from '@criu/native';
import {
  fstatSync,
  lstatSync,
  readlinkSync,
  realpathSync,
  resolvePath,
  writeFileSync,
} from '@criu/native/fs';
import {
  AT_FDCWD,
  EACCES,
  EEXIST,
  EISDIR,
  ELOOP,
  ENOENT,
  EPERM,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDWR,
  O_WRONLY,
} from '@criu/native/uapi';
import { asCriuError, CriuError } from './errors.js';

/** Images hold the memory of programs, whatever the umask of who makes them. */
const PRIVATE = 0o600;
/** The same for a group that may read them. */
const SHARED = 0o640;
/** Somebody who makes a name again as often as it is removed means no good. */
const MOST_TRIES = 16;
/** As in the kernel. */
const MOST_LINKS = 40;

/** Remedy where a directory is not safe to write to. */
const OTHER_DIRECTORY = 'name a directory that nobody else can write to';

/** A directory, by its descriptor: what is written goes there, even if its name leads elsewhere by now. */
export class OutputDirectory {
  private constructor(
    /** For messages, and for whoever reads. */
    readonly path: string,
    readonly fd: number,
  ) {}

  /** @throws SysError */
  static open(path: string): OutputDirectory {
    const fd = sysRaw('openat', AT_FDCWD, cstring(path), O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0) throw new SysError('open', -fd, path);
    return new OutputDirectory(path, fd);
  }

  /**
   * Makes a file that is ours alone. What had that name before is not ours to write to, be it a link, or a file that
   * others can read or have open: it loses the name, and stays as it is.
   * @returns a descriptor to read and write, the caller's to be closed
   * @throws CriuError
   */
  create(name: string): number {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
      const fd = sysRaw('openat', this.fd, entryName(name), flags, PRIVATE);
      if (fd >= 0) {
        // A umask takes away what the owner needs.
        sys('fchmod', fd, PRIVATE);
        return fd;
      }
      if (fd !== -EEXIST) throw this.failure('cannot make the file', name, 'open', -fd);
      this.remove(name);
    }
    throw this.occupied(name);
  }

  /** Makes a file with these contents, as `create` does. @throws CriuError */
  write(name: string, bytes: Uint8Array | string): void {
    const fd = this.create(name);
    try {
      writeFileSync(fd, bytes);
    } catch (error) {
      throw asCriuError(error, 'cannot write the file', { file: this.pathOf(name) });
    } finally {
      sys('close', fd);
    }
  }

  /** Makes a symbolic link in the place of whatever had that name. @throws CriuError */
  link(name: string, target: string): void {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const result = sysRaw('symlinkat', cstring(target), this.fd, entryName(name));
      if (result >= 0) return;
      if (result !== -EEXIST) throw this.failure('cannot make the link', name, 'symlink', -result);
      this.remove(name);
    }
    throw this.occupied(name);
  }

  /** Gives a file of the directory another name there; what had that one before is gone. @throws CriuError */
  rename(from: string, to: string): void {
    const result = sysRaw('renameat', this.fd, entryName(from), this.fd, entryName(to));
    if (result < 0) throw this.failure(`cannot rename ${from}`, to, 'rename', -result);
  }

  /** Takes a name away, if it is there. Nothing else happens to what it stood for. @throws CriuError */
  remove(name: string): void {
    const result = sysRaw('unlinkat', this.fd, entryName(name), 0);
    if (result >= 0 || result === -ENOENT) return;
    throw result === -EISDIR
      ? new CriuError(
          'BAD_OPTION',
          'there is a directory of that name',
          { file: this.pathOf(name) },
          'remove it, or name another directory for the files',
        )
      : this.failure('cannot replace the file', name, 'unlink', -result);
  }

  /** Has a group read a file that we have made; where a file system has no groups, nobody does. */
  letRead(name: string, gid: number): void {
    const fd = sysRaw('openat', this.fd, entryName(name), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0);
    if (fd < 0) return;
    if (isOwn(fstatSync(fd).uid) && sysRaw('fchown', fd, -1, gid) === 0) sysRaw('fchmod', fd, SHARED);
    sys('close', fd);
  }

  pathOf(name: string): string {
    return join(this.path, name);
  }

  close(): void {
    sys('close', this.fd);
  }

  private failure(what: string, name: string, call: string, errno: number): CriuError {
    const cause = new SysError(call, errno);
    const about = { file: this.pathOf(name) };
    if (errno === EACCES || errno === EPERM)
      return new CriuError(
        'NOT_PERMITTED',
        what,
        about,
        'name a directory that you may write to (-D for images, -W for log and statistics), or run as root',
        cause,
      );
    return asCriuError(cause, what, about);
  }

  private occupied(name: string): CriuError {
    return new CriuError(
      'NOT_PERMITTED',
      'somebody makes a file of that name again and again',
      { file: this.pathOf(name) },
      OTHER_DIRECTORY,
    );
  }
}

/** Names come from us, but for logs and pid files. */
function entryName(name: string): Buffer {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0'))
    throw new CriuError('BAD_OPTION', `${JSON.stringify(name)} is no name of a file`);
  return cstring(name);
}

/** Makes a file as `OutputDirectory.create` does. @returns a descriptor. @throws CriuError */
function createFile(path: string): number {
  let dir: OutputDirectory;
  try {
    dir = OutputDirectory.open(dirname(path));
  } catch (error) {
    throw asCriuError(error, 'cannot open the directory of the file', { file: path });
  }
  try {
    return dir.create(basename(path));
  } finally {
    dir.close();
  }
}

/**
 * Opens what a log is written to: a file that is made anew, or the terminal, pipe or device of that name. A symbolic link
 * counts if it is ours or root's, as /dev/stdout is; one of somebody else is replaced by the file.
 * @throws CriuError
 */
export function openLog(path: string): number {
  return openOutput(path, createFile);
}

/** Opens what `openLog` has opened before, to go on with it. @throws CriuError if it is not that any more */
export function reopenLog(path: string): number {
  return openOutput(path, (file) => openOwnFile(file, O_APPEND));
}

/** Opens a file that we have made to change it. @throws CriuError if that is a link, or a file of somebody else */
export function openOwnFile(file: string, flags = 0): number {
  // A FIFO that nobody reads is not waited for.
  const fd = openForWriting(file, O_NOFOLLOW | O_NONBLOCK | flags);
  const stat = fstatSync(fd);
  // A second name may have been given to a file of ours that has nothing to do with it.
  if (stat.isFile() && isOwn(stat.uid) && stat.nlink === 1) return fd;
  sys('close', fd);
  throw new CriuError(
    'NOT_PERMITTED',
    stat.isFile() && isOwn(stat.uid) ? 'the file has other names too' : 'it is no file of ours',
    { file },
    'copy the images into a directory that nobody else can write to',
  );
}

function openOutput(path: string, regular: (file: string) => number): number {
  let at = resolvePath(path);
  for (let links = 0; links < MOST_LINKS; links++) {
    const found = lstatSync(at, { throwIfNoEntry: false });
    if (!found || found.isFile() || found.isDirectory()) return regular(at);
    if (found.isSymbolicLink()) {
      // Links of procfs lead to open files, some of which have no name; nobody can put others there.
      if (`${realpathSync(dirname(at))}/`.startsWith('/proc/')) return openForWriting(at, O_APPEND);
      if (!isOwn(found.uid)) return regular(at);
      at = resolvePath(dirname(at), readlinkSync(at));
      continue;
    }
    if (found.isFIFO() && !isOwn(found.uid))
      throw new CriuError(
        'NOT_PERMITTED',
        `the log would go to a FIFO of user ${found.uid}`,
        { file: at },
        OTHER_DIRECTORY,
      );
    return openForWriting(at, O_APPEND | O_NOFOLLOW);
  }
  throw asCriuError(new SysError('open', ELOOP), 'cannot open the log file', { file: path });
}

function isOwn(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

function openForWriting(file: string, flags: number): number {
  const all = O_WRONLY | O_NOCTTY | O_CLOEXEC | flags;
  const fd = sysRaw('openat', AT_FDCWD, cstring(file), all, 0);
  if (fd < 0) throw asCriuError(new SysError('open', -fd), 'cannot open the file for writing', { file });
  return fd;
}
