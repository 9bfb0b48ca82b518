// Made from the kernel's headers by tools/print_uapi.c, for what the lists in uapi/ and arch/ name; do not edit.
export const AF_BRIDGE = 0x7;
export const AF_INET = 0x2;
export const AF_INET6 = 0xa;
export const AF_NETLINK = 0x10;
export const AF_PACKET = 0x11;
export const AF_UNIX = 0x1;
export const AF_UNSPEC = 0x0;
export const ARPHRD_LOOPBACK = 0x304;
export const AT_EACCESS = 0x200;
export const AT_EMPTY_PATH = 0x1000;
export const AT_FDCWD = -100;
export const AT_MINSIGSTKSZ = 0x33;
export const AT_NO_AUTOMOUNT = 0x800;
export const AT_REMOVEDIR = 0x200;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_SYSINFO_EHDR = 0x21;
export const AUTOFS_DEV_IOCTL_SETPIPEFD = 0xc0189378;
export const AUTOFS_IOC_CATATONIC = 0x9362;
export const AUTOFS_IOC_SETTIMEOUT = 0xc0089364;
export const BOTHER = 0x1000;
export const BPF_ABS = 0x20;
export const BPF_JEQ = 0x10;
export const BPF_JMP = 0x5;
export const BPF_K = 0x0;
export const BPF_LD = 0x0;
export const BPF_MAXINSNS = 0x1000;
export const BPF_RET = 0x6;
export const BPF_W = 0x0;
export const BR_STATE_DISABLED = 0x0;
export const BR_STATE_FORWARDING = 0x3;
export const CAP_AUDIT_CONTROL = 0x1e;
export const CAP_CHECKPOINT_RESTORE = 0x28;
export const CAP_CHOWN = 0x0;
export const CAP_DAC_OVERRIDE = 0x1;
export const CAP_DAC_READ_SEARCH = 0x2;
export const CAP_IPC_LOCK = 0xe;
export const CAP_LEASE = 0x1c;
export const CAP_MKNOD = 0x1b;
export const CAP_NET_ADMIN = 0xc;
export const CAP_NET_BIND_SERVICE = 0xa;
export const CAP_NET_RAW = 0xd;
export const CAP_SETGID = 0x6;
export const CAP_SETPCAP = 0x8;
export const CAP_SETUID = 0x7;
export const CAP_SYS_ADMIN = 0x15;
export const CAP_SYS_CHROOT = 0x12;
export const CAP_SYS_NICE = 0x17;
export const CAP_SYS_PTRACE = 0x13;
export const CAP_SYS_RESOURCE = 0x18;
export const CBAUD = 0x100f;
export const CLD_CONTINUED = 0x6;
export const CLD_STOPPED = 0x5;
export const CLOCK_BOOTTIME = 0x7;
export const CLOCK_BOOTTIME_ALARM = 0x9;
export const CLOCK_MONOTONIC = 0x1;
export const CLOCK_REALTIME = 0x0;
export const CLOCK_REALTIME_ALARM = 0x8;
export const CLONE_FILES = 0x400;
export const CLONE_FS = 0x200;
export const CLONE_NEWNET = 0x40000000;
export const CLONE_NEWNS = 0x20000;
export const CLONE_NEWPID = 0x20000000;
export const CLONE_PARENT = 0x8000;
export const CLONE_SIGHAND = 0x800;
export const CLONE_SYSVSEM = 0x40000;
export const CLONE_THREAD = 0x10000;
export const CLONE_VFORK = 0x4000;
export const CLONE_VM = 0x100;
export const CLOSE_RANGE_UNSHARE = 0x2;
export const CTA_EXPECT_HELP_NAME = 0x6;
export const CTA_IP_V4_DST = 0x2;
export const CTA_IP_V4_SRC = 0x1;
export const CTA_IP_V6_DST = 0x4;
export const CTA_IP_V6_SRC = 0x3;
export const CTA_NAT_DST = 0xd;
export const CTA_NAT_PROTO = 0x3;
export const CTA_NAT_SRC = 0x6;
export const CTA_NAT_V4_MAXIP = 0x2;
export const CTA_NAT_V4_MINIP = 0x1;
export const CTA_NAT_V6_MAXIP = 0x5;
export const CTA_NAT_V6_MINIP = 0x4;
export const CTA_PROTOINFO = 0x4;
export const CTA_PROTOINFO_TCP = 0x1;
export const CTA_PROTOINFO_TCP_FLAGS_ORIGINAL = 0x4;
export const CTA_PROTOINFO_TCP_FLAGS_REPLY = 0x5;
export const CTA_PROTONAT_PORT_MAX = 0x2;
export const CTA_PROTONAT_PORT_MIN = 0x1;
export const CTA_PROTO_DST_PORT = 0x3;
export const CTA_PROTO_SRC_PORT = 0x2;
export const CTA_STATS_GLOBAL_ENTRIES = 0x1;
export const CTA_TUPLE_IP = 0x1;
export const CTA_TUPLE_ORIG = 0x1;
export const CTA_TUPLE_PROTO = 0x2;
export const CTA_TUPLE_REPLY = 0x2;
export const CTRL_ATTR_FAMILY_ID = 0x1;
export const CTRL_ATTR_FAMILY_NAME = 0x2;
export const CTRL_CMD_GETFAMILY = 0x3;
export const DEVCONF_DISABLE_IPV6 = 0x1a;
export const DT_NULL = 0x0;
export const DT_STRSZ = 0xa;
export const DT_STRTAB = 0x5;
export const DT_SYMTAB = 0x6;
export const EACCES = 0xd;
export const EADDRINUSE = 0x62;
export const EADDRNOTAVAIL = 0x63;
export const EAGAIN = 0xb;
export const EBADF = 0x9;
export const EBADFD = 0x4d;
export const EBADMSG = 0x4a;
export const EBADRQC = 0x38;
export const ECANCELED = 0x7d;
export const ECHILD = 0xa;
export const ECONNREFUSED = 0x6f;
export const ECONNRESET = 0x68;
export const EEXIST = 0x11;
export const EFAULT = 0xe;
export const EFD_SEMAPHORE = 0x1;
export const EHOSTUNREACH = 0x71;
export const EINPROGRESS = 0x73;
export const EINTR = 0x4;
export const EINVAL = 0x16;
export const EIO = 0x5;
export const EISDIR = 0x15;
export const EI_CLASS = 0x4;
export const EI_DATA = 0x5;
export const ELFCLASS64 = 0x2;
export const ELFDATA2LSB = 0x1;
export const ELOOP = 0x28;
export const EMFILE = 0x18;
export const EMSGSIZE = 0x5a;
export const ENETUNREACH = 0x65;
export const ENODATA = 0x3d;
export const ENODEV = 0x13;
export const ENOENT = 0x2;
export const ENOMEM = 0xc;
export const ENOPROTOOPT = 0x5c;
export const ENOSYS = 0x26;
export const ENOTCONN = 0x6b;
export const ENOTDIR = 0x14;
export const ENOTTY = 0x19;
export const ENXIO = 0x6;
export const EOPNOTSUPP = 0x5f;
export const EPERM = 0x1;
export const EPOLLIN = 0x1;
export const EPOLLOUT = 0x4;
export const EPIOCGPARAMS = 0x80088a02;
export const EPIOCSPARAMS = 0x40088a01;
export const EPOLL_CTL_ADD = 0x1;
export const EPROTONOSUPPORT = 0x5d;
export const ERANGE = 0x22;
export const ESRCH = 0x3;
export const ESTALE = 0x74;
export const ETHTOOL_A_BITSET_BITS = 0x3;
export const ETHTOOL_A_BITSET_BITS_BIT = 0x1;
export const ETHTOOL_A_BITSET_BIT_NAME = 0x2;
export const ETHTOOL_A_BITSET_BIT_VALUE = 0x3;
export const ETHTOOL_A_FEATURES_HEADER = 0x1;
export const ETHTOOL_A_FEATURES_HW = 0x2;
export const ETHTOOL_A_FEATURES_WANTED = 0x3;
export const ETHTOOL_A_HEADER_DEV_INDEX = 0x1;
export const ETHTOOL_A_HEADER_FLAGS = 0x3;
export const ETHTOOL_FLAG_COMPACT_BITSETS = 0x1;
export const ETHTOOL_MSG_FEATURES_GET = 0xb;
export const ETHTOOL_MSG_FEATURES_SET = 0xc;
export const ETH_P_8021AD = 0x88a8;
export const ETH_P_8021Q = 0x8100;
export const ETIMEDOUT = 0x6e;
export const ET_DYN = 0x3;
export const EWOULDBLOCK = 0xb;
export const EXDEV = 0x12;
export const EXTPROC = 0x10000;
export const FALLOC_FL_KEEP_SIZE = 0x1;
export const FALLOC_FL_PUNCH_HOLE = 0x2;
export const FAN_MARK_ADD = 0x1;
export const FAN_MARK_IGNORED_MASK = 0x20;
export const FAN_MARK_MOUNT = 0x10;
export const FAN_NONBLOCK = 0x2;
export const FAN_REPORT_FID = 0x200;
export const FASYNC = 0x2000;
export const FD_CLOEXEC = 0x1;
export const FIEMAP_EXTENT_LAST = 0x1;
export const FIEMAP_FLAG_SYNC = 0x1;
export const FIONREAD = 0x541b;
export const FRA_PRIORITY = 0x6;
export const FRA_TABLE = 0xf;
export const FSCONFIG_CMD_CREATE = 0x6;
export const FSCONFIG_CMD_RECONFIGURE = 0x7;
export const FSCONFIG_SET_FLAG = 0x0;
export const FSCONFIG_SET_STRING = 0x1;
export const FSMOUNT_CLOEXEC = 0x1;
export const FSOPEN_CLOEXEC = 0x1;
export const FSPICK_CLOEXEC = 0x1;
export const FSPICK_EMPTY_PATH = 0x8;
export const FS_IOC_FIEMAP = 0xc020660b;
export const FS_IOC_GETFLAGS = 0x80086601;
export const FS_IOC_SETFLAGS = 0x40086602;
export const FUTEX_CLOCK_REALTIME = 0x100;
export const FUTEX_PRIVATE_FLAG = 0x80;
export const FUTEX_WAIT = 0x0;
export const FUTEX_WAIT_BITSET = 0x9;
export const F_ADD_SEALS = 0x409;
export const F_DUPFD = 0x0;
export const F_DUPFD_CLOEXEC = 0x406;
export const F_GETFD = 0x1;
export const F_GETFL = 0x3;
export const F_GETLEASE = 0x401;
export const F_GETOWNER_UIDS = 0x11;
export const F_GETOWN_EX = 0x10;
export const F_GETPIPE_SZ = 0x408;
export const F_GETSIG = 0xb;
export const F_GET_SEALS = 0x40a;
export const F_OFD_SETLK = 0x25;
export const F_OWNER_PID = 0x1;
export const F_RDLCK = 0x0;
export const F_SEAL_SEAL = 0x1;
export const F_SEAL_WRITE = 0x8;
export const F_SETFD = 0x2;
export const F_SETFL = 0x4;
export const F_SETLEASE = 0x400;
export const F_SETLK = 0x6;
export const F_SETOWN_EX = 0xf;
export const F_SETPIPE_SZ = 0x407;
export const F_SETSIG = 0xa;
export const F_UNLCK = 0x2;
export const F_WRLCK = 0x1;
export const GENL_ID_CTRL = 0x10;
export const GETALL = 0xd;
export const HUGETLBFS_MAGIC = 0x958458f6;
export const ICANON = 0x2;
export const ICMPV6_FILTER = 0x1;
export const ICMP_FILTER = 0x1;
export const IEXTEN = 0x8000;
export const IFA_ADDRESS = 0x1;
export const IFA_FLAGS = 0x8;
export const IFA_F_DADFAILED = 0x8;
export const IFA_F_NODAD = 0x2;
export const IFA_F_NOPREFIXROUTE = 0x200;
export const IFA_F_TENTATIVE = 0x40;
export const IFA_LOCAL = 0x2;
export const IFA_RT_PRIORITY = 0x9;
export const IFF_DETACH_QUEUE = 0x400;
export const IFF_DORMANT = 0x20000;
export const IFF_LOOPBACK = 0x8;
export const IFF_LOWER_UP = 0x10000;
export const IFF_MULTI_QUEUE = 0x100;
export const IFF_NO_PI = 0x1000;
export const IFF_PERSIST = 0x800;
export const IFF_RUNNING = 0x40;
export const IFF_SLAVE = 0x800;
export const IFF_TAP = 0x2;
export const IFF_TUN = 0x1;
export const IFF_UP = 0x1;
export const IFF_VNET_HDR = 0x4000;
export const IFLA_ADDRESS = 0x1;
export const IFLA_AF_SPEC = 0x1a;
export const IFLA_ALT_IFNAME = 0x35;
export const IFLA_BRPORT_STATE = 0x1;
export const IFLA_GROUP = 0x1b;
export const IFLA_IFALIAS = 0x14;
export const IFLA_IFNAME = 0x3;
export const IFLA_INET6_ADDR_GEN_MODE = 0x8;
export const IFLA_INET6_CONF = 0x2;
export const IFLA_INET6_FLAGS = 0x1;
export const IFLA_INET6_TOKEN = 0x7;
export const IFLA_INET_CONF = 0x1;
export const IFLA_INFO_DATA = 0x2;
export const IFLA_INFO_KIND = 0x1;
export const IFLA_INFO_SLAVE_DATA = 0x5;
export const IFLA_INFO_SLAVE_KIND = 0x4;
export const IFLA_IPTUN_6RD_PREFIX = 0xb;
export const IFLA_IPTUN_6RD_PREFIXLEN = 0xd;
export const IFLA_IPTUN_6RD_RELAY_PREFIX = 0xc;
export const IFLA_IPTUN_6RD_RELAY_PREFIXLEN = 0xe;
export const IFLA_IPTUN_ENCAP_DPORT = 0x12;
export const IFLA_IPTUN_ENCAP_FLAGS = 0x10;
export const IFLA_IPTUN_ENCAP_SPORT = 0x11;
export const IFLA_IPTUN_ENCAP_TYPE = 0xf;
export const IFLA_IPTUN_FLAGS = 0x8;
export const IFLA_IPTUN_LINK = 0x1;
export const IFLA_IPTUN_LOCAL = 0x2;
export const IFLA_IPTUN_PMTUDISC = 0xa;
export const IFLA_IPTUN_PROTO = 0x9;
export const IFLA_IPTUN_REMOTE = 0x3;
export const IFLA_IPTUN_TOS = 0x5;
export const IFLA_IPTUN_TTL = 0x4;
export const IFLA_LINK = 0x5;
export const IFLA_LINKINFO = 0x12;
export const IFLA_LINK_NETNSID = 0x25;
export const IFLA_MACVLAN_FLAGS = 0x2;
export const IFLA_MACVLAN_MODE = 0x1;
export const IFLA_MASTER = 0xa;
export const IFLA_MTU = 0x4;
export const IFLA_NET_NS_FD = 0x1c;
export const IFLA_NEW_IFINDEX = 0x31;
export const IFLA_PROP_LIST = 0x34;
export const IFLA_QDISC = 0x6;
export const IFLA_TARGET_NETNSID = 0x2e;
export const IFLA_TUN_GROUP = 0x2;
export const IFLA_TUN_MULTI_QUEUE = 0x7;
export const IFLA_TUN_OWNER = 0x1;
export const IFLA_TUN_PERSIST = 0x6;
export const IFLA_TUN_PI = 0x4;
export const IFLA_TUN_TYPE = 0x3;
export const IFLA_TUN_VNET_HDR = 0x5;
export const IFLA_TXQLEN = 0xd;
export const IFLA_VLAN_FLAGS = 0x2;
export const IFLA_VXLAN_TTL_INHERIT = 0x1c;
export const IFLA_XDP = 0x2b;
export const IFLA_XDP_ATTACHED = 0x2;
export const IFNAMSIZ = 0x10;
export const IN6_ADDR_GEN_MODE_NONE = 0x1;
export const INET_DIAG_INFO = 0x2;
export const INET_DIAG_MD5SIG = 0x12;
export const INET_DIAG_NOCOOKIE = 0xffffffff;
export const INET_DIAG_SHUTDOWN = 0x8;
export const INOTIFY_IOC_SETNEXTWD = 0x40044900;
export const INT_MAX = 0x7fffffff;
export const IN_ACCESS = 0x1;
export const IN_ALL_EVENTS = 0xfff;
export const IN_ATTRIB = 0x4;
export const IN_CLOEXEC = 0x80000;
export const IN_CLOSE_NOWRITE = 0x10;
export const IN_CREATE = 0x100;
export const IN_EXCL_UNLINK = 0x4000000;
export const IN_NONBLOCK = 0x800;
export const IN_ONESHOT = 0x80000000;
export const IN_OPEN = 0x20;
export const IOCB_CMD_PWRITE = 0x1;
export const IOPRIO_CLASS_SHIFT = 0xd;
export const IOPRIO_WHO_PROCESS = 0x1;
export const IOV_MAX = 0x400;
export const IPCTNL_MSG_CT_GET = 0x1;
export const IPCTNL_MSG_CT_GET_STATS = 0x5;
export const IPC_CREAT = 0x200;
export const IPC_EXCL = 0x400;
export const IPC_NOWAIT = 0x800;
export const IPC_RMID = 0x0;
export const IPC_SET = 0x1;
export const IPPROTO_AH = 0x33;
export const IPPROTO_COMP = 0x6c;
export const IPPROTO_ESP = 0x32;
export const IPPROTO_ICMP = 0x1;
export const IPPROTO_ICMPV6 = 0x3a;
export const IPPROTO_IPIP = 0x4;
export const IPPROTO_IPV6 = 0x29;
export const IPPROTO_MPTCP = 0x106;
export const IPPROTO_RAW = 0xff;
export const IPPROTO_TCP = 0x6;
export const IPPROTO_UDP = 0x11;
export const IPPROTO_UDPLITE = 0x88;
export const IPSET_ATTR_ADT = 0x8;
export const IPSET_ATTR_DATA = 0x7;
export const IPSET_ATTR_ELEMENTS = 0x18;
export const IPSET_ATTR_FAMILY = 0x5;
export const IPSET_ATTR_INITVAL = 0x11;
export const IPSET_ATTR_LINENO = 0x9;
export const IPSET_ATTR_MARKMASK = 0xb;
export const IPSET_ATTR_MEMSIZE = 0x1a;
export const IPSET_ATTR_PROTOCOL = 0x1;
export const IPSET_ATTR_REFERENCES = 0x19;
export const IPSET_ATTR_REVISION = 0x4;
export const IPSET_ATTR_SETNAME = 0x2;
export const IPSET_ATTR_TYPENAME = 0x3;
export const IPSET_CMD_ADD = 0x9;
export const IPSET_CMD_CREATE = 0x2;
export const IPSET_CMD_LIST = 0x7;
export const IPV6_2292DSTOPTS = 0x4;
export const IPV6_2292HOPLIMIT = 0x8;
export const IPV6_2292HOPOPTS = 0x3;
export const IPV6_2292PKTINFO = 0x2;
export const IPV6_2292PKTOPTIONS = 0x6;
export const IPV6_2292RTHDR = 0x5;
export const IPV6_ADDR_PREFERENCES = 0x48;
export const IPV6_AUTOFLOWLABEL = 0x46;
export const IPV6_CHECKSUM = 0x7;
export const IPV6_DONTFRAG = 0x3e;
export const IPV6_DSTOPTS = 0x3b;
export const IPV6_FLOWINFO = 0xb;
export const IPV6_FLOWINFO_SEND = 0x21;
export const IPV6_FREEBIND = 0x4e;
export const IPV6_HDRINCL = 0x24;
export const IPV6_HOPLIMIT = 0x34;
export const IPV6_HOPOPTS = 0x36;
export const IPV6_MINHOPCOUNT = 0x49;
export const IPV6_MTU_DISCOVER = 0x17;
export const IPV6_MULTICAST_ALL = 0x1d;
export const IPV6_MULTICAST_HOPS = 0x12;
export const IPV6_MULTICAST_IF = 0x11;
export const IPV6_MULTICAST_LOOP = 0x13;
export const IPV6_ORIGDSTADDR = 0x4a;
export const IPV6_PKTINFO = 0x32;
export const IPV6_RECVDSTOPTS = 0x3a;
export const IPV6_RECVERR = 0x19;
export const IPV6_RECVERR_RFC4884 = 0x1f;
export const IPV6_RECVFRAGSIZE = 0x4d;
export const IPV6_RECVHOPLIMIT = 0x33;
export const IPV6_RECVHOPOPTS = 0x35;
export const IPV6_RECVORIGDSTADDR = 0x4a;
export const IPV6_RECVPATHMTU = 0x3c;
export const IPV6_RECVPKTINFO = 0x31;
export const IPV6_RECVRTHDR = 0x38;
export const IPV6_RECVTCLASS = 0x42;
export const IPV6_ROUTER_ALERT_ISOLATE = 0x1e;
export const IPV6_RTHDR = 0x39;
export const IPV6_RTHDRDSTOPTS = 0x37;
export const IPV6_TCLASS = 0x43;
export const IPV6_TRANSPARENT = 0x4b;
export const IPV6_UNICAST_HOPS = 0x10;
export const IPV6_UNICAST_IF = 0x4c;
export const IPV6_V6ONLY = 0x1a;
export const IP_BIND_ADDRESS_NO_PORT = 0x18;
export const IP_CHECKSUM = 0x17;
export const IP_CT_TCP_FLAG_BE_LIBERAL = 0x8;
export const IP_FREEBIND = 0xf;
export const IP_HDRINCL = 0x3;
export const IP_LOCAL_PORT_RANGE = 0x33;
export const IP_MINTTL = 0x15;
export const IP_MTU_DISCOVER = 0xa;
export const IP_MULTICAST_ALL = 0x31;
export const IP_MULTICAST_IF = 0x20;
export const IP_MULTICAST_LOOP = 0x22;
export const IP_MULTICAST_TTL = 0x21;
export const IP_NODEFRAG = 0x16;
export const IP_OPTIONS = 0x4;
export const IP_ORIGDSTADDR = 0x14;
export const IP_PASSSEC = 0x12;
export const IP_PKTINFO = 0x8;
export const IP_RECVERR = 0xb;
export const IP_RECVERR_RFC4884 = 0x1a;
export const IP_RECVFRAGSIZE = 0x19;
export const IP_RECVOPTS = 0x6;
export const IP_RECVORIGDSTADDR = 0x14;
export const IP_RECVTOS = 0xd;
export const IP_RECVTTL = 0xc;
export const IP_RETOPTS = 0x7;
export const IP_TOS = 0x1;
export const IP_TRANSPARENT = 0x13;
export const IP_TTL = 0x2;
export const IP_UNICAST_IF = 0x32;
export const ITIMER_PROF = 0x2;
export const ITIMER_REAL = 0x0;
export const ITIMER_VIRTUAL = 0x1;
export const IXON = 0x400;
export const KCMP_EPOLL_TFD = 0x7;
export const KCMP_FILES = 0x2;
export const KCMP_FS = 0x3;
export const KCMP_SIGHAND = 0x4;
export const KCMP_SYSVSEM = 0x6;
export const KCMP_VM = 0x1;
export const KEYCTL_GET_KEYRING_ID = 0x0;
export const KEY_SPEC_PROCESS_KEYRING = -2;
export const KEY_SPEC_THREAD_KEYRING = -1;
export const LOCK_EX = 0x2;
export const LOCK_MAND = 0x20;
export const LOCK_NB = 0x4;
export const LOCK_SH = 0x1;
export const LOCK_UN = 0x8;
export const MADV_DONTDUMP = 0x10;
export const MADV_DONTFORK = 0xa;
export const MADV_DONTNEED = 0x4;
export const MADV_GUARD_INSTALL = 0x66;
export const MADV_MERGEABLE = 0xc;
export const MADV_NOHUGEPAGE = 0xf;
export const MADV_WIPEONFORK = 0x12;
export const MAP_ANONYMOUS = 0x20;
export const MAP_DROPPABLE = 0x8;
export const MAP_FIXED = 0x10;
export const MAP_FIXED_NOREPLACE = 0x100000;
export const MAP_GROWSDOWN = 0x100;
export const MAP_HUGETLB = 0x40000;
export const MAP_LOCKED = 0x2000;
export const MAP_NORESERVE = 0x4000;
export const MAP_PRIVATE = 0x2;
export const MAP_SHARED = 0x1;
export const MCAST_INCLUDE = 0x1;
export const MCAST_JOIN_GROUP = 0x2a;
export const MCAST_MSFILTER = 0x30;
export const MCL_FUTURE = 0x2;
export const MCL_ONFAULT = 0x4;
export const MDBA_MDB = 0x1;
export const MDBA_MDB_ENTRY = 0x1;
export const MDBA_MDB_ENTRY_INFO = 0x1;
export const MDBA_SET_ENTRY = 0x1;
export const MDB_PERMANENT = 0x1;
export const MEMBARRIER_CMD_GET_REGISTRATIONS = 0x200;
export const MFD_ALLOW_SEALING = 0x2;
export const MFD_CLOEXEC = 0x1;
export const MFD_HUGETLB = 0x4;
export const MLOCK_ONFAULT = 0x1;
export const MNT_DETACH = 0x2;
export const MOUNT_ATTR_IDMAP = 0x100000;
export const MOUNT_ATTR_NOATIME = 0x10;
export const MOUNT_ATTR_NODEV = 0x4;
export const MOUNT_ATTR_NODIRATIME = 0x80;
export const MOUNT_ATTR_NOEXEC = 0x8;
export const MOUNT_ATTR_NOSUID = 0x2;
export const MOUNT_ATTR_NOSYMFOLLOW = 0x200000;
export const MOUNT_ATTR_RDONLY = 0x1;
export const MOUNT_ATTR_STRICTATIME = 0x20;
export const MOUNT_ATTR__ATIME = 0x70;
export const MOVE_MOUNT_F_EMPTY_PATH = 0x4;
export const MOVE_MOUNT_SET_GROUP = 0x100;
export const MOVE_MOUNT_T_EMPTY_PATH = 0x40;
export const MPOL_DEFAULT = 0x0;
export const MPOL_F_ADDR = 0x2;
export const MPOL_MF_MOVE = 0x2;
export const MPTCP_PM_ADDR_ATTR_FLAGS = 0x6;
export const MPTCP_PM_ADDR_FLAG_IMPLICIT = 0x10;
export const MPTCP_PM_ATTR_ADDR = 0x1;
export const MPTCP_PM_ATTR_RCV_ADD_ADDRS = 0x2;
export const MPTCP_PM_ATTR_SUBFLOWS = 0x3;
export const MPTCP_PM_CMD_ADD_ADDR = 0x1;
export const MPTCP_PM_CMD_GET_ADDR = 0x3;
export const MPTCP_PM_CMD_GET_LIMITS = 0x6;
export const MPTCP_PM_CMD_SET_LIMITS = 0x5;
export const MREMAP_FIXED = 0x2;
export const MREMAP_MAYMOVE = 0x1;
export const MSG_CMSG_CLOEXEC = 0x40000000;
export const MSG_COPY = 0x4000;
export const MSG_CTRUNC = 0x8;
export const MSG_DONTWAIT = 0x40;
export const MSG_INFO = 0xc;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_MORE = 0x8000;
export const MSG_OOB = 0x1;
export const MSG_PEEK = 0x2;
export const MSG_STAT = 0xb;
export const MSG_TRUNC = 0x20;
export const MSG_WAITALL = 0x100;
export const MS_DIRSYNC = 0x80;
export const MS_LAZYTIME = 0x2000000;
export const MS_MANDLOCK = 0x40;
export const MS_NOATIME = 0x400;
export const MS_NODEV = 0x4;
export const MS_NODIRATIME = 0x800;
export const MS_NOEXEC = 0x8;
export const MS_NOSUID = 0x2;
export const MS_NOSYMFOLLOW = 0x100;
export const MS_PRIVATE = 0x40000;
export const MS_RDONLY = 0x1;
export const MS_REC = 0x4000;
export const MS_RELATIME = 0x200000;
export const MS_SHARED = 0x100000;
export const MS_SLAVE = 0x80000;
export const MS_STRICTATIME = 0x1000000;
export const MS_SYNCHRONOUS = 0x10;
export const MS_UNBINDABLE = 0x20000;
export const NDA_CACHEINFO = 0x3;
export const NDA_DST = 0x1;
export const NDA_LLADDR = 0x2;
export const NDA_PROBES = 0x4;
export const NDIAG_PROTO_ALL = 0xff;
export const NDTA_PARMS = 0x6;
export const NDTPA_IFINDEX = 0x1;
export const NDTPA_REACHABLE_TIME = 0x3;
export const NDTPA_REFCNT = 0x2;
export const NETLINK_ADD_MEMBERSHIP = 0x1;
export const NETLINK_BROADCAST_ERROR = 0x4;
export const NETLINK_CAP_ACK = 0xa;
export const NETLINK_EXT_ACK = 0xb;
export const NETLINK_GENERIC = 0x10;
export const NETLINK_GET_STRICT_CHK = 0xc;
export const NETLINK_LISTEN_ALL_NSID = 0x8;
export const NETLINK_LIST_MEMBERSHIPS = 0x9;
export const NETLINK_NETFILTER = 0xc;
export const NETLINK_NO_ENOBUFS = 0x5;
export const NETLINK_PKTINFO = 0x3;
export const NETLINK_ROUTE = 0x0;
export const NETLINK_SOCK_DIAG = 0x4;
export const NETLINK_XFRM = 0x6;
export const NETNSA_FD = 0x3;
export const NETNSA_NSID = 0x1;
export const NETNSA_PID = 0x2;
export const NFNL_BATCH_GENID = 0x1;
export const NFNL_MSG_BATCH_BEGIN = 0x10;
export const NFNL_MSG_BATCH_END = 0x11;
export const NFNL_SUBSYS_CTNETLINK = 0x1;
export const NFNL_SUBSYS_CTNETLINK_EXP = 0x2;
export const NFNL_SUBSYS_IPSET = 0x6;
export const NFNL_SUBSYS_NFTABLES = 0xa;
export const NFPROTO_INET = 0x1;
export const NFPROTO_IPV4 = 0x2;
export const NFPROTO_IPV6 = 0xa;
export const NFPROTO_UNSPEC = 0x0;
export const NFTA_CHAIN_HOOK = 0x4;
export const NFTA_CHAIN_NAME = 0x3;
export const NFTA_CHAIN_POLICY = 0x5;
export const NFTA_CHAIN_TABLE = 0x1;
export const NFTA_CHAIN_TYPE = 0x7;
export const NFTA_DATA_VALUE = 0x1;
export const NFTA_DATA_VERDICT = 0x2;
export const NFTA_EXPR_DATA = 0x2;
export const NFTA_EXPR_NAME = 0x1;
export const NFTA_GEN_ID = 0x1;
export const NFTA_HOOK_HOOKNUM = 0x1;
export const NFTA_HOOK_PRIORITY = 0x2;
export const NFTA_LIST_ELEM = 0x1;
export const NFTA_RULE_CHAIN = 0x2;
export const NFTA_RULE_EXPRESSIONS = 0x4;
export const NFTA_RULE_TABLE = 0x1;
export const NFTA_SET_ELEM_KEY = 0x1;
export const NFTA_SET_ELEM_LIST_ELEMENTS = 0x3;
export const NFTA_SET_ELEM_LIST_SET = 0x2;
export const NFTA_SET_ELEM_LIST_TABLE = 0x1;
export const NFTA_SET_FLAGS = 0x3;
export const NFTA_SET_ID = 0xa;
export const NFTA_SET_KEY_LEN = 0x5;
export const NFTA_SET_KEY_TYPE = 0x4;
export const NFTA_SET_NAME = 0x2;
export const NFTA_SET_TABLE = 0x1;
export const NFTA_TABLE_FLAGS = 0x2;
export const NFTA_TABLE_NAME = 0x1;
export const NFTA_VERDICT_CODE = 0x1;
export const NFT_CMP_EQ = 0x0;
export const NFT_META_L4PROTO = 0x10;
export const NFT_META_MARK = 0x3;
export const NFT_META_NFPROTO = 0xf;
export const NFT_MSG_DELRULE = 0x8;
export const NFT_MSG_DELSETELEM = 0xe;
export const NFT_MSG_DELTABLE = 0x2;
export const NFT_MSG_GETGEN = 0x10;
export const NFT_MSG_GETSETELEM = 0xd;
export const NFT_MSG_GETTABLE = 0x1;
export const NFT_MSG_NEWCHAIN = 0x3;
export const NFT_MSG_NEWRULE = 0x6;
export const NFT_MSG_NEWSET = 0x9;
export const NFT_MSG_NEWSETELEM = 0xc;
export const NFT_MSG_NEWTABLE = 0x0;
export const NFT_PAYLOAD_NETWORK_HEADER = 0x1;
export const NFT_PAYLOAD_TRANSPORT_HEADER = 0x2;
export const NFT_REG32_00 = 0x8;
export const NFT_REG_VERDICT = 0x0;
export const NF_ACCEPT = 0x1;
export const NF_DROP = 0x0;
export const NF_INET_LOCAL_IN = 0x1;
export const NF_INET_LOCAL_OUT = 0x3;
export const NHA_GROUP = 0x2;
export const NLA_F_NESTED = 0x8000;
export const NLA_F_NET_BYTEORDER = 0x4000;
export const NLA_TYPE_MASK = -49153;
export const NLMSGERR_ATTR_MISS_NEST = 0x6;
export const NLMSGERR_ATTR_MISS_TYPE = 0x5;
export const NLMSGERR_ATTR_MSG = 0x1;
export const NLMSGERR_ATTR_OFFS = 0x2;
export const NLMSG_DONE = 0x3;
export const NLMSG_ERROR = 0x2;
export const NLMSG_NOOP = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_ACK_TLVS = 0x200;
export const NLM_F_APPEND = 0x800;
export const NLM_F_CAPPED = 0x100;
export const NLM_F_CREATE = 0x400;
export const NLM_F_DUMP = 0x300;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_EXCL = 0x200;
export const NLM_F_MULTI = 0x2;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_REQUEST = 0x1;
export const NS_GET_NSTYPE = 0xb703;
export const NS_GET_USERNS = 0xb701;
export const NTF_PROXY = 0x8;
export const NTF_SELF = 0x2;
export const NT_GNU_BUILD_ID = 0x3;
export const NUD_NOARP = 0x40;
export const NUD_PERMANENT = 0x80;
export const OPEN_TREE_CLONE = 0x1;
export const O_ACCMODE = 0x3;
export const O_APPEND = 0x400;
export const O_CLOEXEC = 0x80000;
export const O_CREAT = 0x40;
export const O_DIRECT = 0x4000;
export const O_DIRECTORY = 0x10000;
export const O_EXCL = 0x80;
export const O_NOCTTY = 0x100;
export const O_NOFOLLOW = 0x20000;
export const O_NONBLOCK = 0x800;
export const O_PATH = 0x200000;
export const O_RDONLY = 0x0;
export const O_RDWR = 0x2;
export const O_TMPFILE = 0x410000;
export const O_TRUNC = 0x200;
export const O_WRONLY = 0x1;
export const PACKET_ADD_MEMBERSHIP = 0x1;
export const PACKET_AUXDATA = 0x8;
export const PACKET_COPY_THRESH = 0x7;
export const PACKET_DIAG_FANOUT = 0x4;
export const PACKET_DIAG_INFO = 0x0;
export const PACKET_DIAG_MCLIST = 0x1;
export const PACKET_DIAG_RX_RING = 0x2;
export const PACKET_DIAG_TX_RING = 0x3;
export const PACKET_FANOUT = 0x12;
export const PACKET_IGNORE_OUTGOING = 0x17;
export const PACKET_LOSS = 0xe;
export const PACKET_ORIGDEV = 0x9;
export const PACKET_QDISC_BYPASS = 0x14;
export const PACKET_RESERVE = 0xc;
export const PACKET_RX_RING = 0x5;
export const PACKET_SHOW_FANOUT = 0x8;
export const PACKET_SHOW_INFO = 0x1;
export const PACKET_SHOW_MCLIST = 0x2;
export const PACKET_SHOW_RING_CFG = 0x4;
export const PACKET_TIMESTAMP = 0x11;
export const PACKET_TX_HAS_OFF = 0x13;
export const PACKET_TX_RING = 0xd;
export const PACKET_VERSION = 0xa;
export const PACKET_VNET_HDR = 0xf;
export const PACKET_VNET_HDR_SZ = 0x18;
export const PAGEMAP_SCAN = 0xc0606610;
export const PAGE_IS_GUARD = 0x100;
export const PAGE_IS_PRESENT = 0x8;
export const PDI_AUXDATA = 0x2;
export const PDI_LOSS = 0x10;
export const PDI_ORIGDEV = 0x4;
export const PDI_VNETHDR = 0x8;
export const PF_X = 0x1;
export const PIDFD_THREAD = 0x80;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;
export const POLLIN = 0x1;
export const POLLOUT = 0x4;
export const POLLPRI = 0x2;
export const POLLRDHUP = 0x2000;
export const POSIX_FADV_WILLNEED = 0x3;
export const PRIO_PROCESS = 0x0;
export const PROT_EXEC = 0x4;
export const PROT_READ = 0x1;
export const PROT_WRITE = 0x2;
export const PR_CAPBSET_DROP = 0x18;
export const PR_CAP_AMBIENT = 0x2f;
export const PR_CAP_AMBIENT_CLEAR_ALL = 0x4;
export const PR_CAP_AMBIENT_RAISE = 0x2;
export const PR_GET_CHILD_SUBREAPER = 0x25;
export const PR_GET_DUMPABLE = 0x3;
export const PR_GET_IO_FLUSHER = 0x3a;
export const PR_GET_MDWE = 0x42;
export const PR_GET_MEMORY_MERGE = 0x44;
export const PR_GET_PDEATHSIG = 0x2;
export const PR_GET_SECUREBITS = 0x1b;
export const PR_GET_SPECULATION_CTRL = 0x34;
export const PR_GET_THP_DISABLE = 0x2a;
export const PR_GET_TID_ADDRESS = 0x28;
export const PR_GET_TIMERSLACK = 0x1e;
export const PR_GET_TSC = 0x19;
export const PR_MCE_KILL = 0x21;
export const PR_MCE_KILL_DEFAULT = 0x2;
export const PR_MCE_KILL_GET = 0x22;
export const PR_MCE_KILL_SET = 0x1;
export const PR_SCHED_CORE = 0x3e;
export const PR_SCHED_CORE_GET = 0x0;
export const PR_SET_CHILD_SUBREAPER = 0x24;
export const PR_SET_DUMPABLE = 0x4;
export const PR_SET_IO_FLUSHER = 0x39;
export const PR_SET_MDWE = 0x41;
export const PR_SET_MEMORY_MERGE = 0x43;
export const PR_SET_MM = 0x23;
export const PR_SET_MM_MAP = 0xe;
export const PR_SET_MM_MAP_SIZE = 0xf;
export const PR_SET_NAME = 0xf;
export const PR_SET_NO_NEW_PRIVS = 0x26;
export const PR_SET_PDEATHSIG = 0x1;
export const PR_SET_SECCOMP = 0x16;
export const PR_SET_SECUREBITS = 0x1c;
export const PR_SET_SPECULATION_CTRL = 0x35;
export const PR_SET_THP_DISABLE = 0x29;
export const PR_SET_TIMERSLACK = 0x1d;
export const PR_SET_TSC = 0x1a;
export const PR_SET_VMA = 0x53564d41;
export const PR_SET_VMA_ANON_NAME = 0x0;
export const PR_SPEC_DISABLE = 0x4;
export const PR_SPEC_ENABLE = 0x2;
export const PR_SPEC_FORCE_DISABLE = 0x8;
export const PR_SPEC_INDIRECT_BRANCH = 0x1;
export const PR_SPEC_L1D_FLUSH = 0x2;
export const PR_SPEC_PRCTL = 0x1;
export const PR_SPEC_STORE_BYPASS = 0x0;
export const PR_TIMER_CREATE_RESTORE_IDS = 0x4d;
export const PR_TSC_SIGSEGV = 0x2;
export const PTRACE_CONT = 0x7;
export const PTRACE_DETACH = 0x11;
export const PTRACE_EVENT_STOP = 0x80;
export const PTRACE_GETREGSET = 0x4204;
export const PTRACE_GETSIGMASK = 0x420a;
export const PTRACE_GET_RSEQ_CONFIGURATION = 0x420f;
export const PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG = 0x4211;
export const PTRACE_INTERRUPT = 0x4207;
export const PTRACE_KILL = 0x8;
export const PTRACE_O_EXITKILL = 0x100000;
export const PTRACE_O_SUSPEND_SECCOMP = 0x200000;
export const PTRACE_O_TRACECLONE = 0x8;
export const PTRACE_O_TRACEEXEC = 0x10;
export const PTRACE_O_TRACESYSGOOD = 0x1;
export const PTRACE_PEEKDATA = 0x2;
export const PTRACE_PEEKSIGINFO = 0x4209;
export const PTRACE_PEEKSIGINFO_SHARED = 0x1;
export const PTRACE_POKEDATA = 0x5;
export const PTRACE_POKEUSER = 0x6;
export const PTRACE_SECCOMP_GET_FILTER = 0x420c;
export const PTRACE_SECCOMP_GET_METADATA = 0x420d;
export const PTRACE_SEIZE = 0x4206;
export const PTRACE_SETOPTIONS = 0x4200;
export const PTRACE_SETREGSET = 0x4205;
export const PTRACE_SETSIGMASK = 0x420b;
export const PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG = 0x4210;
export const PT_DYNAMIC = 0x2;
export const PT_LOAD = 0x1;
export const PT_NOTE = 0x4;
export const P_ALL = 0x0;
export const P_PID = 0x1;
export const RENAME_NOREPLACE = 0x1;
export const RESOLVE_BENEATH = 0x8;
export const RESOLVE_IN_ROOT = 0x10;
export const RESOLVE_NO_MAGICLINKS = 0x2;
export const RESOLVE_NO_SYMLINKS = 0x4;
export const RESOLVE_NO_XDEV = 0x1;
export const RLIMIT_CORE = 0x4;
export const RLIMIT_MSGQUEUE = 0xc;
export const RLIMIT_NOFILE = 0x7;
export const RLIMIT_SIGPENDING = 0xb;
export const RSEQ_CS_FLAG_NO_RESTART_ON_SIGNAL = 0x2;
export const RTA_CACHEINFO = 0xc;
export const RTA_DST = 0x1;
export const RTA_ENCAP = 0x16;
export const RTA_ENCAP_TYPE = 0x15;
export const RTA_EXPIRES = 0x17;
export const RTA_GATEWAY = 0x5;
export const RTA_MULTIPATH = 0x9;
export const RTA_NH_ID = 0x1e;
export const RTA_OIF = 0x4;
export const RTA_PRIORITY = 0x6;
export const RTA_TABLE = 0xf;
export const RTA_VIA = 0x12;
export const RTM_DELADDR = 0x15;
export const RTM_DELADDRLABEL = 0x49;
export const RTM_DELLINK = 0x11;
export const RTM_DELROUTE = 0x19;
export const RTM_DELRULE = 0x21;
export const RTM_F_CLONED = 0x200;
export const RTM_GETACTION = 0x32;
export const RTM_GETADDR = 0x16;
export const RTM_GETADDRLABEL = 0x4a;
export const RTM_GETCHAIN = 0x66;
export const RTM_GETLINK = 0x12;
export const RTM_GETMDB = 0x56;
export const RTM_GETNEIGH = 0x1e;
export const RTM_GETNEIGHTBL = 0x42;
export const RTM_GETNEXTHOP = 0x6a;
export const RTM_GETNSID = 0x5a;
export const RTM_GETQDISC = 0x26;
export const RTM_GETROUTE = 0x1a;
export const RTM_GETRULE = 0x22;
export const RTM_GETTCLASS = 0x2a;
export const RTM_GETTFILTER = 0x2e;
export const RTM_NEWACTION = 0x30;
export const RTM_NEWADDR = 0x14;
export const RTM_NEWADDRLABEL = 0x48;
export const RTM_NEWCHAIN = 0x64;
export const RTM_NEWLINK = 0x10;
export const RTM_NEWLINKPROP = 0x6c;
export const RTM_NEWMDB = 0x54;
export const RTM_NEWNEIGH = 0x1c;
export const RTM_NEWNEXTHOP = 0x68;
export const RTM_NEWNSID = 0x58;
export const RTM_NEWQDISC = 0x24;
export const RTM_NEWROUTE = 0x18;
export const RTM_NEWRULE = 0x20;
export const RTM_NEWTCLASS = 0x28;
export const RTM_NEWTFILTER = 0x2c;
export const RTM_SETLINK = 0x13;
export const RTNH_F_DEAD = 0x1;
export const RTNH_F_LINKDOWN = 0x10;
export const RTNH_F_OFFLOAD = 0x8;
export const RTNH_F_ONLINK = 0x4;
export const RTNH_F_TRAP = 0x40;
export const RTNH_F_UNRESOLVED = 0x20;
export const RTN_UNICAST = 0x1;
export const RTPROT_KERNEL = 0x2;
export const RT_SCOPE_LINK = 0xfd;
export const RT_SCOPE_NOWHERE = 0xff;
export const RT_TABLE_LOCAL = 0xff;
export const RT_TABLE_MAIN = 0xfe;
export const R_OK = 0x4;
export const SA_NOCLDSTOP = 0x1;
export const SA_RESTART = 0x10000000;
export const SCHED_BATCH = 0x3;
export const SCHED_DEADLINE = 0x6;
export const SCHED_FIFO = 0x1;
export const SCHED_FLAG_KEEP_PARAMS = 0x10;
export const SCHED_FLAG_KEEP_POLICY = 0x8;
export const SCHED_FLAG_UTIL_CLAMP_MAX = 0x40;
export const SCHED_FLAG_UTIL_CLAMP_MIN = 0x20;
export const SCHED_OTHER = 0x0;
export const SCHED_RESET_ON_FORK = 0x40000000;
export const SCHED_RR = 0x2;
export const SCM_CREDENTIALS = 0x2;
export const SCM_PIDFD = 0x4;
export const SCM_RIGHTS = 0x1;
export const SCM_SECURITY = 0x3;
export const SECBIT_NO_SETUID_FIXUP = 0x4;
export const SECCOMP_FILTER_FLAG_TSYNC = 0x1;
export const SECCOMP_MODE_FILTER = 0x2;
export const SECCOMP_MODE_STRICT = 0x1;
export const SECCOMP_RET_ACTION_FULL = 0xffff0000;
export const SECCOMP_RET_ALLOW = 0x7fff0000;
export const SECCOMP_RET_USER_NOTIF = 0x7fc00000;
export const SECCOMP_SET_MODE_FILTER = 0x1;
export const SECCOMP_SET_MODE_STRICT = 0x0;
export const SEEK_DATA = 0x3;
export const SEEK_HOLE = 0x4;
export const SEM_INFO = 0x13;
export const SEM_STAT = 0x12;
export const SEM_STAT_ANY = 0x14;
export const SEM_UNDO = 0x1000;
export const SETALL = 0x11;
export const SFD_CLOEXEC = 0x80000;
export const SHM_DEST = 0x200;
export const SHM_EXEC = 0x8000;
export const SHM_HUGETLB = 0x800;
export const SHM_INFO = 0xe;
export const SHM_LOCK = 0xb;
export const SHM_LOCKED = 0x400;
export const SHM_RDONLY = 0x1000;
export const SHM_STAT = 0xd;
export const SHT_RELA = 0x4;
export const SHT_SYMTAB = 0x2;
export const SHUT_RD = 0x0;
export const SHUT_RDWR = 0x2;
export const SHUT_WR = 0x1;
export const SIGBUS = 0x7;
export const SIGCHLD = 0x11;
export const SIGCONT = 0x12;
export const SIGEV_NONE = 0x1;
export const SIGEV_SIGNAL = 0x0;
export const SIGEV_THREAD = 0x2;
export const SIGEV_THREAD_ID = 0x4;
export const SIGFPE = 0x8;
export const SIGILL = 0x4;
export const SIGIO = 0x1d;
export const SIGKILL = 0x9;
export const SIGPIPE = 0xd;
export const SIGSEGV = 0xb;
export const SIGSTOP = 0x13;
export const SIGSYS = 0x1f;
export const SIGTERM = 0xf;
export const SIGTRAP = 0x5;
export const SIGTSTP = 0x14;
export const SIGTTIN = 0x15;
export const SIGTTOU = 0x16;
export const SIGUSR1 = 0xa;
export const SIGXFSZ = 0x19;
export const SIG_IGN = 0x1;
export const SIG_SETMASK = 0x2;
export const SIOCADDMULTI = 0x8931;
export const SIOCATMARK = 0x8905;
export const SIOCGIFNAME = 0x8910;
export const SIOCGSKNS = 0x894c;
export const SIOCOUTQ = 0x5411;
export const SIOCOUTQNSD = 0x894b;
export const SIOCUNIXFILE = 0x89e0;
export const SI_TIMER = -2;
export const SKF_AD_MARK = 0x14;
export const SKF_AD_OFF = -4096;
export const SOCK_CLOEXEC = 0x80000;
export const SOCK_DESTROY = 0x15;
export const SOCK_DGRAM = 0x2;
export const SOCK_DIAG_BY_FAMILY = 0x14;
export const SOCK_NONBLOCK = 0x800;
export const SOCK_PACKET = 0xa;
export const SOCK_RAW = 0x3;
export const SOCK_SEQPACKET = 0x5;
export const SOCK_STREAM = 0x1;
export const SOL_ICMPV6 = 0x3a;
export const SOL_IP = 0x0;
export const SOL_IPV6 = 0x29;
export const SOL_NETLINK = 0x10e;
export const SOL_PACKET = 0x107;
export const SOL_RAW = 0xff;
export const SOL_SOCKET = 0x1;
export const SOL_TCP = 0x6;
export const SO_ATTACH_FILTER = 0x1a;
export const SO_BINDTODEVICE = 0x19;
export const SO_BROADCAST = 0x6;
export const SO_BUF_LOCK = 0x48;
export const SO_BUSY_POLL = 0x2e;
export const SO_BUSY_POLL_BUDGET = 0x46;
export const SO_DEBUG = 0x1;
export const SO_DETACH_FILTER = 0x1b;
export const SO_DOMAIN = 0x27;
export const SO_DONTROUTE = 0x5;
export const SO_ERROR = 0x4;
export const SO_GET_FILTER = 0x1a;
export const SO_INQ = 0x54;
export const SO_KEEPALIVE = 0x9;
export const SO_LINGER = 0xd;
export const SO_LOCK_FILTER = 0x2c;
export const SO_MARK = 0x24;
export const SO_MAX_PACING_RATE = 0x2f;
export const SO_NOFCS = 0x2b;
export const SO_NO_CHECK = 0xb;
export const SO_OOBINLINE = 0xa;
export const SO_PASSCRED = 0x10;
export const SO_PASSPIDFD = 0x4c;
export const SO_PASSRIGHTS = 0x53;
export const SO_PASSSEC = 0x22;
export const SO_PEEK_OFF = 0x2a;
export const SO_PEERCRED = 0x11;
export const SO_PEERGROUPS = 0x3b;
export const SO_PEERNAME = 0x1c;
export const SO_PREFER_BUSY_POLL = 0x45;
export const SO_PRIORITY = 0xc;
export const SO_PROTOCOL = 0x26;
export const SO_RCVBUF = 0x8;
export const SO_RCVBUFFORCE = 0x21;
export const SO_RCVLOWAT = 0x12;
export const SO_RCVMARK = 0x4b;
export const SO_RCVPRIORITY = 0x52;
export const SO_RCVTIMEO = 0x14;
export const SO_RESERVE_MEM = 0x49;
export const SO_REUSEADDR = 0x2;
export const SO_REUSEPORT = 0xf;
export const SO_RXQ_OVFL = 0x28;
export const SO_SELECT_ERR_QUEUE = 0x2d;
export const SO_SNDBUF = 0x7;
export const SO_SNDBUFFORCE = 0x20;
export const SO_SNDTIMEO = 0x15;
export const SO_TIMESTAMP = 0x1d;
export const SO_TIMESTAMPING = 0x25;
export const SO_TIMESTAMPING_NEW = 0x41;
export const SO_TIMESTAMPNS = 0x23;
export const SO_TIMESTAMPNS_NEW = 0x40;
export const SO_TIMESTAMP_NEW = 0x3f;
export const SO_TXREHASH = 0x4a;
export const SO_TXTIME = 0x3d;
export const SO_TYPE = 0x3;
export const SO_WIFI_STATUS = 0x29;
export const SO_ZEROCOPY = 0x3c;
export const SPLICE_F_GIFT = 0x8;
export const SPLICE_F_MOVE = 0x1;
export const SPLICE_F_NONBLOCK = 0x2;
export const STATX_MNT_ID = 0x1000;
export const STATX_TYPE = 0x1;
export const S_IFBLK = 0x6000;
export const S_IFCHR = 0x2000;
export const S_IFDIR = 0x4000;
export const S_IFIFO = 0x1000;
export const S_IFLNK = 0xa000;
export const S_IFMT = 0xf000;
export const S_IFREG = 0x8000;
export const S_IFSOCK = 0xc000;
export const TCA_ACT_BPF_OPS = 0x4;
export const TCA_ACT_BPF_PAD = 0x7;
export const TCA_ACT_BPF_PARMS = 0x2;
export const TCA_ACT_BPF_TM = 0x1;
export const TCA_ACT_COOKIE = 0x6;
export const TCA_ACT_FLAGS = 0x7;
export const TCA_ACT_FLAG_LARGE_DUMP_ON = 0x1;
export const TCA_ACT_HW_STATS = 0x8;
export const TCA_ACT_KIND = 0x1;
export const TCA_ACT_OPTIONS = 0x2;
export const TCA_ACT_TAB = 0x1;
export const TCA_BASIC_ACT = 0x3;
export const TCA_BASIC_CLASSID = 0x1;
export const TCA_BASIC_EMATCHES = 0x2;
export const TCA_BASIC_PAD = 0x6;
export const TCA_BASIC_PCNT = 0x5;
export const TCA_BPF_ACT = 0x1;
export const TCA_BPF_CLASSID = 0x3;
export const TCA_BPF_FLAGS = 0x8;
export const TCA_BPF_FLAGS_GEN = 0x9;
export const TCA_BPF_OPS = 0x5;
export const TCA_BPF_OPS_LEN = 0x4;
export const TCA_CGROUP_ACT = 0x1;
export const TCA_CGROUP_EMATCHES = 0x3;
export const TCA_CHAIN = 0xb;
export const TCA_CLS_FLAGS_SKIP_HW = 0x1;
export const TCA_CLS_FLAGS_SKIP_SW = 0x2;
export const TCA_CONNMARK_PAD = 0x3;
export const TCA_CONNMARK_PARMS = 0x1;
export const TCA_CONNMARK_TM = 0x2;
export const TCA_CSUM_PAD = 0x3;
export const TCA_CSUM_PARMS = 0x1;
export const TCA_CSUM_TM = 0x2;
export const TCA_CTINFO_ACT = 0x3;
export const TCA_CTINFO_PAD = 0x1;
export const TCA_CTINFO_STATS_CPMARK_SET = 0xa;
export const TCA_CTINFO_STATS_DSCP_ERROR = 0x9;
export const TCA_CTINFO_STATS_DSCP_SET = 0x8;
export const TCA_CTINFO_TM = 0x2;
export const TCA_CT_PAD = 0xf;
export const TCA_CT_PARMS = 0x1;
export const TCA_CT_TM = 0x2;
export const TCA_DEF_PAD = 0x4;
export const TCA_DEF_PARMS = 0x2;
export const TCA_DEF_TM = 0x1;
export const TCA_EGRESS_BLOCK = 0xe;
export const TCA_FCNT = 0x6;
export const TCA_FLOWER_ACT = 0x3;
export const TCA_FLOWER_FLAGS = 0x16;
export const TCA_FLOWER_IN_HW_COUNT = 0x56;
export const TCA_FLOWER_KEY_CVLAN_ETH_TYPE = 0x4f;
export const TCA_FLOWER_KEY_CVLAN_ID = 0x4d;
export const TCA_FLOWER_KEY_CVLAN_PRIO = 0x4e;
export const TCA_FLOWER_KEY_ETH_TYPE = 0x8;
export const TCA_FLOW_ACT = 0x9;
export const TCA_FLOW_POLICE = 0xa;
export const TCA_FW_ACT = 0x4;
export const TCA_FW_CLASSID = 0x1;
export const TCA_FW_INDEV = 0x3;
export const TCA_FW_MASK = 0x5;
export const TCA_GACT_PAD = 0x4;
export const TCA_GACT_PARMS = 0x2;
export const TCA_GACT_TM = 0x1;
export const TCA_HTB_INIT = 0x2;
export const TCA_HW_OFFLOAD = 0xc;
export const TCA_INGRESS_BLOCK = 0xd;
export const TCA_KIND = 0x1;
export const TCA_MATCHALL_ACT = 0x2;
export const TCA_MATCHALL_CLASSID = 0x1;
export const TCA_MATCHALL_FLAGS = 0x3;
export const TCA_MATCHALL_PAD = 0x5;
export const TCA_MATCHALL_PCNT = 0x4;
export const TCA_MIRRED_PAD = 0x3;
export const TCA_MIRRED_PARMS = 0x2;
export const TCA_MIRRED_TM = 0x1;
export const TCA_MPLS_PAD = 0x3;
export const TCA_MPLS_PARMS = 0x2;
export const TCA_MPLS_TM = 0x1;
export const TCA_NAT_PAD = 0x3;
export const TCA_NAT_PARMS = 0x1;
export const TCA_NAT_TM = 0x2;
export const TCA_NETEM_JITTER64 = 0xb;
export const TCA_NETEM_SLOT = 0xc;
export const TCA_OPTIONS = 0x2;
export const TCA_PAD = 0x9;
export const TCA_PEDIT_PAD = 0x3;
export const TCA_PEDIT_PARMS = 0x2;
export const TCA_PEDIT_TM = 0x1;
export const TCA_POLICE_AVRATE = 0x4;
export const TCA_POLICE_PAD = 0x7;
export const TCA_POLICE_PEAKRATE = 0x3;
export const TCA_POLICE_RATE = 0x2;
export const TCA_POLICE_RESULT = 0x5;
export const TCA_POLICE_TBF = 0x1;
export const TCA_POLICE_TM = 0x6;
export const TCA_ROOT_FLAGS = 0x2;
export const TCA_SAMPLE_PAD = 0x6;
export const TCA_SAMPLE_PARMS = 0x2;
export const TCA_SAMPLE_TM = 0x1;
export const TCA_SKBEDIT_PAD = 0x6;
export const TCA_SKBEDIT_PARMS = 0x2;
export const TCA_SKBEDIT_TM = 0x1;
export const TCA_SKBMOD_PAD = 0x6;
export const TCA_SKBMOD_PARMS = 0x2;
export const TCA_SKBMOD_TM = 0x1;
export const TCA_STATS = 0x3;
export const TCA_STATS2 = 0x7;
export const TCA_TUNNEL_KEY_PAD = 0x8;
export const TCA_TUNNEL_KEY_PARMS = 0x2;
export const TCA_TUNNEL_KEY_TM = 0x1;
export const TCA_U32_ACT = 0x7;
export const TCA_U32_CLASSID = 0x1;
export const TCA_U32_DIVISOR = 0x4;
export const TCA_U32_FLAGS = 0xb;
export const TCA_U32_HASH = 0x2;
export const TCA_U32_INDEV = 0x8;
export const TCA_U32_LINK = 0x3;
export const TCA_U32_MARK = 0xa;
export const TCA_U32_PAD = 0xc;
export const TCA_U32_PCNT = 0x9;
export const TCA_U32_SEL = 0x5;
export const TCA_VLAN_PAD = 0x5;
export const TCA_VLAN_PARMS = 0x2;
export const TCA_VLAN_TM = 0x1;
export const TCA_XSTATS = 0x4;
export const TCGETS = 0x5401;
export const TCGETS2 = 0x802c542a;
export const TCOOFF = 0x0;
export const TCOON = 0x1;
export const TCPI_OPT_SACK = 0x2;
export const TCPI_OPT_TIMESTAMPS = 0x1;
export const TCPI_OPT_WSCALE = 0x4;
export const TCPOPT_MAXSEG = 0x2;
export const TCPOPT_SACK_PERMITTED = 0x4;
export const TCPOPT_TIMESTAMP = 0x8;
export const TCPOPT_WINDOW = 0x3;
export const TCP_AO_INFO = 0x28;
export const TCP_CLOSE = 0x7;
export const TCP_CLOSE_WAIT = 0x8;
export const TCP_CLOSING = 0xb;
export const TCP_CONGESTION = 0xd;
export const TCP_CORK = 0x3;
export const TCP_DEFER_ACCEPT = 0x9;
export const TCP_DELACK_MAX_US = 0x2e;
export const TCP_ESTABLISHED = 0x1;
export const TCP_FASTOPEN = 0x17;
export const TCP_FASTOPEN_CONNECT = 0x1e;
export const TCP_FASTOPEN_KEY = 0x21;
export const TCP_FASTOPEN_NO_COOKIE = 0x22;
export const TCP_FIN_WAIT1 = 0x4;
export const TCP_FIN_WAIT2 = 0x5;
export const TCP_INFO = 0xb;
export const TCP_INQ = 0x24;
export const TCP_KEEPCNT = 0x6;
export const TCP_KEEPIDLE = 0x4;
export const TCP_KEEPINTVL = 0x5;
export const TCP_LAST_ACK = 0x9;
export const TCP_LINGER2 = 0x8;
export const TCP_LISTEN = 0xa;
export const TCP_MAXSEG = 0x2;
export const TCP_NODELAY = 0x1;
export const TCP_NOTSENT_LOWAT = 0x19;
export const TCP_NO_QUEUE = 0x0;
export const TCP_QUEUE_SEQ = 0x15;
export const TCP_RECV_QUEUE = 0x1;
export const TCP_REPAIR = 0x13;
export const TCP_REPAIR_OFF = 0x0;
export const TCP_REPAIR_OFF_NO_WP = -1;
export const TCP_REPAIR_ON = 0x1;
export const TCP_REPAIR_OPTIONS = 0x16;
export const TCP_REPAIR_QUEUE = 0x14;
export const TCP_REPAIR_WINDOW = 0x1d;
export const TCP_RTO_MAX_MS = 0x2c;
export const TCP_RTO_MIN_US = 0x2d;
export const TCP_SAVE_SYN = 0x1b;
export const TCP_SEND_QUEUE = 0x2;
export const TCP_SYNCNT = 0x7;
export const TCP_SYN_SENT = 0x2;
export const TCP_THIN_LINEAR_TIMEOUTS = 0x10;
export const TCP_TIMESTAMP = 0x18;
export const TCP_TIME_WAIT = 0x6;
export const TCP_TX_DELAY = 0x25;
export const TCP_ULP = 0x1f;
export const TCP_USER_TIMEOUT = 0x12;
export const TCP_WINDOW_CLAMP = 0xa;
export const TCSETS = 0x5402;
export const TCSETS2 = 0x402c542b;
export const TCXONC = 0x540a;
export const TC_H_MAJ_MASK = 0xffff0000;
export const TC_H_MIN_EGRESS = 0xfff3;
export const TC_H_MIN_INGRESS = 0xfff2;
export const TFD_CLOEXEC = 0x80000;
export const TFD_IOC_SET_TICKS = 0x40085400;
export const TFD_TIMER_ABSTIME = 0x1;
export const TFD_TIMER_CANCEL_ON_SET = 0x2;
export const TH_ACK = 0x10;
export const TH_FIN = 0x1;
export const TH_RST = 0x4;
export const TIMER_ABSTIME = 0x1;
export const TIOCEXCL = 0x540c;
export const TIOCGETD = 0x5424;
export const TIOCGEXCL = 0x80045440;
export const TIOCGLCKTRMIOS = 0x5456;
export const TIOCGPGRP = 0x540f;
export const TIOCGPKT = 0x80045438;
export const TIOCGPTLCK = 0x80045439;
export const TIOCGPTN = 0x80045430;
export const TIOCGPTPEER = 0x5441;
export const TIOCGSID = 0x5429;
export const TIOCGWINSZ = 0x5413;
export const TIOCOUTQ = 0x5411;
export const TIOCPKT = 0x5420;
export const TIOCSCTTY = 0x540e;
export const TIOCSLCKTRMIOS = 0x5457;
export const TIOCSPGRP = 0x5410;
export const TIOCSPTLCK = 0x40045431;
export const TIOCSWINSZ = 0x5414;
export const TIOCVHANGUP = 0x5437;
export const TUNGETDEVNETNS = 0x54e3;
export const TUNGETFILTER = 0x801054db;
export const TUNGETIFF = 0x800454d2;
export const TUNGETSNDBUF = 0x800454d3;
export const TUNGETVNETHDRSZ = 0x800454d7;
export const TUNSETGROUP = 0x400454ce;
export const TUNSETIFF = 0x400454ca;
export const TUNSETIFINDEX = 0x400454da;
export const TUNSETOWNER = 0x400454cc;
export const TUNSETPERSIST = 0x400454cb;
export const TUNSETQUEUE = 0x400454d9;
export const TUNSETSNDBUF = 0x400454d4;
export const TUNSETVNETHDRSZ = 0x400454d8;
export const UDIAG_SHOW_ICONS = 0x8;
export const UDIAG_SHOW_NAME = 0x1;
export const UDIAG_SHOW_PEER = 0x4;
export const UDIAG_SHOW_RQLEN = 0x10;
export const UDIAG_SHOW_VFS = 0x2;
export const UDPLITE_RECV_CSCOV = 0xb;
export const UDPLITE_SEND_CSCOV = 0xa;
export const UDP_CORK = 0x1;
export const UDP_ENCAP = 0x64;
export const UDP_ENCAP_ESPINUDP = 0x2;
export const UDP_GRO = 0x68;
export const UDP_NO_CHECK6_RX = 0x66;
export const UDP_NO_CHECK6_TX = 0x65;
export const UDP_SEGMENT = 0x67;
export const UFFDIO_API = 0xc018aa3f;
export const UFFDIO_REGISTER = 0xc020aa00;
export const UFFDIO_REGISTER_MODE_MISSING = 0x1;
export const UFFDIO_REGISTER_MODE_WP = 0x2;
export const UFFD_API = 0xaa;
export const UFFD_FEATURE_EVENT_FORK = 0x2;
export const UFFD_FEATURE_EVENT_REMAP = 0x4;
export const UFFD_FEATURE_EVENT_REMOVE = 0x8;
export const UFFD_FEATURE_EVENT_UNMAP = 0x40;
export const UFFD_FEATURE_WP_ASYNC = 0x8000;
export const UFFD_USER_MODE_ONLY = 0x1;
export const UNIX_DIAG_ICONS = 0x3;
export const UNIX_DIAG_NAME = 0x0;
export const UNIX_DIAG_PEER = 0x2;
export const UNIX_DIAG_RQLEN = 0x4;
export const UNIX_DIAG_SHUTDOWN = 0x6;
export const USERFAULTFD_IOC_NEW = 0xaa00;
export const UTIME_OMIT = 0x3ffffffe;
export const VEOF = 0x4;
export const VEOL = 0xb;
export const VEOL2 = 0x10;
export const VETH_INFO_PEER = 0x1;
export const VLAN_FLAG_BRIDGE_BINDING = 0x10;
export const VLAN_FLAG_GVRP = 0x2;
export const VLAN_FLAG_LOOSE_BINDING = 0x4;
export const VLAN_FLAG_MVRP = 0x8;
export const VLAN_FLAG_REORDER_HDR = 0x1;
export const VMIN = 0x6;
export const VSTOP = 0x9;
export const VTIME = 0x5;
export const WCONTINUED = 0x8;
export const WEXITED = 0x4;
export const WGALLOWEDIP_A_CIDR_MASK = 0x3;
export const WGALLOWEDIP_A_FAMILY = 0x1;
export const WGALLOWEDIP_A_IPADDR = 0x2;
export const WGDEVICE_A_FLAGS = 0x5;
export const WGDEVICE_A_FWMARK = 0x7;
export const WGDEVICE_A_IFINDEX = 0x1;
export const WGDEVICE_A_LISTEN_PORT = 0x6;
export const WGDEVICE_A_PEERS = 0x8;
export const WGDEVICE_A_PRIVATE_KEY = 0x3;
export const WGDEVICE_F_REPLACE_PEERS = 0x1;
export const WGPEER_A_ALLOWEDIPS = 0x9;
export const WGPEER_A_ENDPOINT = 0x4;
export const WGPEER_A_FLAGS = 0x3;
export const WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL = 0x5;
export const WGPEER_A_PRESHARED_KEY = 0x2;
export const WGPEER_A_PUBLIC_KEY = 0x1;
export const WGPEER_F_REPLACE_ALLOWEDIPS = 0x2;
export const WGPEER_F_UPDATE_ONLY = 0x4;
export const WG_CMD_GET_DEVICE = 0x0;
export const WG_CMD_SET_DEVICE = 0x1;
export const WNOHANG = 0x1;
export const WNOWAIT = 0x1000000;
export const WSTOPPED = 0x2;
export const W_OK = 0x2;
export const XFRMA_ALG_AEAD = 0x12;
export const XFRMA_ALG_AUTH = 0x1;
export const XFRMA_ALG_AUTH_TRUNC = 0x14;
export const XFRMA_ALG_COMP = 0x3;
export const XFRMA_ALG_CRYPT = 0x2;
export const XFRMA_COADDR = 0xe;
export const XFRMA_ENCAP = 0x4;
export const XFRMA_IF_ID = 0x1f;
export const XFRMA_IPTFS_DONT_FRAG = 0x26;
export const XFRMA_IPTFS_DROP_TIME = 0x24;
export const XFRMA_IPTFS_INIT_DELAY = 0x27;
export const XFRMA_IPTFS_MAX_QSIZE = 0x28;
export const XFRMA_IPTFS_PKT_SIZE = 0x29;
export const XFRMA_IPTFS_REORDER_WINDOW = 0x25;
export const XFRMA_LASTUSED = 0xf;
export const XFRMA_LTIME_VAL = 0x9;
export const XFRMA_MARK = 0x15;
export const XFRMA_MTIMER_THRESH = 0x20;
export const XFRMA_NAT_KEEPALIVE_INTERVAL = 0x22;
export const XFRMA_OFFLOAD_DEV = 0x1c;
export const XFRMA_PAD = 0x1b;
export const XFRMA_POLICY_TYPE = 0x10;
export const XFRMA_REPLAY_ESN_VAL = 0x17;
export const XFRMA_REPLAY_VAL = 0xa;
export const XFRMA_SA_DIR = 0x21;
export const XFRMA_SA_EXTRA_FLAGS = 0x18;
export const XFRMA_SA_PCPU = 0x23;
export const XFRMA_SET_MARK = 0x1d;
export const XFRMA_SET_MARK_MASK = 0x1e;
export const XFRMA_SPD_IPV4_HTHRESH = 0x3;
export const XFRMA_SPD_IPV6_HTHRESH = 0x4;
export const XFRMA_TFCPAD = 0x16;
export const XFRMA_TMPL = 0x5;
export const XFRM_MSG_ALLOCSPI = 0x16;
export const XFRM_MSG_GETDEFAULT = 0x28;
export const XFRM_MSG_GETPOLICY = 0x15;
export const XFRM_MSG_GETSA = 0x12;
export const XFRM_MSG_GETSPDINFO = 0x25;
export const XFRM_MSG_NEWPOLICY = 0x13;
export const XFRM_MSG_NEWSA = 0x10;
export const XFRM_MSG_NEWSPDINFO = 0x24;
export const XFRM_MSG_SETDEFAULT = 0x27;
export const XFRM_POLICY_MAX = 0x3;
export const XFRM_USERPOLICY_ACCEPT = 0x2;
export const _LINUX_CAPABILITY_VERSION_3 = 0x20080522;
export const __WALL = 0x40000000;
export const ARCH_GET_CPUID = 0x1011;
export const ARCH_GET_UNTAG_MASK = 0x4001;
export const ARCH_MAP_VDSO_64 = 0x2003;
export const ARCH_SET_CPUID = 0x1012;
export const EM_X86_64 = 0x3e;
export const NT_X86_XSTATE = 0x202;
export const PTRACE_GETREGS = 0xc;
export const PTRACE_SETREGS = 0xd;
export const R_X86_64_RELATIVE = 0x8;
export const nlmsghdr = {
  sizeof: 16,
  nlmsg_len: 0,
  nlmsg_type: 4,
  nlmsg_flags: 6,
  nlmsg_seq: 8,
  nlmsg_pid: 12,
} as const;
export const nlmsgerr = {
  sizeof: 20,
  error: 0,
  msg: 4,
} as const;
export const nlattr = {
  sizeof: 4,
  nla_len: 0,
  nla_type: 2,
} as const;
export const sockaddr_nl = {
  sizeof: 12,
  nl_family: 0,
  nl_pid: 4,
  nl_groups: 8,
} as const;
export const genlmsghdr = {
  sizeof: 4,
  cmd: 0,
  version: 1,
} as const;
export const nfgenmsg = {
  sizeof: 4,
  nfgen_family: 0,
  res_id: 2,
} as const;
export const ifinfomsg = {
  sizeof: 16,
  ifi_family: 0,
  ifi_type: 2,
  ifi_index: 4,
  ifi_flags: 8,
  ifi_change: 12,
} as const;
export const ifaddrmsg = {
  sizeof: 8,
  ifa_family: 0,
  ifa_prefixlen: 1,
  ifa_flags: 2,
  ifa_scope: 3,
  ifa_index: 4,
} as const;
export const rtmsg = {
  sizeof: 12,
  rtm_family: 0,
  rtm_dst_len: 1,
  rtm_src_len: 2,
  rtm_tos: 3,
  rtm_table: 4,
  rtm_protocol: 5,
  rtm_scope: 6,
  rtm_type: 7,
  rtm_flags: 8,
} as const;
export const rtnexthop = {
  sizeof: 8,
  rtnh_len: 0,
  rtnh_flags: 2,
} as const;
export const rta_cacheinfo = {
  sizeof: 32,
  rta_expires: 8,
} as const;
export const fib_rule_hdr = {
  sizeof: 12,
  family: 0,
  dst_len: 1,
  src_len: 2,
  tos: 3,
  table: 4,
  action: 7,
  flags: 8,
} as const;
export const ndmsg = {
  sizeof: 12,
  ndm_family: 0,
  ndm_ifindex: 4,
  ndm_state: 8,
  ndm_flags: 10,
} as const;
export const ndtmsg = {
  sizeof: 4,
  ndtm_family: 0,
} as const;
export const nhmsg = {
  sizeof: 8,
  nh_scope: 1,
  nh_flags: 4,
} as const;
export const tcmsg = {
  sizeof: 20,
  tcm_ifindex: 4,
  tcm_handle: 8,
  tcm_parent: 12,
  tcm_info: 16,
} as const;
export const tc_gact = {
  sizeof: 20,
  index: 0,
  refcnt: 12,
  bindcnt: 16,
} as const;
export const tc_police = {
  sizeof: 56,
  index: 0,
  rate: 20,
  peakrate: 32,
  refcnt: 44,
  bindcnt: 48,
} as const;
export const tc_ratespec = {
  sizeof: 12,
  cell_log: 0,
  bytes: 8,
} as const;
export const tcamsg = {
  sizeof: 4,
} as const;
export const ifaddrlblmsg = {
  sizeof: 12,
  ifal_family: 0,
  ifal_seq: 8,
} as const;
export const tc_netem_qopt = {
  sizeof: 24,
  jitter: 20,
} as const;
export const tc_netem_slot = {
  sizeof: 40,
  dist_delay: 24,
  dist_jitter: 32,
} as const;
export const br_port_msg = {
  sizeof: 8,
  family: 0,
  ifindex: 4,
} as const;
export const br_mdb_entry = {
  sizeof: 28,
  state: 4,
} as const;
export const rtgenmsg = {
  sizeof: 1,
} as const;
export const xfrm_lifetime_cfg = {
  sizeof: 64,
  soft_byte_limit: 0,
  soft_add_expires_seconds: 32,
} as const;
export const xfrm_lifetime_cur = {
  sizeof: 32,
} as const;
export const xfrm_usersa_info = {
  sizeof: 224,
  spi: 72,
  proto: 76,
  curlft: 160,
  flags: 216,
} as const;
export const xfrm_algo = {
  sizeof: 68,
  alg_key_len: 64,
  alg_key: 68,
} as const;
export const xfrm_algo_aead = {
  sizeof: 72,
  alg_key_len: 64,
  alg_key: 72,
} as const;
export const xfrm_algo_auth = {
  sizeof: 72,
  alg_key_len: 64,
  alg_key: 72,
} as const;
export const xfrm_userpolicy_default = {
  sizeof: 3,
} as const;
export const xfrm_userpolicy_info = {
  sizeof: 168,
  lft: 56,
  dir: 160,
} as const;
export const inet_diag_req_v2 = {
  sizeof: 56,
  sdiag_family: 0,
  sdiag_protocol: 1,
  idiag_ext: 2,
  idiag_states: 4,
  idiag_sport: 8,
  idiag_dport: 10,
  idiag_src: 12,
  idiag_dst: 28,
  idiag_cookie: 48,
} as const;
export const inet_diag_msg = {
  sizeof: 72,
  idiag_family: 0,
  idiag_state: 1,
  idiag_sport: 4,
  idiag_dport: 6,
  idiag_src: 8,
  idiag_dst: 24,
  idiag_if: 40,
  idiag_rqueue: 56,
  idiag_wqueue: 60,
  idiag_uid: 64,
  idiag_inode: 68,
} as const;
export const unix_diag_req = {
  sizeof: 24,
  sdiag_family: 0,
  udiag_states: 4,
  udiag_show: 12,
} as const;
export const unix_diag_msg = {
  sizeof: 16,
  udiag_type: 1,
  udiag_state: 2,
  udiag_ino: 4,
} as const;
export const unix_diag_rqlen = {
  sizeof: 8,
  udiag_rqueue: 0,
  udiag_wqueue: 4,
} as const;
export const packet_diag_req = {
  sizeof: 20,
  sdiag_family: 0,
  pdiag_show: 8,
} as const;
export const packet_diag_msg = {
  sizeof: 16,
  pdiag_type: 1,
  pdiag_num: 2,
  pdiag_ino: 4,
} as const;
export const packet_diag_info = {
  sizeof: 24,
  pdi_index: 0,
  pdi_version: 4,
  pdi_reserve: 8,
  pdi_copy_thresh: 12,
  pdi_tstamp: 16,
  pdi_flags: 20,
} as const;
export const packet_diag_ring = {
  sizeof: 28,
  pdr_block_size: 0,
  pdr_block_nr: 4,
  pdr_frame_size: 8,
  pdr_frame_nr: 12,
  pdr_retire_tmo: 16,
  pdr_sizeof_priv: 20,
  pdr_features: 24,
} as const;
export const packet_diag_mclist = {
  sizeof: 44,
  pdmc_index: 0,
  pdmc_count: 4,
  pdmc_type: 8,
  pdmc_alen: 10,
  pdmc_addr: 12,
  pdmc_addr_end: 44,
} as const;
export const netlink_diag_req = {
  sizeof: 20,
  sdiag_family: 0,
  sdiag_protocol: 1,
} as const;
export const netlink_diag_msg = {
  sizeof: 28,
  ndiag_protocol: 2,
  ndiag_state: 3,
  ndiag_ino: 16,
} as const;
export const msghdr = {
  sizeof: 56,
  msg_name: 0,
  msg_namelen: 8,
  msg_iov: 16,
  msg_iovlen: 24,
  msg_control: 32,
  msg_controllen: 40,
  msg_flags: 48,
} as const;
export const cmsghdr = {
  sizeof: 16,
  cmsg_len: 0,
  cmsg_level: 8,
  cmsg_type: 12,
} as const;
export const iovec = {
  sizeof: 16,
  iov_base: 0,
  iov_len: 8,
} as const;
export const ucred = {
  sizeof: 12,
  pid: 0,
  uid: 4,
  gid: 8,
} as const;
export const sockaddr = {
  sizeof: 16,
  sa_family: 0,
  sa_data: 2,
} as const;
export const sockaddr_un = {
  sizeof: 110,
  sun_family: 0,
  sun_path: 2,
} as const;
export const sockaddr_in = {
  sizeof: 16,
  sin_family: 0,
  sin_port: 2,
  sin_addr: 4,
} as const;
export const sockaddr_in6 = {
  sizeof: 28,
  sin6_port: 2,
  sin6_addr: 8,
  sin6_scope_id: 24,
} as const;
export const sockaddr_ll = {
  sizeof: 20,
  sll_family: 0,
  sll_ifindex: 4,
} as const;
export const sockaddr_storage = {
  sizeof: 128,
} as const;
export const linger = {
  sizeof: 8,
  l_onoff: 0,
  l_linger: 4,
} as const;
export const in_pktinfo = {
  sizeof: 12,
  ipi_ifindex: 0,
  ipi_addr: 8,
} as const;
export const in6_pktinfo = {
  sizeof: 20,
  ipi6_addr: 0,
  ipi6_ifindex: 16,
} as const;
export const group_req = {
  sizeof: 136,
  gr_interface: 0,
  gr_group: 8,
} as const;
export const group_filter = {
  sizeof: 272,
  gf_interface: 0,
  gf_group: 8,
  gf_fmode: 136,
  gf_numsrc: 140,
  gf_slist: 144,
} as const;
export const packet_mreq = {
  sizeof: 16,
  mr_ifindex: 0,
  mr_type: 4,
  mr_alen: 6,
  mr_address: 8,
} as const;
export const tpacket_req3 = {
  sizeof: 28,
  tp_block_size: 0,
  tp_block_nr: 4,
  tp_frame_size: 8,
  tp_frame_nr: 12,
  tp_retire_blk_tov: 16,
  tp_sizeof_priv: 20,
  tp_feature_req_word: 24,
} as const;
export const sock_filter = {
  sizeof: 8,
  code: 0,
  jt: 2,
  jf: 3,
  k: 4,
} as const;
export const sock_fprog = {
  sizeof: 16,
  len: 0,
  filter: 8,
} as const;
export const tcp_info = {
  sizeof: 104,
  tcpi_state: 0,
  tcpi_options: 5,
  tcpi_wscale: 6,
  tcpi_snd_mss: 16,
  tcpi_rcv_mss: 20,
  tcpi_unacked: 24,
  tcpi_sacked: 28,
  tcpi_rtt: 68,
  tcpi_total_retrans: 100,
} as const;
export const tcp_repair_window = {
  sizeof: 20,
  snd_wl1: 0,
  snd_wnd: 4,
  max_window: 8,
  rcv_wnd: 12,
  rcv_wup: 16,
} as const;
export const iphdr = {
  sizeof: 20,
  tos: 1,
  tot_len: 2,
  ttl: 8,
  protocol: 9,
  check: 10,
  saddr: 12,
  daddr: 16,
} as const;
export const ip6_hdr = {
  sizeof: 40,
  ip6_flow: 0,
  ip6_plen: 4,
  ip6_nxt: 6,
  ip6_hlim: 7,
  ip6_src: 8,
  ip6_dst: 24,
} as const;
export const tcphdr = {
  sizeof: 20,
  source: 0,
  dest: 2,
  seq: 4,
  ack_seq: 8,
  doff: 12,
  th_flags: 13,
  window: 14,
  check: 16,
} as const;
export const udphdr = {
  sizeof: 8,
  source: 0,
  dest: 2,
  len: 4,
  check: 6,
} as const;
export const ifreq = {
  sizeof: 40,
  ifr_name: 0,
  ifr_flags: 16,
  ifr_ifindex: 16,
  ifr_hwaddr: 16,
} as const;
export const stat = {
  sizeof: 144,
  st_dev: 0,
  st_ino: 8,
  st_mode: 24,
  st_nlink: 16,
  st_uid: 28,
  st_gid: 32,
  st_atim: 72,
  st_mtim: 88,
} as const;
export const statx = {
  sizeof: 256,
  stx_mask: 0,
  stx_mode: 28,
  stx_mnt_id: 144,
} as const;
export const statfs = {
  sizeof: 120,
  f_type: 0,
  f_bsize: 8,
} as const;
export const linux_dirent64 = {
  sizeof: 280,
  d_reclen: 16,
  d_name: 19,
} as const;
export const flock = {
  sizeof: 32,
  l_type: 0,
  l_start: 8,
  l_len: 16,
} as const;
export const file_handle = {
  sizeof: 8,
  handle_bytes: 0,
  handle_type: 4,
  f_handle: 8,
} as const;
export const fiemap = {
  sizeof: 32,
  fm_start: 0,
  fm_length: 8,
  fm_flags: 16,
  fm_mapped_extents: 20,
  fm_extent_count: 24,
  fm_extents: 32,
} as const;
export const fiemap_extent = {
  sizeof: 56,
  fe_logical: 0,
  fe_length: 16,
  fe_flags: 40,
} as const;
export const open_how = {
  sizeof: 24,
  flags: 0,
  resolve: 16,
} as const;
export const mount_attr = {
  sizeof: 32,
} as const;
export const autofs_dev_ioctl = {
  sizeof: 24,
  ver_major: 0,
  ver_minor: 4,
  size: 8,
  ioctlfd: 12,
  pipefd: 16,
} as const;
export const inotify_event = {
  sizeof: 16,
} as const;
export const epoll_event = {
  sizeof: 12,
  events: 0,
  data: 4,
} as const;
export const epoll_params = {
  sizeof: 8,
  busy_poll_usecs: 0,
  busy_poll_budget: 4,
  prefer_busy_poll: 6,
} as const;
export const pollfd = {
  sizeof: 8,
  fd: 0,
  events: 4,
  revents: 6,
} as const;
export const kcmp_epoll_slot = {
  sizeof: 12,
  efd: 0,
  tfd: 4,
} as const;
export const termios = {
  sizeof: 36,
  c_iflag: 0,
  c_oflag: 4,
  c_cflag: 8,
  c_lflag: 12,
  c_line: 16,
  c_cc: 17,
  c_cc_end: 36,
} as const;
export const termios2 = {
  sizeof: 44,
  c_ispeed: 36,
  c_ospeed: 40,
} as const;
export const winsize = {
  sizeof: 8,
  ws_row: 0,
  ws_col: 2,
  ws_xpixel: 4,
  ws_ypixel: 6,
} as const;
export const iocb = {
  sizeof: 64,
  aio_lio_opcode: 16,
  aio_fildes: 20,
  aio_buf: 24,
  aio_nbytes: 32,
} as const;
export const io_event = {
  sizeof: 32,
} as const;
export const timespec = {
  sizeof: 16,
  tv_sec: 0,
  tv_nsec: 8,
} as const;
export const timeval = {
  sizeof: 16,
  tv_sec: 0,
  tv_usec: 8,
} as const;
export const itimerspec = {
  sizeof: 32,
  it_interval: 0,
  it_value: 16,
} as const;
export const itimerval = {
  sizeof: 32,
  it_interval: 0,
  it_value: 16,
} as const;
export const siginfo_t = {
  sizeof: 128,
  si_signo: 0,
  si_code: 8,
  si_pid: 16,
  si_timerid: 16,
} as const;
export const sigevent = {
  sizeof: 64,
  sigev_value: 0,
  sigev_signo: 8,
  sigev_notify: 12,
  sigev_notify_thread_id: 16,
} as const;
export const stack_t = {
  sizeof: 24,
  ss_sp: 0,
  ss_flags: 8,
  ss_size: 16,
} as const;
export const rlimit64 = {
  sizeof: 16,
  rlim_cur: 0,
  rlim_max: 8,
} as const;
export const sched_attr = {
  sizeof: 56,
  size: 0,
  sched_policy: 4,
  sched_flags: 8,
  sched_runtime: 24,
  sched_util_min: 48,
  sched_util_max: 52,
} as const;
export const rseq = {
  sizeof: 32,
  rseq_cs: 8,
  flags: 16,
} as const;
export const rseq_cs = {
  sizeof: 32,
  version: 0,
  flags: 4,
  start_ip: 8,
  post_commit_offset: 16,
  abort_ip: 24,
} as const;
export const clone_args = {
  sizeof: 88,
  flags: 0,
  exit_signal: 32,
  stack: 40,
  stack_size: 48,
  set_tid: 64,
  set_tid_size: 72,
} as const;
export const prctl_mm_map = {
  sizeof: 104,
  start_code: 0,
  end_code: 8,
  start_data: 16,
  end_data: 24,
  start_brk: 32,
  brk: 40,
  start_stack: 48,
  arg_start: 56,
  arg_end: 64,
  env_start: 72,
  env_end: 80,
  auxv: 88,
  auxv_size: 96,
  exe_fd: 100,
} as const;
export const ptrace_peeksiginfo_args = {
  sizeof: 16,
  off: 0,
  flags: 8,
  nr: 12,
} as const;
export const ptrace_rseq_configuration = {
  sizeof: 24,
  rseq_abi_pointer: 0,
  rseq_abi_size: 8,
  signature: 12,
  flags: 16,
} as const;
export const ptrace_sud_config = {
  sizeof: 32,
  mode: 0,
  selector: 8,
  offset: 16,
  len: 24,
} as const;
export const seccomp_metadata = {
  sizeof: 16,
  filter_off: 0,
  flags: 8,
} as const;
export const pm_scan_arg = {
  sizeof: 96,
  size: 0,
  start: 16,
  end: 24,
  vec: 40,
  vec_len: 48,
  category_mask: 72,
  return_mask: 88,
} as const;
export const utsname = {
  sizeof: 390,
  nodename: 65,
  domainname: 325,
} as const;
export const ipc_perm = {
  sizeof: 48,
  key: 0,
  uid: 4,
  gid: 8,
  cuid: 12,
  cgid: 16,
  mode: 20,
} as const;
export const shmid_ds = {
  sizeof: 112,
  shm_segsz: 48,
} as const;
export const msqid_ds = {
  sizeof: 120,
  msg_cbytes: 72,
  msg_qnum: 80,
  msg_qbytes: 88,
} as const;
export const semid_ds = {
  sizeof: 104,
  sem_nsems: 80,
} as const;
export const sembuf = {
  sizeof: 6,
  sem_num: 0,
  sem_op: 2,
  sem_flg: 4,
} as const;
export const seminfo = {
  sizeof: 40,
  semopm: 20,
} as const;
export const msgbuf = {
  sizeof: 8,
  mtype: 0,
  mtext: 8,
} as const;
export const mq_attr = {
  sizeof: 64,
  mq_maxmsg: 8,
  mq_msgsize: 16,
  mq_curmsgs: 24,
} as const;
export const Elf32_Ehdr = {
  sizeof: 52,
  e_phoff: 28,
  e_phentsize: 42,
  e_phnum: 44,
} as const;
export const Elf32_Phdr = {
  sizeof: 32,
  p_type: 0,
  p_offset: 4,
  p_filesz: 16,
} as const;
export const Elf64_Ehdr = {
  sizeof: 64,
  e_type: 16,
  e_machine: 18,
  e_phoff: 32,
  e_shoff: 40,
  e_phentsize: 54,
  e_phnum: 56,
  e_shnum: 60,
} as const;
export const Elf64_Phdr = {
  sizeof: 56,
  p_type: 0,
  p_flags: 4,
  p_offset: 8,
  p_vaddr: 16,
  p_filesz: 32,
  p_memsz: 40,
} as const;
export const Elf64_Shdr = {
  sizeof: 64,
  sh_type: 4,
  sh_offset: 24,
  sh_size: 32,
  sh_link: 40,
} as const;
export const Elf64_Sym = {
  sizeof: 24,
  st_name: 0,
  st_value: 8,
  st_size: 16,
} as const;
export const Elf64_Rela = {
  sizeof: 24,
  r_offset: 0,
  r_info: 8,
  r_addend: 16,
} as const;
export const Elf64_Dyn = {
  sizeof: 16,
  d_tag: 0,
  d_un: 8,
} as const;
export const Elf64_Nhdr = {
  sizeof: 12,
  n_namesz: 0,
  n_descsz: 4,
  n_type: 8,
} as const;
export const sigaction = {
  sizeof: 32,
  sa_handler: 0,
  sa_flags: 8,
  sa_restorer: 16,
  sa_mask: 24,
} as const;
export const user = {
  sizeof: 912,
  u_debugreg: 848,
} as const;
export const user_fpregs_struct = {
  sizeof: 512,
  cwd: 0,
  swd: 2,
  ftw: 4,
  fop: 6,
  rip: 8,
  rdp: 16,
  mxcsr: 24,
  mxcr_mask: 28,
  st_space: 32,
  xmm_space: 160,
} as const;
