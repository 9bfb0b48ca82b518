// SPDX-License-Identifier: GPL-2.0-only
// Flags of V8. `node:v8` sets them, too, but loads the streams of node along with it: 2 ms of each start.
#include "addon.h"

#include <string>

// v8::V8::SetFlagsFromString(const char *), which node exports: Node-API has nothing like it. Weak, as another node may not.
extern "C" void v8_set_flags(const char *flags) __asm__("_ZN2v82V818SetFlagsFromStringEPKc") __attribute__((weak));

namespace {

// setV8Flags(flags): only speed depends on them, so that nothing is said where V8 has none of them.
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
