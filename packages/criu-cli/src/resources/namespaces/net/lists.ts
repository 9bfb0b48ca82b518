// Lists of rtnetlink of kinds that not every kernel has.
import { NetlinkError, type NetlinkSocket, routeMessage } from '@criu/native/netlink';
import { EOPNOTSUPP } from '@criu/native/uapi';

/** Bodies of all messages; none where this kernel does not know the kind. @throws NetlinkError */
export function listKnown(socket: NetlinkSocket, type: number, header: Buffer, what: string): Buffer[] {
  try {
    return socket.dump(routeMessage(type, 0, header), `list ${what}`).map(({ body }) => body);
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === EOPNOTSUPP) return [];
    throw error;
  }
}
