// Files whose name is gone while another link is left: opened twice, mapped, and one of another kind.
#include "../../restore/victims/say.h"
#include <sys/mman.h>
#include <sys/stat.h>

static int file, again, fifo;
static char *mapped, base[200];

static const char *in(const char *name)
{
	static char path[4][400];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", base, name);
	return path[turn];
}

static int leads(int fd, const char *name)
{
	char link[500] = "", proc[64], want[500];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	readlink(proc, link, sizeof(link) - 1);
	snprintf(want, sizeof(want), "%s (deleted)", in(name));
	return !strcmp(link, want);
}

static int is(int fd, const char *name)
{
	struct stat a, b;

	return !fstat(fd, &a) && !stat(in(name), &b) && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static void verify(int sig)
{
	char room[100] = "";

	CHECK(leads(file, "file") && is(file, "kept") && lseek(file, 0, SEEK_CUR) == 4);
	CHECK(leads(again, "again") && is(again, "kept") && fcntl(again, F_GETFL) & O_NOFOLLOW);
	CHECK(pread(again, room, sizeof(room), 0) == 7 && !strcmp(room, "content") && !strcmp(mapped, "content"));
	CHECK(leads(fifo, "fifo") && is(fifo, "kept fifo"));
	memset(room, 0, sizeof(room));
	CHECK(read(fifo, room, sizeof(room)) == 5 && !strcmp(room, "piped") && write(fifo, "piped", 5) == 5);
	say("ok\n");
}

// How many links the file has: those that a dump has made are counted, too.
static void count(int sig)
{
	struct stat st;
	char text[64];

	fstat(file, &st);
	snprintf(text, sizeof(text), "%d\n", (int)st.st_nlink);
	say(text);
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };

	strcpy(base, getenv("FOLDER"));
	file = open(in("file"), O_RDWR | O_CREAT | O_EXCL, 0600);
	write(file, "content", 7);
	lseek(file, 4, SEEK_SET);
	link(in("file"), in("again"));
	link(in("file"), in("kept"));
	again = open(in("again"), O_RDONLY | O_NOFOLLOW);
	mapped = mmap(0, 4096, PROT_READ, MAP_SHARED, file, 0);
	unlink(in("file"));
	unlink(in("again"));
	mkfifo(in("fifo"), 0600);
	link(in("fifo"), in("kept fifo"));
	fifo = open(in("fifo"), O_RDWR);
	write(fifo, "piped", 5);
	unlink(in("fifo"));
	sigaction(SIGUSR1, &action, 0);
	action.sa_handler = count;
	sigaction(SIGUSR2, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
