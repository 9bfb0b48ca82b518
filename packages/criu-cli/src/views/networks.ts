// The network namespaces of a dump: netlink sockets that are in them.

import { closeSync, openSync } from '@criu/native/fs';
import { NetlinkSocket } from '@criu/native/netlink';
import type { DumpContext } from '../engine/dump-context.js';
import { readNsLink } from '../proc/index.js';
import { stateKey } from '../states.js';
import { namespacesOf } from './namespaces.js';

/** A task in each network namespace that tasks are in; undefined stands for that of this process. */
const places = stateKey('network namespaces', (ctx: DumpContext): readonly (number | undefined)[] => {
  const own = namespacesOf(ctx).own.net?.inode;
  const found = new Map<bigint | undefined, number | undefined>();
  for (const { pid } of ctx.live) {
    const inode = readNsLink(pid, 'net')?.inode;
    if (!found.has(inode)) found.set(inode, inode === own ? undefined : pid);
  }
  return [...found.values()];
});

/** A netlink socket in the network namespace of a task; in that of this process for undefined. @throws SysError */
export function openNetlink(protocol: number, pid: number | undefined): NetlinkSocket {
  if (pid === undefined) return NetlinkSocket.open(protocol);
  const netns = openSync(`/proc/${pid}/ns/net`, 'r');
  try {
    return NetlinkSocket.open(protocol, netns);
  } finally {
    closeSync(netns);
  }
}

/** What a list has in each of the network namespaces that tasks are in, together. @throws SysError */
export function listEverywhere<T>(
  ctx: DumpContext,
  protocol: number,
  read: (socket: NetlinkSocket) => readonly T[],
): T[] {
  return ctx.states.get(places).flatMap((pid) => {
    using socket = openNetlink(protocol, pid);
    return read(socket);
  });
}
