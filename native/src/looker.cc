// SPDX-License-Identifier: GPL-2.0-only
#include "looker.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// From the kernel's asm-generic/fcntl.h, which cannot be included together with the header of the C library.
#ifndef F_GETOWNER_UIDS
#define F_GETOWNER_UIDS 17
#endif

// From the kernel's asm-generic/socket.h; the installed headers may be older than the running kernel.
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

namespace criu {

namespace {

int open_folder(int pid, const char *name)
{
	std::string path = "/proc/" + std::to_string(pid) + "/" + name;

	return open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

uint64_t nanoseconds(const timespec &time)
{
	return static_cast<uint64_t>(time.tv_sec) * 1000000000u + static_cast<uint64_t>(time.tv_nsec);
}

// Parses one line `key:<blanks>number` and moves *text behind it.
bool take_line(const char **text, const char *key, int base, unsigned long long *value)
{
	size_t length = strlen(key);
	char *end;

	if (strncmp(*text, key, length) != 0)
		return false;
	*value = strtoull(*text + length, &end, base);
	if (end == *text + length || *end != '\n')
		return false;
	*text = end + 1;
	return true;
}

void fail(int32_t *small, descriptor_failure what)
{
	small[DESCRIPTOR_ERRNO] = errno;
	small[DESCRIPTOR_FAILED] = what;
	if (small[DESCRIPTOR_LOCAL] >= 0)
		close(small[DESCRIPTOR_LOCAL]);
	small[DESCRIPTOR_LOCAL] = -1;
}

bool stat_of(int local, uint64_t *large)
{
	struct stat about;

	// A C library before glibc 2.33 exports no fstat(). On x86_64 its struct stat equals that of the kernel.
	if (syscall(SYS_fstat, local, &about) < 0)
		return false;
	large[DESCRIPTOR_DEV] = about.st_dev;
	large[DESCRIPTOR_INO] = about.st_ino;
	large[DESCRIPTOR_MODE] = about.st_mode;
	large[DESCRIPTOR_NLINK] = about.st_nlink;
	large[DESCRIPTOR_UID] = about.st_uid;
	large[DESCRIPTOR_GID] = about.st_gid;
	large[DESCRIPTOR_RDEV] = about.st_rdev;
	large[DESCRIPTOR_SIZE] = static_cast<uint64_t>(about.st_size);
	large[DESCRIPTOR_BLOCKS] = static_cast<uint64_t>(about.st_blocks);
	large[DESCRIPTOR_ATIME] = nanoseconds(about.st_atim);
	large[DESCRIPTOR_MTIME] = nanoseconds(about.st_mtim);
	return true;
}

void owner(int local, int32_t *small)
{
	f_owner_ex owner = {};
	uid_t uids[2] = {};
	int signal = fcntl(local, F_GETSIG);

	small[DESCRIPTOR_SIGNAL] = signal < 0 ? 0 : signal;
	if (fcntl(local, F_GETOWN_EX, &owner) < 0 || owner.pid == 0)
		return;
	small[DESCRIPTOR_OWNER_TYPE] = owner.type;
	small[DESCRIPTOR_OWNER] = owner.pid;
	// The kernel has F_GETOWNER_UIDS only with CONFIG_CHECKPOINT_RESTORE.
	if (fcntl(local, F_GETOWNER_UIDS, uids) < 0)
		return fail(small, DESCRIPTOR_NO_STAT);
	small[DESCRIPTOR_OWNER_UID] = static_cast<int32_t>(uids[0]);
	small[DESCRIPTOR_OWNER_EUID] = static_cast<int32_t>(uids[1]);
}

} // namespace

Looker::Looker(const LookAt &at) : at_(at), links_(open_folder(at.pid, "fd")), infos_(open_folder(at.pid, "fdinfo")) {}

Looker::~Looker()
{
	for (int fd : { links_, infos_ })
		if (fd >= 0)
			close(fd);
}

void Looker::look(int fd, int32_t *small, uint64_t *large, std::string *link, std::string *info)
{
	int local = static_cast<int>(syscall(SYS_pidfd_getfd, at_.pidfd, fd, 0));

	small[DESCRIPTOR_LOCAL] = local;
	if (local < 0)
		return fail(small, DESCRIPTOR_NO_COPY);
	if (!stat_of(local, large))
		return fail(small, DESCRIPTOR_NO_STAT);
	std::string name = std::to_string(fd);
	if (!link_of(large, link) && !read_link(name, link))
		return fail(small, DESCRIPTOR_NO_LINK);
	if (!read_info(name, small, large, info))
		return fail(small, DESCRIPTOR_NO_INFO);
	small[DESCRIPTOR_DESCRIPTION] = at_.descriptions->number(at_.pid, fd, large[DESCRIPTOR_DEV], large[DESCRIPTOR_INO]);
	if (!(small[DESCRIPTOR_FLAGS] & O_PATH))
		owner(local, small);
	if (S_ISSOCK(large[DESCRIPTOR_MODE]))
		socket(local, small, large);
}

// The device numbers of the file systems of sockets and pipes, which nobody mounts; -1 if they are not known.
struct Nameless {
	uint64_t sockets = UINT64_MAX;
	uint64_t pipes = UINT64_MAX;

