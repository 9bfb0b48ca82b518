/* SPDX-License-Identifier: GPL-2.0-only
 *
 * The control socket: receives messages and sends replies, both with descriptors beside the bytes. When the socket
 * closes, the agent runs the programs that were kept for the hang-up and exits.
 */
#include "agent.h"

#define SPARE_SIZE 4096

/* struct cmsghdr followed by its descriptors. */
struct fd_cmsg {
	struct cmsghdr head;
	int32_t fds[AGENT_MAX_FDS];
};

/*
 * Receives exactly `len` bytes and appends descriptors that arrive with them to `fds`. Returns `len`, or 0 when the
 * peer has closed the socket.
 */
static long receive(struct agent_ctx *ctx, void *buf, uint64_t len, int32_t *fds, uint32_t *nr_fds)
{
	uint64_t done = 0;

	while (done < len) {
		struct fd_cmsg cmsg;
		struct iovec iov = { (char *)buf + done, len - done };
		struct msghdr msg;
		long r;

		zero_bytes(&msg, sizeof(msg));
		msg.msg_iov = &iov;
		msg.msg_iovlen = 1;
		msg.msg_control = &cmsg;
		msg.msg_controllen = sizeof(cmsg);
		r = sys3(__NR_recvmsg, ctx->control, &msg, MSG_CMSG_CLOEXEC);
		if (r == -EINTR)
			continue;
		if (r <= 0)
			return 0;
		if (msg.msg_controllen >= sizeof(struct cmsghdr) && cmsg.head.cmsg_level == SOL_SOCKET && cmsg.head.cmsg_type == SCM_RIGHTS) {
			uint32_t n = (cmsg.head.cmsg_len - sizeof(struct cmsghdr)) / 4;

			for (uint32_t i = 0; i < n && *nr_fds < AGENT_MAX_FDS; i++)
				fds[(*nr_fds)++] = cmsg.fds[i];
		}
		done += r;
	}
	return (long)done;
}

/*
 * Sends all pieces with as few calls as possible, since each call wakes the reader. Returns -errno only if nothing was
 * sent, otherwise 0 or 1.
 */
static long transmit(struct agent_ctx *ctx, struct iovec *iov, uint64_t count, const int32_t *fds, uint32_t nr_fds)
{
	int begun = 0;

	while (count) {
		struct fd_cmsg cmsg;
		struct msghdr msg;
		uint64_t sent;
		long r;

		if (!iov->iov_len) {
			iov++;
			count--;
			continue;
		}
		zero_bytes(&msg, sizeof(msg));
		msg.msg_iov = iov;
		msg.msg_iovlen = count;
		if (nr_fds) {
			cmsg.head.cmsg_len = CMSG_LEN(4 * nr_fds);
			cmsg.head.cmsg_level = SOL_SOCKET;
			cmsg.head.cmsg_type = SCM_RIGHTS;
			for (uint32_t i = 0; i < nr_fds; i++)
				cmsg.fds[i] = fds[i];
			msg.msg_control = &cmsg;
			msg.msg_controllen = CMSG_SPACE(4 * nr_fds);
		}
		r = sys3(__NR_sendmsg, ctx->control, &msg, MSG_NOSIGNAL);
		if (r == -EINTR)
			continue;
		if (r <= 0)
			return begun ? 0 : r;
		begun = 1;
		nr_fds = 0;
		for (sent = (uint64_t)r; sent && count; ) {
			uint64_t part = sent < iov->iov_len ? sent : iov->iov_len;

			iov->iov_base = (char *)iov->iov_base + part;
			iov->iov_len -= part;
			sent -= part;
			if (!iov->iov_len) {
				iov++;
				count--;
			}
		}
	}
	return 1;
}

