// Where tun(4) is.
export const TUN_RDEV = { major: 10, minor: 200 } as const;
export const TUN_PATH = '/dev/net/tun';
