// Constants of tun(4).
export const TUN = {
  SETIFF: 0x400454ca,
  SETOWNER: 0x400454cc,
  SETGROUP: 0x400454ce,
  GETSNDBUF: 0x800454d3,
  SETSNDBUF: 0x400454d4,
  GETVNETHDRSZ: 0x800454d7,
  SETVNETHDRSZ: 0x400454d8,
  SETIFINDEX: 0x400454da,
  SETPERSIST: 0x400454cb,
  GETIFF: 0x800454d2,
  SETQUEUE: 0x400454d9,
  GETFILTER: 0x801054db,
} as const;
export const IFF = {
  TUN: 1,
  TAP: 2,
  MULTI_QUEUE: 0x100,
  DETACH_QUEUE: 0x400,
  PERSIST: 0x800,
  NO_PI: 0x1000,
  VNET_HDR: 0x4000,
} as const;
/** struct ifreq: a name of at most 15 bytes, followed by flags. */
export const IFREQ = { size: 40, flags: 16, name: 16 } as const;
export const TUN_RDEV = { major: 10, minor: 200 } as const;
export const TUN_PATH = '/dev/net/tun';
