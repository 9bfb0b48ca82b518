// SPDX-License-Identifier: GPL-2.0-only
// Messages between a command and the process that holds a plugin, on a SOCK_SEQPACKET socket: a header and texts,
// little-endian, with at most one descriptor (SCM_RIGHTS). packages/criu-cli/src/plugins/messages.ts defines the same.
#ifndef CRIU_PLUGIN_HOST_H
#define CRIU_PLUGIN_HOST_H

#include <stdint.h>

#define HOST_SOCKET 3 // descriptor numbers with which the process starts
#define HOST_IMAGES 4
#define HOST_TEXT   8192 // maximal bytes of both texts together

// Commands beside the numbers of hooks.
#define HOST_INIT 100 // args[0]: stage; first text: names in the inventory, one per line
#define HOST_EXIT 101 // args[0]: stage, args[1]: 0 after success

struct host_request {
	uint32_t op;
	uint32_t first; // bytes of each text, without a terminating zero byte
	uint32_t second;
	uint32_t reserved;
	int64_t args[4];
};

enum host_kind {
	HOST_LOG = 0,	  // value: level
	HOST_READY = 1,	  // value: version of the interface; wide: one bit for each hook; text: name
	HOST_FAILED = 2,  // text: reason
	HOST_ANSWER = 3,  // value: result of the hook; wide: new offset; flag: the mount is of a file; text: reason of a failure
	HOST_LISTED = 4,  // text: a name to add to the inventory
	HOST_CLAIMED = 5, // text: a name in the inventory that belongs to the plugin
};

struct host_reply {
	uint32_t kind;
	int32_t value;
	int64_t wide;
	int64_t flag;
};

#endif
