// The kernel's lists of sockets (sock_diag(7)) in the network namespace of this process, by inode.
import {
  listInetSockets,
  listNetlinkSockets,
  listPacketSockets,
  listUnixSockets,
  NETLINK,
  NetlinkError,
  NetlinkSocket,
  type PacketSocket,
  type UnixSocket,
} from '@criu/native/netlink';

export type { PacketSocket, UnixSocket };

function list<T>(read: (socket: NetlinkSocket) => T[]): T[] {
  using socket = NetlinkSocket.open(NETLINK.SOCK_DIAG);
  return read(socket);
}

/** All Unix sockets and how they hang together. @throws SysError */
export function readUnixSockets(): Map<number, UnixSocket> {
  return new Map(list(listUnixSockets).map((socket) => [socket.ino, socket]));
}

/** All packet sockets. @throws SysError */
export function readPacketSockets(): Map<number, PacketSocket> {
  return new Map(list(listPacketSockets).map((socket) => [socket.ino, socket]));
}

/** Bits of shutdown(2): 1 receiving, 2 sending; of the bound sockets of a protocol. @throws SysError */
export function readShutdowns(family: number, protocol: number): Map<number, number> {
  const all = list((socket) => listInetSockets(socket, family, protocol));
  return new Map(all.filter(({ shutdown }) => shutdown).map(({ inode, shutdown }) => [inode, shutdown]));
}

const ENOENT = 2;

/** Inodes of the netlink sockets that are connected; undefined if this kernel does not tell. @throws SysError */
export function readConnected(): Set<number> | undefined {
  try {
    return new Set(list(listNetlinkSockets).flatMap(({ ino, connected }) => (connected ? [ino] : [])));
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === ENOENT) return undefined;
    throw error;
  }
}
