// Lists of sockets (sock_diag(7)) in the network namespaces of the tasks, by inode number, which is unique across
// namespaces.

import {
  listInetSockets,
  listNetlinkSockets,
  listPacketSockets,
  listUnixSockets,
  NetlinkError,
  type NetlinkSocket,
  type PacketSocket,
  type UnixSocket,
} from '@criu/native/netlink';
import { ENOENT, NETLINK_SOCK_DIAG } from '@criu/native/uapi';

import type { DumpContext } from '../../../engine/dump-context.js';
import { listEverywhere } from '../../../views/networks.js';

export type { PacketSocket, UnixSocket };

/**
 * The entries of a list by inode number. It grows: sockets of a network namespace that was found later are included
 * from then on.
 */
class Listed<T> {
  private readonly seen = new Set<bigint | undefined>();
  private readonly found = new Map<number, T>();

  constructor(
    private readonly ctx: DumpContext,
    private readonly read: (socket: NetlinkSocket) => readonly (readonly [number, T])[],
  ) {}

  /** All entries so far. @throws SysError */
  get all(): Map<number, T> {
    for (const [inode, one] of listEverywhere(this.ctx, NETLINK_SOCK_DIAG, this.read, this.seen))
      this.found.set(inode, one);
    return this.found;
  }

  /** The entry of one inode. @throws SysError */
  get(inode: number): T | undefined {
    return this.found.get(inode) ?? this.all.get(inode);
  }
}

export type { Listed };

/** All Unix sockets with their peers. */
export function unixSockets(ctx: DumpContext): Listed<UnixSocket> {
  return new Listed(ctx, (socket) => listUnixSockets(socket).map((one) => [one.ino, one]));
}

/** All packet sockets. */
export function packetSockets(ctx: DumpContext): Listed<PacketSocket> {
  return new Listed(ctx, (socket) => listPacketSockets(socket).map((one) => [one.ino, one]));
}

/** Directions that are shut down, for the bound sockets of a protocol: 1 receiving, 2 sending. */
export function shutdowns(ctx: DumpContext, family: number, protocol: number): Listed<number> {
  return new Listed(ctx, (socket) =>
    listInetSockets(socket, family, protocol).flatMap(({ inode, shutdown }) =>
      shutdown ? [[inode, shutdown] as const] : [],
    ),
  );
}

/** Whether netlink sockets are connected; empty if this kernel does not report it. */
export function connectedSockets(ctx: DumpContext): Listed<boolean> {
  return new Listed(ctx, (socket) => {
    try {
      return listNetlinkSockets(socket).map(({ ino, connected }) => [ino, connected] as const);
    } catch (error) {
      if (error instanceof NetlinkError && error.errno === ENOENT) return [];
      throw error;
    }
  });
}
