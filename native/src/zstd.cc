// SPDX-License-Identifier: GPL-2.0-only
// Loads libzstd at run time: the functions used exist unchanged since 1.0, and images without Zstandard need no
// library.
#include "zstd.h"

#include "addon.h"

#include <dlfcn.h>

namespace criu {

namespace {

// Default level of zstd(1).
const int USUAL_LEVEL = 3;

struct Library {
	void *(*new_packer)();
	size_t (*free_packer)(void *);
	size_t (*pack)(void *, void *, size_t, const void *, size_t, int);
	void *(*new_unpacker)();
	size_t (*free_unpacker)(void *);
	size_t (*unpack)(void *, void *, size_t, const void *, size_t);
	unsigned (*is_error)(size_t);
	bool whole = false;

	Library()
	{
		void *handle = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL);

		whole = handle && find(handle, "ZSTD_createCCtx", &new_packer) && find(handle, "ZSTD_freeCCtx", &free_packer) &&
			find(handle, "ZSTD_compressCCtx", &pack) && find(handle, "ZSTD_createDCtx", &new_unpacker) &&
			find(handle, "ZSTD_freeDCtx", &free_unpacker) && find(handle, "ZSTD_decompressDCtx", &unpack) &&
			find(handle, "ZSTD_isError", &is_error);
	}

	template <class F> static bool find(void *handle, const char *name, F *function)
	{
		*function = reinterpret_cast<F>(dlsym(handle, name));
		return *function != nullptr;
	}
};

const Library &library()
{
	static const Library found;

	return found;
}

// Maps an acceleration to a level: 1 is the default level 3, 2 and 3 are levels 2 and 1, higher ones the negative
// (fast) levels.
int level_of(unsigned acceleration)
{
	int below = static_cast<int>(acceleration) - 1;

	return below < USUAL_LEVEL ? USUAL_LEVEL - below : USUAL_LEVEL - below - 1;
}

} // namespace

bool zstd_there()
{
	return library().whole;
}

Zstd::~Zstd()
{
	if (packer)
		library().free_packer(packer);
	if (unpacker)
		library().free_unpacker(unpacker);
}

size_t Zstd::pack(const uint8_t *from, size_t n, uint8_t *to, size_t room, unsigned acceleration)
{
	const Library &lib = library();

	if (!lib.whole || (!packer && !(packer = lib.new_packer())))
		return 0;
	size_t size = lib.pack(packer, to, room, from, n, level_of(acceleration));

	return lib.is_error(size) ? 0 : size;
}

bool Zstd::unpack(const uint8_t *from, size_t n, uint8_t *to, size_t size)
{
	const Library &lib = library();

	if (!lib.whole || (!unpacker && !(unpacker = lib.new_unpacker())))
		return false;
	return lib.unpack(unpacker, to, size, from, n) == size;
}

Register zstd_register([](Napi::Env env, Napi::Object exports) {
	exports.Set("zstdThere", Napi::Function::New(
					 env, [](const Napi::CallbackInfo &info) { return Napi::Boolean::New(info.Env(), zstd_there()); },
					 "zstdThere"));
});

} // namespace criu
