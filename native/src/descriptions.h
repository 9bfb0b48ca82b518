// SPDX-License-Identifier: GPL-2.0-only
// Open file descriptions, told apart: descriptors of several processes, or several of one, may lead to the same.
#pragma once

#include <map>
#include <mutex>
#include <stdint.h>
#include <utility>
#include <vector>

namespace criu {

class Descriptions {
public:
	// A number from 1 up for the description behind a descriptor, the same for all that lead to it; -errno if the kernel does
	// not compare it. Only descriptors of the same file are compared. Positions are not: another process may move them meanwhile.
	int32_t number(int pid, int fd, uint64_t dev, uint64_t ino);

private:
	struct One {
		int pid;
		int fd;
		int32_t number;
	};

	std::mutex mutex_;
	// In the kernel's own order of them.
	std::map<std::pair<uint64_t, uint64_t>, std::vector<One>> known_;
	int32_t last_ = 0;
};

} // namespace criu
