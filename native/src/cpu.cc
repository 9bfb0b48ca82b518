// SPDX-License-Identifier: GPL-2.0-only
// CPUID leaf 0xd: where the parts of an XSAVE area lie on this machine (standard, not compacted format).
#include "addon.h"

#include <cpuid.h>

namespace {

// xstateLayout() -> array of [offset, size] by state component; [0] is [0, size of the whole area in use].
Napi::Value xstate_layout(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Array out = Napi::Array::New(env, 64);
	unsigned a, b, c, d;

	if (!__get_cpuid_count(0xd, 0, &a, &b, &c, &d))
		return env.Null();
	uint64_t enabled = a | (static_cast<uint64_t>(d) << 32);
	for (unsigned i = 0; i < 64; i++) {
		Napi::Array pair = Napi::Array::New(env, 2);
		unsigned size = 0, offset = 0;

		if (i == 0) {
			size = b;
		} else if (i >= 2 && ((enabled >> i) & 1)) {
			__cpuid_count(0xd, i, size, offset, c, d);
		}
		pair.Set(0u, offset);
		pair.Set(1u, size);
		out.Set(i, pair);
	}
	return out;
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("xstateLayout", Napi::Function::New(env, xstate_layout, "xstateLayout"));
});

} // namespace
