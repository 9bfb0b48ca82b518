/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Headers of the C library and of the kernel that declare the constants of constants.list and the structures of
 * structs.list.
 */
#pragma once
#include <sys/types.h>
#include <unistd.h>
#include <fcntl.h>
#include <errno.h>
#include <signal.h>
#include <time.h>
#include <sched.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/ioctl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/fanotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/sem.h>
#include <sys/msg.h>
#include <sys/mount.h>
#include <sys/file.h>
#include <sys/ptrace.h>
#include <termios.h>
#include <asm/ioctls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/filter.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <linux/if_addr.h>
#include <linux/if_packet.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <linux/auto_fs.h>
#include <linux/auto_dev-ioctl.h>
#include <linux/sock_diag.h>
#include <linux/inet_diag.h>
#include <linux/unix_diag.h>
#include <linux/packet_diag.h>
#include <linux/netlink_diag.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/sockios.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/kcmp.h>
#include <linux/keyctl.h>
#include <linux/userfaultfd.h>
#include <linux/memfd.h>
#include <linux/futex.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <linux/membarrier.h>
#include <linux/aio_abi.h>
#include <linux/limits.h>
#include <linux/tls.h>
#include <linux/udp.h>
#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/veth.h>
#include <linux/if_bridge.h>
#include <linux/rseq.h>
#include <linux/close_range.h>
#include <linux/ipv6.h>
#include <linux/in6.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/mqueue.h>
#include <linux/unistd.h>
#include <linux/tty.h>
#include <linux/ptp_clock.h>
#include <linux/vm_sockets.h>
#include <linux/net_namespace.h>
#include <linux/netconf.h>
#include <linux/stat.h>
#include <linux/sched.h>
#include <linux/io_uring.h>
#include <linux/loop.h>
#include <linux/netfilter_ipv4.h>
#include <linux/genetlink.h>
#include <linux/btrfs.h>
#include <linux/auto_fs.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <linux/mount.h>
#include <elf.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <net/if_arp.h>
#include <sys/auxv.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/utsname.h>
#include <dirent.h>
#include <netinet/ip6.h>
#include <linux/nexthop.h>
#include <linux/if_addrlabel.h>
#include <linux/if_tunnel.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_bpf.h>
#include <linux/tc_act/tc_connmark.h>
#include <linux/tc_act/tc_csum.h>
#include <linux/tc_act/tc_ct.h>
#include <linux/tc_act/tc_ctinfo.h>
#include <linux/tc_act/tc_defact.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_mpls.h>
#include <linux/tc_act/tc_nat.h>
#include <linux/tc_act/tc_pedit.h>
#include <linux/tc_act/tc_sample.h>
#include <linux/tc_act/tc_skbedit.h>
#include <linux/tc_act/tc_skbmod.h>
#include <linux/tc_act/tc_tunnel_key.h>
#include <linux/tc_act/tc_vlan.h>
#include <linux/xfrm.h>
#include <linux/wireguard.h>
#include <linux/mptcp.h>
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nf_conntrack_tcp.h>

#include <linux/version.h>
#include "../include/pagemap_scan.h"

