// SPDX-License-Identifier: GPL-2.0-only
// Whole files as values of JavaScript that need no copy. Node reads a file of megabytes into memory that it has not used
// before, page fault by page fault, and copies it into its heap: 3 ms for a bundle and what V8 has compiled of it.
#include "addon.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// node_api_create_external_string_latin1(), which Node has had since 20.4, as an addition that its headers still call
// experimental. Weak, since other programs that load addons may not export it.
extern "C" napi_status external_latin1(napi_env env, char *text, size_t length, napi_finalize finalize, void *hint,
				       napi_value *result, bool *copied)
	__asm__("node_api_create_external_string_latin1") __attribute__((weak));

namespace {

struct Bytes {
	char *at = nullptr;
	size_t size = 0;
};

// Reads a file into memory of its own, which is populated in one go. It is not mapped: whoever shortens a mapped file
// ends its readers (SIGBUS). There is nothing at `at` if the file cannot be read, or is empty.
Bytes read_whole(const std::string &path)
{
	Bytes bytes;
	struct statx st;
	const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return bytes;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &st) == 0 && st.stx_size > 0) {
		const size_t size = st.stx_size;
		void *at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		if (at != MAP_FAILED && read(fd, at, size) == static_cast<ssize_t>(size))
			bytes = { static_cast<char *>(at), size };
		else if (at != MAP_FAILED)
			munmap(at, size);
	}
	close(fd);
	return bytes;
}

void *size_as_hint(size_t size)
{
	return reinterpret_cast<void *>(size);
}

void unmap(napi_env, void *at, void *hint)
{
	munmap(at, reinterpret_cast<size_t>(hint));
}

// readLatin1(path) -> the text of a file, one character for each byte; undefined if it cannot be read so.
Napi::Value read_latin1(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	const Bytes bytes = external_latin1 ? read_whole(info[0].As<Napi::String>()) : Bytes();
	napi_value text;
	bool copied;

	if (!bytes.at)
		return env.Undefined();
	if (external_latin1(env, bytes.at, bytes.size, unmap, size_as_hint(bytes.size), &text, &copied) != napi_ok) {
		munmap(bytes.at, bytes.size);
		return env.Undefined();
	}
	return Napi::String(env, text);
}

// readBytes(path) -> Buffer with the contents of a file; undefined if it cannot be read so.
Napi::Value read_bytes(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	const Bytes bytes = read_whole(info[0].As<Napi::String>());
	napi_value buffer;

	if (!bytes.at)
		return env.Undefined();
	if (napi_create_external_buffer(env, bytes.size, bytes.at, unmap, size_as_hint(bytes.size), &buffer) != napi_ok) {
		munmap(bytes.at, bytes.size);
		return env.Undefined();
	}
	return Napi::Value(env, buffer);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("readLatin1", Napi::Function::New(env, read_latin1, "readLatin1"));
	exports.Set("readBytes", Napi::Function::New(env, read_bytes, "readBytes"));
});

} // namespace
