// SPDX-License-Identifier: GPL-2.0-only
// A look at descriptors of a process, one by one: rows of descriptors.h and the texts that go with each.
#pragma once

#include "descriptions.h"
#include "descriptors.h"
#include "questions.h"

#include <memory>
#include <stdint.h>
#include <string>
#include <vector>

namespace criu {

// What is the same for all descriptors of a dump.
struct LookAt {
	int pid;
	int pidfd;
	std::shared_ptr<Descriptions> descriptions;
	// What is asked of sockets.
	std::vector<std::shared_ptr<Questions>> questions;
};

class Looker {
public:
	explicit Looker(const LookAt &at);
	~Looker();
	Looker(const Looker &) = delete;
	Looker &operator=(const Looker &) = delete;

	// `link` and `info` get the text of the link and what fdinfo says beyond the lines that are the same for all.
	void look(int fd, int32_t *small, uint64_t *large, std::string *link, std::string *info);

private:
	bool read_link(const std::string &name, std::string *link);
	bool read_info(const std::string &name, int32_t *small, uint64_t *large, std::string *info);
	void socket(int local, int32_t *small, uint64_t *large);

	const LookAt &at_;
	// Folders of the process in procfs.
	int links_;
	int infos_;
	// A link that is longer cannot be read at all; fdinfo may be.
	std::vector<char> room_ = std::vector<char>(8192);
};

} // namespace criu
