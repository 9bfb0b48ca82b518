// SPDX-License-Identifier: GPL-2.0-only
// Many descriptors of a process in one call: a copy of each, and what the kernel tells about it. Processes stand still while
// that is asked.
#include "addon.h"
#include "descriptors.h"

#include <atomic>
#include <errno.h>
#include <fcntl.h>
#include <memory>
#include <new>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

// Kernel's asm-generic/fcntl.h, which cannot be had beside that of the C library.
#ifndef F_GETOWNER_UIDS
#define F_GETOWNER_UIDS 17
#endif

// The same of its asm-generic/socket.h, which may be older than the kernel that runs.
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

namespace {

// A folder of a process in procfs.
struct Folder {
	int fd;

	explicit Folder(const std::string &path) : fd(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}
	~Folder()
	{
		if (fd >= 0)
			close(fd);
	}
	Folder(const Folder &) = delete;
	Folder &operator=(const Folder &) = delete;
};

uint64_t nanoseconds(const timespec &time)
{
	return static_cast<uint64_t>(time.tv_sec) * 1000000000u + static_cast<uint64_t>(time.tv_nsec);
}

// Takes one line `key:<blanks>number` off the front of a text.
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

class Looker {
public:
	Looker(int pid, int pidfd)
		: pidfd_(pidfd), links_("/proc/" + std::to_string(pid) + "/fd"),
		  infos_("/proc/" + std::to_string(pid) + "/fdinfo")
	{
	}

	// `link` and `info` get the text of the link and what fdinfo says beyond the lines that are the same for all.
	void look(int fd, int32_t *small, uint64_t *large, std::string *link, std::string *info)
	{
		int local = static_cast<int>(syscall(SYS_pidfd_getfd, pidfd_, fd, 0));

		small[DESCRIPTOR_LOCAL] = local;
		if (local < 0)
			return fail(small, DESCRIPTOR_NO_COPY);
		if (!stat(local, large))
			return fail(small, DESCRIPTOR_NO_STAT);
		std::string name = std::to_string(fd);
		if (!read_link(name, link))
			return fail(small, DESCRIPTOR_NO_LINK);
		if (!read_info(name, small, large, info))
			return fail(small, DESCRIPTOR_NO_INFO);
		if (!(small[DESCRIPTOR_FLAGS] & O_PATH))
			owner(local, small);
		if (S_ISSOCK(large[DESCRIPTOR_MODE]))
			socket(local, small, large);
	}

private:
	static void fail(int32_t *small, descriptor_failure what)
	{
		small[DESCRIPTOR_ERRNO] = errno;
		small[DESCRIPTOR_FAILED] = what;
		if (small[DESCRIPTOR_LOCAL] >= 0)
			close(small[DESCRIPTOR_LOCAL]);
		small[DESCRIPTOR_LOCAL] = -1;
	}

	static bool stat(int local, uint64_t *large)
	{
		struct stat about;

		// The C library of older systems has no fstat() to link to; the structure is the kernel's.
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

	bool read_link(const std::string &name, std::string *link)
	{
		ssize_t n = readlinkat(links_.fd, name.c_str(), room_.data(), room_.size());

		if (n < 0)
			return false;
		link->assign(room_.data(), static_cast<size_t>(n));
		return true;
	}

	bool read_info(const std::string &name, int32_t *small, uint64_t *large, std::string *info)
	{
		int fd = openat(infos_.fd, name.c_str(), O_RDONLY | O_CLOEXEC);
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
			// The kernel has made all of it at once (single_open): only what fills the room may go on.
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
		// Since Linux 5.15.
		small[DESCRIPTOR_HAS_INO] = take_line(&text, "ino:", 10, &value);
		large[DESCRIPTOR_INFO_INO] = small[DESCRIPTOR_HAS_INO] ? value : 0;
		info->assign(text, static_cast<size_t>(room_.data() + size - text));
		return true;
	}

	static void owner(int local, int32_t *small)
	{
		f_owner_ex owner = {};
		uid_t uids[2] = {};
		int signal = fcntl(local, F_GETSIG);

		small[DESCRIPTOR_SIGNAL] = signal < 0 ? 0 : signal;
		if (fcntl(local, F_GETOWN_EX, &owner) < 0 || owner.pid == 0)
			return;
		small[DESCRIPTOR_OWNER_TYPE] = owner.type;
		small[DESCRIPTOR_OWNER] = owner.pid;
		// A kernel without CONFIG_CHECKPOINT_RESTORE does not have it.
		if (fcntl(local, F_GETOWNER_UIDS, uids) < 0)
			return fail(small, DESCRIPTOR_NO_STAT);
		small[DESCRIPTOR_OWNER_UID] = static_cast<int32_t>(uids[0]);
		small[DESCRIPTOR_OWNER_EUID] = static_cast<int32_t>(uids[1]);
	}

	static void socket(int local, int32_t *small, uint64_t *large)
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
		// Of others a look may have effects: those of UDP drop packets with wrong sums.
		pollfd polled = { small[DESCRIPTOR_FAMILY] == AF_UNIX ? local : -1, POLLIN, 0 };

		if (poll(&polled, 1, 0) > 0)
			small[DESCRIPTOR_EVENTS] = polled.revents;
	}

