// Kernel features for sockets and networks.
import { spawnSync } from 'node:child_process';

import { errnoName, type SyscallName, SysError, sysRaw } from '@criu/native';
import { existsSync } from '@criu/native/fs';
import {
  diagMessage,
  getGeneration,
  inetDiagRequest,
  linkHeader,
  NetlinkSocket,
  routeMessage,
  u32,
  unixDiagRequest,
} from '@criu/native/netlink';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AT_FDCWD,
  CLONE_NEWNET,
  EINVAL,
  ENOENT,
  ERANGE,
  IFF_NO_PI,
  IFF_TUN,
  IFLA_NEW_IFINDEX,
  IFLA_TARGET_NETNSID,
  IPPROTO_RAW,
  IPPROTO_TCP,
  IPV6_FREEBIND,
  ifreq,
  NETLINK_NETFILTER,
  NETLINK_ROUTE,
  NETLINK_SOCK_DIAG,
  NETNSA_PID,
  O_RDWR,
  RTM_GETLINK,
  RTM_GETNSID,
  RTM_SETLINK,
  rtgenmsg,
  SIOCGSKNS,
  SIOCUNIXFILE,
  SO_BINDTODEVICE,
  SO_BUF_LOCK,
  SO_GET_FILTER,
  SO_PEEK_OFF,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_IPV6,
  SOL_SOCKET,
  TCP_REPAIR,
  TCP_REPAIR_WINDOW,
  TCP_TIMESTAMP,
  TUNGETDEVNETNS,
  TUNSETIFF,
} from '@criu/native/uapi';
import { call, type Feature, steps, type Verdict, withFd } from './kit.js';

const socket = (family: number, type: number, protocol = 0) =>
  sysRaw('socket', family, type | SOCK_CLOEXEC, protocol);
const length = (n: number) => new Int32Array([n]);

function setsockopt(fd: number, level: number, option: number, value: number): Verdict {
  return call('setsockopt', [fd, level, option, new Int32Array([value]), 4]);
}
function getsockopt(fd: number, level: number, option: number, bytes: number): Verdict {
  return call('getsockopt', [fd, level, option, Buffer.alloc(Math.max(1, bytes)), length(bytes)]);
}

/** Exchanges messages with a netlink protocol. @returns the resulting errno; 0 for success */
function talk(protocol: number, use: (socket: NetlinkSocket) => void): number {
  try {
    using socket = NetlinkSocket.open(protocol);
    use(socket);
    return 0;
  } catch (error) {
    if (error instanceof SysError) return error.errno;
    throw error;
  }
}

function judged(what: string, errno: number): Verdict {
  return errno === 0 ? null : `${what}: ${errnoName(errno)}`;
}

/** Lists sockets of a kind with sock_diag(7). */
function diag(family: number, protocol: number): Verdict {
  const request = family === AF_UNIX ? unixDiagRequest() : inetDiagRequest(family, protocol);
  const what = `sock_diag of family ${family}, protocol ${protocol}`;
  return judged(
    what,
    talk(NETLINK_SOCK_DIAG, (socket) => socket.dump(diagMessage(request), what)),
  );
}

