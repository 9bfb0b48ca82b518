/* SPDX-License-Identifier: GPL-2.0-only
 * Rows that beginDescriptors() of the addon has filled, one for each descriptor: places of numbers of 32 and of 64 bits.
 */
#ifndef CRIU_DESCRIPTORS_H
#define CRIU_DESCRIPTORS_H

enum descriptor_small {
	DESCRIPTOR_LOCAL,      /* our copy, -1 if there is none */
	DESCRIPTOR_FAILED,     /* enum descriptor_failure */
	DESCRIPTOR_ERRNO,      /* of what has failed */
	DESCRIPTOR_FLAGS,      /* of fdinfo: O_*, with O_CLOEXEC if the descriptor has it */
	DESCRIPTOR_MOUNT,      /* of fdinfo */
	DESCRIPTOR_SIGNAL,     /* F_GETSIG */
	DESCRIPTOR_OWNER_TYPE, /* F_GETOWN_EX: F_OWNER_*, and a number that is 0 if there is none */
	DESCRIPTOR_OWNER,
	DESCRIPTOR_OWNER_UID,  /* F_GETOWNER_UIDS */
	DESCRIPTOR_OWNER_EUID,
	DESCRIPTOR_FAMILY,     /* SO_DOMAIN of a socket, AF_UNSPEC of anything else; SO_TYPE, SO_PROTOCOL */
	DESCRIPTOR_TYPE,
	DESCRIPTOR_PROTOCOL,
	DESCRIPTOR_HAS_INO,    /* whether fdinfo has an inode number: since Linux 5.15 */
	DESCRIPTOR_EVENTS,     /* of poll(2) on a Unix socket: POLLIN, POLLERR, POLLHUP */
	DESCRIPTOR_DESCRIPTION, /* a number for the open file description, the same for all that lead to it; -errno */
	DESCRIPTOR_OPTIONS,    /* numbers of the answers of a socket that was asked, 0 of all others: its options, its peer */
	DESCRIPTOR_PEER,
	DESCRIPTOR_SMALL,
};

enum descriptor_large {
	DESCRIPTOR_DEV, /* from here on as in struct stat, times in nanoseconds */
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
	DESCRIPTOR_POS,      /* of fdinfo */
	DESCRIPTOR_INFO_INO, /* of fdinfo */
	DESCRIPTOR_NETNS,    /* SO_NETNS_COOKIE of a socket: since Linux 5.14, else 0 */
	DESCRIPTOR_LARGE,
};

enum descriptor_failure {
	DESCRIPTOR_NO_COPY = 1, /* pidfd_getfd(2) */
	DESCRIPTOR_NO_STAT,     /* fstat(2), or F_GETOWNER_UIDS */
	DESCRIPTOR_NO_LINK,     /* /proc/PID/fd */
	DESCRIPTOR_NO_INFO,     /* /proc/PID/fdinfo: EBADMSG if it is not understood */
};

#endif
