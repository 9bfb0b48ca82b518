// Pipes and FIFOs with content of all kinds: packets among a stream, full ones, spliced pages, and ones without a reader.
#include "say.h"
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int packets[2], mixed[2], full[2], spliced[2], tiny[2], orphan, lonely, fifo[2], frags[2];
static char fifo_name[200], lonely_name[200];

static void put(int fd, const char *text)
{
	write(fd, text, strlen(text));
}

static int has(int fd, const char *text)
{
	char room[10000];
	int n = read(fd, room, sizeof(room));

	return n == (int)strlen(text) && memcmp(room, text, n) == 0;
}

static int empty(int fd)
{
	char b;

	return read(fd, &b, 1) < 0 && errno == EAGAIN;
}

static void direct(int fd, int on)
{
	fcntl(fd, F_SETFL, on ? O_DIRECT | O_NONBLOCK : O_NONBLOCK);
}

static void verify(int signal)
{
	static char big[70000];
	int bytes = 0, again, n = 0;

	CHECK(has(packets[0], "one") && has(packets[0], "x") && has(packets[0], "three"));
	CHECK(empty(packets[0]) && (fcntl(packets[1], F_GETFL) & O_DIRECT));
	put(packets[1], "a");
	put(packets[1], "b");
	CHECK(has(packets[0], "a") && has(packets[0], "b"));
	// A read of a stream goes on into the packet behind it, and ends there.
	CHECK(has(mixed[0], "streampacket"));
	CHECK(has(mixed[0], "second"));
	CHECK(has(mixed[0], "the end"));
	CHECK(empty(mixed[0]) && !(fcntl(mixed[1], F_GETFL) & O_DIRECT));
	CHECK(fcntl(full[1], F_GETPIPE_SZ) == 65536);
	CHECK(write(full[1], "x", 1) < 0 && errno == EAGAIN);
	for (int i = 0; i < 16; i++) {
		CHECK(read(full[0], big, sizeof(big)) == (i == 7 ? 4096 : 1));
		CHECK(big[0] == 'a' + i);
	}
	CHECK(empty(full[0]));
	CHECK(fcntl(tiny[0], F_GETPIPE_SZ) == 4096 && has(tiny[0], "tiny"));
	CHECK(has(spliced[0], "spliced from a file, and written"));
	for (int got; (got = read(frags[0], big, sizeof(big))) > 0; n += got)
		for (int i = 0; i < got; i++)
			CHECK(big[i] == 'f');
	CHECK(n == 60000);
	CHECK(has(fifo[0], "fifo one") && has(fifo[0], "fifo two") && empty(fifo[0]));
	// Nobody reads these, but somebody may yet.
	CHECK(ioctl(orphan, FIONREAD, &bytes) == 0 && bytes == 6 && fcntl(orphan, F_GETPIPE_SZ) == 8192);
	snprintf(big, sizeof(big), "/proc/self/fd/%d", orphan);
	CHECK((again = open(big, O_RDONLY | O_NONBLOCK)) >= 0 && has(again, "orphan"));
	close(again);
	CHECK((again = open(lonely_name, O_RDONLY | O_NONBLOCK)) >= 0 && has(again, "lonely"));
	say("ok\n");
}

int main(void)
{
	static char big[60000];
	int file, end, ends[2], s[2];

	pipe2(packets, O_DIRECT | O_NONBLOCK);
	put(packets[1], "one");
	put(packets[1], "x");
	put(packets[1], "three");

	// A packet would be added to a stream that was written before it, but not to one that was spliced.
	pipe2(mixed, O_NONBLOCK);
	file = memfd_create("source", 0);
	put(file, "stream");
	lseek(file, 0, SEEK_SET);
	splice(file, NULL, mixed[1], NULL, 6, 0);
	close(file);
	direct(mixed[1], 1);
	put(mixed[1], "packet");
	put(mixed[1], "second");
	direct(mixed[1], 0);
	put(mixed[1], "the ");
	put(mixed[1], "end");

	pipe2(full, O_DIRECT | O_NONBLOCK);
	for (int i = 0; i < 16; i++) {
		memset(big, 'a' + i, 4096);
		write(full[1], big, i == 7 ? 4096 : 1);
	}

	pipe2(tiny, O_NONBLOCK);
	fcntl(tiny[1], F_SETPIPE_SZ, 4096);
	put(tiny[1], "tiny");

	pipe2(spliced, O_NONBLOCK);
	file = memfd_create("source", 0);
	put(file, "spliced from a file, ");
	lseek(file, 0, SEEK_SET);
	splice(file, NULL, spliced[1], NULL, 21, 0);
	put(spliced[1], "and written");
	close(file);

	// Pages of a socket may be larger than those of a pipe, which then holds more than its capacity.
	pipe2(frags, O_NONBLOCK);
	fcntl(frags[1], F_SETPIPE_SZ, 16384);
	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	memset(big, 'f', sizeof(big));
	write(s[0], big, sizeof(big));
	for (int left = sizeof(big); left > 0;) {
		int n = splice(s[1], NULL, frags[1], NULL, left, SPLICE_F_NONBLOCK);

		if (n <= 0) {
			fcntl(frags[1], F_SETPIPE_SZ, 65536);
			continue;
		}
		left -= n;
	}

	pipe(ends);
	orphan = ends[1];
	fcntl(orphan, F_SETPIPE_SZ, 8192);
	put(orphan, "orphan");
	close(ends[0]);

	snprintf(fifo_name, sizeof(fifo_name), "%s.fifo", getenv("GHOST"));
	mkfifo(fifo_name, 0600);
	fifo[0] = open(fifo_name, O_RDONLY | O_NONBLOCK);
	fifo[1] = open(fifo_name, O_WRONLY | O_NONBLOCK);
	direct(fifo[1], 1);
	put(fifo[1], "fifo one");
	put(fifo[1], "fifo two");

	snprintf(lonely_name, sizeof(lonely_name), "%s.lonely", getenv("GHOST"));
	mkfifo(lonely_name, 0600);
	end = open(lonely_name, O_RDONLY | O_NONBLOCK);
	lonely = open(lonely_name, O_WRONLY | O_NONBLOCK);
	put(lonely, "lonely");
	close(end);

	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
