// A task with a devpts of its own in a mount namespace of its own: a pair that it talks through, one whose other side is a
// console (a bind of the terminal), and one that was hung up. Terminals stay on that devpts, with their numbers.
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

static char pts[300], console[300];
static int masters[6], slave, hung;

static int open_in(const char *folder, const char *name, int flags)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return open(path, flags | O_NOCTTY);
}

static int pair(void)
{
	int unlock = 0, fd = open_in(pts, "ptmx", O_RDWR);

	return fd < 0 || ioctl(fd, TIOCSPTLCK, &unlock) ? -1 : fd;
}

static int talks(int from, int to)
{
	char got[4] = "";

	return write(from, "hey\n", 4) == 4 && read(to, got, 4) == 4 && !memcmp(got, "hey\n", 4);
}

static void verify(int signal)
{
	struct stat st;
	unsigned number;
	int fd;

	CHECK(fstat(slave, &st) == 0 && st.st_uid == 12 && st.st_gid == 34);
	CHECK(ioctl(masters[1], TIOCGPTN, &number) == 0 && number == 1);
	CHECK(ioctl(masters[3], TIOCGPTN, &number) == 0 && number == 3);
	// By its name in the tasks' devpts it is the very same.
	CHECK((fd = open_in(pts, "1", O_RDWR)) >= 0 && talks(masters[1], fd));
	close(fd);
	CHECK(talks(masters[1], slave));
	CHECK((fd = open(console, O_RDWR | O_NOCTTY)) >= 0 && talks(masters[3], fd));
	close(fd);
	CHECK(open_in(pts, "0", O_RDWR) == -1 && open_in(pts, "2", O_RDWR) == -1);
	CHECK(read(hung, &number, 1) <= 0);
	say("ok\n");
}

int main(void)
{
	int fd, i;

	leave_host();

	snprintf(pts, sizeof(pts), "%s/pts", getenv("PLACE"));
	snprintf(console, sizeof(console), "%s/console", getenv("PLACE"));
	if (mkdir(pts, 0755) || mount("devpts", pts, "devpts", 0, "newinstance,ptmxmode=666"))
		return 1;
	for (i = 0; i < 5; i++)
		if ((masters[i] = pair()) < 0)
			return 2;
	if ((slave = open_in(pts, "1", O_RDWR)) < 0 || fchown(slave, 12, 34))
		return 3;
	snprintf(pts + strlen(pts), 10, "/3");
	close(open(console, O_CREAT | O_WRONLY, 0600));
	if (mount(pts, console, 0, MS_BIND, 0))
		return 4;
	*strrchr(pts, '/') = 0;
	if ((hung = open_in(pts, "4", O_RDWR)) < 0)
		return 5;
	close(masters[0]);
	close(masters[2]);
	close(masters[4]);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
