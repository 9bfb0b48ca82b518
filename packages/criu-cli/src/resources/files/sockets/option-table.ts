// Table of socket options for which CRIU's format has no field: which sockets have them, and in which order they are
// set. docs/sockets.md lists state that can neither be read nor set.
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  IP_BIND_ADDRESS_NO_PORT,
  IP_CHECKSUM,
  IP_LOCAL_PORT_RANGE,
  IP_MINTTL,
  IP_MTU_DISCOVER,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_OPTIONS,
  IP_PASSSEC,
  IP_PKTINFO,
  IP_RECVERR,
  IP_RECVERR_RFC4884,
  IP_RECVFRAGSIZE,
  IP_RECVOPTS,
  IP_RECVORIGDSTADDR,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_RETOPTS,
  IP_TOS,
  IP_TRANSPARENT,
  IP_TTL,
  IP_UNICAST_IF,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
  IPV6_2292DSTOPTS,
  IPV6_2292HOPLIMIT,
  IPV6_2292HOPOPTS,
  IPV6_2292PKTINFO,
  IPV6_2292RTHDR,
  IPV6_ADDR_PREFERENCES,
  IPV6_AUTOFLOWLABEL,
  IPV6_CHECKSUM,
  IPV6_DONTFRAG,
  IPV6_DSTOPTS,
  IPV6_FLOWINFO,
  IPV6_FLOWINFO_SEND,
  IPV6_HOPOPTS,
  IPV6_MINHOPCOUNT,
  IPV6_MTU_DISCOVER,
  IPV6_MULTICAST_ALL,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_RECVDSTOPTS,
  IPV6_RECVERR,
  IPV6_RECVERR_RFC4884,
  IPV6_RECVFRAGSIZE,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVHOPOPTS,
  IPV6_RECVORIGDSTADDR,
  IPV6_RECVPATHMTU,
  IPV6_RECVRTHDR,
  IPV6_RECVTCLASS,
  IPV6_ROUTER_ALERT_ISOLATE,
  IPV6_RTHDR,
  IPV6_RTHDRDSTOPTS,
  IPV6_TCLASS,
  IPV6_TRANSPARENT,
  IPV6_UNICAST_HOPS,
  IPV6_UNICAST_IF,
  NETLINK_BROADCAST_ERROR,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_LISTEN_ALL_NSID,
  NETLINK_NO_ENOBUFS,
  NETLINK_PKTINFO,
  PACKET_IGNORE_OUTGOING,
  PACKET_QDISC_BYPASS,
  PACKET_TX_HAS_OFF,
  PACKET_VNET_HDR_SZ,
  SO_BUSY_POLL,
  SO_DEBUG,
  SO_INQ,
  SO_LOCK_FILTER,
  SO_MAX_PACING_RATE,
  SO_NOFCS,
  SO_PASSPIDFD,
  SO_PASSRIGHTS,
  SO_PEEK_OFF,
  SO_PREFER_BUSY_POLL,
  SO_RCVMARK,
  SO_RCVPRIORITY,
  SO_RESERVE_MEM,
  SO_RXQ_OVFL,
  SO_SELECT_ERR_QUEUE,
  SO_TIMESTAMP,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMPING,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPNS,
  SO_TIMESTAMPNS_NEW,
  SO_TXREHASH,
  SO_TXTIME,
  SO_WIFI_STATUS,
  SO_ZEROCOPY,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_IP,
  SOL_IPV6,
  SOL_NETLINK,
  SOL_PACKET,
  SOL_RAW,
  SOL_SOCKET,
  SOL_TCP,
  TCP_CONGESTION,
  TCP_DEFER_ACCEPT,
  TCP_DELACK_MAX_US,
  TCP_FASTOPEN,
  TCP_FASTOPEN_CONNECT,
  TCP_FASTOPEN_KEY,
  TCP_FASTOPEN_NO_COOKIE,
  TCP_INQ,
  TCP_LINGER2,
  TCP_MAXSEG,
  TCP_NOTSENT_LOWAT,
  TCP_RTO_MAX_MS,
  TCP_RTO_MIN_US,
  TCP_SAVE_SYN,
  TCP_SYNCNT,
  TCP_THIN_LINEAR_TIMEOUTS,
  TCP_TX_DELAY,
  TCP_USER_TIMEOUT,
  TCP_WINDOW_CLAMP,
  UDP_CORK,
  UDP_ENCAP,
  UDP_GRO,
  UDP_NO_CHECK6_RX,
  UDP_NO_CHECK6_TX,
  UDP_SEGMENT,
  UDPLITE_RECV_CSCOV,
  UDPLITE_SEND_CSCOV,
} from '@criu/native/uapi';

