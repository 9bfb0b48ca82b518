// SPDX-License-Identifier: GPL-2.0-only
// Which of many objects of the kernel is the same as one of a process: it has an order of them (kcmp(2)).
#include "addon.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

// placeOfObject(type, pid, fd, pids, fds, count): looks for an object among others, which are in the kernel's order of them: its
// place if it is one of them, else -1 - the place where it belongs. Descriptors are of no meaning but for KCMP_FILE.
Napi::Value place_of_object(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	int type = info[0].As<Napi::Number>().Int32Value();
	int pid = info[1].As<Napi::Number>().Int32Value();
	int fd = info[2].As<Napi::Number>().Int32Value();
	Napi::Int32Array pids = info[3].As<Napi::Int32Array>();
	Napi::Int32Array fds = info[4].As<Napi::Int32Array>();
	size_t low = 0, high = info[5].As<Napi::Number>().Uint32Value();

	if (high > pids.ElementLength() || high > fds.ElementLength())
		throw Napi::RangeError::New(env, "placeOfObject: more objects than there are");
	while (low < high) {
		size_t middle = (low + high) / 2;
		// 0: the same, 1: before it, 2: after it.
		long order = syscall(SYS_kcmp, pid, pids[middle], type, fd, fds[middle]);

		if (order == 0)
			return Napi::Number::New(env, static_cast<double>(middle));
		if (order == 1)
			high = middle;
		else if (order == 2)
			low = middle + 1;
		else
			// No place is so far away.
			return Napi::Number::New(env, -1e9 - (order < 0 ? errno : 0));
	}
	return Napi::Number::New(env, -1 - static_cast<double>(low));
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("placeOfObject", Napi::Function::New(env, place_of_object, "placeOfObject"));
});

} // namespace