	Nameless()
	{
		int ends[2];
		uint64_t about[DESCRIPTOR_LARGE];

		if (int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); fd >= 0) {
			if (stat_of(fd, about))
				sockets = about[DESCRIPTOR_DEV];
			close(fd);
		}
		if (pipe2(ends, O_CLOEXEC) == 0) {
			if (stat_of(ends[0], about))
				pipes = about[DESCRIPTOR_DEV];
			for (int fd : ends)
				close(fd);
		}
	}
};

// The link of a socket or pipe follows from its inode (sockfs_dname and pipefs_dname of the kernel). Reading it makes an inode in /proc.
bool Looker::link_of(const uint64_t *large, std::string *link)
{
	static const Nameless nameless;
	const uint64_t dev = large[DESCRIPTOR_DEV];

	if (dev != nameless.sockets && dev != nameless.pipes)
		return false;
	*link = (dev == nameless.sockets ? "socket:[" : "pipe:[") + std::to_string(large[DESCRIPTOR_INO]) + ']';
	return true;
}

bool Looker::read_link(const std::string &name, std::string *link)
{
	ssize_t n = readlinkat(links_, name.c_str(), room_.data(), room_.size());

	if (n < 0)
		return false;
	link->assign(room_.data(), static_cast<size_t>(n));
	return true;
}

bool Looker::read_info(const std::string &name, int32_t *small, uint64_t *large, std::string *info)
{
	int fd = openat(infos_, name.c_str(), O_RDONLY | O_CLOEXEC);
	unsigned long long value;
	size_t size = 0;
	ssize_t n;

	if (fd < 0)
		return false;
	for (;;) {
		if (size + 1 >= room_.size())
			room_.resize(room_.size() * 2);
		n = read(fd, room_.data() + size, room_.size() - size - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		size += static_cast<size_t>(n);
		// fdinfo comes from single_open(): one read(2) returns all of it unless the buffer is full.
		if (size + 1 < room_.size())
			break;
	}
	int error = errno;

	close(fd);
	errno = error;
	if (n < 0)
		return false;
	room_[size] = 0;
	const char *text = room_.data();

	errno = EBADMSG;
	if (!take_line(&text, "pos:", 10, &value))
		return false;
	large[DESCRIPTOR_POS] = value;
	if (!take_line(&text, "flags:", 8, &value))
		return false;
	small[DESCRIPTOR_FLAGS] = static_cast<int32_t>(value);
	if (!take_line(&text, "mnt_id:", 10, &value))
		return false;
	small[DESCRIPTOR_MOUNT] = static_cast<int32_t>(value);
	// fdinfo has `ino` since Linux 5.15.
	small[DESCRIPTOR_HAS_INO] = take_line(&text, "ino:", 10, &value);
	large[DESCRIPTOR_INFO_INO] = small[DESCRIPTOR_HAS_INO] ? value : 0;
	info->assign(text, static_cast<size_t>(room_.data() + size - text));
	return true;
}

void Looker::socket(int local, int32_t *small, uint64_t *large)
{
	const struct {
		int name;
		void *value;
		socklen_t size;
	} options[] = {
		{ SO_DOMAIN, &small[DESCRIPTOR_FAMILY], sizeof(int32_t) },
		{ SO_TYPE, &small[DESCRIPTOR_TYPE], sizeof(int32_t) },
		{ SO_PROTOCOL, &small[DESCRIPTOR_PROTOCOL], sizeof(int32_t) },
		{ SO_NETNS_COOKIE, &large[DESCRIPTOR_NETNS], sizeof(uint64_t) },
	};

	for (const auto &option : options) {
		socklen_t size = option.size;

		getsockopt(local, SOL_SOCKET, option.name, option.value, &size);
	}
	// poll(2) may change other kinds of sockets: it makes UDP drop datagrams with wrong checksums.
	pollfd polled = { small[DESCRIPTOR_FAMILY] == AF_UNIX ? local : -1, POLLIN, 0 };

	if (poll(&polled, 1, 0) > 0)
		small[DESCRIPTOR_EVENTS] = polled.revents;
	int family = small[DESCRIPTOR_FAMILY];
	sockaddr_storage peer;
	socklen_t size = sizeof(peer);

	if ((family == AF_INET || family == AF_INET6) && small[DESCRIPTOR_PROTOCOL] == IPPROTO_TCP)
		small[DESCRIPTOR_CONNECTED] = getpeername(local, reinterpret_cast<sockaddr *>(&peer), &size) == 0;
	SocketKind kind = { family, small[DESCRIPTOR_TYPE], small[DESCRIPTOR_PROTOCOL], small[DESCRIPTOR_CONNECTED] };

	for (const auto &questions : at_.questions)
		if (questions->concern(kind))
			small[questions->place()] = questions->ask(local);
}

} // namespace criu
