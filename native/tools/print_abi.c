/* SPDX-License-Identifier: GPL-2.0-only
 * Prints the shared declarations, and the kernel structures that TypeScript fills in, as TypeScript.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stddef.h>
#include <signal.h>
#include <time.h>
#include <sched.h>
#include <sys/uio.h>
#include <linux/types.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <sys/user.h>
#include <sys/syscall.h>
#include "abi.h"
#include "descriptors.h"
#include "mappings.h"
#include "pager.h"

#define CONSTANT(name) printf("export const %s = 0x%lx;\n", #name, (unsigned long)(name))
#define BEGIN(type, name) printf("export const %s = {\n  size: %zu,\n", name, sizeof(type)); { typedef type T;
#define FIELD(f) printf("  %s: %zu,\n", #f, offsetof(T, f));
#define END } printf("} as const;\n");

struct clone_args_v2 {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

int main(void)
{
	puts("// Made from include/abi.h and the kernel's headers by tools/print_abi.c; do not edit.");
	CONSTANT(AGENT_ABI_VERSION);
	CONSTANT(AGENT_MAGIC);
	CONSTANT(AGENT_TEXT_OFFSET);
	CONSTANT(AGENT_TEXT_SIZE);
	CONSTANT(AGENT_STACK_OFFSET);
	CONSTANT(AGENT_STACK_SIZE);
	CONSTANT(AGENT_BUFFER_OFFSET);
	CONSTANT(AGENT_MAX_FDS);
	CONSTANT(AGENT_ENTRY_BREAK); CONSTANT(AGENT_ENTRY_SYSCALL); CONSTANT(AGENT_ENTRY_MARK); CONSTANT(AGENT_MARK);
	CONSTANT(AGENT_IMM); CONSTANT(AGENT_DATA); CONSTANT(AGENT_RESULT); CONSTANT(AGENT_LOAD64);
	CONSTANT(AGENT_LOAD32); CONSTANT(AGENT_SELF);
	CONSTANT(AGENT_OP_SYSCALL); CONSTANT(AGENT_OP_RW_FULL); CONSTANT(AGENT_OP_COPY); CONSTANT(AGENT_OP_PEEK);
	CONSTANT(AGENT_OP_POKE); CONSTANT(AGENT_OP_SEND_FD); CONSTANT(AGENT_OP_SPAWN); CONSTANT(AGENT_OP_THREAD);
	CONSTANT(AGENT_OP_WAIT); CONSTANT(AGENT_OP_TRAP_RUN); CONSTANT(AGENT_OP_ADD); CONSTANT(AGENT_OP_SLEEP_POLL);
	CONSTANT(AGENT_OP_CHECKSUM); CONSTANT(AGENT_OP_STOP); CONSTANT(AGENT_OP_ARM); CONSTANT(AGENT_OP_CALL);
	CONSTANT(AGENT_OP_PAGES); CONSTANT(AGENT_PAGES_READ); CONSTANT(AGENT_PAGES_POPULATE); CONSTANT(AGENT_PAGES_COLLAPSE);
	CONSTANT(AGENT_PAGES_HUGE); CONSTANT(AGENT_PAGES_FILE);
	CONSTANT(AGENT_ANY); CONSTANT(AGENT_OK); CONSTANT(AGENT_EQ);
	CONSTANT(AGENT_MSG_RUN); CONSTANT(AGENT_MSG_HANGUP); CONSTANT(AGENT_MSG_EXIT); CONSTANT(AGENT_MSG_RELOCATE);
	CONSTANT(AGENT_TRAP_BREAK); CONSTANT(AGENT_TRAP_SYSCALL); CONSTANT(AGENT_TRAP_MARK);
	CONSTANT(AGENT_TRAP_RUNNING); CONSTANT(AGENT_TRAP_LEAVE);
	CONSTANT(AGENT_KEEP_DISARMED); CONSTANT(AGENT_KEEP_QUIET); CONSTANT(AGENT_KEEP_FIRST);
	CONSTANT(AGENT_DISARM); CONSTANT(AGENT_ARM); CONSTANT(AGENT_FORGET); CONSTANT(AGENT_STOP_SEIZED); CONSTANT(AGENT_STOP_ANY);
	CONSTANT(PAGER_MAGIC); CONSTANT(PAGER_LOG); CONSTANT(PAGER_FILE); CONSTANT(PAGER_SERVER); CONSTANT(PAGER_MEMORY);
	CONSTANT(PAGER_GO); CONSTANT(PAGER_STOP); CONSTANT(PAGER_TOKEN); CONSTANT(PAGER_STARTED); CONSTANT(PAGER_GOING); CONSTANT(PAGER_DONE); CONSTANT(PAGER_FAILED);
	CONSTANT(DESCRIPTOR_LOCAL); CONSTANT(DESCRIPTOR_FAILED); CONSTANT(DESCRIPTOR_ERRNO); CONSTANT(DESCRIPTOR_FLAGS); CONSTANT(DESCRIPTOR_MOUNT);
	CONSTANT(DESCRIPTOR_SIGNAL); CONSTANT(DESCRIPTOR_OWNER_TYPE); CONSTANT(DESCRIPTOR_OWNER); CONSTANT(DESCRIPTOR_OWNER_UID); CONSTANT(DESCRIPTOR_OWNER_EUID);
	CONSTANT(DESCRIPTOR_FAMILY); CONSTANT(DESCRIPTOR_TYPE); CONSTANT(DESCRIPTOR_PROTOCOL); CONSTANT(DESCRIPTOR_HAS_INO); CONSTANT(DESCRIPTOR_SMALL);
	CONSTANT(DESCRIPTOR_DEV); CONSTANT(DESCRIPTOR_INO); CONSTANT(DESCRIPTOR_MODE); CONSTANT(DESCRIPTOR_NLINK); CONSTANT(DESCRIPTOR_UID);
	CONSTANT(DESCRIPTOR_GID); CONSTANT(DESCRIPTOR_RDEV); CONSTANT(DESCRIPTOR_SIZE); CONSTANT(DESCRIPTOR_BLOCKS); CONSTANT(DESCRIPTOR_ATIME);
	CONSTANT(DESCRIPTOR_MTIME); CONSTANT(DESCRIPTOR_POS); CONSTANT(DESCRIPTOR_INFO_INO); CONSTANT(DESCRIPTOR_NETNS); CONSTANT(DESCRIPTOR_LARGE);
	CONSTANT(DESCRIPTOR_NO_COPY); CONSTANT(DESCRIPTOR_NO_STAT); CONSTANT(DESCRIPTOR_NO_LINK); CONSTANT(DESCRIPTOR_NO_INFO);
	CONSTANT(MAPPING_PROT); CONSTANT(MAPPING_SHARED); CONSTANT(MAPPING_MAJOR); CONSTANT(MAPPING_MINOR); CONSTANT(MAPPING_PATH);
	CONSTANT(MAPPING_FLAGS); CONSTANT(MAPPING_KEY); CONSTANT(MAPPING_SMALL); CONSTANT(MAPPING_START); CONSTANT(MAPPING_END);
	CONSTANT(MAPPING_OFFSET); CONSTANT(MAPPING_INO); CONSTANT(MAPPING_LARGE);
	BEGIN(struct pager_head, "PagerHead") FIELD(magic) FIELD(type) FIELD(count) FIELD(pad) FIELD(arg) END
	BEGIN(struct pager_range, "PagerRange") FIELD(start) FIELD(end) FIELD(source) FIELD(offset) END
	BEGIN(struct pager_reply, "PagerReply") FIELD(magic) FIELD(type) FIELD(length) FIELD(arg) END
	BEGIN(struct agent_op, "AgentOp") FIELD(code) FIELD(expect) FIELD(nr) FIELD(kinds) FIELD(skip) FIELD(expected) FIELD(arg) END
	BEGIN(struct agent_prog, "AgentProg") FIELD(magic) FIELD(version) FIELD(type) FIELD(tag) FIELD(nr_ops) FIELD(nr_fds)
	FIELD(data_size) FIELD(fds_offset) FIELD(reply_offset) FIELD(reply_size) FIELD(failed_at) FIELD(steps) FIELD(target) END
	BEGIN(struct agent_reply, "AgentReply") FIELD(magic) FIELD(tag) FIELD(nr_ops) FIELD(nr_fds) FIELD(reply_size) FIELD(failed_at)
	FIELD(steps) FIELD(error) END
	BEGIN(struct agent_ctx, "AgentCtx") FIELD(self) FIELD(region_size) FIELD(buffer) FIELD(buffer_size) FIELD(control) FIELD(nr_out_fds)
	FIELD(out_fds) FIELD(hangups) FIELD(spare) END
	BEGIN(struct agent_trap, "AgentTrap") FIELD(mode) FIELD(timeout_ms) FIELD(flags) FIELD(other_stops) FIELD(fault)
	FIELD(held) FIELD(regs) FIELD(siginfo) END
	BEGIN(struct agent_pages, "AgentPages") FIELD(address) FIELD(length) FIELD(offset) FIELD(fd) FIELD(how) FIELD(target) END
	BEGIN(struct clone_args_v2, "CloneArgs") FIELD(flags) FIELD(pidfd) FIELD(child_tid) FIELD(parent_tid) FIELD(exit_signal)
	FIELD(stack) FIELD(stack_size) FIELD(tls) FIELD(set_tid) FIELD(set_tid_size) FIELD(cgroup) END
	BEGIN(struct user_regs_struct, "UserRegs") FIELD(r15) FIELD(r14) FIELD(r13) FIELD(r12) FIELD(rbp) FIELD(rbx) FIELD(r11)
	FIELD(r10) FIELD(r9) FIELD(r8) FIELD(rax) FIELD(rcx) FIELD(rdx) FIELD(rsi) FIELD(rdi) FIELD(orig_rax) FIELD(rip) FIELD(cs)
	FIELD(eflags) FIELD(rsp) FIELD(ss) FIELD(fs_base) FIELD(gs_base) FIELD(ds) FIELD(es) FIELD(fs) FIELD(gs) END
	BEGIN(struct prctl_mm_map, "PrctlMmMap") FIELD(start_code) FIELD(end_code) FIELD(start_data) FIELD(end_data) FIELD(start_brk)
	FIELD(brk) FIELD(start_stack) FIELD(arg_start) FIELD(arg_end) FIELD(env_start) FIELD(env_end) FIELD(auxv) FIELD(auxv_size)
	FIELD(exe_fd) END
	BEGIN(struct ptrace_rseq_configuration, "PtraceRseqConfiguration") FIELD(rseq_abi_pointer) FIELD(rseq_abi_size) FIELD(signature) FIELD(flags) END
	BEGIN(siginfo_t, "Siginfo") FIELD(si_signo) FIELD(si_errno) FIELD(si_code) END
	BEGIN(stack_t, "StackT") FIELD(ss_sp) FIELD(ss_flags) FIELD(ss_size) END
	BEGIN(struct iovec, "Iovec") FIELD(iov_base) FIELD(iov_len) END
	return 0;
}
