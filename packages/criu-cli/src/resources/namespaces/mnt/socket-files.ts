// The files of Unix sockets in a file system in memory, which archives do not contain. A socket of a dumped task takes the
// place of its file when it is bound; for others the file is all that is left, and tells whoever connects to it so.
import { basename, dirname } from 'node:path';
import { cstring, sys } from '@criu/native';
import { closeSync, fstatSync } from '@criu/native/fs';
import {
  AT_EMPTY_PATH,
  AT_SYMLINK_NOFOLLOW,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  S_IFSOCK,
} from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { SocketFile } from '../../../images/types.js';
import { openInside } from './inode-flags.js';
import { modified } from './plain-files.js';

/** Calls `act` with the folder of a path below the root, and the last part of the path. The folder keeps its time. */
function within(root: number, path: string, act: (folder: number, name: Buffer) => void): void {
  const folder = openInside(root, dirname(path), O_PATH | O_DIRECTORY | O_CLOEXEC);
  try {
    const { mtimeNs } = fstatSync(folder, { bigint: true });
    act(folder, cstring(basename(path)));
    sys('utimensat', folder, cstring(''), modified(mtimeNs), AT_EMPTY_PATH);
  } finally {
    closeSync(folder);
  }
}

function placeOne(
  root: number,
  socket: SocketFile,
  owner: { readonly uid: number; readonly gid: number },
): void {
  const { path, link_to: first } = socket;
  within(root, path, (folder, name) => {
    if (first !== undefined) {
      within(root, first, (from, of) => sys('linkat', from, of, folder, name, 0));
      return;
    }
    sys('mknodat', folder, name, S_IFSOCK | 0o600, 0);
    sys('fchownat', folder, name, owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW);
    // The file was made a moment ago and is no symbolic link.
    sys('fchmodat', folder, name, socket.mode & 0o7777);
    sys('utimensat', folder, name, modified(socket.mtime), AT_SYMLINK_NOFOLLOW);
  });
}

/**
 * Creates the files below an open root.
 * @param ownerOf ids as this process sees them
 * @param file the image, for messages
 * @throws CriuError BAD_IMAGE for a path that is none of a file; SysError
 */
export function placeSockets(
  root: number,
  sockets: readonly SocketFile[],
  ownerOf: (socket: SocketFile) => { readonly uid: number; readonly gid: number },
  file: string,
): void {
  for (const socket of sockets) {
    for (const path of [socket.path, socket.link_to ?? socket.path])
      if (path.split('/').some((part) => part === '' || part === '.' || part === '..'))
        throw new CriuError(
          'BAD_IMAGE',
          `the path of a socket, ${JSON.stringify(path)}, is not a plain path`,
          {
            file,
            entry: 'sockets',
          },
        );
    placeOne(root, socket, ownerOf(socket));
  }
}
