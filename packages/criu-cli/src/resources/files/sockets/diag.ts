// The kernel's lists of sockets (sock_diag(7)) in the network namespaces of the tasks, by inode: that is unique across all.
import {
  listInetSockets,
  listNetlinkSockets,
  listPacketSockets,
  listUnixSockets,
  NETLINK,
  NetlinkError,
  type NetlinkSocket,
  type PacketSocket,
  type UnixSocket,
} from '@criu/native/netlink';

import { ENOENT } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { listEverywhere } from '../../../views/networks.js';

export type { PacketSocket, UnixSocket };

function list<T>(ctx: DumpContext, read: (socket: NetlinkSocket) => T[]): T[] {
  return listEverywhere(ctx, NETLINK.SOCK_DIAG, read);
}

/** All Unix sockets and how they hang together. @throws SysError */
export function readUnixSockets(ctx: DumpContext): Map<number, UnixSocket> {
  return new Map(list(ctx, listUnixSockets).map((socket) => [socket.ino, socket]));
}

/** All packet sockets. @throws SysError */
export function readPacketSockets(ctx: DumpContext): Map<number, PacketSocket> {
  return new Map(list(ctx, listPacketSockets).map((socket) => [socket.ino, socket]));
}

/** Bits of shutdown(2): 1 receiving, 2 sending; of the bound sockets of a protocol. @throws SysError */
export function readShutdowns(ctx: DumpContext, family: number, protocol: number): Map<number, number> {
  const all = list(ctx, (socket) => listInetSockets(socket, family, protocol));
  return new Map(all.filter(({ shutdown }) => shutdown).map(({ inode, shutdown }) => [inode, shutdown]));
}

/** Inodes of the netlink sockets that are connected; undefined if this kernel does not tell. @throws SysError */
export function readConnected(ctx: DumpContext): Set<number> | undefined {
  try {
    return new Set(list(ctx, listNetlinkSockets).flatMap(({ ino, connected }) => (connected ? [ino] : [])));
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === ENOENT) return undefined;
    throw error;
  }
}
