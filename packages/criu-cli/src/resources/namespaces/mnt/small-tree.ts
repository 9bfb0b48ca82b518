// All files of a small file system in memory, as one call of the native layer finds them.
import { abi, addon, decodeName, SysError } from '@criu/native';
import { asCriuError } from '../../../errors.js';
import { DUMPED } from '../../files/regular/inode-flags.js';

const MOST_FILES = 256;
/** Limit in bytes for all contents. */
export const MOST_BYTES = 1 << 18;

export interface TreeFile {
  /** Path below the root; empty for the root itself. */
  readonly path: string;
  /** Type and permissions, as in st_mode. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly ino: bigint;
  /** Bytes. */
  readonly size: number;
  /** Bytes that are stored: less than the size if the file has holes. */
  readonly stored: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint;
  /** Numbers of a device. */
  readonly device: { readonly major: number; readonly minor: number };
  /** Attributes of chattr(1) that are dumped; undefined if it can have none. */
  readonly flags: number | undefined;
  /** Has extended attributes or ACLs. */
  readonly hasXattrs: boolean;
  /** Is on another file system than the root, or leads to one. */
  readonly foreign: boolean;
  /** Contents of a file, unless it is too large; target of a symbolic link, as bytes. */
  readonly content: Buffer | undefined;
}

/** @throws SysError */
function filesBelow(root: number): TreeFile[] | undefined {
  const rows = addon().walkTree(root, MOST_FILES, MOST_BYTES);
  if (!rows) return undefined;
  const { small, large, text } = rows;
  const files: TreeFile[] = [];
  let at = 0;
  for (let s = 0, l = 0; s < small.length; s += abi.TREE_SMALL, l += abi.TREE_LARGE) {
    const number = (which: number) => small[s + which] ?? 0;
    const word = (which: number) => large[l + which] ?? 0n;
    const about = number(abi.TREE_ABOUT);
    const next = at + number(abi.TREE_PATH);
    const path = decodeName(text.subarray(at, next));
    at = next + number(abi.TREE_CONTENT);
    const errno = number(abi.TREE_ERRNO);
    if (errno) throw new SysError('open', errno, path || '.');
    files.push({
      path,
      mode: number(abi.TREE_MODE),
      uid: number(abi.TREE_UID),
      gid: number(abi.TREE_GID),
      nlink: number(abi.TREE_NLINK),
      ino: word(abi.TREE_INO),
      size: Number(word(abi.TREE_SIZE)),
      stored: Number(word(abi.TREE_BLOCKS)) * 512,
      mtime: word(abi.TREE_MTIME),
      device: { major: number(abi.TREE_MAJOR), minor: number(abi.TREE_MINOR) },
      flags: about & abi.TREE_HAS_FLAGS ? (number(abi.TREE_FLAGS) & DUMPED) >>> 0 : undefined,
      hasXattrs: (about & abi.TREE_HAS_XATTRS) !== 0,
      foreign: (about & abi.TREE_IS_FOREIGN) !== 0,
      content: about & abi.TREE_HAS_CONTENT ? text.subarray(next, at) : undefined,
    });
  }
  return files;
}

/**
 * The files below an open folder, which is the first, folders before what is in them; undefined if they are many.
 * @param what the mount, for messages
 * @throws CriuError
 */
export function smallTree(root: number, what: string): TreeFile[] | undefined {
  try {
    return filesBelow(root);
  } catch (error) {
    throw asCriuError(error, what, { file: what });
  }
}
