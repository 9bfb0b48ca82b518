// System calls on sockets with types (tcp(7), socket(7)).
import { SysError, sys, sysRaw } from '@criu/native';
import {
  F_GETFL,
  F_SETFL,
  POLLIN,
  POLLRDHUP,
  pollfd,
  SOL_TCP,
  stat,
  TCP_REPAIR,
  TCP_REPAIR_QUEUE,
} from '@criu/native/uapi';

/** getsockopt(2) into `bytes`. Returns the length that the kernel has set. @throws SysError */
export function getOption(fd: number, level: number, name: number, bytes: Uint8Array, what: string): number {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  const result = sysRaw('getsockopt', fd, level, name, bytes, length);
  if (result < 0) throw new SysError(`getsockopt ${what}`, -result);
  return length.readUInt32LE();
}

export function getInt(fd: number, level: number, name: number, what: string): number {
  const value = Buffer.alloc(4);
  getOption(fd, level, name, value, what);
  return value.readInt32LE();
}

/** setsockopt(2). @throws SysError */
export function setOption(fd: number, level: number, name: number, bytes: Uint8Array, what: string): void {
  const result = sysRaw('setsockopt', fd, level, name, bytes, bytes.length);
  if (result < 0) throw new SysError(`setsockopt ${what}`, -result);
}

export function setInt(fd: number, level: number, name: number, value: number, what: string): void {
  setOption(fd, level, name, new Uint8Array(new Int32Array([value]).buffer), what);
}

/** ioctl(2) that stores one int. @throws SysError */
export function ioctlInt(fd: number, request: number, what: string): number {
  const value = Buffer.alloc(4);
  const result = sysRaw('ioctl', fd, request, value);
  if (result < 0) throw new SysError(`ioctl ${what}`, -result);
  return value.readInt32LE();
}

export function setRepair(fd: number, value: number): void {
  setInt(fd, SOL_TCP, TCP_REPAIR, value, 'TCP_REPAIR');
}

export function setQueue(fd: number, queue: number): void {
  setInt(fd, SOL_TCP, TCP_REPAIR_QUEUE, queue, 'TCP_REPAIR_QUEUE');
}

/** The events that poll(2) reports for a descriptor without waiting. */
export function pollNow(fd: number): number {
  const entry = Buffer.alloc(pollfd.sizeof);
  entry.writeInt32LE(fd, pollfd.fd);
  entry.writeUInt16LE(POLLIN | POLLRDHUP, pollfd.events);
  const result = sysRaw('poll', entry, 1, 0);
  if (result < 0) throw new SysError('poll', -result);
  return entry.readUInt16LE(pollfd.revents);
}

/** Device and inode of an open file, as one text. */
export function identity(fd: number): string {
  const status = Buffer.alloc(stat.sizeof);
  sys('fstat', fd, status);
  return `${status.readBigUInt64LE(stat.st_dev)}:${status.readBigUInt64LE(stat.st_ino)}`;
}

export function getFlags(fd: number): number {
  return sys('fcntl', fd, F_GETFL, 0);
}

export function setFlags(fd: number, flags: number): void {
  sys('fcntl', fd, F_SETFL, flags);
}
