// A deleted file with data at both ends and a hole between them.
#include "../../restore/victims/say.h"
#include <sys/stat.h>

#define SIZE (1 << 20)

static int fd;

static int is(off_t at, char byte)
{
	char room = 1;

	return pread(fd, &room, 1, at) == 1 && room == byte;
}

static void verify(int sig)
{
	struct stat st;

	CHECK(!fstat(fd, &st) && st.st_size == SIZE && st.st_nlink == 0);
	CHECK(st.st_blocks * 512 < SIZE / 2);
	CHECK(is(0, 'a') && is(4096, 0) && is(SIZE / 2, 0) && is(SIZE - 1, 'z'));
	CHECK(lseek(fd, 0, SEEK_CUR) == 7);
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };
	const char *name = getenv("GHOST");

	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	unlink(name);
	pwrite(fd, "a", 1, 0);
	pwrite(fd, "z", 1, SIZE - 1);
	lseek(fd, 7, SEEK_SET);
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
