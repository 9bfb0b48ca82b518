// SPDX-License-Identifier: GPL-2.0-only
// Parses smaps (proc_pid_smaps(5)): addresses of mappings in columns, and the number of what else is told of each.
#pragma once

#include "mappings.h"

#include <array>
#include <map>
#include <stddef.h>
#include <stdint.h>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace criu::smaps {

// A table of texts in which each text is once, since many mappings share them.
class Texts {
public:
	int32_t number(std::string_view text)
	{
		// Neighbouring mappings mostly have the same text.
		if (last_ >= 0 && *latest_ == text)
			return last_;
		auto [at, fresh] = known_.try_emplace(std::string(text), static_cast<int32_t>(known_.size()));

		if (fresh)
			fresh_.push_back(at->first);
		latest_ = &at->first;
		last_ = at->second;
		return last_;
	}

	// The texts since the last call, in the order of their numbers.
	std::vector<std::string> take() { return std::exchange(fresh_, {}); }

private:
	std::unordered_map<std::string, int32_t> known_;
	std::vector<std::string> fresh_;
	// A key of `known_`, which stays where it is.
	const std::string *latest_ = nullptr;
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
	// Descriptions that no earlier mapping has.
	std::vector<int32_t> small;
	std::vector<uint64_t> large;
	// Start and end of each mapping. A double represents addresses of pages exactly.
	std::vector<double> places;
	// The number of its description, through the whole file.
	std::vector<uint32_t> descriptions;
	// KiB of pages in private mappings that have been written and that other processes have, too (copy-on-write).
	uint64_t shared = 0;

	size_t count() const { return descriptions.size(); }
};

// Numbers the descriptions of mappings.
class Descriptions {
public:
	// Ends the last row, which is removed if it describes what an earlier one does.
	void end_row(Rows *rows)
	{
		const int32_t *small = rows->small.data() + rows->small.size() - MAPPING_SMALL;
		const uint64_t *large = rows->large.data() + rows->large.size() - MAPPING_LARGE;
		bool has_file = small[MAPPING_MAJOR] || small[MAPPING_MINOR] || large[MAPPING_INO] || large[MAPPING_OFFSET];
		uint32_t number = count_;

		rows->places.push_back(static_cast<double>(large[MAPPING_START]));
		rows->places.push_back(static_cast<double>(large[MAPPING_END]));
		if (!has_file) {
			Key key = { small[MAPPING_PROT], small[MAPPING_SHARED], small[MAPPING_PATH], small[MAPPING_FLAGS],
				    small[MAPPING_KEY] };

			number = known_.try_emplace(key, count_).first->second;
		}
		rows->descriptions.push_back(number);
		if (number == count_) {
			count_++;
			return;
		}
		rows->small.resize(rows->small.size() - MAPPING_SMALL);
		rows->large.resize(rows->large.size() - MAPPING_LARGE);
	}

private:
	using Key = std::array<int32_t, 5>;

	std::map<Key, uint32_t> known_;
	uint32_t count_ = 0;
};

// Returns a description of a format error, else null.
inline const char *head_of(std::string_view text, Rows *rows, Texts *paths)
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
	small[MAPPING_PATH] = paths->number(line.rest());
	small[MAPPING_KEY] = -1;
	rows->small.insert(rows->small.end(), small, small + MAPPING_SMALL);
	rows->large.insert(rows->large.end(), large, large + MAPPING_LARGE);
	return nullptr;
}

inline bool starts(std::string_view text, std::string_view with)
{
	return text.substr(0, with.size()) == with;
}

// Parses smaps line by line. Lines that begin with a capital letter are fields; VmFlags is the last field of each
// mapping.
class Parser {
public:
	// Returns a description of a format error, else null.
	const char *line(std::string_view text, Rows *rows)
	{
		constexpr std::string_view FLAGS = "VmFlags:", KEY = "ProtectionKey:", SHARED = "Shared_Dirty:";

		if (!inside_) {
			inside_ = true;
			return head_of(text, rows, &paths);
		}
		if (text.empty() || text[0] < 'A' || text[0] > 'Z')
			return "the mapping has no VmFlags";
		int32_t *small = rows->small.data() + rows->small.size() - MAPPING_SMALL;

		if (text[0] == 'V' && starts(text, FLAGS)) {
			small[MAPPING_FLAGS] = flags.number(text.substr(FLAGS.size()));
			descriptions_.end_row(rows);
			inside_ = false;
		} else if (text[0] == 'P' && starts(text, KEY)) {
			Line rest(text.substr(KEY.size()));
			uint64_t key;

			rest.blanks();
			if (!rest.number(10, &key))
				return "expected a protection key";
			small[MAPPING_KEY] = static_cast<int32_t>(key);
		} else if (text[0] == 'S' && !small[MAPPING_SHARED] && starts(text, SHARED)) {
			Line rest(text.substr(SHARED.size()));
			uint64_t kib;

			rest.blanks();
			if (!rest.number(10, &kib))
				return "expected a number of KiB";
			rows->shared += kib;
		}
		return nullptr;
	}

	bool inside() const { return inside_; }

	Texts paths;
	Texts flags;

private:
	bool inside_ = false;
	Descriptions descriptions_;
};

} // namespace criu::smaps
