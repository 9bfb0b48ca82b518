// SPDX-License-Identifier: GPL-2.0-only
// A thread that helps the one that creates it, which waits for it while tasks are frozen.
#pragma once

#include <sched.h>
#include <thread>
#include <utility>

namespace criu {

// Starts a thread with the scheduling policy of the caller, which threads do not inherit if it has SCHED_RESET_ON_FORK.
// A refusal only makes the dump slower.
template <typename F> std::thread helper_thread(F work)
{
	sched_param param = {};
	int policy = sched_getscheduler(0);

	sched_getparam(0, &param);
	return std::thread([policy, param, work = std::move(work)] {
		if (policy > 0)
			sched_setscheduler(0, policy, &param);
		work();
	});
}

} // namespace criu
