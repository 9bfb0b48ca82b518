// Creates files that others will find: images, logs, statistics, pid files. Their directory may belong to another user,
// who may have put links, devices or files there, or may do so at any moment.
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

/** Permissions of images, which hold the memory of programs; independent of the umask. */
const PRIVATE = 0o600;
/** Permissions of images that a group may read. */
const SHARED = 0o640;
/** A name that reappears after this many removals is an attack. */
const MOST_TRIES = 16;
/** Most symbolic links in a path, as in the kernel (MAXSYMLINKS). */
const MOST_LINKS = 40;

/** The remedy for a directory that is not safe to write to. */
const OTHER_DIRECTORY = 'name a directory that nobody else can write to';

/** An open directory: files are created in it even if its path leads elsewhere by now. */
export class OutputDirectory {
  private constructor(
    /** The path for messages, and for readers. */
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
   * Creates a file of our own. An existing link or file of that name may be read or held open by others, so it is
   * unlinked, not written to.
   * @returns a descriptor to read and write; the caller closes it
   * @throws CriuError
   */
  create(name: string): number {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
      const fd = sysRaw('openat', this.fd, entryName(name), flags, PRIVATE);
      if (fd >= 0) {
        // The umask may have removed permissions of the owner.
        sys('fchmod', fd, PRIVATE);
        return fd;
      }
      if (fd !== -EEXIST) throw this.failure('cannot make the file', name, 'open', -fd);
      this.remove(name);
    }
    throw this.occupied(name);
  }

  /** Creates a file with these contents, as `create` does. @throws CriuError */
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

  /** Creates a symbolic link, replacing any file of that name. @throws CriuError */
  link(name: string, target: string): void {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const result = sysRaw('symlinkat', cstring(target), this.fd, entryName(name));
      if (result >= 0) return;
      if (result !== -EEXIST) throw this.failure('cannot make the link', name, 'symlink', -result);
      this.remove(name);
    }
    throw this.occupied(name);
  }

  /** Renames a file of the directory, replacing any file of the new name. @throws CriuError */
  rename(from: string, to: string): void {
    const result = sysRaw('renameat', this.fd, entryName(from), this.fd, entryName(to));
    if (result < 0) throw this.failure(`cannot rename ${from}`, to, 'rename', -result);
  }

  /** Unlinks a name, if it exists. @throws CriuError */
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

  /** Lets a group read a file that we have created. Ignored on file systems without groups. */
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

/** The name as bytes; refuses names that are not a single component. Names of logs and pid files come from the user. */
function entryName(name: string): Buffer {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0'))
    throw new CriuError('BAD_OPTION', `${JSON.stringify(name)} is no name of a file`);
  return cstring(name);
}

/** Creates a file as `OutputDirectory.create` does. @returns a descriptor @throws CriuError */
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
 * Opens the target of a log: a new file, or an existing terminal, pipe or device. A symbolic link is followed if it
 * belongs to us or to root, such as /dev/stdout; another user's link is replaced by a file.
 * @throws CriuError
 */
export function openLog(path: string): number {
  return openOutput(path, createFile);
}

/**
 * Opens a log again that `openLog` has opened before, to append to it.
 * @throws CriuError if it is another file by now
 */
export function reopenLog(path: string): number {
  return openOutput(path, (file) => openOwnFile(file, O_APPEND));
}

/** Opens a file that we have created for writing. @throws CriuError if it is a link or belongs to another user */
export function openOwnFile(file: string, flags = 0): number {
  // O_NONBLOCK: opening a FIFO without reader must not block.
  const fd = openForWriting(file, O_NOFOLLOW | O_NONBLOCK | flags);
  const stat = fstatSync(fd);
  // Another user may have made a hard link to an unrelated file of ours.
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
      // A link in procfs leads to an open file, which may have no path; nobody can create links there.
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
