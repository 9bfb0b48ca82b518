// SPDX-License-Identifier: GPL-2.0-only
// Options that are asked of all sockets of a kind, most of which give the same answer.
#pragma once

#include <mutex>
#include <stddef.h>
#include <stdint.h>
#include <vector>

namespace criu {

struct SocketOption {
	int32_t level;
	int32_t name;
	// Bytes of room for its value.
	int32_t room;
};

// getsockopt(2) of each: lengths, or -errno, and the values one behind the other, each in its room.
void read_options(int fd, const SocketOption *options, size_t count, int32_t *lengths, uint8_t *values);

// Bytes that all values take; negative if a room is.
int64_t room_for(const SocketOption *options, size_t count);

class Questions {
public:
	// `place`: where a row of a descriptor has the number of the answer. @protocol -1: any.
	Questions(int family, int type, int protocol, int place, std::vector<SocketOption> options);

	bool concern(int family, int type, int protocol) const
	{
		return family == family_ && (type_ < 0 || type == type_) && (protocol_ < 0 || protocol == protocol_);
	}
	int place() const { return place_; }
	// A number from 1 up for what a socket answers, the same for all that answer the same; 0 if that is not kept any more.
	int32_t ask(int fd);
	// Lengths and values.
	std::vector<uint8_t> answer(int32_t number);

private:
	int family_;
	int type_;
	int protocol_;
	int place_;
	std::vector<SocketOption> options_;
	size_t bytes_;
	std::mutex mutex_;
	std::vector<std::vector<uint8_t>> answers_;
};

} // namespace criu
