// SPDX-License-Identifier: GPL-2.0-only
// All files of a small folder in one call, with what an archive needs of them. Node opens, asks and closes each of them
// several times, by paths, and makes an object of 18 fields.
#include "addon.h"
#include "tree.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace {

constexpr int READ = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;

// Room for names of extended attributes; a file with more of them has some.
constexpr size_t MOST_NAMES = 4096;

class Descriptor {
public:
	explicit Descriptor(int fd) : fd_(fd) {}
	~Descriptor()
	{
		if (fd_ >= 0)
			close(fd_);
	}
	Descriptor(const Descriptor &) = delete;
	Descriptor &operator=(const Descriptor &) = delete;
	int get() const { return fd_; }

private:
	int fd_;
};

// A file that is looked at: its name in an open folder, and a descriptor if it may be opened.
struct Place {
	int folder;
	const char *name;
	int fd;
};

ssize_t list_xattrs(const Place &at, char *names)
{
	if (at.fd >= 0)
		return flistxattr(at.fd, names, MOST_NAMES);
	const std::string path = "/proc/self/fd/" + std::to_string(at.folder) + "/" + at.name;

	return llistxattr(path.c_str(), names, MOST_NAMES);
}

// 1 or 0, or -errno.
int has_xattrs(const Place &at)
{
	char names[MOST_NAMES];
	const ssize_t size = list_xattrs(at, names);

	if (size < 0)
		return errno == ERANGE ? 1 : errno == EOPNOTSUPP || errno == ENODATA ? 0 : -errno;
	for (const char *name = names; name < names + size; name += strlen(name) + 1)
		if (strncmp(name, "system.", 7) != 0 || strncmp(name, "system.posix_acl_", 17) == 0)
			return 1;
	return 0;
}

class Tree {
public:
	Tree(size_t most_files, size_t most_bytes) : most_files_(most_files), room_(most_bytes) {}

	// Looks at a file, and at all below it. False if there are too many, or one failed.
	bool visit(int folder, const char *name, const std::string &path);

	bool too_many() const { return too_many_; }
	Napi::Value rows(Napi::Env env) const;

private:
	uint32_t &small(tree_small which) { return small_[small_.size() - TREE_SMALL + which]; }
	void about(tree_about what) { small(TREE_ABOUT) |= what; }
	bool fail(int error)
	{
		small(TREE_ERRNO) = static_cast<uint32_t>(error);
		return false;
	}
	bool attributes(const Place &at);
	bool contents(const Place &at, size_t size);
	bool target(const Place &at);
	bool enter(int fd, const std::string &path);
	void add(const struct statx &st, const std::string &path);

	const size_t most_files_;
	size_t room_;
	bool too_many_ = false;
	uint32_t major_ = 0, minor_ = 0;
	std::vector<uint32_t> small_;
	std::vector<int64_t> large_;
	std::string text_;
};

void Tree::add(const struct statx &st, const std::string &path)
{
	if (small_.empty()) {
		major_ = st.stx_dev_major;
		minor_ = st.stx_dev_minor;
	}
	small_.resize(small_.size() + TREE_SMALL);
	small(TREE_MODE) = st.stx_mode;
	small(TREE_UID) = st.stx_uid;
	small(TREE_GID) = st.stx_gid;
	small(TREE_NLINK) = st.stx_nlink;
	small(TREE_MAJOR) = st.stx_rdev_major;
	small(TREE_MINOR) = st.stx_rdev_minor;
	small(TREE_PATH) = static_cast<uint32_t>(path.size());
	text_ += path;
	large_.push_back(static_cast<int64_t>(st.stx_size));
	large_.push_back(static_cast<int64_t>(st.stx_blocks));
	large_.push_back(static_cast<int64_t>(st.stx_ino));
	large_.push_back(st.stx_mtime.tv_sec * 1000000000 + st.stx_mtime.tv_nsec);
	if (st.stx_dev_major != major_ || st.stx_dev_minor != minor_)
		about(TREE_IS_FOREIGN);
}

bool Tree::attributes(const Place &at)
{
	const int found = has_xattrs(at);
	int flags = 0;

	if (found < 0)
		return fail(-found);
	if (found)
		about(TREE_HAS_XATTRS);
	if (at.fd < 0)
		return true;
	if (ioctl(at.fd, FS_IOC_GETFLAGS, &flags) == 0) {
		small(TREE_FLAGS) = static_cast<uint32_t>(flags);
		about(TREE_HAS_FLAGS);
		return true;
	}
	return errno == ENOTTY || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS ? true : fail(errno);
}

