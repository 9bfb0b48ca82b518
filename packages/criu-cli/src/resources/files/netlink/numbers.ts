// Numbers of netlink(7) and linux/netlink.h.

export const SOL_NETLINK = 270;
export const NETLINK = {
  ADD_MEMBERSHIP: 1,
  PKTINFO: 3,
  BROADCAST_ERROR: 4,
  NO_ENOBUFS: 5,
  LISTEN_ALL_NSID: 8,
  LIST_MEMBERSHIPS: 9,
  CAP_ACK: 10,
  EXT_ACK: 11,
  GET_STRICT_CHK: 12,
} as const;
/** NETLINK_CONNECTED of the kernel, the value of `state`. */
export const CONNECTED = 1;
/** Groups that a mask has room for. */
export const WORD = 32;
