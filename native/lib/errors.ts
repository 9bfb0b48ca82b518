// Names of errno values, and the error of a failed system call.
import { constants } from 'node:os';

/** What Node's table lacks: values that only Linux has. EAGAIN and EWOULDBLOCK share a number. */
const OF_LINUX: readonly (readonly [number, string])[] = [
  [11, 'EAGAIN'],
  [15, 'ENOTBLK'],
  [56, 'EBADRQC'],
  [77, 'EBADFD'],
  [85, 'ERESTART'],
  [90, 'EMSGSIZE'],
  [94, 'ESOCKTNOSUPPORT'],
  [95, 'EOPNOTSUPP'],
  [108, 'ESHUTDOWN'],
  [112, 'EHOSTDOWN'],
  [117, 'EUCLEAN'],
  [123, 'ENOMEDIUM'],
  [131, 'ENOTRECOVERABLE'],
];

/** Names of those that were asked for: a run meets few, and node has a hundred and thirty. */
const names = new Map<number, string>(OF_LINUX);

function ofNode(errno: number): string {
  for (const name in constants.errno)
    if (constants.errno[name as keyof typeof constants.errno] === errno) return name;
  return `E${errno}`;
}

/** Symbolic name of an errno, or `E<number>` without one. */
export function errnoName(errno: number): string {
  const positive = Math.abs(errno);
  let name = names.get(positive);
  if (name === undefined) {
    name = ofNode(positive);
    names.set(positive, name);
  }
  return name;
}

/** A system call of this process failed. `code` is the name of the errno. */
export class SysError extends Error {
  readonly code: string;
  constructor(
    readonly syscall: string,
    readonly errno: number,
    readonly object?: string,
  ) {
    super(`${syscall}${object ? ` ${object}` : ''}: ${errnoName(errno)}`);
    this.name = 'SysError';
    this.code = errnoName(errno);
  }
}
