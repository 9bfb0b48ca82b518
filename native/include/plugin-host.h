// SPDX-License-Identifier: GPL-2.0-only
// What a process that holds a plugin and the command that asks it say to each other: messages of a SOCK_SEQPACKET socket, a
// header and texts, little-endian, with at most one descriptor (SCM_RIGHTS). packages/criu-cli/src/plugins/messages.ts has the same.
#ifndef CRIU_PLUGIN_HOST_H
#define CRIU_PLUGIN_HOST_H

#include <stdint.h>

#define HOST_SOCKET 3 // descriptors that the process is started with
#define HOST_IMAGES 4
#define HOST_TEXT   8192 // bytes of both texts, at most

// Beside the numbers of hooks.
#define HOST_INIT 100 // args[0]: stage; first text: names that the inventory has, a line each
#define HOST_EXIT 101 // args[0]: stage, args[1]: 0 if all went well

struct host_request {
	uint32_t op;
	uint32_t first; // bytes of each text, without a zero byte at the end
	uint32_t second;
	uint32_t reserved;
	int64_t args[4];
};

enum host_kind {
	HOST_LOG = 0,	  // value: level
	HOST_READY = 1,	  // value: version of the interface; wide: hooks, a bit for each; text: name
	HOST_FAILED = 2,  // text: why
	HOST_ANSWER = 3,  // value: what the hook has returned; wide: new offset; flag: the mount is of a file; text: why it failed
	HOST_LISTED = 4,  // text: a name for the inventory
	HOST_CLAIMED = 5, // text: a name of the inventory that the plugin is
};

struct host_reply {
	uint32_t kind;
	int32_t value;
	int64_t wide;
	int64_t flag;
};

#endif
