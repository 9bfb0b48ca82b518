// SPDX-License-Identifier: GPL-2.0-only
// Sets flags of V8. `node:v8` could do it, but importing it loads Node's streams, which costs 2 ms at each start.
#include "addon.h"

#include <string>

// v8::V8::SetFlagsFromString(const char *), which node exports and Node-API lacks. Weak, since other builds of node may
// not export it.
extern "C" void v8_set_flags(const char *flags) __asm__("_ZN2v82V818SetFlagsFromStringEPKc") __attribute__((weak));

namespace {

// setV8Flags(flags): the flags affect only speed, so a V8 without them is no error.
void set_v8_flags(const Napi::CallbackInfo &info)
{
	std::string flags = info[0].As<Napi::String>();

	if (v8_set_flags)
		v8_set_flags(flags.c_str());
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("setV8Flags", Napi::Function::New(env, set_v8_flags, "setV8Flags"));
});

} // namespace