/* What came after the kernel headers of Debian 11 (Linux 5.10) ... */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#define NLMSGERR_ATTR_MISS_TYPE 5
#define NLMSGERR_ATTR_MISS_NEST 6
#define IPSET_ATTR_INITVAL 17
#endif
#ifndef IPV6_FLOWINFO /* <linux/in6.h> hides them beside the C library's header at first */
#define IPV6_FLOWINFO 11
#define IPV6_FLOWINFO_SEND 33
#endif
#ifndef XFRM_MSG_SETDEFAULT /* Linux 5.15 */
#define XFRM_MSG_SETDEFAULT 39
#define XFRM_MSG_GETDEFAULT 40
#define XFRM_USERPOLICY_ACCEPT 2
struct xfrm_userpolicy_default {
	__u8 in;
	__u8 fwd;
	__u8 out;
};
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 19, 0)
#define XFRMA_MTIMER_THRESH 32
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define XFRMA_SA_DIR 33
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define XFRMA_NAT_KEEPALIVE_INTERVAL 34
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define XFRMA_SA_PCPU 35
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define XFRMA_IPTFS_DROP_TIME 36
#define XFRMA_IPTFS_REORDER_WINDOW 37
#define XFRMA_IPTFS_DONT_FRAG 38
#define XFRMA_IPTFS_INIT_DELAY 39
#define XFRMA_IPTFS_MAX_QSIZE 40
#define XFRMA_IPTFS_PKT_SIZE 41
#endif
#ifndef PR_SPEC_L1D_FLUSH /* Linux 5.15 */
#define PR_SPEC_L1D_FLUSH 2
#endif
#ifndef RTNH_F_TRAP /* Linux 5.12 */
#define RTNH_F_TRAP 64
#endif
#ifndef SO_PREFER_BUSY_POLL /* Linux 5.11 */
#define SO_PREFER_BUSY_POLL 69
#define SO_BUSY_POLL_BUDGET 70
#endif
#ifndef SO_RESERVE_MEM /* Linux 5.17 */
#define SO_RESERVE_MEM 73
#endif
#ifndef SO_TXREHASH /* Linux 5.18 */
#define SO_TXREHASH 74
#endif
#ifndef SO_RCVMARK /* Linux 5.19 */
#define SO_RCVMARK 75
#endif
#ifndef MOUNT_ATTR_SIZE_VER0 /* Linux 5.12; glibc 2.36 */
#define MOUNT_ATTR_SIZE_VER0 32
struct mount_attr {
	__u64 attr_set;
	__u64 attr_clr;
	__u64 propagation;
	__u64 userns_fd;
};
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW /* Linux 5.14 */
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif
#ifndef MOVE_MOUNT_SET_GROUP /* Linux 5.15 */
#define MOVE_MOUNT_SET_GROUP 0x00000100
#endif
#ifndef PTRACE_GET_RSEQ_CONFIGURATION /* Linux 5.13; glibc 2.34 */
#define PTRACE_GET_RSEQ_CONFIGURATION 0x420f
struct __ptrace_rseq_configuration {
	__u64 rseq_abi_pointer;
	__u32 rseq_abi_size;
	__u32 signature;
	__u32 flags;
	__u32 pad;
};
#endif
#ifndef PR_SCHED_CORE /* Linux 5.14 */
#define PR_SCHED_CORE 62
#define PR_SCHED_CORE_GET 0
#endif
#ifndef PR_SET_VMA /* Linux 5.17 */
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif
#ifndef SO_BUF_LOCK /* Linux 5.14 */
#define SO_BUF_LOCK 72
#endif
#ifndef UFFD_USER_MODE_ONLY /* Linux 5.11 */
#define UFFD_USER_MODE_ONLY 1
#endif
#ifndef USERFAULTFD_IOC_NEW /* Linux 6.1 */
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0x00)
#endif
/* ... and of Debian 12 (Linux 6.1). */
#ifndef F_GETOWNER_UIDS
#define F_GETOWNER_UIDS 17
#endif
#ifndef MADV_COLLAPSE /* Linux 6.1; glibc 2.37 */
#define MADV_COLLAPSE 25
#endif
#ifndef EPIOCSPARAMS /* Linux 6.9; glibc 2.40 */
struct epoll_params {
	__u32 busy_poll_usecs;
	__u16 busy_poll_budget;
	__u8 prefer_busy_poll;
	__u8 __pad;
};
#define EPIOCSPARAMS _IOW(0x8A, 0x01, struct epoll_params)
#define EPIOCGPARAMS _IOR(0x8A, 0x02, struct epoll_params)
#endif
#ifndef MADV_GUARD_INSTALL /* Linux 6.13 */
#define MADV_GUARD_INSTALL 102
#endif
#ifndef PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG /* Linux 6.4 */
#define PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG 0x4210
#define PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG 0x4211
struct ptrace_sud_config {
	__u64 mode;
	__u64 selector;
	__u64 offset;
	__u64 len;
};
#endif
#ifndef PR_TIMER_CREATE_RESTORE_IDS /* Linux 6.15 */
#define PR_TIMER_CREATE_RESTORE_IDS 77
#endif
#ifndef UFFD_FEATURE_WP_ASYNC /* Linux 6.7 */
#define UFFD_FEATURE_WP_ASYNC (1 << 15)
#endif
#ifndef TCP_AO_INFO /* Linux 6.7 */
#define TCP_AO_INFO 40
#endif
#ifndef SO_PASSPIDFD /* Linux 6.5 */
#define SO_PASSPIDFD 76
#endif
#ifndef SO_RCVPRIORITY /* Linux 6.14 */
#define SO_RCVPRIORITY 82
#endif
#ifndef SO_PASSRIGHTS /* Linux 6.16 */
#define SO_PASSRIGHTS 83
#endif
#ifndef SO_INQ /* Linux 6.17 */
#define SO_INQ 84
#endif
#ifndef PACKET_VNET_HDR_SZ /* Linux 6.5 */
#define PACKET_VNET_HDR_SZ 24
#endif
#ifndef TCP_RTO_MAX_MS /* Linux 6.15 */
#define TCP_RTO_MAX_MS 44
#define TCP_RTO_MIN_US 45
#define TCP_DELACK_MAX_US 46
#endif
#ifndef PIDFD_THREAD /* Linux 6.9 */
#define PIDFD_THREAD O_EXCL
#endif
#ifndef MAP_DROPPABLE /* Linux 6.11 */
#define MAP_DROPPABLE 0x08
#endif
#ifndef PR_SET_MDWE /* Linux 6.3 */
#define PR_SET_MDWE 65
#define PR_GET_MDWE 66
#endif
#ifndef PR_SET_MEMORY_MERGE /* Linux 6.4 */
#define PR_SET_MEMORY_MERGE 67
#define PR_GET_MEMORY_MERGE 68
#endif
#ifndef MEMBARRIER_CMD_GET_REGISTRATIONS /* Linux 6.3 */
#define MEMBARRIER_CMD_GET_REGISTRATIONS (1 << 9)
#endif
#ifndef PAGE_IS_GUARD /* Linux 6.15; the others are of 6.7 */
#define PAGE_IS_GUARD (1 << 8)
#endif
#ifndef PAGE_IS_PRESENT
#define PAGE_IS_PRESENT (1 << 3)
#endif

