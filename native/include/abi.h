/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Constants and structures that the addon, the agent and TypeScript share. Every structure has fixed-width fields and
 * natural alignment without padding. The native build makes lib/abi.generated.ts from this file, and a test compares
 * the two. A change of layout or meaning increments AGENT_ABI_VERSION.
 */
#ifndef CRIU_ABI_H
#define CRIU_ABI_H

#define AGENT_ABI_VERSION 10u
#define AGENT_MAGIC 0x50474131u /* "1AGP" */

/* Offsets of the parts of an agent region, which is one anonymous mapping. A struct agent_ctx is at offset 0. */
#define AGENT_TEXT_OFFSET 0x1000u
#define AGENT_TEXT_SIZE 0x5000u     /* code and constants; the build checks the size */
#define AGENT_STACK_OFFSET 0x6000u
#define AGENT_STACK_SIZE 0x4000u
#define AGENT_HELPER_STACK 0x1000u /* of a helper thread, which only makes system calls */
#define AGENT_BUFFER_OFFSET 0xa000u /* the request, results and data of the running program */
#define AGENT_MAX_FDS 250u          /* SCM_MAX_FD is 253 */
/* Entry points, as offsets in the text. */
#define AGENT_ENTRY_BREAK 0u    /* argument: struct agent_ctx; runs its program and ends with a breakpoint */
#define AGENT_ENTRY_SYSCALL 16u /* executes one system call instruction */
#define AGENT_ENTRY_MARK 32u    /* as BREAK, but ends with the system call AGENT_MARK, which does not exist */
#define AGENT_MARK 0x6d61726b
/* Offsets in struct agent_ctx for assembly code. */
#define AGENT_CTX_BUFFER 16
#define AGENT_CTX_NR_OUT_FDS 36

#ifndef __ASSEMBLER__
#include <stdint.h>

/* How an argument word becomes a value. Each of the six arguments has four bits for it in agent_op.kinds. */
enum agent_operand {
	AGENT_IMM = 0,    /* the word itself */
	AGENT_DATA = 1,   /* address of data + word */
	AGENT_RESULT = 2, /* result of step (word & 0xffff), plus (word >> 16) as a signed addend */
	AGENT_LOAD64 = 3, /* the 64-bit value stored at data + word */
	AGENT_LOAD32 = 4, /* the signed 32-bit value stored at data + word */
	AGENT_SELF = 5,   /* address of the agent region + word */
};

enum agent_opcode {
	AGENT_OP_SYSCALL = 0,  /* nr(args...) */
	AGENT_OP_RW_FULL = 1,  /* nr is that of read, write, pread64 or pwrite64: (fd, buf, len, offset) until len bytes are
			        * transferred */
	AGENT_OP_COPY = 2,     /* (dst, src, len) */
	AGENT_OP_PEEK = 3,     /* (addr, size) -> the value of 1, 2, 4 or 8 bytes */
	AGENT_OP_POKE = 4,     /* (addr, value, size) */
	AGENT_OP_SEND_FD = 5,  /* (fd): sends the descriptor with the reply; result: its index there */
	AGENT_OP_SPAWN = 6,    /* (struct clone_args *, size, control fd of the child): the child serves that fd, the parent
			        * closes it */
	AGENT_OP_THREAD = 7,   /* (struct clone_args *, size, struct agent_ctx * or 0): the new thread runs the program of the
			        * context, sets nr_out_fds of the context to 1, and waits until a tracer resumes it */
	AGENT_OP_WAIT = 8,     /* (tid, timeout ms, int *status): wait4(__WALL) with a time limit */
	AGENT_OP_TRAP_RUN = 9, /* (tid, struct agent_trap *): resumes a tracee until its next stop */
	AGENT_OP_ADD = 10,     /* (a, b) -> a + b */
	AGENT_OP_SLEEP_POLL = 11, /* (addr, mask, value, timeout ms): waits until (*(u32 *)addr & mask) == value */
	AGENT_OP_CHECKSUM = 12, /* (addr, len) -> FNV-1a over 64-bit words, for verification */
	AGENT_OP_STOP = 13, /* (tid, timeout ms, int *status, enum agent_stop_mode): until it is in a ptrace stop */
	AGENT_OP_ARM = 14, /* (tag, enum agent_arm): whether the program kept under tag runs at the hang-up */
	AGENT_OP_CALL = 15, /* (function, five arguments): a function of the C ABI in this task */
	AGENT_OP_PAGES = 16, /* (struct agent_pages *, count, most helpers, their stacks, whether huge pages may be made, struct iovec *): 0 or an errno */
	AGENT_OP_LAST = 17,
};

enum agent_expect {
	AGENT_ANY = 0,  /* records the result and continues */
	AGENT_OK = 1,   /* a result in [-4095, -1] is a failure */
	AGENT_EQ = 2,   /* any result but `expected` is a failure */
};

struct agent_op {
	uint16_t code;    /* enum agent_opcode */
	uint16_t expect;  /* enum agent_expect */
	uint32_t nr;      /* system call number */
	uint32_t kinds;   /* six times four bits of enum agent_operand, first argument lowest */
	uint32_t skip;    /* on failure: 0 ends the program, n > 0 continues n operations further */
	int64_t expected;
	uint64_t arg[6];
};

enum agent_message {
	AGENT_MSG_RUN = 1,      /* runs the program and replies */
	AGENT_MSG_HANGUP = 2,   /* keeps the program under `tag`, to run when the control socket closes; without operations:
				 * removes the kept one. `target`: enum agent_keep. The most recently kept runs first */
	AGENT_MSG_EXIT = 3,     /* exits without running the kept programs */
	AGENT_MSG_RELOCATE = 4, /* replies, then continues in a copy of this agent at the address in `target` */
};

