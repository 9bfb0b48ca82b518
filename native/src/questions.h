// SPDX-License-Identifier: GPL-2.0-only
// Options that are queried of all sockets of a kind, most of which give the same answer.
#pragma once

#include <atomic>
#include <mutex>
#include <stddef.h>
#include <stdint.h>
#include <vector>

namespace criu {

struct SocketOption {
	int32_t level;
	int32_t name;
	// Bytes reserved for the value.
	int32_t room;
};

// getsockopt(2) for each option: `lengths` gets the length or -errno, `values` the values, each at the end of the room
// of the previous one.
void read_options(int fd, const SocketOption *options, size_t count, int32_t *lengths, uint8_t *values);

// Returns the sum of all rooms, or -1 if one is negative.
int64_t room_for(const SocketOption *options, size_t count);

// Which sockets are asked; -1 stands for all of them.
struct SocketKind {
	int family;
	int type;
	int protocol;
	// Whether a TCP socket has a peer now.
	int connected;

	bool includes(const SocketKind &one) const
	{
		return (family < 0 || family == one.family) && (type < 0 || type == one.type) &&
		       (protocol < 0 || protocol == one.protocol) && (connected < 0 || connected == one.connected);
	}
};

class Questions {
public:
	// `place`: index in the row of a descriptor for the number of the answer.
	Questions(const SocketKind &kind, int place, std::vector<SocketOption> options);

	// Not any more if their answers differ too much.
	bool concern(const SocketKind &one) const { return !given_up_ && kind_.includes(one); }
	int place() const { return place_; }
	// Queries a socket. Returns a number from 1 up, equal for equal answers; 0 if too many answers are kept
	// already: then no more sockets are concerned.
	int32_t ask(int fd);
	// Returns the lengths and then the values of an answer.
	std::vector<uint8_t> answer(int32_t number);

private:
	SocketKind kind_;
	int place_;
	std::vector<SocketOption> options_;
	size_t bytes_;
	std::mutex mutex_;
	std::vector<std::vector<uint8_t>> answers_;
	std::atomic<bool> given_up_{false};
};

} // namespace criu
