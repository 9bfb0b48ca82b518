// A pseudo-terminal with both sides, the controlling terminal of the session, and /dev/tty.
#include "say.h"
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave, tty;

static void verify(int signal)
{
	struct termios t;
	struct winsize w;
	char room[16];
	int n;

	CHECK(tcgetattr(slave, &t) == 0 && !(t.c_lflag & ECHO) && t.c_cc[VINTR] == 7 && t.c_cc[VEOF] == 4);
	CHECK(ioctl(slave, TIOCGWINSZ, &w) == 0 && w.ws_row == 33 && w.ws_col == 77);
	CHECK(tcgetsid(master) == getpid());
	CHECK(tcgetpgrp(slave) == getpid());
	CHECK(write(master, "line\n", 5) == 5);
	CHECK(read(slave, room, sizeof(room)) == 5 && memcmp(room, "line\n", 5) == 0);
	CHECK(write(tty, "up", 2) == 2);
	CHECK(read(master, room, sizeof(room)) == 2 && memcmp(room, "up", 2) == 0);
	CHECK((n = open("/dev/tty", O_RDWR)) >= 0);
	close(n);
	say("ok\n");
}

int main(void)
{
	struct termios t;
	struct winsize w = { 33, 77 };
	char name[32];
	int unlock = 0, number;

	signal(SIGTTOU, SIG_IGN);
	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ioctl(master, TIOCSPTLCK, &unlock);
	ioctl(master, TIOCGPTN, &number);
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	slave = open(name, O_RDWR | O_NOCTTY);
	ioctl(slave, TIOCSCTTY, 0);
	tcgetattr(slave, &t);
	t.c_lflag &= ~ECHO;
	t.c_cc[VINTR] = 7;
	tcsetattr(slave, TCSANOW, &t);
	ioctl(slave, TIOCSWINSZ, &w);
	tty = open("/dev/tty", O_RDWR);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
