// SPDX-License-Identifier: GPL-2.0-only
// LZ4 block format: literals and copies of preceding bytes, at most 64 KiB back.
#include "lz4.h"

#include <string.h>

namespace criu {

namespace {

const size_t MIN_MATCH = 4, LAST_LITERALS = 5, MATCH_LIMIT = 12, FARTHEST = 0xffff;

uint32_t word_at(const uint8_t *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

uint32_t hash_of(uint32_t word)
{
	return word * 2654435761u >> (32 - LZ4_HASH_BITS);
}

// Returns how many bytes at a and b are equal, at most `most`.
size_t same_bytes(const uint8_t *a, const uint8_t *b, size_t most)
{
	size_t n = 0;

	for (; n + 8 <= most; n += 8) {
		uint64_t x, y;

		memcpy(&x, a + n, 8);
		memcpy(&y, b + n, 8);
		if (x != y)
			return n + static_cast<size_t>(__builtin_ctzll(x ^ y)) / 8;
	}
	while (n < most && a[n] == b[n])
		n++;
	return n;
}

struct Writer {
	uint8_t *to, *end;

	bool length(size_t n)
	{
		for (; n >= 255; n -= 255) {
			if (to == end)
				return false;
			*to++ = 255;
		}
		if (to == end)
			return false;
		*to++ = static_cast<uint8_t>(n);
		return true;
	}

	// Writes literals and then a copy. The last sequence of a block has no copy: `match` is 0.
	bool sequence(const uint8_t *from, size_t literals, size_t distance, size_t match)
	{
		size_t more = match ? match - MIN_MATCH : 0;

		if (to == end)
			return false;
		*to++ = static_cast<uint8_t>((literals < 15 ? literals : 15) << 4 | (more < 15 ? more : 15));
		if (literals >= 15 && !length(literals - 15))
			return false;
		if (static_cast<size_t>(end - to) < literals + (match ? 2 : 0))
			return false;
		memcpy(to, from, literals);
		to += literals;
		if (!match)
			return true;
		*to++ = static_cast<uint8_t>(distance);
		*to++ = static_cast<uint8_t>(distance >> 8);
		return more < 15 || length(more - 15);
	}
};

} // namespace

size_t lz4_pack(const uint8_t *from, size_t n, uint8_t *to, size_t room, unsigned acceleration, Lz4Table *table)
{
	Writer out = { to, to + room };
	size_t anchor = 0, at = 0, limit = n > MATCH_LIMIT ? n - MATCH_LIMIT : 0, tries = 0;

	memset(table->at, 0xff, sizeof(table->at));
	while (at < limit) {
		uint32_t word = word_at(from + at), *slot = &table->at[hash_of(word)];
		size_t before = *slot;

		*slot = static_cast<uint32_t>(at);
		if (before == UINT32_MAX || at - before > FARTHEST || word_at(from + before) != word) {
			// The longer no match is found, the larger the steps become.
			at += acceleration + (tries++ >> 6);
			continue;
		}
		tries = 0;
		size_t match = MIN_MATCH + same_bytes(from + before + MIN_MATCH, from + at + MIN_MATCH,
						      n - LAST_LITERALS - at - MIN_MATCH);
		if (!out.sequence(from + anchor, at - anchor, at - before, match))
			return 0;
		at += match;
		anchor = at;
	}
	return out.sequence(from + anchor, n - anchor, 0, 0) ? static_cast<size_t>(out.to - to) : 0;
}

bool lz4_unpack(const uint8_t *from, size_t n, uint8_t *to, size_t size)
{
	const uint8_t *end = from + n;
	size_t done = 0;

	auto longer = [&](size_t *length) {
		uint8_t byte;

		do {
			if (from == end)
				return false;
			byte = *from++;
			*length += byte;
		} while (byte == 255);
		return true;
	};
	while (from < end) {
		uint8_t token = *from++;
		size_t literals = token >> 4, match = token & 15;

		if (literals == 15 && !longer(&literals))
			return false;
		if (literals > static_cast<size_t>(end - from) || literals > size - done)
			return false;
		memcpy(to + done, from, literals);
		from += literals;
		done += literals;
		if (from == end)
			break;
		if (end - from < 2)
			return false;
		size_t distance = static_cast<size_t>(from[0] | from[1] << 8);
		from += 2;
		if (match == 15 && !longer(&match))
			return false;
		match += MIN_MATCH;
		if (!distance || distance > done || match > size - done)
			return false;
		if (distance >= match)
			memcpy(to + done, to + done - distance, match);
		else
			for (size_t i = 0; i < match; i++)
				to[done + i] = to[done + i - distance];
		done += match;
	}
	return done == size;
}

} // namespace criu
