// Files as tasks see them: where a path of their mount namespace leads, for this process to look at.
import type { DumpContext } from '../engine/dump-context.js';
import { CriuError } from '../errors.js';
import { readNsLink, readRoot } from '../proc/index.js';
import { stateKey } from '../states.js';
import { namespacesOf } from './namespaces.js';

/** By inode of the mount namespace: what to put before a path. */
const prefixes = stateKey('roots of mount namespaces', (_: DumpContext) => new Map<bigint, string>());

/**
 * A path by which this process reaches what a task has at `path`, which is as the kernel shows it: from the root of the
 * task's mount namespace, and without symbolic links on the way. @throws CriuError where nobody is at that root
 */
export function seenFrom(ctx: DumpContext, pid: number, path: string): string {
  const inode = readNsLink(pid, 'mnt')?.inode;
  if (inode === undefined || inode === namespacesOf(ctx).own.mnt?.inode) return path;
  const known = ctx.states.get(prefixes);
  let prefix = known.get(inode);
  if (prefix === undefined) {
    const member = [pid, ...ctx.live.map((task) => task.pid)].find(
      (other) => readNsLink(other, 'mnt')?.inode === inode && readRoot(other) === '/',
    );
    if (member === undefined)
      throw new CriuError('UNSUPPORTED', 'every task of its mount namespace has another root (chroot)', {
        pid,
      });
    prefix = `/proc/${member}/root`;
    known.set(inode, prefix);
  }
  return `${prefix}${path}`;
}
