// Constants of netlink(7) and linux/netlink.h.

export const NETLINK = { ADD_MEMBERSHIP: 1, LIST_MEMBERSHIPS: 9 } as const;
/** NETLINK_CONNECTED of the kernel, a value of `state`. */
export const CONNECTED = 1;
/** Number of groups in a mask. */
export const WORD = 32;
