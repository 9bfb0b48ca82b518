// SPDX-License-Identifier: GPL-2.0-only
// Starts the ELF file of the agent with clone3(CLONE_VM | CLONE_VFORK), as posix_spawn() does: a copied child of a
// multi-threaded process could run only async-signal-safe code. posix_spawn() itself cannot choose pids.
#include "addon.h"
#include "clone.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

struct Plan {
	const char *path;
	char *const *argv;
	char *const *envp;
	int control_from;
	int control_to;
	bool new_session;
	// For a child in a new user namespace: before its maps are written no process has uid 0 there, so execve()
	// would drop all capabilities that are not ambient.
	bool keep_capabilities;
	volatile int error;
};

bool make_ambient()
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, sets) < 0)
		return false;
	for (auto &set : sets)
		set.inheritable = set.permitted;
	if (syscall(SYS_capset, &header, sets) < 0)
		return false;
	for (int cap = 0; cap < 64; cap++)
		if (sets[cap / 32].permitted & (1u << (cap % 32)))
			syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	return true;
}

[[noreturn]] void in_child(void *argument)
{
	Plan *plan = static_cast<Plan *>(argument);
	struct sigaction dfl;

	memset(&dfl, 0, sizeof(dfl));
	dfl.sa_handler = SIG_DFL;
	for (int s = 1; s < 65; s++)
		if (s != SIGKILL && s != SIGSTOP)
			sigaction(s, &dfl, nullptr);
	if (plan->new_session)
		setsid();
	if (dup3(plan->control_from, plan->control_to, 0) < 0 && errno != EINVAL)
		goto fail;
	if (plan->control_from == plan->control_to)
		fcntl(plan->control_to, F_SETFD, 0);
	// No other descriptor of this process may reach a task.
	if (plan->control_to > 0)
		syscall(SYS_close_range, 0, plan->control_to - 1, 0);
	syscall(SYS_close_range, plan->control_to + 1, ~0u, 0);
	if (plan->keep_capabilities && !make_ambient())
		goto fail;
	execve(plan->path, plan->argv, plan->envp);
fail:
	plan->error = errno;
	_exit(127);
}

// While it exists, children of this thread are created in another pid namespace. Meanwhile no thread of this process
// can be created (clone(2): EINVAL for CLONE_THREAD).
class BirthPlace {
public:
	explicit BirthPlace(int fd)
	{
		if (fd < 0)
			return;
		own = open("/proc/thread-self/ns/pid", O_RDONLY | O_CLOEXEC);
		if (own < 0 || syscall(SYS_setns, fd, CLONE_NEWPID) < 0)
			error = errno;
	}
	BirthPlace(const BirthPlace &) = delete;
	BirthPlace &operator=(const BirthPlace &) = delete;
	~BirthPlace()
	{
		if (own < 0)
			return;
		if (!error)
			syscall(SYS_setns, own, CLONE_NEWPID);
		close(own);
	}
	int error = 0;

private:
	int own = -1;
};

