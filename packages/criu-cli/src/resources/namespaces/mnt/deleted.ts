// Bind mounts of removed files and folders: the file gets its name back for the moment in which it is cloned.
import { basename, dirname } from 'node:path';
import { cstring, openat2, SysError, sys, sysRaw } from '@criu/native';
import { closeSync, fstatSync } from '@criu/native/fs';
import {
  AT_REMOVEDIR,
  EEXIST,
  ENOENT,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  RENAME_NOREPLACE,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
} from '@criu/native/uapi';
import { fillGhost } from '../../files/regular/ghost-fill.js';
import type { GhostImage } from '../../files/regular/ghost-image.js';
import { RESOLVE_INSIDE } from './calls.js';

/** Opens a path within a mount. @returns a descriptor, or a negated errno */
function inside(mount: number, path: string, flags: number): number {
  if (path === '' || path === '.') return sysRaw('openat', mount, cstring('.'), flags | O_PATH | O_CLOEXEC);
  return openat2(mount, path, flags | O_PATH | O_NOFOLLOW | O_CLOEXEC, RESOLVE_INSIDE);
}

function using<T>(fd: number, path: string, use: (fd: number) => T): T {
  if (fd < 0) throw new SysError('openat2', -fd, path);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** Whether a mount point is a folder: only a folder can be mounted on it then. @throws SysError */
function isFolder(parent: number, place: string): boolean {
  return using(inside(parent, place, 0), place, (fd) => fstatSync(fd).isDirectory());
}

/** Type, and for a device its number. */
interface Kind {
  readonly mode: number;
  readonly rdev?: number | undefined;
}

const NEW_FOLDER: Kind = { mode: S_IFDIR };
const NEW_FILE: Kind = { mode: S_IFREG };

export class Reappearance {
  private readonly folders: string[] = [];
  private aside: string | undefined;
  private made = false;

  /**
   * @param mount descriptor of the mount to which the path is relative
   * @param path path of the removed file
   * @param ghost its ghost image; images of CRIU have none
   */
  constructor(
    private readonly mount: number,
    private readonly path: string,
    private readonly ghost: GhostImage | undefined,
  ) {}

  /**
   * Creates the file as its ghost image says, or as a file or folder that fits the mount point `place` below the root
   * of the mount `parent`.
   * @throws SysError
   */
  make(parent: number, place: string): void {
    this.folder(dirname(this.path));
    this.create(this.ghost?.entry ?? (isFolder(parent, place) ? NEW_FOLDER : NEW_FILE));
  }

  /**
   * Fills in contents and attributes of the ghost image. @param owner ids as this process sees them
   * @throws SysError, CriuError
   */
  async fill(owner: { readonly uid: number; readonly gid: number } | undefined): Promise<void> {
    const { ghost } = this;
    if (!ghost || !owner) return;
    const fd = inside(this.mount, this.path, 0);
    if (fd < 0) throw new SysError('openat2', -fd, this.path);
    try {
      await fillGhost(ghost, owner, fd, this.path);
    } finally {
      closeSync(fd);
    }
  }

  private create(what: Kind): void {
    this.there((fd, name) => {
      let result = create(fd, name, what);
      if (result === -EEXIST) {
        // Another file has the name now; it is moved aside for a moment.
        const aside = `${basename(this.path)}.criu-parked`;
        sys('renameat2', fd, name, fd, cstring(aside), RENAME_NOREPLACE);
        this.aside = aside;
        result = create(fd, name, what);
      }
      if (result < 0) throw new SysError('mknodat', -result, this.path);
      this.made = true;
    });
  }

  /** Removes what was created. @throws SysError */
  remove(): void {
    if (this.made || this.aside !== undefined)
      this.there((fd, name) => {
        if (this.made && sysRaw('unlinkat', fd, name, 0) < 0) sys('unlinkat', fd, name, AT_REMOVEDIR);
        this.made = false;
        if (this.aside !== undefined) sys('renameat2', fd, cstring(this.aside), fd, name, RENAME_NOREPLACE);
        this.aside = undefined;
      });
    for (const path of this.folders.splice(0).reverse())
      using(inside(this.mount, dirname(path), O_DIRECTORY), path, (fd) =>
        sys('unlinkat', fd, cstring(basename(path)), AT_REMOVEDIR),
      );
  }

  private there(use: (folder: number, name: Buffer) => void): void {
    using(inside(this.mount, dirname(this.path), O_DIRECTORY), this.path, (fd) =>
      use(fd, cstring(basename(this.path))),
    );
  }

  private folder(path: string): void {
    const fd = inside(this.mount, path, O_DIRECTORY);
    if (fd >= 0) {
      closeSync(fd);
      return;
    }
    if (fd !== -ENOENT) throw new SysError('openat2', -fd, path);
    this.folder(dirname(path));
    using(inside(this.mount, dirname(path), O_DIRECTORY), path, (above) =>
      sys('mkdirat', above, cstring(basename(path)), 0o755),
    );
    this.folders.push(path);
  }
}

function create(folder: number, name: Buffer, { mode, rdev = 0 }: Kind): number {
  const type = mode & S_IFMT;
  if (type === S_IFDIR) return sysRaw('mkdirat', folder, name, 0o755);
  return sysRaw('mknodat', folder, name, type | 0o600, rdev);
}
