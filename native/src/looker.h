// SPDX-License-Identifier: GPL-2.0-only
// Inspects descriptors of a process one by one: fills rows of descriptors.h and the texts that belong to them.
#pragma once

#include "descriptions.h"
#include "descriptors.h"
#include "questions.h"

#include <memory>
#include <stdint.h>
#include <string>
#include <vector>

namespace criu {

// Parameters that are equal for all descriptors of a process.
struct LookAt {
	int pid;
	int pidfd;
	std::shared_ptr<Descriptions> descriptions;
	// Options to query, for each kind of socket.
	std::vector<std::shared_ptr<Questions>> questions;
};

class Looker {
public:
	explicit Looker(const LookAt &at);
	~Looker();
	Looker(const Looker &) = delete;
	Looker &operator=(const Looker &) = delete;

	// Fills the row of descriptor `fd`. `link` gets the target of its link in /proc/PID/fd, `info` the lines of its
	// fdinfo behind the fields that all kinds have.
	void look(int fd, int32_t *small, uint64_t *large, std::string *link, std::string *info);

private:
	static bool link_of(const uint64_t *large, std::string *link);
	bool read_link(const std::string &name, std::string *link);
	bool read_info(const std::string &name, int32_t *small, uint64_t *large, std::string *info);
	void socket(int local, int32_t *small, uint64_t *large);

	const LookAt &at_;
	// Descriptors of /proc/PID/fd and /proc/PID/fdinfo.
	int links_;
	int infos_;
	// Buffer. A link never needs more; read_info() enlarges it for long fdinfo.
	std::vector<char> room_ = std::vector<char>(8192);
};

} // namespace criu
