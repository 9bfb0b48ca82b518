/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Rows that beginDescriptors() of the addon fills, one for each descriptor: indexes of the 32-bit and of the 64-bit
 * numbers of a row.
 */
#ifndef CRIU_DESCRIPTORS_H
#define CRIU_DESCRIPTORS_H

enum descriptor_small {
	DESCRIPTOR_LOCAL,      /* number of the copy in this process, -1 without one */
	DESCRIPTOR_FAILED,     /* enum descriptor_failure */
	DESCRIPTOR_ERRNO,      /* errno of the call that failed */
	DESCRIPTOR_FLAGS,      /* flags of fdinfo: O_*, with O_CLOEXEC if the descriptor is close-on-exec */
	DESCRIPTOR_MOUNT,      /* mnt_id of fdinfo */
	DESCRIPTOR_SIGNAL,     /* F_GETSIG */
	DESCRIPTOR_OWNER_TYPE, /* F_GETOWN_EX: F_OWNER_* and the number, which is 0 without an owner */
	DESCRIPTOR_OWNER,
	DESCRIPTOR_OWNER_UID,  /* F_GETOWNER_UIDS */
	DESCRIPTOR_OWNER_EUID,
	DESCRIPTOR_FAMILY,     /* SO_DOMAIN of a socket, else AF_UNSPEC; SO_TYPE and SO_PROTOCOL follow */
	DESCRIPTOR_TYPE,
	DESCRIPTOR_PROTOCOL,
	DESCRIPTOR_HAS_INO,    /* 1 if fdinfo has an inode number (since Linux 5.15) */
	DESCRIPTOR_EVENTS,     /* events of poll(2) on a Unix socket: POLLIN, POLLERR, POLLHUP */
	DESCRIPTOR_CONNECTED,  /* 1 if a TCP socket has a peer (getpeername(2)) */
	DESCRIPTOR_DESCRIPTION, /* number of the open file description, equal for all descriptors that refer to it; or -errno */
	DESCRIPTOR_OPTIONS,    /* numbers of the answers of a socket for its options and its peer, 0 without one */
	DESCRIPTOR_PEER,
	DESCRIPTOR_SMALL,
};

enum descriptor_large {
	DESCRIPTOR_DEV, /* this and the following as in struct stat, times in nanoseconds */
	DESCRIPTOR_INO,
	DESCRIPTOR_MODE,
	DESCRIPTOR_NLINK,
	DESCRIPTOR_UID,
	DESCRIPTOR_GID,
	DESCRIPTOR_RDEV,
	DESCRIPTOR_SIZE,
	DESCRIPTOR_BLOCKS,
	DESCRIPTOR_ATIME,
	DESCRIPTOR_MTIME,
	DESCRIPTOR_POS,      /* pos of fdinfo */
	DESCRIPTOR_INFO_INO, /* ino of fdinfo */
	DESCRIPTOR_NETNS,    /* SO_NETNS_COOKIE of a socket (since Linux 5.14), else 0 */
	DESCRIPTOR_LARGE,
};

enum descriptor_failure {
	DESCRIPTOR_NO_COPY = 1, /* pidfd_getfd(2) failed */
	DESCRIPTOR_NO_STAT,     /* fstat(2) or F_GETOWNER_UIDS failed */
	DESCRIPTOR_NO_LINK,     /* readlink(2) of /proc/PID/fd failed */
	DESCRIPTOR_NO_INFO,     /* reading /proc/PID/fdinfo failed; EBADMSG: unknown format */
};

#endif