/* Declared in kernel headers that cannot be included together with those of the C library. */
#ifndef INOTIFY_IOC_SETNEXTWD
#define INOTIFY_IOC_SETNEXTWD _IOW('I', 0, __s32)
#endif
/* Of <linux/socket.h> within the kernel: no header for programs has them. */
#ifndef SCM_SECURITY
#define SCM_SECURITY 3
#endif
#ifndef SCM_PIDFD
#define SCM_PIDFD 4
#endif
#ifndef UDPLITE_SEND_CSCOV /* udplite(7) */
#define UDPLITE_SEND_CSCOV 10
#define UDPLITE_RECV_CSCOV 11
#endif
#ifndef SIOCUNIXFILE
#define SIOCUNIXFILE (SIOCPROTOPRIVATE + 0)
#endif
#ifndef TFD_IOC_SET_TICKS
#define TFD_IOC_SET_TICKS _IOW('T', 0, __u64)
#endif

/* The C library has other structures with these names. */
#define sched_param kernel_sched_param
#include <linux/sched/types.h>
#undef sched_param
#define termios kernel_termios
#include <asm/termbits.h>
#undef termios
/* struct msgbuf of <linux/msg.h> with an empty text. */
struct kernel_msgbuf {
	__kernel_long_t mtype;
	char mtext[];
};
