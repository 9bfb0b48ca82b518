// What archives leave out of a file system in memory: attributes of chattr(1), and sockets.
import { closeSync, lstatSync, openSync, readdirSync } from '@criu/native/fs';
import { S_IFMT, S_IFSOCK } from '@criu/native/uapi';
import type { FlaggedFile, SocketFile } from '../../../images/types.js';
import { readInodeFlags } from '../../files/regular/inode-flags.js';
import { READ } from './inode-flags.js';
import type { TreeFile } from './small-tree.js';

export interface LeftOut {
  /** Files and directories with attributes. */
  readonly flagged: readonly FlaggedFile[];
  /** Sockets; owners are those that this process sees. */
  readonly sockets: readonly SocketFile[];
}

class Sockets {
  readonly all: SocketFile[] = [];
  /** The first path of each socket that has several, by inode. */
  private readonly linked = new Map<bigint, string>();

  add(file: Pick<TreeFile, 'path' | 'mode' | 'uid' | 'gid' | 'nlink' | 'ino' | 'mtime'>): void {
    const { path, mode, uid, gid, nlink, ino, mtime } = file;
    const first = nlink > 1 ? this.linked.get(ino) : undefined;
    this.linked.set(ino, first ?? path);
    this.all.push({ path, mode, uid, gid, mtime, ...(first === undefined ? {} : { link_to: first }) });
  }
}

/** What is left out of a tree of few files. */
export function leftOutOf(tree: readonly TreeFile[]): LeftOut {
  const flagged: FlaggedFile[] = [];
  const sockets = new Sockets();
  for (const file of tree) {
    if (file.flags) flagged.push({ path: file.path, flags: file.flags });
    if ((file.mode & S_IFMT) === S_IFSOCK) sockets.add(file);
  }
  return { flagged, sockets: sockets.all };
}

/** Looks at all files below an open directory. @throws SysError */
export function listLeftOut(root: number): LeftOut {
  const flagged: FlaggedFile[] = [];
  const sockets = new Sockets();
  const placeOf = (path: string) => `/proc/self/fd/${root}/${path === '' ? '.' : path}`;
  /** Records the attributes of a file. Returns whether its file system supports attributes. */
  const look = (path: string): boolean => {
    const fd = openSync(placeOf(path), READ);
    try {
      const flags = readInodeFlags(fd);
      if (flags) flagged.push({ path, flags });
      return flags !== undefined;
    } finally {
      closeSync(fd);
    }
  };
  // tmpfs has attributes since Linux 6.6.
  const hasAttributes = look('');
  const visit = (folder: string): void => {
    for (const name of readdirSync(placeOf(folder))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const stat = lstatSync(placeOf(path), { bigint: true });
      // Devices and FIFOs are left out: opening one has side effects.
      if (hasAttributes && (stat.isFile() || stat.isDirectory())) look(path);
      if (stat.isDirectory()) visit(path);
      if (!stat.isSocket()) continue;
      const [mode, uid, gid] = [Number(stat.mode), Number(stat.uid), Number(stat.gid)];
      sockets.add({ path, mode, uid, gid, nlink: Number(stat.nlink), ino: stat.ino, mtime: stat.mtimeNs });
    }
  };
  visit('');
  return { flagged, sockets: sockets.all };
}
