// Lists of rtnetlink objects that not every kernel supports.
import { NetlinkError, type NetlinkSocket, routeMessage } from '@criu/native/netlink';
import { EOPNOTSUPP } from '@criu/native/uapi';

/** The bodies of all messages; none if this kernel does not support the kind. @throws NetlinkError */
export function listKnown(socket: NetlinkSocket, type: number, header: Buffer, what: string): Buffer[] {
  try {
    return socket.dump(routeMessage(type, 0, header), `list ${what}`).map(({ body }) => body);
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === EOPNOTSUPP) return [];
    throw error;
  }
}
