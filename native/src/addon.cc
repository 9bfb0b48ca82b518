// SPDX-License-Identifier: GPL-2.0-only
// Entry point of the addon.
#include "addon.h"

#include "abi.h"

namespace criu {

uint64_t to_u64(const Napi::Value &value, const char *what)
{
	if (value.IsNumber())
		return static_cast<uint64_t>(value.As<Napi::Number>().Int64Value());
	if (value.IsBigInt()) {
		bool lossless;
		// A negative bigint becomes its two's complement, which is the word that the kernel expects.
		return static_cast<uint64_t>(value.As<Napi::BigInt>().Int64Value(&lossless));
	}
	throw Napi::TypeError::New(value.Env(), std::string(what) + ": expected a number or bigint");
}

} // namespace criu

static Napi::Object init(Napi::Env env, Napi::Object exports)
{
	exports.Set("abiVersion", Napi::Number::New(env, AGENT_ABI_VERSION));
	for (criu::Registrar r : criu::registrars())
		r(env, exports);
	return exports;
}

NODE_API_MODULE(criu, init)
