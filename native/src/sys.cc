// SPDX-License-Identifier: GPL-2.0-only
// System calls without wrappers. A result in [-4095, -1] is a negated errno; a failed call never throws.
#include "addon.h"

#include <algorithm>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <vector>

namespace {

struct Bytes {
	uint8_t *data;
	size_t size;
};

bool as_bytes(const Napi::Value &v, Bytes *out)
{
	if (v.IsTypedArray()) {
		Napi::TypedArray t = v.As<Napi::TypedArray>();

		out->data = static_cast<uint8_t *>(t.ArrayBuffer().Data()) + t.ByteOffset();
		out->size = t.ByteLength();
		return true;
	}
	return false;
}

long call(const Napi::CallbackInfo &info)
{
	uint64_t a[7] = { 0 };
	long r;

	for (size_t i = 0; i < 7 && i < info.Length(); i++) {
		Bytes b;

		if (as_bytes(info[i], &b))
			a[i] = reinterpret_cast<uint64_t>(b.data);
		else if (info[i].IsNull() || info[i].IsUndefined())
			a[i] = 0;
		else
			a[i] = criu::to_u64(info[i], "syscall argument");
	}
	r = syscall(static_cast<long>(a[0]), a[1], a[2], a[3], a[4], a[5], a[6]);
	return r == -1 ? -errno : r;
}

Napi::Value sys(const Napi::CallbackInfo &info)
{
	return Napi::Number::New(info.Env(), static_cast<double>(call(info)));
}

Napi::Value sys_big(const Napi::CallbackInfo &info)
{
	return Napi::BigInt::New(info.Env(), static_cast<int64_t>(call(info)));
}

// addressOf(bytes) -> address of the first byte; valid while the caller keeps the array.
Napi::Value address_of(const Napi::CallbackInfo &info)
{
	Bytes b;

	if (!as_bytes(info[0], &b))
		throw Napi::TypeError::New(info.Env(), "addressOf: expected a typed array");
	return Napi::BigInt::New(info.Env(), reinterpret_cast<uint64_t>(b.data));
}

// vmRead(pid, address, bytes) and vmWrite(pid, address, bytes) -> number of bytes or -errno.
template <bool Write> Napi::Value vm(const Napi::CallbackInfo &info)
{
	Bytes b;
	iovec local, remote;
	ssize_t r;
	pid_t pid = info[0].As<Napi::Number>().Int32Value();
	uint64_t addr = criu::to_u64(info[1], "address");

	if (!as_bytes(info[2], &b))
		throw Napi::TypeError::New(info.Env(), "process memory: expected a typed array");
	local = { b.data, b.size };
	remote = { reinterpret_cast<void *>(addr), b.size };
	r = Write ? process_vm_writev(pid, &local, 1, &remote, 1, 0) : process_vm_readv(pid, &local, 1, &remote, 1, 0);
	return Napi::Number::New(info.Env(), static_cast<double>(r < 0 ? -errno : r));
}

// readText(path) -> the whole contents of a file, also one without a size (procfs), with one character for each byte;
// or -errno.
Napi::Value read_text(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	// Reused by all calls: only the JavaScript thread runs this, and the result is a copy.
	static thread_local std::vector<char> room(65536);
	std::string path = info[0].As<Napi::String>();
	size_t size = 0;
	napi_value text;
	ssize_t n;
	int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return Napi::Number::New(env, -errno);
	for (;;) {
		if (size == room.size())
			room.resize(size * 2);
		n = read(fd, room.data() + size, room.size() - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		size += static_cast<size_t>(n);
	}
	int error = n < 0 ? errno : 0;

	close(fd);
	if (error)
		return Napi::Number::New(env, -error);
	if (napi_create_string_latin1(env, room.data(), size, &text) != napi_ok)
		throw Napi::Error::New(env);
	return Napi::Value(env, text);
}

// readLink(path) -> the target of a symbolic link, with one character for each byte; or -errno. Links of procfs have no
// size, and a target has less than a page.
Napi::Value read_link(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	std::string path = info[0].As<Napi::String>();
	char target[4096];
	napi_value text;
	const ssize_t n = readlink(path.c_str(), target, sizeof(target));

	if (n < 0)
		return Napi::Number::New(env, -errno);
	if (napi_create_string_latin1(env, target, static_cast<size_t>(n), &text) != napi_ok)
		throw Napi::Error::New(env);
	return Napi::Value(env, text);
}

// readNumbers(path) -> the numeric names in a directory in ascending order; or -errno.
Napi::Value read_numbers(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	std::string path = info[0].As<Napi::String>();
	std::vector<int32_t> numbers;
	DIR *folder = opendir(path.c_str());

	if (!folder)
		return Napi::Number::New(env, -errno);
	errno = 0;
	while (dirent *entry = readdir(folder)) {
		char *end;
		long number = strtol(entry->d_name, &end, 10);

		errno = 0;
		if (end != entry->d_name && !*end && number >= 0 && number <= INT32_MAX)
			numbers.push_back(static_cast<int32_t>(number));
	}
	int error = errno;

	closedir(folder);
	if (error)
		return Napi::Number::New(env, -error);
	std::sort(numbers.begin(), numbers.end());
	Napi::Int32Array all = Napi::Int32Array::New(env, numbers.size());

	std::copy(numbers.begin(), numbers.end(), all.Data());
	return all;
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("sys", Napi::Function::New(env, sys, "sys"));
	exports.Set("sysBig", Napi::Function::New(env, sys_big, "sysBig"));
	exports.Set("readText", Napi::Function::New(env, read_text, "readText"));
	exports.Set("readLink", Napi::Function::New(env, read_link, "readLink"));
	exports.Set("readNumbers", Napi::Function::New(env, read_numbers, "readNumbers"));
	exports.Set("addressOf", Napi::Function::New(env, address_of, "addressOf"));
	exports.Set("vmRead", Napi::Function::New(env, vm<false>, "vmRead"));
	exports.Set("vmWrite", Napi::Function::New(env, vm<true>, "vmWrite"));
});

} // namespace