/* A program, in a message and in memory: header, operations, data. In the buffer, results follow the data. */
struct agent_prog {
	uint32_t magic;
	uint32_t version;
	uint32_t type;      /* enum agent_message */
	uint32_t tag;
	uint32_t nr_ops;
	uint32_t nr_fds;    /* descriptors in the message; their numbers are written to data[fds_offset] as int32 */
	uint32_t data_size;
	uint32_t fds_offset;
	uint32_t reply_offset; /* offset of the part of the data that the reply contains */
	uint32_t reply_size;
	int32_t failed_at;  /* index of the operation that failed, -1 if none */
	uint32_t steps;     /* number of operations executed */
	uint64_t target;
	uint32_t chain;     /* chain number: the program does not run after a failed one of the same chain; 0: no chain */
	uint32_t seq;       /* copied to the reply */
	uint32_t quiet;     /* 1: no reply unless the program fails */
	uint32_t pad;
};

struct agent_reply {
	uint32_t magic;
	uint32_t tag;
	uint32_t nr_ops;
	uint32_t nr_fds;
	uint32_t reply_size;
	int32_t failed_at;
	uint32_t steps;
	uint32_t error;     /* errno of a message that was refused, else 0. ECANCELED: an earlier program of its chain has
			     * failed */
	uint32_t seq;
	uint32_t pad;
};

/* Head of an agent region, and of each slice in which a thread runs programs. */
struct agent_ctx {
	uint64_t self;        /* address of the region */
	uint64_t region_size; /* bytes of the region */
	uint64_t buffer;      /* address of struct agent_prog */
	uint64_t buffer_size;
	int32_t control;      /* control socket, -1 without one */
	uint32_t nr_out_fds;
	int32_t out_fds[250];
	uint64_t hangups;     /* first struct agent_kept */
	uint64_t spare;       /* first unused struct agent_kept, for reuse */
	uint32_t broken;      /* chain of the program that has failed last */
	uint32_t pad;
};

/* Head of a program kept for the hang-up; the program follows. */
struct agent_kept {
	uint64_t next;
	uint64_t size;  /* bytes of the mapping */
	uint32_t tag;
	uint32_t armed;
	uint32_t first;
	uint32_t pad;
};

enum agent_keep {
	AGENT_KEEP_DISARMED = 1,
	AGENT_KEEP_QUIET = 2, /* no reply; if the program cannot be kept, the agent acts as after a hang-up */
	AGENT_KEEP_FIRST = 4, /* runs before all programs kept without this flag, including later ones */
	AGENT_KEEP_LAST = 8,  /* runs after all programs kept so far */
};

enum agent_arm {
	AGENT_DISARM = 0,
	AGENT_ARM = 1,
	AGENT_FORGET = 2,
};

enum agent_stop_mode {
	AGENT_STOP_SEIZED = 0, /* the tracee was seized and interrupted: pending signals are delivered until PTRACE_EVENT_STOP */
	AGENT_STOP_ANY = 1,    /* waits for any stop and delivers no signal */
};

/*
 * AGENT_OP_PAGES: parts of this task's memory, or of one of its open files. Several are filled at once, in any order.
 */
enum agent_pages_how {
	AGENT_PAGES_READ = 0,     /* from a file */
	AGENT_PAGES_POPULATE = 1, /* the same, with pages that are made by the kernel together with their contents, or before */
	AGENT_PAGES_COLLAPSE = 2, /* nothing is read: huge pages where the step may make them and the kernel has some, for whole 2 MiB */
	AGENT_PAGES_HUGE = 3,     /* COLLAPSE, then READ */
	AGENT_PAGES_FILE = 4,     /* from a file into the file `target`; the address is the offset there */
	AGENT_PAGES_SCATTER = 5,  /* from a file to places that lie apart: `length` of the iovecs of the step, from number `address` on */
};
struct agent_pages {
	uint64_t address;
	uint64_t length;
	uint64_t offset; /* offset in the file `fd` */
	int32_t fd;
	uint32_t how;    /* enum agent_pages_how */
	int32_t target;
	uint32_t pad;
};

/* AGENT_OP_TRAP_RUN: how the tracee is resumed, and how it stopped. */
enum agent_trap_mode {
	AGENT_TRAP_BREAK = 0,   /* until a breakpoint */
	AGENT_TRAP_SYSCALL = 1, /* one system call, at whose instruction the tracee is. No signal is involved */
	AGENT_TRAP_MARK = 2,    /* until the system call AGENT_MARK has returned: for tasks that ignore or block SIGTRAP */
};
enum agent_trap_flags {
	AGENT_TRAP_RUNNING = 1, /* the tracee is running already: only wait */
	AGENT_TRAP_LEAVE = 2,   /* leaves the tracee running at the time limit instead of stopping it */
};
struct agent_trap {
	uint32_t mode;        /* enum agent_trap_mode */
	uint32_t timeout_ms;
	uint32_t flags;       /* enum agent_trap_flags */
	uint32_t other_stops; /* out: number of other stops, after which the tracee was resumed */
	uint32_t fault;       /* out: signal of a fault that ended the run; 0 if none */
	uint32_t pad;
	uint64_t held;        /* in and out: signals that arrived and were held back, bit 1 << (signal - 1) */
	uint64_t regs;        /* address of user_regs_struct: in: registers to set; out: registers at the stop */
	uint64_t siginfo;     /* address of 128 bytes for the siginfo of the fault */
};

#endif /* __ASSEMBLER__ */
#endif
