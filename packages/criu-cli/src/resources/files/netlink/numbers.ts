// Numbers of netlink(7) that no header for programs has.
/** NETLINK_CONNECTED of the kernel's net/netlink/af_netlink.c, the value of `state`. */
export const CONNECTED = 1;
/** Number of groups in a mask. */
export const WORD = 32;
