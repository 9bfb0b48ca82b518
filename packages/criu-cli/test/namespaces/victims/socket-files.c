// Sockets among files in memory below $PLACE: one that its program has left behind, under two names, and one that is listened on. With
// BOUND=1 the latter is mounted on a file; with BOUND=covered another file is mounted on that; with DISK=1 there is no file
// system in memory.
#define _GNU_SOURCE
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

static struct stat before[3];
static const char *const names[] = { "left", "other", "kept" };
static int listener;

static int bound(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, name);
	MUST(!bind(fd, (void *)&address, sizeof(address)) && !listen(fd, 5));
	return fd;
}

/* 0, or why nobody is there. */
static int answer(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), error;

	strcpy(address.sun_path, name);
	error = connect(fd, (void *)&address, sizeof(address)) ? errno : 0;
	// A connection that was closed before it was accepted could not be dumped.
	if (!error)
		close(accept(listener, 0, 0));
	close(fd);
	return error;
}

static void verify(int sig)
{
	struct stat now[3];
	int i;

	for (i = 0; i < 3; i++) {
		CHECK(!lstat(names[i], &now[i]) && now[i].st_mode == before[i].st_mode && now[i].st_nlink == before[i].st_nlink);
		CHECK(now[i].st_uid == before[i].st_uid && now[i].st_gid == before[i].st_gid);
	}
	CHECK(now[0].st_ino == now[1].st_ino && !memcmp(&now[0].st_mtim, &before[0].st_mtim, sizeof(now[0].st_mtim)));
	CHECK(answer("left") == ECONNREFUSED && answer("other") == ECONNREFUSED && !answer("kept"));
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };
	struct timespec times[2] = { { 1000000000, 1 }, { 1100000000, 123456789 } };
	int i;

	leave_host();
	MUST(getenv("DISK") || !mount("memory", getenv("PLACE"), "tmpfs", 0, 0));
	MUST(!chdir(getenv("PLACE")));
	close(bound("left"));
	MUST(!chmod("left", 0741) && !chown("left", 12, 34) && !utimensat(AT_FDCWD, "left", times, 0) && !link("left", "other"));
	listener = bound("kept");
	for (i = 0; i < 3; i++)
		MUST(!lstat(names[i], &before[i]));
	if (getenv("BOUND"))
		MUST(mknod("shown", S_IFREG | 0600, 0) == 0 && !mount("kept", "shown", 0, MS_BIND, 0));
	if (getenv("BOUND") && !strcmp(getenv("BOUND"), "covered"))
		MUST(mknod("plain", S_IFREG | 0600, 0) == 0 && !mount("plain", "shown", 0, MS_BIND, 0));
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
