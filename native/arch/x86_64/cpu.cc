// SPDX-License-Identifier: GPL-2.0-only
// CPUID, and the layout of the XSAVE area from its leaf 0xd (standard format, not compacted).
#include "addon.h"

#include <cpuid.h>

namespace {

const unsigned SHSTK_BIT = 7; // of ecx in leaf 7

struct Part {
	unsigned bit, offset, size;
};

struct Layout {
	std::vector<Part> parts;
	bool shstk = false;

	Layout()
	{
		unsigned a, b, c, d;
		uint64_t enabled = 0;

		if (__get_cpuid_count(0xd, 0, &a, &b, &c, &d))
			enabled = a | (static_cast<uint64_t>(d) << 32);
		for (unsigned i = 2; i < 64; i++) {
			Part part = { i, 0, 0 };

			if (!((enabled >> i) & 1))
				continue;
			__cpuid_count(0xd, i, part.size, part.offset, c, d);
			parts.push_back(part);
		}
		shstk = __get_cpuid_count(7, 0, &a, &b, &c, &d) && ((c >> SHSTK_BIT) & 1);
	}
};

// xsaveLayout() -> { shstk, components: [{ bit, offset, size }] }: the components that the kernel has enabled.
Napi::Value xsave_layout(const Napi::CallbackInfo &info)
{
	// Cached, since in a virtual machine each CPUID instruction exits to the hypervisor.
	static const Layout layout;
	Napi::Env env = info.Env();
	Napi::Object out = Napi::Object::New(env);
	Napi::Array components = Napi::Array::New(env);

	for (const Part &p : layout.parts) {
		Napi::Object part = Napi::Object::New(env);

		part.Set("bit", p.bit);
		part.Set("offset", p.offset);
		part.Set("size", p.size);
		components.Set(components.Length(), part);
	}
	out.Set("shstk", Napi::Boolean::New(env, layout.shstk));
	out.Set("components", components);
	return out;
}

// cpuid(leaf, subleaf) -> [eax, ebx, ecx, edx]
Napi::Value cpuid(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	unsigned r[4];
	Napi::Array out = Napi::Array::New(env, 4);

	__cpuid_count(info[0].ToNumber().Uint32Value(), info[1].ToNumber().Uint32Value(), r[0], r[1], r[2], r[3]);
	for (unsigned i = 0; i < 4; i++)
		out.Set(i, r[i]);
	return out;
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("cpuid", Napi::Function::New(env, cpuid, "cpuid"));
	exports.Set("xsaveLayout", Napi::Function::New(env, xsave_layout, "xsaveLayout"));
});

} // namespace
