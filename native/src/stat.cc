// SPDX-License-Identifier: GPL-2.0-only
// statx(2) of many files at once: node makes an object of 18 fields for each, four of them dates.
#include "addon.h"

#include <fcntl.h>
#include <string>
#include <sys/stat.h>

namespace {

// statMany(folder, paths below it, each with a line end behind it) -> Float64Array: for each the time of its last change in ms,
// as node has it, and its size; NaN and -1 where there is none.
Napi::Value stat_many(const Napi::CallbackInfo &info)
{
	std::string path = info[0].As<Napi::String>().Utf8Value() + '/';
	std::string paths = info[1].As<Napi::String>();
	const size_t folder = path.size();
	std::vector<double> values;

	for (size_t at = 0, end; (end = paths.find('\n', at)) != std::string::npos; at = end + 1) {
		struct statx st;

		path.resize(folder);
		path.append(paths, at, end - at);
		if (statx(AT_FDCWD, path.c_str(), 0, STATX_MTIME | STATX_SIZE, &st) < 0) {
			values.push_back(__builtin_nan(""));
			values.push_back(-1);
			continue;
		}
		values.push_back(static_cast<double>(st.stx_mtime.tv_sec) * 1e3 + static_cast<double>(st.stx_mtime.tv_nsec) / 1e6);
		values.push_back(static_cast<double>(st.stx_size));
	}

	Napi::Float64Array out = Napi::Float64Array::New(info.Env(), values.size());

	for (size_t i = 0; i < values.size(); i++)
		out[i] = values[i];
	return out;
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("statMany", Napi::Function::New(env, stat_many, "statMany"));
});

} // namespace
