// SPDX-License-Identifier: GPL-2.0-only
// Reading ranges of a task's memory and writing ranges of files, each in full.
#include "pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace criu {

std::atomic<uint64_t> moved{ 0 };

int send_full(int socket, const uint8_t *data, uint64_t len, int flags)
{
	while (len) {
		ssize_t n = send(socket, data, len, flags | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EPIPE;
		data += n;
		len -= static_cast<uint64_t>(n);
	}
	return 0;
}

int write_full(int fd, const uint8_t *data, uint64_t len, uint64_t offset)
{
	while (len) {
		ssize_t w = pwrite(fd, data, len, static_cast<off_t>(offset));

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return w < 0 ? errno : EIO;
		data += w;
		len -= static_cast<uint64_t>(w);
		offset += static_cast<uint64_t>(w);
	}
	return 0;
}

static int read_open(int mem, uint8_t *to, uint64_t addr, uint64_t len)
{
	for (uint64_t done = 0; done < len;) {
		ssize_t n = pread(mem, to + done, len - done, static_cast<off_t>(addr + done));

		if (n < 0 && errno == EINTR)
			continue;
		// At the end of the file is a process that has ended.
		if (n <= 0)
			return n < 0 ? (errno == EIO ? EFAULT : errno) : ESRCH;
		done += static_cast<uint64_t>(n);
	}
	return 0;
}

static int read_mem(pid_t pid, uint8_t *to, uint64_t addr, uint64_t len)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	int e = read_open(fd, to, addr, len);

	close(fd);
	return e;
}

static int read_once(pid_t pid, int mem, uint8_t *to, uint64_t addr, uint64_t len)
{
	if (mem >= 0)
		return read_open(mem, to, addr, len);

	iovec local = { to, len };
	iovec remote = { reinterpret_cast<void *>(addr), len };
	ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);

	if (n >= 0 && static_cast<uint64_t>(n) == len)
		return 0;
	if (n < 0 && errno != EFAULT)
		return errno;
	// process_vm_readv(2) respects PROT_NONE; /proc/PID/mem of a tracee does not.
	return read_mem(pid, to, addr, len);
}

int read_task(pid_t pid, int mem, uint8_t *to, uint64_t addr, uint64_t len, bool lenient)
{
	const uint64_t page = 4096;
	int e = read_once(pid, mem, to, addr, len);

	if (!e || !lenient)
		return e;
	for (uint64_t at = 0; at < len; at += page)
		if (e == ESRCH || read_once(pid, mem, to + at, addr + at, page))
			memset(to + at, 0, page);
	return 0;
}

} // namespace criu
