// Table of socket options for which CRIU's format has no field: which sockets have them, and in which order they are
// set. docs/sockets.md lists state that can neither be read nor set.
import { SOL_SOCKET } from '@criu/native/uapi';
import { AF, SO, SOCK } from './options.js';

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
}

export const SOL = {
  IP: 0,
  TCP: 6,
  UDP: 17,
  IPV6: 41,
  UDPLITE: 136,
  RAW: 255,
  PACKET: 263,
  NETLINK: 270,
} as const;
const IPPROTO = { TCP: 6, UDP: 17, UDPLITE: 136 } as const;

type Row = readonly [
  name: number,
  text: string,
  more?: Partial<Pick<MoreOption, 'stage' | 'size' | 'bytes' | 'implied' | 'has'>>,
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
const inet = ({ family }: SocketKind) => family === AF.INET || family === AF.INET6;
/** Raw IPv6 sockets have no options of IPv4. */
const ip = (s: SocketKind) => s.family === AF.INET || (s.family === AF.INET6 && s.type !== SOCK.RAW);
const ip6 = ({ family }: SocketKind) => family === AF.INET6;
const tcp = (s: SocketKind) => inet(s) && s.type === SOCK.STREAM && s.protocol === IPPROTO.TCP;
const udp = (s: SocketKind) =>
  inet(s) && s.type === SOCK.DGRAM && (s.protocol === IPPROTO.UDP || s.protocol === IPPROTO.UDPLITE);
/** The kernel sets these for TCP connections, where they are meaningless, and does not permit to set them. */
const packets = { has: (s: SocketKind) => s.type !== SOCK.STREAM };
const unconnected = (s: SocketKind) => !s.connection;
/** Images have a field for it for IPv4 sockets only. */
const fieldless = { has: ip6 };

const bytes = (size: number) => ({ size, bytes: true });

/** In the order in which they are set. */
export const MORE_OPTIONS: readonly MoreOption[] = [
  ...rows(SOL.IP, 'bind', ip, [
    [19, 'IP_TRANSPARENT'],
    [24, 'IP_BIND_ADDRESS_NO_PORT'],
    [51, 'IP_LOCAL_PORT_RANGE'],
  ]),
  ...rows(SOL.IPV6, 'bind', ip6, [[75, 'IPV6_TRANSPARENT']]),
  ...rows(SOL.PACKET, 'bind', ({ family }) => family === AF.PACKET, [
    [19, 'PACKET_TX_HAS_OFF'],
    [20, 'PACKET_QDISC_BYPASS'],
    [23, 'PACKET_IGNORE_OUTGOING'],
    // The size of struct virtio_net_hdr, implied by PACKET_VNET_HDR.
    [24, 'PACKET_VNET_HDR_SZ', { implied: 10 }],
  ]),
  ...rows(SOL.NETLINK, 'early', ({ family }) => family === AF.NETLINK, [
    [3, 'NETLINK_PKTINFO'],
    [4, 'NETLINK_BROADCAST_ERROR'],
    [5, 'NETLINK_NO_ENOBUFS'],
    [8, 'NETLINK_LISTEN_ALL_NSID'],
    [10, 'NETLINK_CAP_ACK'],
    [11, 'NETLINK_EXT_ACK'],
    [12, 'NETLINK_GET_STRICT_CHK'],
  ]),
  // Setting the type of service also changes the priority, which is therefore set later.
  ...rows(SOL.IP, 'early', ip, [
    [1, 'IP_TOS', fieldless],
    [2, 'IP_TTL', fieldless],
    [4, 'IP_OPTIONS', bytes(40)],
    [6, 'IP_RECVOPTS'],
    [7, 'IP_RETOPTS'],
    [8, 'IP_PKTINFO', fieldless],
    [10, 'IP_MTU_DISCOVER'],
    [11, 'IP_RECVERR'],
    [12, 'IP_RECVTTL'],
    [13, 'IP_RECVTOS'],
    [18, 'IP_PASSSEC'],
    [20, 'IP_RECVORIGDSTADDR'],
    [21, 'IP_MINTTL'],
    [23, 'IP_CHECKSUM'],
    [25, 'IP_RECVFRAGSIZE'],
    [26, 'IP_RECVERR_RFC4884'],
    [32, 'IP_MULTICAST_IF', packets],
    [33, 'IP_MULTICAST_TTL', packets],
    [34, 'IP_MULTICAST_LOOP'],
    [49, 'IP_MULTICAST_ALL'],
    [50, 'IP_UNICAST_IF'],
  ]),
  ...rows(SOL.IPV6, 'early', ip6, [
    [2, 'IPV6_2292PKTINFO'],
    [3, 'IPV6_2292HOPOPTS'],
    [4, 'IPV6_2292DSTOPTS'],
    [5, 'IPV6_2292RTHDR'],
    [8, 'IPV6_2292HOPLIMIT'],
    [11, 'IPV6_FLOWINFO'],
    [16, 'IPV6_UNICAST_HOPS'],
    [17, 'IPV6_MULTICAST_IF', packets],
    [18, 'IPV6_MULTICAST_HOPS', packets],
    [19, 'IPV6_MULTICAST_LOOP'],
    [23, 'IPV6_MTU_DISCOVER'],
    [25, 'IPV6_RECVERR'],
    [29, 'IPV6_MULTICAST_ALL'],
    [30, 'IPV6_ROUTER_ALERT_ISOLATE'],
    [31, 'IPV6_RECVERR_RFC4884'],
    [33, 'IPV6_FLOWINFO_SEND'],
    [51, 'IPV6_RECVHOPLIMIT'],
    [53, 'IPV6_RECVHOPOPTS'],
    [54, 'IPV6_HOPOPTS', bytes(2048)],
    [55, 'IPV6_RTHDRDSTOPTS', bytes(2048)],
    [56, 'IPV6_RECVRTHDR'],
    [57, 'IPV6_RTHDR', bytes(2048)],
    [58, 'IPV6_RECVDSTOPTS'],
    [59, 'IPV6_DSTOPTS', bytes(2048)],
    [60, 'IPV6_RECVPATHMTU'],
    [62, 'IPV6_DONTFRAG'],
    [66, 'IPV6_RECVTCLASS'],
    [67, 'IPV6_TCLASS'],
    [70, 'IPV6_AUTOFLOWLABEL'],
    [72, 'IPV6_ADDR_PREFERENCES'],
    [73, 'IPV6_MINHOPCOUNT'],
    [74, 'IPV6_RECVORIGDSTADDR'],
    [76, 'IPV6_UNICAST_IF'],
    [77, 'IPV6_RECVFRAGSIZE'],
  ]),
  ...rows(SOL.RAW, 'early', (s) => ip6(s) && s.type === SOCK.RAW, [[7, 'IPV6_CHECKSUM']]),
  ...rows(SOL.UDP, 'early', udp, [
    [1, 'UDP_CORK'],
    [100, 'UDP_ENCAP'],
    [101, 'UDP_NO_CHECK6_TX'],
    [102, 'UDP_NO_CHECK6_RX'],
    [103, 'UDP_SEGMENT'],
    [104, 'UDP_GRO'],
  ]),
  ...rows(SOL.UDPLITE, 'early', (s) => udp(s) && s.protocol === IPPROTO.UDPLITE, [
    [10, 'UDPLITE_SEND_CSCOV'],
    [11, 'UDPLITE_RECV_CSCOV'],
  ]),
  ...rows(SOL.TCP, 'early', tcp, [
    [2, 'TCP_MAXSEG', { has: unconnected }],
    [7, 'TCP_SYNCNT'],
    [8, 'TCP_LINGER2'],
    [9, 'TCP_DEFER_ACCEPT'],
    [10, 'TCP_WINDOW_CLAMP', { has: unconnected }],
    [13, 'TCP_CONGESTION', bytes(16)],
    [16, 'TCP_THIN_LINEAR_TIMEOUTS'],
    [18, 'TCP_USER_TIMEOUT'],
    [23, 'TCP_FASTOPEN', { has: unconnected }],
    [25, 'TCP_NOTSENT_LOWAT'],
    [27, 'TCP_SAVE_SYN'],
    [30, 'TCP_FASTOPEN_CONNECT', { has: unconnected }],
    [33, 'TCP_FASTOPEN_KEY', bytes(32)],
    [34, 'TCP_FASTOPEN_NO_COOKIE', { has: unconnected }],
    [36, 'TCP_INQ'],
    [37, 'TCP_TX_DELAY'],
    [44, 'TCP_RTO_MAX_MS'],
    [45, 'TCP_RTO_MIN_US'],
    [46, 'TCP_DELACK_MAX_US'],
  ]),
  // The kernel shows only one name of each pair of timestamp options; the newer one is set after the older one.
  ...rows(SOL_SOCKET, 'late', any, [
    [1, 'SO_DEBUG'],
    [SO.TIMESTAMP, 'SO_TIMESTAMP'],
    [SO.TIMESTAMPNS, 'SO_TIMESTAMPNS'],
    [SO.TIMESTAMPING, 'SO_TIMESTAMPING', bytes(8)],
    [SO.TIMESTAMP_NEW, 'SO_TIMESTAMP_NEW'],
    [SO.TIMESTAMPNS_NEW, 'SO_TIMESTAMPNS_NEW'],
    [SO.TIMESTAMPING_NEW, 'SO_TIMESTAMPING_NEW', bytes(8)],
    [SO.RXQ_OVFL, 'SO_RXQ_OVFL'],
    [41, 'SO_WIFI_STATUS'],
    [43, 'SO_NOFCS'],
    [SO.SELECT_ERR_QUEUE, 'SO_SELECT_ERR_QUEUE'],
    [46, 'SO_BUSY_POLL'],
    [47, 'SO_MAX_PACING_RATE', bytes(8)],
    [60, 'SO_ZEROCOPY'],
    [61, 'SO_TXTIME', bytes(8)],
    [69, 'SO_PREFER_BUSY_POLL'],
    [70, 'SO_BUSY_POLL_BUDGET'],
    [73, 'SO_RESERVE_MEM'],
    [74, 'SO_TXREHASH', { has: tcp }],
    [SO.RCVMARK, 'SO_RCVMARK'],
    [SO.RCVPRIORITY, 'SO_RCVPRIORITY'],
    [SO.PASSPIDFD, 'SO_PASSPIDFD'],
    [SO.PASSRIGHTS, 'SO_PASSRIGHTS'],
    [SO.INQ, 'SO_INQ'],
    // It changes with everything that is received.
    [SO.PEEK_OFF, 'SO_PEEK_OFF'],
  ]),
  // The filter is attached before it is locked.
  ...rows(SOL_SOCKET, 'last', any, [[44, 'SO_LOCK_FILTER']]),
];
