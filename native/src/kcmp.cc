// SPDX-License-Identifier: GPL-2.0-only
// Which of many objects of the kernel is the same as that of a process: it has an order of them (kcmp(2)).
#include "addon.h"
#include "kernel_order.h"

namespace {

// placeOfObject(type, pid, pids, count): looks for an object among others, which are in the kernel's order of them: its place if it
// is one of them, else -1 - the place where it belongs.
Napi::Value place_of_object(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	int type = info[0].As<Napi::Number>().Int32Value();
	int pid = info[1].As<Napi::Number>().Int32Value();
	Napi::Int32Array pids = info[2].As<Napi::Int32Array>();
	size_t count = info[3].As<Napi::Number>().Uint32Value();

	if (count > pids.ElementLength())
		throw Napi::RangeError::New(env, "placeOfObject: more objects than there are");
	criu::PlaceInOrder place = criu::place_in_order(
		type, pid, 0, count, [&](size_t i) { return pids[i]; }, [](size_t) { return 0; });
	double at = static_cast<double>(place.at);

	if (place.error)
		// No place is so far away.
		return Napi::Number::New(env, -1e9 - place.error);
	return Napi::Number::New(env, place.found ? at : -1 - at);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("placeOfObject", Napi::Function::New(env, place_of_object, "placeOfObject"));
});

} // namespace
