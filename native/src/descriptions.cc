// SPDX-License-Identifier: GPL-2.0-only
#include "descriptions.h"
#include "kernel_order.h"

#include <linux/kcmp.h>

namespace criu {

int32_t Descriptions::number(int pid, int fd, uint64_t dev, uint64_t ino)
{
	std::lock_guard<std::mutex> lock(mutex_);
	std::vector<One> &similar = known_[{ dev, ino }];
	PlaceInOrder place = place_in_order(
		KCMP_FILE, pid, fd, similar.size(), [&](size_t i) { return similar[i].pid; },
		[&](size_t i) { return similar[i].fd; });

	if (place.error)
		return -place.error;
	if (place.found)
		return similar[place.at].number;
	similar.insert(similar.begin() + static_cast<ptrdiff_t>(place.at), One{ pid, fd, ++last_ });
	return last_;
}

} // namespace criu