static void reply(struct agent_ctx *ctx, struct agent_prog *prog, uint32_t error)
{
	struct agent_reply out;

	zero_bytes(&out, sizeof(out));
	out.magic = AGENT_MAGIC;
	out.tag = prog->tag;
	out.seq = prog->seq;
	out.error = error;
	out.failed_at = prog->failed_at;
	if (!error) {
		out.nr_ops = prog->nr_ops;
		out.nr_fds = ctx->nr_out_fds;
		out.reply_size = prog->reply_size;
		out.steps = prog->steps;
	}
	struct iovec iov[3] = {
		{ &out, sizeof(out) },
		{ agent_results(prog), (uint64_t)out.nr_ops * 8 },
		{ (char *)(prog + 1) + (uint64_t)prog->nr_ops * sizeof(struct agent_op) + prog->reply_offset, out.reply_size },
	};

	long r = transmit(ctx, iov, 3, ctx->out_fds, out.nr_fds);

	/*
	 * The kernel may refuse the descriptors (closed meanwhile, or ETOOMANYREFS for too many in flight), and then
	 * sends nothing. The reply goes out again without them and with the errno, since the command waits for it.
	 */
	if (r < 0 && out.nr_fds && !error) {
		ctx->nr_out_fds = 0;
		ctx->broken = prog->chain;
		reply(ctx, prog, (uint32_t)-r);
	}
}

static uint64_t program_size(const struct agent_prog *prog)
{
	return (uint64_t)prog->nr_ops * sizeof(struct agent_op) + prog->data_size;
}

int agent_hung_up(struct agent_ctx *ctx)
{
	struct pollfd pfd = { ctx->control, POLLRDHUP, 0 };
	struct timespec none = { 0, 0 };

	return ctx->control >= 0 && sys4(__NR_ppoll, &pfd, 1, &none, 0) == 1;
}

static void hang_up(struct agent_ctx *ctx)
{
	struct agent_kept *kept = (struct agent_kept *)ctx->hangups;

	/* agent_wait() of a kept program must not return early because the control socket is closed. */
	ctx->control = -1;
	for (; kept; kept = (struct agent_kept *)kept->next)
		if (kept->armed)
			agent_run(ctx, (struct agent_prog *)(kept + 1));
	for (;;)
		sys3(__NR_exit_group, 0, 0, 0);
}

static struct agent_kept **find_kept(struct agent_ctx *ctx, uint64_t tag)
{
	struct agent_kept **at = (struct agent_kept **)&ctx->hangups;

	while (*at && (*at)->tag != tag)
		at = (struct agent_kept **)&(*at)->next;
	return at;
}

long agent_arm(struct agent_ctx *ctx, uint64_t tag, uint64_t how)
{
	struct agent_kept **at = find_kept(ctx, tag);
	struct agent_kept *kept = *at;

	if (!kept)
		return -ENOENT;
	if (how != AGENT_FORGET) {
		kept->armed = how == AGENT_ARM;
		return 0;
	}
	*at = (struct agent_kept *)kept->next;
	if (kept->size > SPARE_SIZE)
		return sys3(__NR_munmap, kept, kept->size, 0);
	kept->next = ctx->spare;
	ctx->spare = (uint64_t)kept;
	return 0;
}

/* The memory need not be zero: agent_run() writes results before anything reads them. */
static struct agent_kept *make_room(struct agent_ctx *ctx, uint64_t size)
{
	struct agent_kept *spare = (struct agent_kept *)ctx->spare;

