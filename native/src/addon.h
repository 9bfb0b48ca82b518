// SPDX-License-Identifier: GPL-2.0-only
// Every file of the addon registers its functions with one line; addon.cc puts them all into exports.
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

// Number or bigint to 64 bits; anything else throws a TypeError that names the argument.
uint64_t to_u64(const Napi::Value &value, const char *what);

} // namespace criu
