// SPDX-License-Identifier: GPL-2.0-only
// Parses all mappings of a process with their flags from smaps (proc_pid_smaps(5)). The file has about a thousand bytes
// for each mapping, of which the dump needs few, and the process is frozen meanwhile.
#include "addon.h"
#include "mappings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unistd.h>
#include <vector>

namespace {

// A table of texts in which each text is once, since many mappings share them.
class Texts {
public:
	int32_t number(std::string_view text)
	{
		// Neighbouring mappings mostly have the same text.
		if (last_ >= 0 && all_[static_cast<size_t>(last_)] == text)
			return last_;
		auto [at, fresh] = known_.try_emplace(std::string(text), static_cast<int32_t>(all_.size()));

		if (fresh)
			all_.emplace_back(text);
		last_ = at->second;
		return last_;
	}

	Napi::Array list(Napi::Env env) const
	{
		Napi::Array list = Napi::Array::New(env, all_.size());

		for (size_t i = 0; i < all_.size(); i++) {
			napi_value value;

			if (napi_create_string_latin1(env, all_[i].data(), all_[i].size(), &value) != napi_ok)
				throw Napi::Error::New(env);
			list.Set(static_cast<uint32_t>(i), Napi::Value(env, value));
		}
		return list;
	}

private:
	std::vector<std::string> all_;
	std::unordered_map<std::string, int32_t> known_;
	int32_t last_ = -1;
};

// Parses the fields of a line in order.
class Line {
public:
	explicit Line(std::string_view text) : text_(text) {}

	bool number(unsigned base, uint64_t *value)
	{
		size_t from = at_;

		for (*value = 0; at_ < text_.size(); at_++) {
			unsigned digit = digit_of(text_[at_]);

			if (digit >= base)
				break;
			if (*value > (UINT64_MAX - digit) / base)
				return false;
			*value = *value * base + digit;
		}
		return at_ > from;
	}

	bool skip(char c)
	{
		if (at_ >= text_.size() || text_[at_] != c)
			return false;
		at_++;
		return true;
	}

	void blanks()
	{
		while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t'))
			at_++;
	}

	std::string_view rest() const { return text_.substr(at_); }

private:
	static unsigned digit_of(char c)
	{
		if (c >= '0' && c <= '9')
			return static_cast<unsigned>(c - '0');
		return c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10 : 16;
	}

	std::string_view text_;
	size_t at_ = 0;
};

struct Rows {
	std::vector<int32_t> small;
	std::vector<uint64_t> large;
	Texts paths;
	Texts flags;
	// Description of a format error, else null.
	const char *fault = nullptr;
	size_t line = 0;
};

const char *head_of(std::string_view text, Rows *rows)
{
	int32_t small[MAPPING_SMALL] = { 0 };
	uint64_t large[MAPPING_LARGE] = { 0 };
	uint64_t major, minor;
	Line line(text);

	if (!line.number(16, &large[MAPPING_START]) || !line.skip('-') || !line.number(16, &large[MAPPING_END]) || !line.skip(' '))
		return "expected the addresses of a mapping";
	if (large[MAPPING_END] <= large[MAPPING_START])
		return "the mapping ends before it starts";
	for (const char *one = "rwx"; *one; one++)
		if (line.skip(*one))
			small[MAPPING_PROT] |= *one == 'r' ? 1 : *one == 'w' ? 2 : 4;
		else if (!line.skip('-'))
			return "expected a permission";
	if (line.skip('s'))
		small[MAPPING_SHARED] = 1;
	else if (!line.skip('p'))
		return "expected s or p";
	if (!line.skip(' ') || !line.number(16, &large[MAPPING_OFFSET]) || !line.skip(' ') || !line.number(16, &major) ||
	    !line.skip(':') || !line.number(16, &minor) || !line.skip(' ') || !line.number(10, &large[MAPPING_INO]))
		return "expected offset, device and inode";
	if ((large[MAPPING_START] | large[MAPPING_END] | large[MAPPING_OFFSET]) & 4095)
		return "expected page-aligned numbers";
	line.blanks();
	small[MAPPING_MAJOR] = static_cast<int32_t>(major);
	small[MAPPING_MINOR] = static_cast<int32_t>(minor);
	small[MAPPING_PATH] = rows->paths.number(line.rest());
	small[MAPPING_KEY] = -1;
	rows->small.insert(rows->small.end(), small, small + MAPPING_SMALL);
	rows->large.insert(rows->large.end(), large, large + MAPPING_LARGE);
	return nullptr;
}

bool starts(std::string_view text, std::string_view with)
{
	return text.substr(0, with.size()) == with;
}

// Parses smaps line by line. Lines that begin with a capital letter are fields; VmFlags is the last field of each
// mapping.
class Parser {
public:
	const char *line(std::string_view text, Rows *rows)
	{
		constexpr std::string_view FLAGS = "VmFlags:", KEY = "ProtectionKey:";

		if (!inside_) {
			inside_ = true;
			return head_of(text, rows);
		}
		if (text.empty() || text[0] < 'A' || text[0] > 'Z')
			return "the mapping has no VmFlags";
		int32_t *small = rows->small.data() + rows->small.size() - MAPPING_SMALL;

		if (text[0] == 'V' && starts(text, FLAGS)) {
			small[MAPPING_FLAGS] = rows->flags.number(text.substr(FLAGS.size()));
			inside_ = false;
		} else if (text[0] == 'P' && starts(text, KEY)) {
			Line rest(text.substr(KEY.size()));
			uint64_t key;

			rest.blanks();
			if (!rest.number(10, &key))
				return "expected a protection key";
			small[MAPPING_KEY] = static_cast<int32_t>(key);
		}
		return nullptr;
	}