	if (size <= SPARE_SIZE && spare) {
		ctx->spare = spare->next;
		return spare;
	}
	return (struct agent_kept *)sys6(__NR_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void keep(struct agent_ctx *ctx, struct agent_prog *prog)
{
	uint64_t bytes = sizeof(*prog) + program_size(prog);
	uint32_t error = 0;

	agent_arm(ctx, prog->tag, AGENT_FORGET);
	if (prog->nr_ops) {
		uint64_t size = (sizeof(struct agent_kept) + bytes + 8 + 8ull * prog->nr_ops + 4095) & ~4095ull;
		struct agent_kept *kept = make_room(ctx, size);
		struct agent_kept **at;

		if (failed((long)kept)) {
			error = ENOMEM;
		} else {
			copy_bytes(kept + 1, prog, bytes);
			kept->size = size;
			kept->tag = prog->tag;
			kept->armed = !(prog->target & AGENT_KEEP_DISARMED);
			kept->first = !!(prog->target & AGENT_KEEP_FIRST);
			at = (struct agent_kept **)&ctx->hangups;
			while (*at && (prog->target & AGENT_KEEP_LAST || (!kept->first && (*at)->first)))
				at = (struct agent_kept **)&(*at)->next;
			kept->next = (uint64_t)*at;
			*at = kept;
		}
	}
	if (prog->target & AGENT_KEEP_QUIET) {
		if (error)
			hang_up(ctx);
		return;
	}
	prog->nr_ops = 0;
	prog->reply_size = 0;
	reply(ctx, prog, error);
}

static void relocate(struct agent_ctx *ctx, struct agent_prog *prog)
{
	uint64_t target = prog->target;
	uint64_t text = (uint64_t)agent_text_end - (uint64_t)agent_text_start;
	struct agent_ctx *copy;
	long r = sys6(__NR_mmap, target, ctx->region_size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	prog->nr_ops = 0;
	prog->reply_size = 0;
	if (r != (long)target) {
		ctx->broken = prog->chain;
		reply(ctx, prog, failed(r) ? -r : EINVAL);
		return;
	}
	copy_bytes((void *)(target + AGENT_TEXT_OFFSET), agent_text_start, text);
	copy = (struct agent_ctx *)target;
	copy_bytes(copy, ctx, sizeof(*copy));
	copy->self = target;
	copy->buffer = target + AGENT_BUFFER_OFFSET;
	reply(ctx, prog, 0);
	agent_jump(copy, target + AGENT_TEXT_OFFSET + ((uint64_t)agent_serve_entry - (uint64_t)agent_text_start),
		   target + AGENT_STACK_OFFSET + AGENT_STACK_SIZE);
}

/*
 * The next programs of a chain may have been sent before this one ends: `broken` makes take() refuse them after a
 * failure.
 */
static void run(struct agent_ctx *ctx, struct agent_prog *prog)
{
	agent_run(ctx, prog);
	if (prog->failed_at >= 0)
		ctx->broken = prog->chain;
	else if (prog->quiet)
		return;
	reply(ctx, prog, 0);
}

static void take(struct agent_ctx *ctx, struct agent_prog *prog, const int32_t *fds, uint32_t nr_fds)
{
	char *data = (char *)(prog + 1) + (uint64_t)prog->nr_ops * sizeof(struct agent_op);

	for (uint32_t i = 0; i < nr_fds; i++)
		((int32_t *)(data + prog->fds_offset))[i] = fds[i];
	ctx->nr_out_fds = 0;
	if (prog->chain && prog->chain == ctx->broken) {
		if (!prog->quiet)
			reply(ctx, prog, ECANCELED);
	} else if (prog->type == AGENT_MSG_RUN) {
		run(ctx, prog);
	} else if (prog->type == AGENT_MSG_HANGUP) {
		keep(ctx, prog);
	} else if (prog->type == AGENT_MSG_RELOCATE) {
		relocate(ctx, prog);
	} else if (prog->type == AGENT_MSG_EXIT) {
		for (;;)
			sys3(__NR_exit_group, 0, 0, 0);
	} else {
		reply(ctx, prog, EPROTO);
	}
}

void agent_serve(struct agent_ctx *ctx)
{
	struct agent_prog *prog = (struct agent_prog *)ctx->buffer;

	for (;;) {
		int32_t fds[AGENT_MAX_FDS];
		uint32_t nr_fds = 0;

		if (!receive(ctx, prog, sizeof(*prog), fds, &nr_fds))
			hang_up(ctx);
		/*
		 * The command keeps to the size limits. After a wrong header the message stream cannot be
		 * resynchronised.
		 */
		if (prog->magic != AGENT_MAGIC || prog->version != AGENT_ABI_VERSION ||
		    sizeof(*prog) + program_size(prog) + 8 + 8ull * prog->nr_ops > ctx->buffer_size)
			hang_up(ctx);
		if (program_size(prog) && !receive(ctx, prog + 1, program_size(prog), fds, &nr_fds))
			hang_up(ctx);
		take(ctx, prog, fds, nr_fds);
	}
}
