// The files to which sockets of a dump are bound: a restore removes them, and binds the sockets again.
import type { DumpContext } from '../../../engine/dump-context.js';
import { stateKey } from '../../../states.js';

interface Inode {
  readonly dev: bigint;
  readonly ino: bigint;
}

const files = stateKey('files of bound sockets', (_: DumpContext) => new Set<string>());

export function noteBoundFile(ctx: DumpContext, { dev, ino }: Inode): void {
  ctx.states.get(files).add(`${dev}:${ino}`);
}

/** Whether a socket that has been dumped is bound to a file. Tasks are collected. */
export function isBoundFile(ctx: DumpContext, { dev, ino }: Inode): boolean {
  return ctx.states.get(files).has(`${dev}:${ino}`);
}
