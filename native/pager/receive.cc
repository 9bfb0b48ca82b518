// SPDX-License-Identifier: GPL-2.0-only
// Messages of the restore: bytes, and descriptors with them.
#include "pager.h"

#include <errno.h>
#include <sys/socket.h>

namespace pager {

// The most that the kernel passes in one message (SCM_MAX_FD).
static const size_t MOST_FDS = 253;

bool receive(void *to, size_t length, std::vector<int> &fds)
{
	uint8_t *at = static_cast<uint8_t *>(to);

	while (length) {
		alignas(cmsghdr) uint8_t room[CMSG_SPACE(sizeof(int) * MOST_FDS)];
		iovec iov = { at, length };
		msghdr msg = {};

		msg.msg_iov = &iov;
		msg.msg_iovlen = 1;
		msg.msg_control = room;
		msg.msg_controllen = sizeof(room);
		ssize_t n = recvmsg(shared->control, &msg, MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		for (cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
			if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
				for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++)
					fds.push_back(reinterpret_cast<int *>(CMSG_DATA(c))[i]);
		at += n;
		length -= static_cast<size_t>(n);
	}
	return true;
}

} // namespace pager
