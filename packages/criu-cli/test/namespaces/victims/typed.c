// Pseudo-terminals on a devpts of the task's own, with what waits in them: KIND tells what.
#include "../../restore/victims/say.h"
#include "own-mounts.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

static const char *kind;
static int master, slave;

static int is(const char *name)
{
	return !strcmp(kind, name);
}

/* Whether a read gives exactly that; "" is an end of file. */
static int reads(int fd, const char *expected)
{
	char got[200] = "";
	int count;

	fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
	for (int round = 0; round < 100; round++) {
		count = read(fd, got, sizeof(got) - 1);
		if (count >= 0 || errno != EAGAIN)
			break;
		usleep(2000);
	}
	return count == (int)strlen(expected) && !memcmp(got, expected, count);
}

static int silent(int fd)
{
	char byte;

	fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
	return read(fd, &byte, 1) == -1 && errno == EAGAIN;
}

static int writable(void)
{
	struct pollfd poller = { .fd = slave, .events = POLLOUT };

	return poll(&poller, 1, 20) == 1;
}

static void verify(int signal)
{
	if (is("lines")) {
		CHECK(reads(master, "typed\r\nsaid\r\npar"));
		CHECK(reads(slave, "typed\n") && silent(slave));
		write(master, "tial\n", 5);
		CHECK(reads(slave, "partial\n"));
	} else if (is("ends")) {
		CHECK(reads(slave, "one"));
		CHECK(reads(slave, "two\n"));
		CHECK(reads(slave, "") && reads(slave, "a\003b|") && silent(slave));
	} else if (is("packets")) {
		int on;

		CHECK(ioctl(master, TIOCGPKT, &on) == 0 && on);
		char got[20];
		fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
		CHECK(read(master, got, sizeof(got)) == 5 && !memcmp(got, "\0say\n", 5));
		CHECK(reads(slave, "in"));
	} else if (is("stopped by call")) {
		CHECK(!writable() && reads(master, "before") && reads(slave, "in"));
		tcflow(slave, TCOON);
		CHECK(writable());
	} else if (is("stopped by key")) {
		CHECK(!writable());
		tcflow(slave, TCOON);
		CHECK(!writable());
		write(master, "\021", 1);
		CHECK(writable());
	} else {
		CHECK(reads(master, "last\r\n"));
		char byte;
		CHECK(read(master, &byte, 1) == -1 && errno == EIO);
	}
	say("ok\n");
}

static void set(int raw, int echo)
{
	struct termios termios;

	tcgetattr(slave, &termios);
	if (raw)
		cfmakeraw(&termios);
	else if (!echo)
		termios.c_lflag &= ~ECHO;
	termios.c_cc[VEOL] = '|';
	tcsetattr(slave, TCSANOW, &termios);
}

/* Waits until the master can read so many bytes: the kernel echoes in a work queue. */
static void await(int bytes)
{
	for (int there = 0; there < bytes; usleep(1000))
		MUST(ioctl(master, FIONREAD, &there) == 0);
}

static void fill(void)
{
	int on = 1;

	if (is("lines")) {
		write(master, "typed\n", 6);
		await(7);
		write(slave, "said\n", 5);
		write(master, "par", 3);
		await(16);
	} else if (is("ends")) {
		set(0, 0);
		// The end of a file behind a word, and alone; a key that the terminal is told to take as it is.
		write(master, "one\004two\n\004a\026\003b|", 15);
	} else if (is("packets")) {
		set(1, 0);
		ioctl(master, TIOCPKT, &on);
		write(slave, "say\n", 4);
		write(master, "in", 2);
	} else if (is("stopped by call")) {
		set(1, 0);
		write(slave, "before", 6);
		tcflow(slave, TCOOFF);
		write(master, "in", 2);
	} else if (is("stopped by key")) {
		write(master, "\023", 1);
	} else {
		write(slave, "last\n", 5);
		close(slave);
		ioctl(master, TIOCSPTLCK, &on);
	}
	usleep(20000);
}

int main(void)
{
	char pts[300];
	int unlock = 0;

	kind = getenv("KIND");
	leave_host();
	snprintf(pts, sizeof(pts), "%s/pts", getenv("PLACE"));
	MUST(!mkdir(pts, 0755) && !mount("devpts", pts, "devpts", 0, "newinstance,ptmxmode=666"));
	strcat(pts, "/ptmx");
	MUST((master = open(pts, O_RDWR | O_NOCTTY)) >= 0 && !ioctl(master, TIOCSPTLCK, &unlock));
	strcpy(strrchr(pts, '/'), "/0");
	MUST((slave = open(pts, O_RDWR | O_NOCTTY)) >= 0);
	fill();
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
