// SPDX-License-Identifier: GPL-2.0-only
// Numbers for open file descriptions: several descriptors, of one process or of several, may refer to the same one.
#pragma once

#include <map>
#include <mutex>
#include <stdint.h>
#include <utility>
#include <vector>

namespace criu {

class Descriptions {
public:
	// Returns a number from 1 up for the open file description of a descriptor, equal for all descriptors that
	// refer to it; -errno if kcmp(2) fails. Only descriptors of the same file are compared. File positions are no
	// criterion: another process may change them meanwhile.
	int32_t number(int pid, int fd, uint64_t dev, uint64_t ino);

private:
	struct One {
		int pid;
		int fd;
		int32_t number;
	};

	std::mutex mutex_;
	// The lists are sorted in the order of kcmp(2).
	std::map<std::pair<uint64_t, uint64_t>, std::vector<One>> known_;
	int32_t last_ = 0;
};

} // namespace criu
