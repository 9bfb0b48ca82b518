// A file that was made without a name and has got one since: the kernel still shows it as deleted.
#include "../../restore/victims/say.h"
#include <sys/stat.h>

static int file;
static char named[300];

static void verify(int sig)
{
	struct stat a, b;
	char room[16];

	CHECK(!fstat(file, &a) && !stat(named, &b) && a.st_ino == b.st_ino);
	CHECK(pread(file, room, sizeof(room), 0) == 7 && !memcmp(room, "content", 7));
	CHECK(lseek(file, 0, SEEK_CUR) == 7 && write(file, "", 0) == 0);
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };
	char link[64];

	file = open(getenv("FOLDER"), O_TMPFILE | O_RDWR, 0600);
	write(file, "content", 7);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
	snprintf(named, sizeof(named), "%s/named", getenv("FOLDER"));
	linkat(AT_FDCWD, link, AT_FDCWD, named, AT_SYMLINK_FOLLOW);
	sigaction(SIGUSR1, &action, NULL);
	say("ready\n");
	for (;;)
		pause();
}
