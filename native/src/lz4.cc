// SPDX-License-Identifier: GPL-2.0-only
// LZ4 block format: literals and copies of preceding bytes, at most 64 KiB back.
#include "lz4.h"

#include <string.h>

namespace criu {

namespace {

const size_t MIN_MATCH = 4, LAST_LITERALS = 5, MATCH_LIMIT = 12, FARTHEST = 0xffff;

// Bytes by which copies in steps may go beyond their end.
const size_t SLACK = 8;
// Bytes that are copied at once for anything shorter.
const size_t SHORT = 16;

uint32_t word_at(const uint8_t *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

uint64_t long_at(const uint8_t *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

// Positions in blocks of up to 64 KiB, which are all near enough for a copy.
struct Near {
	using Slot = uint16_t;
	Slot *at;

	explicit Near(Lz4Table *table) : at(table->near) {}
	static uint32_t hash_of(const uint8_t *p) { return word_at(p) * 2654435761u >> (32 - LZ4_NEAR_BITS); }
	static bool reaches(size_t) { return true; }
};

// Positions in larger blocks. The hash is of five bytes, as copies of four are hardly shorter than the literals.
struct Far {
	using Slot = uint32_t;
	Slot *at;

	explicit Far(Lz4Table *table) : at(table->far) {}
	static uint32_t hash_of(const uint8_t *p)
	{
		return static_cast<uint32_t>((long_at(p) << 24) * 0x9e3779b97f4a7c15u >> (64 - LZ4_FAR_BITS));
	}
	static bool reaches(size_t distance) { return distance <= FARTHEST; }
};

// Returns how many bytes from a and from b on are equal, at most up to `end` of those from b on.
size_t same_bytes(const uint8_t *a, const uint8_t *b, const uint8_t *end)
{
	const uint8_t *begin = b;

	for (; end - b >= 8; a += 8, b += 8) {
		uint64_t differ = long_at(a) ^ long_at(b);

		if (differ)
			return static_cast<size_t>(b - begin) + static_cast<size_t>(__builtin_ctzll(differ)) / 8;
	}
	while (b < end && *a == *b)
		a++, b++;
	return static_cast<size_t>(b - begin);
}

// The largest part of a sequence for these lengths.
size_t most_bytes(size_t literals, size_t match)
{
	return 1 + literals + literals / 255 + 1 + 2 + match / 255 + 1 + SLACK;
}

struct Writer {
	uint8_t *to;

	void length(size_t n)
	{
		for (; n >= 255; n -= 255)
			*to++ = 255;
		*to++ = static_cast<uint8_t>(n);
	}

	// Returns the token, to which the length of a copy is added. There is room for the literals and SLACK.
	uint8_t *literals(size_t n)
	{
		uint8_t *token = to++;

		*token = static_cast<uint8_t>((n < 15 ? n : 15) << 4);
		if (n >= 15)
			length(n - 15);
		return token;
	}

	// `match` is the length beyond MIN_MATCH. SLACK bytes behind the literals can be read, too.
	void sequence(const uint8_t *from, size_t n, size_t distance, size_t match)
	{
		uint8_t *token = literals(n), *end = to + n;

		for (; to < end; to += SLACK, from += SLACK)
			memcpy(to, from, SLACK);
		to = end;
		*to++ = static_cast<uint8_t>(distance);
		*to++ = static_cast<uint8_t>(distance >> 8);
		*token |= static_cast<uint8_t>(match < 15 ? match : 15);
		if (match >= 15)
			length(match - 15);
	}
};

template <typename Seen>
size_t pack(const uint8_t *from, size_t n, uint8_t *to, size_t room, unsigned acceleration, Seen seen)
{
	const uint8_t *end = from + n, *room_end = to + room, *anchor = from, *next = from + 1;
	// The last bytes are literals, and no copy begins behind `last`.
	const uint8_t *last = end - MATCH_LIMIT, *match_end = end - LAST_LITERALS;
	const size_t patience = static_cast<size_t>(acceleration) << 6;
	size_t tries = patience;
	Writer out = { to };
	uint32_t hash = n > MATCH_LIMIT ? Seen::hash_of(next) : 0;

	// An empty slot reads as the first position.
	while (n > MATCH_LIMIT && next <= last) {
		const uint8_t *at = next, *before = from + seen.at[hash];

		seen.at[hash] = static_cast<typename Seen::Slot>(at - from);
		// The longer no match is found, the larger the steps become.
		next += tries++ >> 6;
		// Computed before it is known whether it is needed, while the word at `before` is loaded.
		hash = next <= last ? Seen::hash_of(next) : 0;
		if (!Seen::reaches(static_cast<size_t>(at - before)) || word_at(before) != word_at(at))
			continue;
		tries = patience;
		while (at > anchor && before > from && at[-1] == before[-1])
			at--, before--;
		size_t literals = static_cast<size_t>(at - anchor);
		size_t match = same_bytes(before + MIN_MATCH, at + MIN_MATCH, match_end);

		if (static_cast<size_t>(room_end - out.to) < most_bytes(literals, match))
			return 0;
		out.sequence(anchor, literals, static_cast<size_t>(at - before), match);
		next = anchor = at + MIN_MATCH + match;
		if (next > last)
			break;
		seen.at[Seen::hash_of(next - 2)] = static_cast<typename Seen::Slot>(next - 2 - from);
		hash = Seen::hash_of(next);
	}
	size_t literals = static_cast<size_t>(end - anchor);

	if (static_cast<size_t>(room_end - out.to) < most_bytes(literals, 0))
		return 0;
	out.literals(literals);
	memcpy(out.to, anchor, literals);
	return static_cast<size_t>(out.to + literals - to);
}

} // namespace

size_t lz4_pack(const uint8_t *from, size_t n, uint8_t *to, size_t room, unsigned acceleration, Lz4Table *table)
{
	memset(table, 0, sizeof(*table));
	return n <= FARTHEST + 1 ? pack(from, n, to, room, acceleration, Near(table))
				 : pack(from, n, to, room, acceleration, Far(table));
}

// Copies bytes from `distance` before `to`, which may overlap. `room` is the number of bytes that may be written.
static void copy_match(uint8_t *to, size_t distance, size_t match, size_t room)
{
	const uint8_t *from = to - distance;

	if (distance >= SHORT && match <= SHORT && room >= SHORT)
		memcpy(to, from, SHORT);
	else if (distance >= match)
		memcpy(to, from, match);
	else if (distance >= SLACK && room >= match + SLACK)
		for (uint8_t *end = to + match; to < end; to += SLACK, from += SLACK)
			memcpy(to, from, SLACK);
	else
		for (size_t i = 0; i < match; i++)
			to[i] = from[i];
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
		// Most sequences are short: a copy of fixed length takes less time, where there is room for it.
		if (literals <= SHORT && static_cast<size_t>(end - from) >= SHORT && size - done >= SHORT)
			memcpy(to + done, from, SHORT);
		else
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
		copy_match(to + done, distance, match, size - done);
		done += match;
	}
	return done == size;
}

} // namespace criu
