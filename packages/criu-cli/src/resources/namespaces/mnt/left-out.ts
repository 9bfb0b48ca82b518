// What archives leave out of a file system in memory: attributes of chattr(1), and sockets.
import { closeSync, lstatSync, openSync, readdirSync } from '@criu/native/fs';
import type { FlaggedFile, SocketFile } from '../../../images/types.js';
import { readInodeFlags } from '../../files/regular/inode-flags.js';
import { READ } from './inode-flags.js';

export interface LeftOut {
  /** Files and directories with attributes. */
  readonly flagged: readonly FlaggedFile[];
  /** Sockets; owners are those that this process sees. */
  readonly sockets: readonly SocketFile[];
}

/** Looks at all files below an open directory. @throws SysError */
export function listLeftOut(root: number): LeftOut {
  const flagged: FlaggedFile[] = [];
  const sockets: SocketFile[] = [];
  /** The first path of each socket that has several, by inode. */
  const linked = new Map<bigint, string>();
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
      const first = stat.nlink > 1n ? linked.get(stat.ino) : undefined;
      linked.set(stat.ino, first ?? path);
      const [mode, uid, gid] = [Number(stat.mode), Number(stat.uid), Number(stat.gid)];
      const link = first === undefined ? {} : { link_to: first };
      sockets.push({ path, mode, uid, gid, mtime: stat.mtimeNs, ...link });
    }
  };
  visit('');
  return { flagged, sockets };
}