/** A connection over loopback of which one end has sent its FIN. */
function halfClosed(use: (fd: number) => Verdict): Verdict {
  const address = Buffer.from([AF_INET, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  return withFd('socket', socket(AF_INET, SOCK_STREAM), (server) => {
    const bad =
      call('bind', [server, address, 16]) ??
      call('listen', [server, 1]) ??
      call('getsockname', [server, address, length(16)]);
    if (bad) return bad;
    return withFd('socket', socket(AF_INET, SOCK_STREAM), (client) => {
      return (
        call('connect', [client, address, 16]) ??
        withFd(
          'accept4',
          sysRaw('accept4', server, null, null, SOCK_CLOEXEC),
          () => call('shutdown', [client, 1]) ?? use(client),
        )
      );
    });
  });
}

const hasNft = (): Verdict => judged('nf_tables', talk(NETLINK_NETFILTER, getGeneration));

function tun(open: SyscallName = 'openat'): Verdict {
  return withFd('/dev/net/tun', sysRaw(open, AT_FDCWD, Buffer.from('/dev/net/tun\0'), 0o2000002), () => null);
}

/** Runs in a network namespace of its own, so that no interface appears on the host. */
const tunNamespace = () =>
  steps((s) => {
    const p = s.program;
    s.syscall('unshare', [CLONE_NEWNET]);
    const fd = s.syscall('openat', [AT_FDCWD, p.cstring('/dev/net/tun'), O_RDWR]);
    const request = Buffer.alloc(ifreq.sizeof);
    request.write('probe', ifreq.ifr_name);
    request.writeUInt16LE(IFF_TUN | IFF_NO_PI, ifreq.ifr_flags);
    s.syscall('ioctl', [fd, TUNSETIFF, p.data(request)]);
    s.syscall('ioctl', [fd, TUNGETDEVNETNS, 0]);
  });

function legacyIptables(): Verdict {
  for (const command of ['iptables-legacy', 'iptables']) {
    const { stdout, error } = spawnSync(command, ['-V'], { encoding: 'utf8', timeout: 5000 });
    // Old versions support only the legacy interface and do not print its name.
    if (!error && stdout && !stdout.includes('nf_tables')) return null;
  }
  return 'no iptables that speaks the legacy interface';
}

export const NETWORK_FEATURES: readonly Feature[] = [
  {
    name: 'sock_diag',
    category: 'required',
    what: 'sockets can be listed (the kernel options and modules *_DIAG)',
    without: 'no dump of tasks with sockets',
    probe: () => diag(AF_UNIX, 0) ?? diag(AF_INET, IPPROTO_TCP) ?? diag(AF_INET, 17),
  },
  {
    name: 'sock_peek_off',
    category: 'required',
    what: 'SO_PEEK_OFF reads queues of sockets without taking from them',
    without: 'no dump of Unix sockets with something in their queues',
    probe: () =>
      withFd('socket', socket(AF_UNIX, SOCK_DGRAM), (fd) => getsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, 4)),
  },
  {
    name: 'tcp_repair',
    category: 'required',
    privileged: true,
    what: 'TCP_REPAIR saves and restores connections',
    without: 'no --tcp-established',
    probe: () =>
      withFd('socket', socket(AF_INET, SOCK_STREAM), (fd) => {
        return setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, 1) ?? getsockopt(fd, IPPROTO_TCP, TCP_TIMESTAMP, 4);
      }),
  },
  {
    name: 'so_gets',
    category: 'required',
    what: 'filter and device of a socket can be read',
    without: 'no dump of tasks with sockets',
    probe: () =>
      withFd(
        'socket',
        socket(AF_INET, SOCK_DGRAM),
        (fd) =>
          call('getsockopt', [fd, SOL_SOCKET, SO_GET_FILTER, null, length(0)]) ??
          getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, 16),
      ),
  },
  {
    name: 'tcp_window',
    category: 'extra',
    what: 'TCP_REPAIR_WINDOW restores the window of a connection',
    without: 'no --tcp-established',
    probe: () =>
      withFd(
        'socket',
        socket(AF_INET, SOCK_STREAM),
        (fd) =>
          setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, 1) ?? getsockopt(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, 20),
      ),
  },
  {
    name: 'tcp_half_closed',
    category: 'extra',
    what: 'TCP_REPAIR of connections that one side has closed',
    without: 'no dump of such connections',
    probe: () => halfClosed((fd) => setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, 1)),
  },
  {
    name: 'sk_ns',
    category: 'extra',
    what: 'the network namespace of a socket can be asked for',
    without: 'a socket is taken to be in the network namespace of its task',
    probe: () =>
      withFd('socket', socket(AF_UNIX, SOCK_STREAM), (fd) =>
        withFd('SIOCGSKNS', sysRaw('ioctl', fd, SIOCGSKNS), () => null),
      ),
  },
  {
    name: 'sk_unix_file',
    category: 'named',
    what: 'the file of a UNIX socket can be asked for',
    without: 'no dump of Unix sockets that are bound to a path',
    // An unbound socket gives ENOENT, if the kernel knows the request.
    probe: () =>
      withFd('socket', socket(AF_UNIX, SOCK_STREAM), (fd) => call('ioctl', [fd, SIOCUNIXFILE, 0], [ENOENT])),
  },
  {
    name: 'net_diag_raw',
    category: 'extra',
    what: 'raw sockets can be listed',
    without: 'raw sockets are found in /proc/net instead',
    // Without CONFIG_INET_RAW_DIAG, a dump reads /proc/net/raw.
    probe: () =>
      existsSync('/proc/net/raw') ? null : (diag(AF_INET, IPPROTO_RAW) ?? diag(AF_INET6, IPPROTO_RAW)),
  },
  {
    name: 'sockopt_buf_lock',
    category: 'extra',
    what: 'SO_BUF_LOCK tells whether buffer sizes of a socket were set',
    without: 'the kernel may tune buffers that a program had set',
    probe: () =>
      withFd('socket', socket(AF_INET, SOCK_STREAM), (fd) => getsockopt(fd, SOL_SOCKET, SO_BUF_LOCK, 4)),
  },
  {
    name: 'ipv6_freebind',
    category: 'extra',
    what: 'IPV6_FREEBIND binds to addresses that are not there yet',
    without: 'no dump and no restore of IPv6 sockets',
    probe: () =>
      withFd('socket', socket(AF_INET6, SOCK_STREAM), (fd) => setsockopt(fd, SOL_IPV6, IPV6_FREEBIND, 1)),
  },
  {
    name: 'newifindex',
    category: 'extra',
    what: 'interfaces can be moved with the index they had',
    without: 'no restore of devices that are moved into a network namespace',
    // A kernel that knows the attribute refuses values below one, so nothing is changed.
    probe: () => {
      const errno = talk(NETLINK_ROUTE, (socket) =>
        socket.request(
          routeMessage(RTM_SETLINK, 0, linkHeader({ index: 1 }), [[IFLA_NEW_IFINDEX, u32(-1)]]),
          'set link',
        ),
      );
      if (errno === ERANGE || errno === EINVAL) return null;
      return judged('IFLA_NEW_IFINDEX', errno) ?? 'IFLA_NEW_IFINDEX is not known';
    },
  },
  {
    name: 'nsid',
    category: 'named',
    what: 'network namespaces have ids',
    without: 'no dump of pairs of devices (veth) across network namespaces',
    probe: () =>
      judged(
        'RTM_GETNSID',
        talk(NETLINK_ROUTE, (socket) =>
          socket.request(
            routeMessage(RTM_GETNSID, 0, Buffer.alloc(rtgenmsg.sizeof), [[NETNSA_PID, u32(process.pid)]]),
            'get nsid',
          ),
        ),
      ),
  },
  {
    name: 'link_nsid',
    category: 'named',
    what: 'interfaces of other network namespaces can be asked for',
    without: 'no dump of pairs of devices (veth) across network namespaces',
    // A kernel that knows the attribute refuses an id that is not in use.
    probe: () => {
      const errno = talk(NETLINK_ROUTE, (socket) =>
        socket.request(
          routeMessage(RTM_GETLINK, 0, linkHeader({ index: 1 }), [[IFLA_TARGET_NETNSID, u32(0x7fffff00)]]),
          'get link',
        ),
      );
      return errno === EINVAL ? null : 'IFLA_TARGET_NETNSID is not known';
    },
  },
  {
    name: 'tun',
    category: 'extra',
    what: 'TUN and TAP devices',
    without: 'no dump and no restore of such devices',
    probe: () => tun(),
  },
  {
    name: 'tun_ns',
    category: 'named',
    what: 'the network namespace of a TUN device can be asked for',
    without: 'nothing: this version finds it otherwise',
    probe: tunNamespace,
  },
  {
    name: 'nftables',
    category: 'named',
    what: 'rules of nftables',
    without: 'no dump and no restore of such rules',
    probe: hasNft,
  },
  {
    name: 'network_lock_nftables',
    category: 'extra',
    what: 'connections can be silenced with nftables',
    without: 'no dump of TCP connections but with --network-lock iptables or skip',
    probe: hasNft,
  },
  {
    name: 'has_ipt_legacy',
    category: 'named',
    what: 'rules of the older iptables',
    without: 'no dump and no restore of such rules',
    probe: legacyIptables,
  },
  {
    name: 'external_net_ns',
    category: 'named',
    what: 'network namespaces that are outside of the dump',
    without: 'no --external net[INODE]',
    probe: () => null,
  },
];
