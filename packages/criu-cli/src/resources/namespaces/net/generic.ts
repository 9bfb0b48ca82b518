// Generic netlink (<linux/genetlink.h>): subsystems without a netlink protocol number of their own, found by name.
import { Attributes, encodeAttributes, type NetlinkSocket, text } from '@criu/native/netlink';

/** NETLINK_GENERIC. */
export const GENERIC = 16;
/** GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME. */
const CONTROL = { type: 16, getFamily: 3, ID: 1, NAME: 2 } as const;

/** struct genlmsghdr: command, version, two reserved bytes. */
export function genericHeader(command: number, version = 1): Buffer {
  return Buffer.from([command, version, 0, 0]);
}

/** The message type of a subsystem. @throws NetlinkError ENOENT if the kernel does not have it */
export function familyOf(socket: NetlinkSocket, name: string): number | undefined {
  const body = Buffer.concat([
    genericHeader(CONTROL.getFamily),
    encodeAttributes([[CONTROL.NAME, text(name)]]),
  ]);
  const [answer] = socket.request({ type: CONTROL.type, flags: 0, body }, `find ${name}`);
  return answer && Attributes.parse(answer.body.subarray(4), 'family').u16(CONTROL.ID);
}