/** Properties that decide which options a socket has. */
export interface SocketKind {
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
  /** A TCP connection, live or closed: the options of its handshake cannot be derived from the result. */
  readonly connection?: boolean;
}

/**
 * When an option is set: before the socket is bound (for packet sockets before the rings are created); before the
 * options for which images have fields; after them; or last of all.
 */
export type Stage = 'bind' | 'early' | 'late' | 'last';

export interface MoreOption {
  readonly level: number;
  readonly name: number;
  /** Name in the kernel's headers. */
  readonly text: string;
  readonly stage: Stage;
  /** Size of the value in bytes, 4 for an int; the maximum for a value of variable size. */
  readonly size: number;
  /** The value is a byte array, not an int. */
  readonly bytes: boolean;
  readonly has: (socket: SocketKind) => boolean;
  /** The value that another option implies. */
  readonly implied?: number;
  /** The kernel asks for capabilities, of the owner of the network namespace or of the host. */
  readonly privileged?: boolean;
}

type Row = readonly [
  name: number,
  text: string,
  more?: Partial<Pick<MoreOption, 'stage' | 'size' | 'bytes' | 'implied' | 'has' | 'privileged'>>,
];

function rows(
  level: number,
  stage: Stage,
  has: (socket: SocketKind) => boolean,
  list: readonly Row[],
): MoreOption[] {
  return list.map(([name, text, { has: only, ...more } = {}]) => ({
    level,
    name,
    text,
    stage,
    size: 4,
    bytes: false,
    has: only ? (socket) => has(socket) && only(socket) : has,
    ...more,
  }));
}

const any = () => true;
const inet = ({ family }: SocketKind) => family === AF_INET || family === AF_INET6;
/** Raw IPv6 sockets have no options of IPv4. */
const ip = (s: SocketKind) => s.family === AF_INET || (s.family === AF_INET6 && s.type !== SOCK_RAW);
const ip6 = ({ family }: SocketKind) => family === AF_INET6;
const tcp = (s: SocketKind) => inet(s) && s.type === SOCK_STREAM && s.protocol === IPPROTO_TCP;
const udp = (s: SocketKind) =>
  inet(s) && s.type === SOCK_DGRAM && (s.protocol === IPPROTO_UDP || s.protocol === IPPROTO_UDPLITE);
/** The kernel sets these for TCP connections, where they are meaningless, and does not permit to set them. */
const packets = { has: (s: SocketKind) => s.type !== SOCK_STREAM };
const unconnected = (s: SocketKind) => !s.connection;
/** Images have a field for it for IPv4 sockets only. */
const fieldless = { has: ip6 };

const privileged = { privileged: true };

const bytes = (size: number) => ({ size, bytes: true });

