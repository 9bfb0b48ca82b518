// SPDX-License-Identifier: GPL-2.0-only
// Reads files of procfs in a thread before their text is needed: the kernel produces some of them slowly (/proc/locks
// waits until all CPUs have passed a barrier). takeAhead() waits for the rest of that time.
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <future>
#include <memory>
#include <string>
#include <unistd.h>

namespace {

struct Text {
	std::string bytes;
	int error = 0;
};

Text read_all(const std::string &path)
{
	Text text;
	char piece[65536];
	int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0) {
		text.error = errno;
		return text;
	}
	while ((n = read(fd, piece, sizeof(piece))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			text.bytes.append(piece, static_cast<size_t>(n));
	if (n < 0)
		text.error = errno;
	close(fd);
	return text;
}

// readAhead(path) -> a handle for takeAhead().
Napi::Value read_ahead(const Napi::CallbackInfo &info)
{
	std::string path = info[0].As<Napi::String>();
	auto *future = new std::shared_future<Text>(std::async(std::launch::async, read_all, path));

	// The destructor of a future of std::async() waits for the thread, also if takeAhead() was never called.
	return Napi::External<std::shared_future<Text>>::New(
		info.Env(), future, [](Napi::Env, std::shared_future<Text> *one) { delete one; });
}

// takeAhead(handle) -> the text with one character for each byte, or -errno.
Napi::Value take_ahead(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	const Text &text = info[0].As<Napi::External<std::shared_future<Text>>>().Data()->get();
	napi_value value;

	if (text.error)
		return Napi::Number::New(env, -text.error);
	if (napi_create_string_latin1(env, text.bytes.data(), text.bytes.size(), &value) != napi_ok)
		throw Napi::Error::New(env);
	return Napi::Value(env, value);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("readAhead", Napi::Function::New(env, read_ahead, "readAhead"));
	exports.Set("takeAhead", Napi::Function::New(env, take_ahead, "takeAhead"));
});

} // namespace
