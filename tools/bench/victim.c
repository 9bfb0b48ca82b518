// What is measured: a process with as much of everything as is asked for, that waits when it has it.
// Arguments, all optional: mib=N of memory that all differs, each=N of it in each child, mapped=N MiB of which 100 are
// touched here and there, shared=N MiB of shared memory, threads=N that sleep, tasks=N children, vmas=N mappings of a page, fds=N open files and pipes of each task, half of each, sockets=N connected Unix sockets,
// mounts=N in each of namespaces=N mount namespaces that are copies of each other, links=N and routes=N of a network namespace. Says "ready" and waits.
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static long wanted(char **argv, const char *name)
{
	size_t length = strlen(name);

	for (; *argv; argv++)
		if (!strncmp(*argv, name, length) && (*argv)[length] == '=')
			return atol(*argv + length + 1);
	return 0;
}

static void check(int failed, const char *what)
{
	if (!failed)
		return;
	perror(what);
	exit(1);
}

static void *wait_forever(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

static void fill(size_t bytes, int sharing)
{
	uint64_t *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);

	check(memory == MAP_FAILED, "mmap");
	for (size_t i = 0; i < bytes / 8; i++)
		memory[i] = i * 0x9e3779b97f4a7c15u;
}

// A page here and there, a hundred MiB of them.
static void map_sparse(size_t bytes)
{
	const size_t pages = (100 << 20) / 4096;
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	check(memory == MAP_FAILED, "mmap");
	check(madvise(memory, bytes, MADV_NOHUGEPAGE) < 0, "madvise");
	for (size_t i = 0; i < pages; i++)
		memset(memory + bytes / pages / 4096 * 4096 * i, (int)(i % 255 + 1), 4096);
}

// Neighbours differ in what they permit, so that the kernel cannot join them.
static void map_pages(long count)
{
	for (long i = 0; i < count; i++) {
		int protection = PROT_READ | (i % 2 ? PROT_WRITE : 0);

		check(mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED, "mmap");
	}
}

static void open_files(long count)
{
	for (long i = 0; i < count; i += 4) {
		int pair[2];

		check(open("/dev/null", O_RDWR) < 0 || open("/etc/passwd", O_RDONLY) < 0, "open");
		check(pipe(pair) < 0, "pipe");
	}
}

static void open_sockets(long count)
{
	for (long i = 0; i < count; i += 2) {
		int pair[2];

		check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0, "socketpair");
	}
}

// A mount namespace with nothing but the root file system and, below the folder of this program, as many mounts: every fifth is a file
// system in memory with a file in it, the others are binds of folders.
static void make_mounts(const char *program, long count)
{
	FILE *list = setmntent("/proc/self/mounts", "r");
	char folder[PATH_MAX], path[PATH_MAX + 32], source[PATH_MAX + 64];
	struct mntent *one;
	char *all[4096];
	int found = 0;

	check(!list || unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0, "unshare");
	while ((one = getmntent(list)) && found < 4096)
		all[found++] = strdup(one->mnt_dir);
	endmntent(list);
	while (found-- > 0)
		if (strcmp(all[found], "/"))
			umount2(all[found], MNT_DETACH);
	snprintf(folder, sizeof(folder), "%s.mounts", program);
	mkdir(folder, 0700);
	check(mount("bench", folder, "tmpfs", 0, NULL) < 0, "mount");
	for (long i = 1; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%ld", folder, i);
		check(mkdir(path, 0700) < 0, "mkdir");
		if (i % 5 == 1) {
			check(mount("bench", path, "tmpfs", 0, NULL) < 0, "mount");
			snprintf(source, sizeof(source), "%s/folder", path);
			check(mkdir(source, 0700) < 0, "mkdir");
			continue;
		}
		snprintf(source, sizeof(source), "%s/%ld/folder", folder, (i - 1) / 5 * 5 + 1);
		check(mount(source, path, NULL, MS_BIND, NULL) < 0, "bind");
	}
}

// Pairs of veth devices, and routes by the first of them.
static void make_network(long links, long routes)
{
	FILE *ip;

	check(unshare(CLONE_NEWNET) < 0 || !(ip = popen("ip -batch -", "w")), "network");
	fputs("link set lo up\n", ip);
	for (long i = 0; i < links / 2; i++)
		fprintf(ip, "link add a%ld type veth peer name b%ld\nlink set a%ld up\nlink set b%ld up\naddr add 10.%ld.0.1/24 dev a%ld\n",
			i, i, i, i, i, i);
	for (long i = 0; i < routes; i++)
		fprintf(ip, "route add 172.16.%ld.0/24 via 10.0.0.2\n", i);
	check(pclose(ip) != 0, "ip");
}

int main(int argc, char **argv)
{
	const char *program = argv[0];
	long mounts = wanted(argv, "mounts");
	long namespaces = wanted(argv, "namespaces");
	struct rlimit files;
	long threads = wanted(argv, "threads");
	long tasks = wanted(argv, "tasks");
	long fds = wanted(argv, "fds");
	int ready[2];

	(void)argc;
	// What whoever started the bench has open is no part of it: a log that grows could not be restored.
	check(close_range(3, ~0u, 0) < 0, "close_range");
	check(getrlimit(RLIMIT_NOFILE, &files) < 0, "getrlimit");
	files.rlim_cur = files.rlim_max;
	check(setrlimit(RLIMIT_NOFILE, &files) < 0, "setrlimit");
	// Started again, it is a file of the mount namespace that it is in.
	if (mounts && !getenv("INSIDE")) {
		make_mounts(program, mounts);
		setenv("INSIDE", "1", 1);
		execv(program, argv);
		check(1, "execv");
	}
	check(pipe(ready) < 0, "pipe");
	if (wanted(argv, "links"))
		make_network(wanted(argv, "links"), wanted(argv, "routes"));
	tasks += namespaces > 1 ? namespaces - 1 : 0;
	for (long i = 0; i < tasks; i++) {
		pid_t child = fork();

		check(child < 0, "fork");
		if (child)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		check(mounts && unshare(CLONE_NEWNS) < 0, "unshare");
		open_files(fds);
		if (wanted(argv, "each"))
			fill((size_t)wanted(argv, "each") << 20, MAP_PRIVATE);
		close(ready[0]);
		check(write(ready[1], "", 1) != 1, "write");
		close(ready[1]);
		// They are on mounts of others.
		if (mounts)
			close_range(0, 2, 0);
		wait_forever(NULL);
	}
	for (long i = 0; i < tasks; i++) {
		char byte;

		check(read(ready[0], &byte, 1) != 1, "read");
	}
	close(ready[0]);
	close(ready[1]);
	if (wanted(argv, "mib"))
		fill((size_t)wanted(argv, "mib") << 20, MAP_PRIVATE);
	if (wanted(argv, "shared"))
		fill((size_t)wanted(argv, "shared") << 20, MAP_SHARED);
	if (wanted(argv, "mapped"))
		map_sparse((size_t)wanted(argv, "mapped") << 20);
	map_pages(wanted(argv, "vmas"));
	open_files(fds);
	open_sockets(wanted(argv, "sockets"));
	for (long i = 0; i < threads; i++) {
		pthread_t thread;
		pthread_attr_t attributes;

		pthread_attr_init(&attributes);
		pthread_attr_setstacksize(&attributes, 64 << 10);
		check(pthread_create(&thread, &attributes, wait_forever, NULL) != 0, "pthread_create");
	}
	puts("ready");
	fflush(stdout);
	if (mounts)
		close_range(0, 2, 0);
	wait_forever(NULL);
	return 0;
}