bool Tree::contents(const Place &at, size_t size)
{
	const size_t start = text_.size();

	if (size > room_) {
		room_ = 0;
		return true;
	}
	room_ -= size;
	text_.resize(start + size);
	for (size_t done = 0; done < size;) {
		const ssize_t got = pread(at.fd, &text_[start + done], size - done, static_cast<off_t>(done));

		if (got < 0)
			return fail(errno);
		if (got == 0) {
			text_.resize(start);
			return true;
		}
		done += static_cast<size_t>(got);
	}
	small(TREE_CONTENT) = static_cast<uint32_t>(size);
	about(TREE_HAS_CONTENT);
	return true;
}

bool Tree::target(const Place &at)
{
	char text[PATH_MAX];
	const ssize_t size = readlinkat(at.folder, at.name, text, sizeof(text));

	if (size < 0)
		return fail(errno);
	text_.append(text, static_cast<size_t>(size));
	small(TREE_CONTENT) = static_cast<uint32_t>(size);
	about(TREE_HAS_CONTENT);
	return true;
}

bool Tree::enter(int fd, const std::string &path)
{
	std::vector<std::string> names;
	// The directory stream owns its descriptor.
	const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *stream = own < 0 ? nullptr : fdopendir(own);

	if (!stream) {
		const int error = errno;

		if (own >= 0)
			close(own);
		return fail(error);
	}
	for (;;) {
		errno = 0;
		const dirent *entry = readdir(stream);

		if (!entry)
			break;
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			names.push_back(entry->d_name);
	}
	const int error = errno;

	closedir(stream);
	if (error)
		return fail(error);
	std::sort(names.begin(), names.end());
	for (const std::string &name : names)
		if (!visit(fd, name.c_str(), path.empty() ? name : path + "/" + name))
			return false;
	return true;
}

bool Tree::visit(int folder, const char *name, const std::string &path)
{
	struct statx st;

	if (small_.size() >= most_files_ * TREE_SMALL) {
		too_many_ = true;
		return false;
	}
	memset(&st, 0, sizeof(st));
	const bool seen = statx(folder, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &st) == 0;
	const int error = errno;

	add(st, path);
	if (!seen)
		return fail(error);
	const bool is_file = S_ISREG(st.stx_mode), is_folder = S_ISDIR(st.stx_mode);

	if (small(TREE_ABOUT) & TREE_IS_FOREIGN)
		return true;
	// Only files and folders are opened: opening a device or FIFO has side effects.
	const Descriptor open(is_file || is_folder ? openat(folder, name, READ) : -1);

	if ((is_file || is_folder) && open.get() < 0)
		return fail(errno);
	const Place at = { folder, name, open.get() };

	if (!attributes(at))
		return false;
	if (is_file)
		return contents(at, st.stx_size);
	if (S_ISLNK(st.stx_mode))
		return target(at);
	return is_folder ? enter(at.fd, path) : true;
}

Napi::Value Tree::rows(Napi::Env env) const
{
	Napi::Object out = Napi::Object::New(env);
	Napi::Uint32Array small = Napi::Uint32Array::New(env, small_.size());
	Napi::BigInt64Array large = Napi::BigInt64Array::New(env, large_.size());

	std::copy(small_.begin(), small_.end(), small.Data());
	std::copy(large_.begin(), large_.end(), large.Data());
	out.Set("small", small);
	out.Set("large", large);
	out.Set("text", Napi::Buffer<char>::Copy(env, text_.data(), text_.size()));
	return out;
}

// walkTree(fd, most files, most bytes of contents) -> rows of all files below an open folder, folders before what is in
// them and that in the order of names; undefined if there are more.
Napi::Value walk_tree(const Napi::CallbackInfo &info)
{
	Tree tree(info[1].As<Napi::Number>().Uint32Value(), info[2].As<Napi::Number>().Uint32Value());

	tree.visit(info[0].As<Napi::Number>().Int32Value(), ".", "");
	return tree.too_many() ? info.Env().Undefined() : tree.rows(info.Env());
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("walkTree", Napi::Function::New(env, walk_tree, "walkTree"));
});

} // namespace
