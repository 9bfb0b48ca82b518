// Write leases on a file with a name and on a deleted one: whoever opens them breaks the lease.
#include "../../restore/victims/say.h"
#include <sys/stat.h>

static int named, deleted;

static int kept(int fd, const char *text)
{
	char room[20] = "";

	return fcntl(fd, F_GETLEASE) == F_WRLCK && lseek(fd, 0, SEEK_CUR) == 3 &&
	       pread(fd, room, sizeof(room), 0) == (ssize_t)strlen(text) && !strcmp(room, text);
}

static void verify(int sig)
{
	CHECK(kept(named, "with a name"));
	CHECK(kept(deleted, "without"));
	say("ok\n");
}

static int make(const char *name, const char *text)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	write(fd, text, strlen(text));
	lseek(fd, 3, SEEK_SET);
	return fd;
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };

	signal(SIGIO, SIG_IGN);
	chdir(getenv("FOLDER"));
	named = make("named", "with a name");
	deleted = make("deleted", "without");
	if (fcntl(named, F_SETLEASE, F_WRLCK) || fcntl(deleted, F_SETLEASE, F_WRLCK)) {
		say("no leases\n");
		return 1;
	}
	unlink("deleted");
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
