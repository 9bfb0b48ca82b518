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

/** Made when the first error needs a name. */
let names: ReadonlyMap<number, string> | undefined;

function makeNames(): ReadonlyMap<number, string> {
  const ofNode = Object.entries(constants.errno).map(([name, value]) => [value, name] as const);
  return new Map([...ofNode, ...OF_LINUX]);
}

/** Symbolic name of an errno, or `E<number>` without one. */
export function errnoName(errno: number): string {
  names ??= makeNames();
  return names.get(Math.abs(errno)) ?? `E${Math.abs(errno)}`;
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
