// Six hundred deleted files in a deleted folder, each with a number in it, and two deleted folders of one name.
#include "../../restore/victims/say.h"
#include <sys/resource.h>
#include <sys/stat.h>

#define MANY 600

static int file[MANY], folder[2];

static void verify(int sig)
{
	struct stat a, b;
	char link[500] = "", proc[64];

	for (int i = 0; i < MANY; i++) {
		int number = -1;

		CHECK(pread(file[i], &number, sizeof(number), 0) == sizeof(number) && number == i);
		CHECK(!fstat(file[i], &a) && a.st_nlink == 0);
		snprintf(proc, sizeof(proc), "/proc/self/fd/%d", file[i]);
		memset(link, 0, sizeof(link));
		CHECK(readlink(proc, link, sizeof(link)) > 0 && strstr(link, "/many/") && strstr(link, " (deleted)"));
	}
	CHECK(!fstat(folder[0], &a) && !fstat(folder[1], &b) && a.st_ino != b.st_ino);
	CHECK((a.st_mode & 07777) == 0701 && (b.st_mode & 07777) == 0702);
	say("ok\n");
}

int main(void)
{
	struct rlimit limit = { 1024, 1024 };
	struct sigaction action = { .sa_handler = verify };
	char name[64];

	setrlimit(RLIMIT_NOFILE, &limit);
	chdir(getenv("FOLDER"));
	umask(0);
	mkdir("many", 0701);
	folder[0] = open("many", O_RDONLY | O_DIRECTORY);
	rmdir("many");
	mkdir("many", 0702);
	folder[1] = open("many", O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "many/%d", i);
		file[i] = open(name, O_RDWR | O_CREAT, 0600);
		write(file[i], &i, sizeof(i));
		unlink(name);
	}
	rmdir("many");
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
