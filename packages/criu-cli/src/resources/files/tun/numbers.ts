// Numbers of tun(4).
export const TUN = {
  SETIFF: 0x400454ca,
  SETPERSIST: 0x400454cb,
  GETIFF: 0x800454d2,
  SETQUEUE: 0x400454d9,
  GETFILTER: 0x801054db,
} as const;
export const IFF = { TAP: 2, MULTI_QUEUE: 0x100, DETACH_QUEUE: 0x400, PERSIST: 0x800 } as const;
/** struct ifreq: a name of at most 15 bytes, and flags behind it. */
export const IFREQ = { size: 40, flags: 16, name: 16 } as const;
export const TUN_RDEV = { major: 10, minor: 200 } as const;
