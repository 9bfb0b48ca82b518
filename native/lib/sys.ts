// System calls by name, in two forms: `sysRaw` returns a negated errno, `sys` throws.
import { addon, type SysArg } from './addon.js';
import { SysError } from './errors.js';
import { encodeName } from './names.js';
import { SYS, type SyscallName } from './syscalls.generated.js';
import { AF_UNIX, ECANCELED, SOCK_CLOEXEC, SOCK_STREAM } from './uapi.generated.js';

/** The kernel's result; a failure is a negated errno. */
export function sysRaw(name: SyscallName, ...args: SysArg[]): number {
  return addon().sys(SYS[name], ...args);
}

/** The result of a system call. @throws SysError */
export function sys(name: SyscallName, ...args: SysArg[]): number {
  const result = addon().sys(SYS[name], ...args);
  if (result < 0 && result >= -4095) throw new SysError(name, -result);
  return result;
}

/**
 * openat2(2): opens a path below a folder; `resolve` (RESOLVE_*) limits how it may be resolved. Returns a descriptor or
 * a negated errno.
 */
export function openat2(folder: number, path: string, flags: number, resolve: number): number {
  // struct open_how.
  const how = new BigUint64Array([BigInt(flags >>> 0), 0n, BigInt(resolve)]);
  return sysRaw('openat2', folder, cstring(path), how, how.byteLength);
}

/**
 * Waits in Node's event loop for events of epoll(7) on a descriptor for which Node has no stream. Resolves to the
 * events that occurred, or to undefined if `pollCancel` ended the wait.
 * @throws SysError
 */
export async function waitForEvents(fd: number, events: number): Promise<number | undefined> {
  const came = await addon().pollFd(fd, events);
  if (came === -ECANCELED) return undefined;
  if (came < 0) throw new SysError('epoll_ctl', -came);
  return came;
}

/** The bytes of a path or other string (names.ts) with a terminating NUL. */
export function cstring(text: string): Buffer {
  return encodeName(`${text}\0`);
}

/** Closes a descriptor. @throws SysError EBADF for one that is not open, which is a bug of the caller */
export function close(fd: number): void {
  sys('close', fd);
}

/** ioctl(2) that stores one int; undefined if it fails. */
export function tryIoctlInt(fd: number, request: number): number | undefined {
  const value = new Int32Array(1);
  return sysRaw('ioctl', fd, request, value) < 0 ? undefined : value[0];
}

/** ioctl(2) that stores one int. `what` names it in errors. @throws SysError */
export function ioctlInt(fd: number, request: number, what?: string): number {
  const value = new Int32Array(1);
  const result = sysRaw('ioctl', fd, request, value);
  if (result < 0) throw new SysError('ioctl', -result, what);
  const [int = 0] = value;
  return int;
}

/** Two connected Unix sockets of a type (SOCK_* of socket(2)), close-on-exec. @throws SysError */
export function socketpair(type = SOCK_STREAM): [number, number] {
  const pair = new Int32Array(2);
  sys('socketpair', AF_UNIX, type | SOCK_CLOEXEC, 0, pair);
  const [one = -1, other = -1] = pair;
  return [one, other];
}
