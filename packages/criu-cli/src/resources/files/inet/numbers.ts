// Constants of ip(7), ipv6(7), tcp(7), udp(7) and raw(7).

export const IPPROTO = { ICMP: 1, TCP: 6, UDP: 17, ICMPV6: 58, MH: 135, UDPLITE: 136, MPTCP: 262 } as const;
export const SOL = { IP: 0, TCP: 6, UDP: 17, IPV6: 41, ICMPV6: 58, UDPLITE: 136, RAW: 255 } as const;
export const TCP = {
  NODELAY: 1,
  CORK: 3,
  KEEPIDLE: 4,
  KEEPINTVL: 5,
  KEEPCNT: 6,
  INFO: 11,
  REPAIR: 19,
} as const;
export const UDP = { CORK: 1, ENCAP: 100 } as const;
/** The last encapsulation type that programs can set; higher ones are tunnels of the kernel. */
export const UDP_ENCAP_ESPINUDP = 2;
export const IP = { TOS: 1, TTL: 2, HDRINCL: 3, PKTINFO: 8, FREEBIND: 15, NODEFRAG: 22 } as const;
export const IPV6 = { CHECKSUM: 7, V6ONLY: 26, HDRINCL: 36, RECVPKTINFO: 49, FREEBIND: 78 } as const;
