// SPDX-License-Identifier: GPL-2.0-only
// Many options of a socket in one call: there are a hundred, and tasks stand still while they are read.
#include "addon.h"

#include <errno.h>
#include <sys/socket.h>

namespace {

// readOptions(fd, wanted, lengths, values): `wanted` has level, name and room in bytes of each option. Their values go one behind
// the other into `values`, each in its room, and their lengths, or -errno, into `lengths`.
Napi::Value read_options(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	int fd = info[0].As<Napi::Number>().Int32Value();
	Napi::Int32Array wanted = info[1].As<Napi::Int32Array>();
	Napi::Int32Array lengths = info[2].As<Napi::Int32Array>();
	Napi::Uint8Array values = info[3].As<Napi::Uint8Array>();
	size_t count = wanted.ElementLength() / 3;
	size_t at = 0;

	if (lengths.ElementLength() < count)
		throw Napi::RangeError::New(env, "readOptions: no room for all lengths");
	for (size_t i = 0; i < count; i++) {
		int32_t room = wanted[i * 3 + 2];
		socklen_t length = static_cast<socklen_t>(room);

		if (room < 0 || at + static_cast<size_t>(room) > values.ElementLength())
			throw Napi::RangeError::New(env, "readOptions: no room for all values");
		if (getsockopt(fd, wanted[i * 3], wanted[i * 3 + 1], values.Data() + at, &length) < 0)
			lengths[i] = -errno;
		else
			lengths[i] = static_cast<int32_t>(length);
		at += static_cast<size_t>(room);
	}
	return env.Undefined();
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("readOptions", Napi::Function::New(env, read_options, "readOptions"));
});

} // namespace
