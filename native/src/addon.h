// SPDX-License-Identifier: GPL-2.0-only
// Each file of the addon registers its functions with a Register object; addon.cc adds all of them to the exports.
#pragma once

#include <napi.h>

#include <vector>

namespace criu {

using Registrar = void (*)(Napi::Env, Napi::Object);

inline std::vector<Registrar> &registrars()
{
	static std::vector<Registrar> all;
	return all;
}

struct Register {
	explicit Register(Registrar r) { registrars().push_back(r); }
};

// Converts a number or bigint to 64 bits; throws a TypeError that names the argument for any other value.
uint64_t to_u64(const Napi::Value &value, const char *what);

} // namespace criu
