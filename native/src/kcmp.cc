// SPDX-License-Identifier: GPL-2.0-only
// Finds an object of a process among many others in the order of kcmp(2).
#include "addon.h"
#include "kernel_order.h"

namespace {

// placeOfObject(type, pid, pids, count) -> index of the object among the others, which are in the order of kcmp(2); if
// it is none of them, -1 - the index at which to insert it.
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
		// No index is that large.
		return Napi::Number::New(env, -1e9 - place.error);
	return Napi::Number::New(env, place.found ? at : -1 - at);
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("placeOfObject", Napi::Function::New(env, place_of_object, "placeOfObject"));
});

} // namespace