	int pidfd_;
	Folder links_;
	Folder infos_;
	// A link that is longer cannot be read at all; fdinfo may be.
	std::vector<char> room_ = std::vector<char>(8192);
};

Napi::Value text(Napi::Env env, const std::string &bytes)
{
	napi_value value;

	if (napi_create_string_latin1(env, bytes.data(), bytes.size(), &value) != napi_ok)
		throw Napi::Error::New(env);
	return Napi::Value(env, value);
}

// Some descriptors that are looked at by a thread of their own, and in the end by whoever waits for it, too: a thread may be
// kept waiting by others on a busy machine, but never for more than the descriptor that it is at.
class Look {
public:
	Look(int pid, int pidfd, const int32_t *fds, size_t count, int32_t *small, uint64_t *large)
		: pid_(pid), pidfd_(pidfd), fds_(fds, fds + count), small_(small), large_(large), links_(count), infos_(count)
	{
	}
	~Look() { wait(); }
	Look(const Look &) = delete;
	Look &operator=(const Look &) = delete;

	void begin()
	{
		sched_param param = {};
		int policy = sched_getscheduler(0);

		sched_getparam(0, &param);
		thread_ = std::thread([this, policy, param] {
			// Tasks stand still: it goes before others if the caller does. Where it may not, it is slower.
			if (policy > 0)
				sched_setscheduler(0, policy, &param);
			work();
		});
	}

	void finish()
	{
		work();
		wait();
	}

	size_t count() const { return fds_.size(); }
	const std::string &link(size_t i) const { return links_[i]; }
	const std::string &info(size_t i) const { return infos_[i]; }

private:
	void wait()
	{
		if (thread_.joinable())
			thread_.join();
	}

	void work()
	{
		size_t i = next_++;

		if (i >= count())
			return;
		Looker looker(pid_, pidfd_);
		for (; i < count(); i = next_++) {
			int32_t *small = small_ + i * DESCRIPTOR_SMALL;

			try {
				looker.look(fds_[i], small, large_ + i * DESCRIPTOR_LARGE, &links_[i], &infos_[i]);
			} catch (const std::bad_alloc &) {
				small[DESCRIPTOR_ERRNO] = ENOMEM;
				small[DESCRIPTOR_FAILED] = DESCRIPTOR_NO_INFO;
			}
		}
	}

	int pid_;
	int pidfd_;
	std::vector<int32_t> fds_;
	int32_t *small_;
	uint64_t *large_;
	std::vector<std::string> links_;
	std::vector<std::string> infos_;
	std::atomic<size_t> next_{0};
	std::thread thread_;
};

// A look that JavaScript has begun. The rows are memory of arrays that live as long.
struct Begun {
	Napi::ObjectReference small;
	Napi::ObjectReference large;
	// Ends before they do.
	std::unique_ptr<Look> look;
};

// beginDescriptors(pid, pidfd, fds, small, large, ahead): begins to fill the rows of the descriptors, in a thread of its own if
// `ahead`.
Napi::Value begin_descriptors(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Int32Array fds = info[2].As<Napi::Int32Array>();
	Napi::Int32Array small = info[3].As<Napi::Int32Array>();
	Napi::BigUint64Array large = info[4].As<Napi::BigUint64Array>();
	size_t count = fds.ElementLength();

	if (small.ElementLength() < count * DESCRIPTOR_SMALL || large.ElementLength() < count * DESCRIPTOR_LARGE)
		throw Napi::RangeError::New(env, "beginDescriptors: no room for all rows");
	memset(small.Data(), 0, count * DESCRIPTOR_SMALL * sizeof(int32_t));
	auto begun = std::make_unique<Begun>();
	begun->small = Napi::Persistent(small.As<Napi::Object>());
	begun->large = Napi::Persistent(large.As<Napi::Object>());
	begun->look = std::make_unique<Look>(info[0].As<Napi::Number>().Int32Value(),
					     info[1].As<Napi::Number>().Int32Value(), fds.Data(), count, small.Data(),
					     large.Data());
	if (info[5].As<Napi::Boolean>().Value())
		begun->look->begin();
	return Napi::External<Begun>::New(env, begun.release(), [](Napi::Env, Begun *one) { delete one; });
}

// endDescriptors(begun): waits for all of them, and gives two texts for each: its link, and what its fdinfo has beyond the lines
// that are the same for all.
Napi::Value end_descriptors(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Look &look = *info[0].As<Napi::External<Begun>>().Data()->look;

	look.finish();
	Napi::Array texts = Napi::Array::New(env, look.count() * 2);
	for (size_t i = 0; i < look.count(); i++) {
		texts.Set(static_cast<uint32_t>(i * 2), text(env, look.link(i)));
		texts.Set(static_cast<uint32_t>(i * 2 + 1), text(env, look.info(i)));
	}
	return texts;
}

// closeAll(fds): those that are negative are none.
Napi::Value close_all(const Napi::CallbackInfo &info)
{
	Napi::Int32Array fds = info[0].As<Napi::Int32Array>();

	for (size_t i = 0; i < fds.ElementLength(); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return info.Env().Undefined();
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("beginDescriptors", Napi::Function::New(env, begin_descriptors, "beginDescriptors"));
	exports.Set("endDescriptors", Napi::Function::New(env, end_descriptors, "endDescriptors"));
	exports.Set("closeAll", Napi::Function::New(env, close_all, "closeAll"));
});

} // namespace
