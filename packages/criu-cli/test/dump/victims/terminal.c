// A pseudo-terminal with both sides here and something queued in each direction.
#include "../../restore/victims/say.h"
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;

/* The kernel hands what is written on one side to the other in the background. */
static void arrives(int fd, int bytes)
{
	int there = 0;

	while (!ioctl(fd, FIONREAD, &there) && there < bytes)
		usleep(1000);
}

static void fill(void)
{
	write(master, "one\ntwo\n", 8);
	arrives(slave, 8);
	tcflush(master, TCIFLUSH);
	write(slave, "out\n", 4);
	arrives(master, 5);
}

static void verify(void)
{
	char b[64] = "";
	struct termios t;
	struct winsize w;

	CHECK(read(slave, b, sizeof(b)) == 4 && !memcmp(b, "one\n", 4));
	CHECK(read(slave, b, sizeof(b)) == 4 && !memcmp(b, "two\n", 4));
	CHECK(read(slave, b, sizeof(b)) < 0);
	CHECK(read(master, b, sizeof(b)) == 5 && !memcmp(b, "out\r\n", 5));
	CHECK(read(master, b, sizeof(b)) < 0);
	CHECK(!tcgetattr(slave, &t) && !(t.c_lflag & ECHO) && (t.c_lflag & ICANON) && t.c_cc[VINTR] == 5);
	CHECK(!ioctl(slave, TIOCGWINSZ, &w) && w.ws_row == 33 && w.ws_col == 77);
	fill();
	say("ok\n");
}

static void on_usr1(int s)
{
	(void)s;
	verify();
}

int main(void)
{
	struct termios t;
	struct winsize w = { 33, 77, 0, 0 };

	signal(SIGUSR1, on_usr1);
	master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	grantpt(master);
	unlockpt(master);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK);
	tcgetattr(slave, &t);
	t.c_lflag &= ~ECHO;
	t.c_cc[VINTR] = 5;
	tcsetattr(slave, TCSANOW, &t);
	ioctl(slave, TIOCSWINSZ, &w);
	fill();
	say("ready\n");
	for (;;)
		pause();
}