/** In the order in which they are set. */
export const MORE_OPTIONS: readonly MoreOption[] = [
  ...rows(SOL_IP, 'bind', ip, [
    [IP_TRANSPARENT, 'IP_TRANSPARENT', privileged],
    [IP_BIND_ADDRESS_NO_PORT, 'IP_BIND_ADDRESS_NO_PORT'],
    [IP_LOCAL_PORT_RANGE, 'IP_LOCAL_PORT_RANGE'],
  ]),
  ...rows(SOL_IPV6, 'bind', ip6, [[IPV6_TRANSPARENT, 'IPV6_TRANSPARENT', privileged]]),
  ...rows(SOL_PACKET, 'bind', ({ family }) => family === AF_PACKET, [
    [PACKET_TX_HAS_OFF, 'PACKET_TX_HAS_OFF'],
    [PACKET_QDISC_BYPASS, 'PACKET_QDISC_BYPASS'],
    [PACKET_IGNORE_OUTGOING, 'PACKET_IGNORE_OUTGOING'],
    // The size of struct virtio_net_hdr, implied by PACKET_VNET_HDR.
    [PACKET_VNET_HDR_SZ, 'PACKET_VNET_HDR_SZ', { implied: 10 }],
  ]),
  ...rows(SOL_NETLINK, 'early', ({ family }) => family === AF_NETLINK, [
    [NETLINK_PKTINFO, 'NETLINK_PKTINFO'],
    [NETLINK_BROADCAST_ERROR, 'NETLINK_BROADCAST_ERROR'],
    [NETLINK_NO_ENOBUFS, 'NETLINK_NO_ENOBUFS'],
    [NETLINK_LISTEN_ALL_NSID, 'NETLINK_LISTEN_ALL_NSID', privileged],
    [NETLINK_CAP_ACK, 'NETLINK_CAP_ACK'],
    [NETLINK_EXT_ACK, 'NETLINK_EXT_ACK'],
    [NETLINK_GET_STRICT_CHK, 'NETLINK_GET_STRICT_CHK'],
  ]),
  // Setting the type of service also changes the priority, which is therefore set later.
  ...rows(SOL_IP, 'early', ip, [
    [IP_TOS, 'IP_TOS', fieldless],
    [IP_TTL, 'IP_TTL', fieldless],
    [IP_OPTIONS, 'IP_OPTIONS', { ...bytes(40), ...privileged }],
    [IP_RECVOPTS, 'IP_RECVOPTS'],
    [IP_RETOPTS, 'IP_RETOPTS'],
    [IP_PKTINFO, 'IP_PKTINFO', fieldless],
    [IP_MTU_DISCOVER, 'IP_MTU_DISCOVER'],
    [IP_RECVERR, 'IP_RECVERR'],
    [IP_RECVTTL, 'IP_RECVTTL'],
    [IP_RECVTOS, 'IP_RECVTOS'],
    [IP_PASSSEC, 'IP_PASSSEC'],
    [IP_RECVORIGDSTADDR, 'IP_RECVORIGDSTADDR'],
    [IP_MINTTL, 'IP_MINTTL'],
    [IP_CHECKSUM, 'IP_CHECKSUM'],
    [IP_RECVFRAGSIZE, 'IP_RECVFRAGSIZE'],
    [IP_RECVERR_RFC4884, 'IP_RECVERR_RFC4884'],
    [IP_MULTICAST_IF, 'IP_MULTICAST_IF', packets],
    [IP_MULTICAST_TTL, 'IP_MULTICAST_TTL', packets],
    [IP_MULTICAST_LOOP, 'IP_MULTICAST_LOOP'],
    [IP_MULTICAST_ALL, 'IP_MULTICAST_ALL'],
    [IP_UNICAST_IF, 'IP_UNICAST_IF'],
  ]),
  ...rows(SOL_IPV6, 'early', ip6, [
    [IPV6_2292PKTINFO, 'IPV6_2292PKTINFO'],
    [IPV6_2292HOPOPTS, 'IPV6_2292HOPOPTS'],
    [IPV6_2292DSTOPTS, 'IPV6_2292DSTOPTS'],
    [IPV6_2292RTHDR, 'IPV6_2292RTHDR'],
    [IPV6_2292HOPLIMIT, 'IPV6_2292HOPLIMIT'],
    [IPV6_FLOWINFO, 'IPV6_FLOWINFO'],
    [IPV6_UNICAST_HOPS, 'IPV6_UNICAST_HOPS'],
    [IPV6_MULTICAST_IF, 'IPV6_MULTICAST_IF', packets],
    [IPV6_MULTICAST_HOPS, 'IPV6_MULTICAST_HOPS', packets],
    [IPV6_MULTICAST_LOOP, 'IPV6_MULTICAST_LOOP'],
    [IPV6_MTU_DISCOVER, 'IPV6_MTU_DISCOVER'],
    [IPV6_RECVERR, 'IPV6_RECVERR'],
    [IPV6_MULTICAST_ALL, 'IPV6_MULTICAST_ALL'],
    [IPV6_ROUTER_ALERT_ISOLATE, 'IPV6_ROUTER_ALERT_ISOLATE'],
    [IPV6_RECVERR_RFC4884, 'IPV6_RECVERR_RFC4884'],
    [IPV6_FLOWINFO_SEND, 'IPV6_FLOWINFO_SEND'],
    [IPV6_RECVHOPLIMIT, 'IPV6_RECVHOPLIMIT'],
    [IPV6_RECVHOPOPTS, 'IPV6_RECVHOPOPTS'],
    [IPV6_HOPOPTS, 'IPV6_HOPOPTS', { ...bytes(2048), ...privileged }],
    [IPV6_RTHDRDSTOPTS, 'IPV6_RTHDRDSTOPTS', { ...bytes(2048), ...privileged }],
    [IPV6_RECVRTHDR, 'IPV6_RECVRTHDR'],
    [IPV6_RTHDR, 'IPV6_RTHDR', bytes(2048)],
    [IPV6_RECVDSTOPTS, 'IPV6_RECVDSTOPTS'],
    [IPV6_DSTOPTS, 'IPV6_DSTOPTS', { ...bytes(2048), ...privileged }],
    [IPV6_RECVPATHMTU, 'IPV6_RECVPATHMTU'],
    [IPV6_DONTFRAG, 'IPV6_DONTFRAG'],
    [IPV6_RECVTCLASS, 'IPV6_RECVTCLASS'],
    [IPV6_TCLASS, 'IPV6_TCLASS'],
    [IPV6_AUTOFLOWLABEL, 'IPV6_AUTOFLOWLABEL'],
    [IPV6_ADDR_PREFERENCES, 'IPV6_ADDR_PREFERENCES'],
    [IPV6_MINHOPCOUNT, 'IPV6_MINHOPCOUNT'],
    [IPV6_RECVORIGDSTADDR, 'IPV6_RECVORIGDSTADDR'],
    [IPV6_UNICAST_IF, 'IPV6_UNICAST_IF'],
    [IPV6_RECVFRAGSIZE, 'IPV6_RECVFRAGSIZE'],
  ]),
  ...rows(SOL_RAW, 'early', (s) => ip6(s) && s.type === SOCK_RAW, [[IPV6_CHECKSUM, 'IPV6_CHECKSUM']]),
  ...rows(IPPROTO_UDP, 'early', udp, [
    [UDP_CORK, 'UDP_CORK'],
    [UDP_ENCAP, 'UDP_ENCAP'],
    [UDP_NO_CHECK6_TX, 'UDP_NO_CHECK6_TX'],
    [UDP_NO_CHECK6_RX, 'UDP_NO_CHECK6_RX'],
    [UDP_SEGMENT, 'UDP_SEGMENT'],
    [UDP_GRO, 'UDP_GRO'],
  ]),
  ...rows(IPPROTO_UDPLITE, 'early', (s) => udp(s) && s.protocol === IPPROTO_UDPLITE, [
    [UDPLITE_SEND_CSCOV, 'UDPLITE_SEND_CSCOV'],
    [UDPLITE_RECV_CSCOV, 'UDPLITE_RECV_CSCOV'],
  ]),
  ...rows(SOL_TCP, 'early', tcp, [
    [TCP_MAXSEG, 'TCP_MAXSEG', { has: unconnected }],
    [TCP_SYNCNT, 'TCP_SYNCNT'],
    [TCP_LINGER2, 'TCP_LINGER2'],
    [TCP_DEFER_ACCEPT, 'TCP_DEFER_ACCEPT'],
    [TCP_WINDOW_CLAMP, 'TCP_WINDOW_CLAMP', { has: unconnected }],
    [TCP_CONGESTION, 'TCP_CONGESTION', { ...bytes(16), ...privileged }],
    [TCP_THIN_LINEAR_TIMEOUTS, 'TCP_THIN_LINEAR_TIMEOUTS'],
    [TCP_USER_TIMEOUT, 'TCP_USER_TIMEOUT'],
    [TCP_FASTOPEN, 'TCP_FASTOPEN', { has: unconnected }],
    [TCP_NOTSENT_LOWAT, 'TCP_NOTSENT_LOWAT'],
    [TCP_SAVE_SYN, 'TCP_SAVE_SYN'],
    [TCP_FASTOPEN_CONNECT, 'TCP_FASTOPEN_CONNECT', { has: unconnected }],
    [TCP_FASTOPEN_KEY, 'TCP_FASTOPEN_KEY', bytes(32)],
    [TCP_FASTOPEN_NO_COOKIE, 'TCP_FASTOPEN_NO_COOKIE', { has: unconnected }],
    [TCP_INQ, 'TCP_INQ'],
    [TCP_TX_DELAY, 'TCP_TX_DELAY'],
    [TCP_RTO_MAX_MS, 'TCP_RTO_MAX_MS'],
    [TCP_RTO_MIN_US, 'TCP_RTO_MIN_US'],
    [TCP_DELACK_MAX_US, 'TCP_DELACK_MAX_US'],
  ]),
  // The kernel shows only one name of each pair of timestamp options; the newer one is set after the older one.
  ...rows(SOL_SOCKET, 'late', any, [
    [SO_DEBUG, 'SO_DEBUG', privileged],
    [SO_TIMESTAMP, 'SO_TIMESTAMP'],
    [SO_TIMESTAMPNS, 'SO_TIMESTAMPNS'],
    [SO_TIMESTAMPING, 'SO_TIMESTAMPING', bytes(8)],
    [SO_TIMESTAMP_NEW, 'SO_TIMESTAMP_NEW'],
    [SO_TIMESTAMPNS_NEW, 'SO_TIMESTAMPNS_NEW'],
    [SO_TIMESTAMPING_NEW, 'SO_TIMESTAMPING_NEW', bytes(8)],
    [SO_RXQ_OVFL, 'SO_RXQ_OVFL'],
    [SO_WIFI_STATUS, 'SO_WIFI_STATUS'],
    [SO_NOFCS, 'SO_NOFCS'],
    [SO_SELECT_ERR_QUEUE, 'SO_SELECT_ERR_QUEUE'],
    [SO_BUSY_POLL, 'SO_BUSY_POLL', privileged],
    [SO_MAX_PACING_RATE, 'SO_MAX_PACING_RATE', bytes(8)],
    [SO_ZEROCOPY, 'SO_ZEROCOPY'],
    [SO_TXTIME, 'SO_TXTIME', { ...bytes(8), ...privileged }],
    [SO_PREFER_BUSY_POLL, 'SO_PREFER_BUSY_POLL', privileged],
    [SO_RESERVE_MEM, 'SO_RESERVE_MEM'],
    [SO_TXREHASH, 'SO_TXREHASH', { has: tcp }],
    [SO_RCVMARK, 'SO_RCVMARK'],
    [SO_RCVPRIORITY, 'SO_RCVPRIORITY'],
    [SO_PASSPIDFD, 'SO_PASSPIDFD'],
    [SO_PASSRIGHTS, 'SO_PASSRIGHTS'],
    [SO_INQ, 'SO_INQ'],
    // It changes with everything that is received.
    [SO_PEEK_OFF, 'SO_PEEK_OFF'],
  ]),
  // The filter is attached before it is locked.
  ...rows(SOL_SOCKET, 'last', any, [[SO_LOCK_FILTER, 'SO_LOCK_FILTER']]),
];