// spawnAgent(path, controlFd, childFd, bufferBytes, flags, setTid[], newSession, exitSignal, groups?, pidNs?) -> pid or
// -errno. setTid: pids from the innermost pid namespace outwards. groups: supplementary group ids of the child in this
// user namespace, default: those of this process. pidNs: descriptor of the pid namespace for the child, default: that
// of this process.
Napi::Value spawn_agent(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	std::string path = info[0].As<Napi::String>();
	int control = info[1].As<Napi::Number>().Int32Value();
	int child_fd = info[2].As<Napi::Number>().Int32Value();
	std::string fd_text = std::to_string(child_fd);
	std::string buffer_text = std::to_string(info[3].As<Napi::Number>().Int64Value());
	uint64_t flags = criu::to_u64(info[4], "flags");
	Napi::Array tids = info[5].As<Napi::Array>();
	bool session = info[6].As<Napi::Boolean>().Value();
	pid_t set_tid[32];
	size_t depth = tids.Length() < 32 ? tids.Length() : 32;
	char name[] = "criu-agent";
	char *argv[] = { name, fd_text.data(), buffer_text.data(), nullptr };
	char *envp[] = { nullptr };
	Plan plan = { path.c_str(), argv, envp, control, child_fd, session, (flags & CLONE_NEWUSER) != 0, 0 };
	std::vector<gid_t> groups, own_groups;
	struct clone_args args;
	sigset_t all, old;
	const size_t stack_size = 65536;
	void *stack;
	long pid;

	for (size_t i = 0; i < depth; i++)
		set_tid[i] = tids.Get(i).As<Napi::Number>().Int32Value();
	stack = mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED)
		return Napi::Number::New(env, -errno);
	memset(&args, 0, sizeof(args));
	args.flags = flags | CLONE_VM | CLONE_VFORK;
	args.exit_signal = (flags & CLONE_PARENT) ? 0 : info[7].As<Napi::Number>().Int32Value();
	args.stack = reinterpret_cast<uint64_t>(stack);
	args.stack_size = stack_size;
	if (depth) {
		args.set_tid = reinterpret_cast<uint64_t>(set_tid);
		args.set_tid_size = depth;
	}
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	pid = 0;
	if (info[8].IsArray()) {
		Napi::Array wanted = info[8].As<Napi::Array>();

		for (uint32_t i = 0; i < wanted.Length(); i++)
			groups.push_back(wanted.Get(i).As<Napi::Number>().Uint32Value());
		// The groups of this thread change for the time of the clone3() call: a child in a new user namespace
		// may not call setgroups(2).
		own_groups.resize(65536);
		long count = syscall(SYS_getgroups, own_groups.size(), own_groups.data());
		own_groups.resize(count < 0 ? 0 : count);
		if (count < 0 || syscall(SYS_setgroups, groups.size(), groups.data()) < 0)
			pid = -errno;
	}
	if (pid == 0) {
		BirthPlace place(info[9].IsNumber() ? info[9].As<Napi::Number>().Int32Value() : -1);
		pid = place.error ? -place.error : clone_into(&args, sizeof(args), in_child, &plan);
		if (info[8].IsArray())
			syscall(SYS_setgroups, own_groups.size(), own_groups.data());
	}
	pthread_sigmask(SIG_SETMASK, &old, nullptr);
	munmap(stack, stack_size);
	if (pid > 0 && plan.error) {
		waitpid(static_cast<pid_t>(pid), nullptr, __WALL);
		pid = -plan.error;
	}
	return Napi::Number::New(env, static_cast<double>(pid));
}

// waitChild(pid, keepAlive) -> promise of the wait status of a child that libuv does not know.
Napi::Value wait_child(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	pid_t pid = info[0].As<Napi::Number>().Int32Value();
	auto deferred = Napi::Promise::Deferred::New(env);
	int ended = 0;

	// As a rule an agent that has closed its connection has ended by now, and takes no thread to be waited for.
	if (waitpid(pid, &ended, WNOHANG | __WALL) == pid) {
		deferred.Resolve(Napi::Number::New(env, ended));
		return deferred.Promise();
	}
	auto tsfn = Napi::ThreadSafeFunction::New(env, Napi::Function::New(env, [](const Napi::CallbackInfo &) {}), "waitChild", 0, 1);

	if (!info[1].ToBoolean().Value())
		tsfn.Unref(env);

	std::thread([pid, deferred, tsfn]() mutable {
		int status = 0;
		pid_t r;

		do
			r = waitpid(pid, &status, __WALL);
		while (r < 0 && errno == EINTR);
		int result = r < 0 ? -errno : status;
		tsfn.BlockingCall([deferred, result](Napi::Env e, Napi::Function) {
			if (!static_cast<napi_env>(e))
				return; // the process is ending
			deferred.Resolve(Napi::Number::New(e, result));
		});
		tsfn.Release();
	}).detach();
	return deferred.Promise();
}

criu::Register reg([](Napi::Env env, Napi::Object exports) {
	exports.Set("spawnAgent", Napi::Function::New(env, spawn_agent, "spawnAgent"));
	exports.Set("waitChild", Napi::Function::New(env, wait_child, "waitChild"));
});

} // namespace
