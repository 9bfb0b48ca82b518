// Extended attributes (xattr(7)) of an open file, POSIX ACLs and capabilities of programs among them. They are read and
// written by the descriptor's name in /proc, as descriptors that are only a path (O_PATH) have no other way.
import { cstring, decodeName, errnoName, SysError, sysRaw } from '@criu/native';

const [ENODATA, ERANGE, EOPNOTSUPP] = [61, 34, 95];

export interface Xattr {
  readonly name: string;
  readonly value: Uint8Array;
}

function procPath(fd: number): Buffer {
  return cstring(`/proc/self/fd/${fd}`);
}

/** What a call gives that first tells how much room it needs; it may need more by then. @throws SysError */
function grown(what: string, call: (room: Buffer, size: number) => number): Buffer | undefined {
  for (;;) {
    const size = call(Buffer.alloc(1), 0);
    if (size === -EOPNOTSUPP || size === -ENODATA) return undefined;
    if (size < 0) throw new SysError(what, -size);
    if (size === 0) return Buffer.alloc(0);
    const room = Buffer.alloc(size);
    const got = call(room, size);
    if (got === -ERANGE) continue;
    if (got === -ENODATA) return undefined;
    if (got < 0) throw new SysError(what, -got);
    return room.subarray(0, got);
  }
}

/** Those that a file system makes up by itself (of NFS and CIFS, say) are no state of the file. */
function isKept(name: string): boolean {
  return !name.startsWith('system.') || name.startsWith('system.posix_acl_');
}

/** @throws SysError */
export function readXattrs(fd: number): Xattr[] {
  const path = procPath(fd);
  const list = grown('listxattr', (room, size) => sysRaw('listxattr', path, room, size));
  const out: Xattr[] = [];
  for (const raw of (list ?? Buffer.alloc(0)).toString('latin1').split('\0')) {
    const name = decodeName(Buffer.from(raw, 'latin1'));
    if (name === '' || !isKept(name)) continue;
    const value = grown('getxattr', (room, size) => sysRaw('getxattr', path, cstring(name), room, size));
    if (value) out.push({ name, value });
  }
  return out;
}

/** An attribute that could not be set. */
export class XattrError extends Error {
  readonly code: string;
  constructor(
    readonly attribute: string,
    readonly errno: number,
  ) {
    super(`extended attribute ${attribute}: ${errnoName(errno)}`);
    this.name = 'XattrError';
    this.code = errnoName(errno);
  }
}

/** Has the file have these attributes and no others, such as an ACL that it got from its folder. @throws XattrError */
export function writeXattrs(fd: number, wanted: readonly Xattr[]): void {
  const path = procPath(fd);
  const now = new Map(readXattrs(fd).map(({ name, value }) => [name, value]));
  for (const name of now.keys()) {
    // Security modules give theirs to every file, and take none away.
    if (wanted.some((one) => one.name === name) || name.startsWith('security.')) continue;
    const result = sysRaw('removexattr', path, cstring(name));
    if (result < 0) throw new XattrError(name, -result);
  }
  for (const { name, value } of wanted) {
    const has = now.get(name);
    if (has && Buffer.from(value).equals(has)) continue;
    const result = sysRaw('setxattr', path, cstring(name), value, value.length, 0);
    if (result < 0) throw new XattrError(name, -result);
  }
}
