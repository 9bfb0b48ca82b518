// SPDX-License-Identifier: GPL-2.0-only
// CPUID leaf 0xd: where the parts of an XSAVE area lie on this machine (standard, not compacted format).
#include "addon.h"

#include <cpuid.h>

namespace {

const unsigned SHSTK_BIT = 7; // of ecx in leaf 7

// xsaveLayout() -> { shstk, components: [{ bit, offset, size }] }: the components that the kernel has enabled.
Napi::Value xsave_layout(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object out = Napi::Object::New(env);
	Napi::Array components = Napi::Array::New(env);
	unsigned a, b, c, d;
	uint64_t enabled = 0;

	if (__get_cpuid_count(0xd, 0, &a, &b, &c, &d))
		enabled = a | (static_cast<uint64_t>(d) << 32);
	for (unsigned i = 2; i < 64; i++) {
		unsigned size, offset;

		if (!((enabled >> i) & 1))
			continue;
		__cpuid_count(0xd, i, size, offset, c, d);
		Napi::Object part = Napi::Object::New(env);
		part.Set("bit", i);
		part.Set("offset", offset);
		part.Set("size", size);
		components.Set(components.Length(), part);
	}
	out.Set("shstk", Napi::Boolean::New(env, __get_cpuid_count(7, 0, &a, &b, &c, &d) && ((c >> SHSTK_BIT) & 1)));
	out.Set("components", components);
	return out;
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("xsaveLayout", Napi::Function::New(env, xsave_layout, "xsaveLayout"));
});

} // namespace
