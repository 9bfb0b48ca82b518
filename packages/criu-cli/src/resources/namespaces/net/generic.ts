// Generic netlink (<linux/genetlink.h>): subsystems without a netlink protocol number of their own, found by name.
import { Attributes, encodeAttributes, type NetlinkSocket, text } from '@criu/native/netlink';
import {
  CTRL_ATTR_FAMILY_ID,
  CTRL_ATTR_FAMILY_NAME,
  CTRL_CMD_GETFAMILY,
  GENL_ID_CTRL,
  genlmsghdr,
} from '@criu/native/uapi';

/** struct genlmsghdr. */
export function genericHeader(command: number, version = 1): Buffer {
  const bytes = Buffer.alloc(genlmsghdr.sizeof);
  bytes[genlmsghdr.cmd] = command;
  bytes[genlmsghdr.version] = version;
  return bytes;
}

/** The message type of a subsystem. @throws NetlinkError ENOENT if the kernel does not have it */
export function familyOf(socket: NetlinkSocket, name: string): number | undefined {
  const body = Buffer.concat([
    genericHeader(CTRL_CMD_GETFAMILY),
    encodeAttributes([[CTRL_ATTR_FAMILY_NAME, text(name)]]),
  ]);
  const [answer] = socket.request({ type: GENL_ID_CTRL, flags: 0, body }, `find ${name}`);
  return (
    answer && Attributes.parse(answer.body.subarray(genlmsghdr.sizeof), 'family').u16(CTRL_ATTR_FAMILY_ID)
  );
}
