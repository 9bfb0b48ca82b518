// Extended attributes (xattr(7)) of an open file, including POSIX ACLs and file capabilities. They are accessed through
// /proc/self/fd, the only way for descriptors opened with O_PATH.
import { cstring, decodeName, errnoName, SysError, sysRaw } from '@criu/native';
import { ENODATA, EOPNOTSUPP, ERANGE } from '@criu/native/uapi';

export interface Xattr {
  readonly name: string;
  readonly value: Uint8Array;
}

function procPath(fd: number): Buffer {
  return cstring(`/proc/self/fd/${fd}`);
}

/** Calls a function that first returns the size it needs, which may have grown by the second call. @throws SysError */
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

/** Whether an attribute is dumped: not those that file systems such as NFS and CIFS make up. */
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

/** An attribute could not be set. */
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

/** Sets exactly these attributes, and removes others, such as an ACL inherited from the folder. @throws XattrError */
export function writeXattrs(fd: number, wanted: readonly Xattr[]): void {
  const path = procPath(fd);
  const now = new Map(readXattrs(fd).map(({ name, value }) => [name, value]));
  for (const name of now.keys()) {
    // LSMs label every file and do not permit removal.
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