	bool inside() const { return inside_; }

private:
	bool inside_ = false;
};

// Returns 0 or an errno.
int read_rows(int fd, Rows *rows)
{
	std::vector<char> room(1 << 16);
	Parser parser;
	size_t kept = 0;

	for (;;) {
		if (kept == room.size())
			room.resize(room.size() * 2);
		ssize_t n = read(fd, room.data() + kept, room.size() - kept);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			break;
		size_t size = kept + static_cast<size_t>(n), from = 0;

		while (char *end = static_cast<char *>(memchr(room.data() + from, '\n', size - from))) {
			size_t length = static_cast<size_t>(end - room.data()) - from;

			rows->line++;
			rows->fault = parser.line(std::string_view(room.data() + from, length), rows);
			if (rows->fault)
				return 0;
			from += length + 1;
		}
		kept = size - from;
		memmove(room.data(), room.data() + from, kept);
	}
	if (kept || parser.inside())
		rows->fault = "the text ends in the middle of a mapping";
	return 0;
}

// readMappings(path) -> rows and texts; `fault` and `line` for an unknown format; or -errno.
Napi::Value read_mappings(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	std::string path = info[0].As<Napi::String>();
	int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
	Rows rows;

	if (fd < 0)
		return Napi::Number::New(env, -errno);
	int error = read_rows(fd, &rows);

	close(fd);
	if (error)
		return Napi::Number::New(env, -error);
	Napi::Object all = Napi::Object::New(env);

	if (rows.fault) {
		all.Set("fault", Napi::String::New(env, rows.fault));
		all.Set("line", Napi::Number::New(env, static_cast<double>(rows.line)));
		return all;
	}
	Napi::Int32Array small = Napi::Int32Array::New(env, rows.small.size());
	Napi::BigUint64Array large = Napi::BigUint64Array::New(env, rows.large.size());

	if (!rows.small.empty()) {
		memcpy(small.Data(), rows.small.data(), rows.small.size() * sizeof(int32_t));
		memcpy(large.Data(), rows.large.data(), rows.large.size() * sizeof(uint64_t));
	}
	all.Set("small", small);
	all.Set("large", large);
	all.Set("paths", rows.paths.list(env));
	all.Set("flags", rows.flags.list(env));
	return all;
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("readMappings", Napi::Function::New(env, read_mappings, "readMappings"));
});

} // namespace
