// Two AIO contexts with events that nobody has taken yet: one whose tail has gone round, one not.
#include "say.h"
#include <linux/aio_abi.h>
#include <sys/syscall.h>

#define PLACES(ring) (((unsigned *)(ring))[1])
#define HEAD(ring) (((unsigned *)(ring))[2])
#define TAIL(ring) (((unsigned *)(ring))[3])

static aio_context_t round_trip, straight;
static int sink;
/* Numbers of the next request, and of the next event to come out, in each context. */
static unsigned long long sent[2], taken[2];

static int submit(aio_context_t ctx, int which)
{
	static char byte;
	struct iocb request = { .aio_fildes = sink, .aio_buf = (unsigned long)&byte, .aio_nbytes = 1 };
	struct iocb *one = &request;

	request.aio_lio_opcode = IOCB_CMD_PWRITE;
	request.aio_data = sent[which]++;
	return syscall(__NR_io_submit, ctx, 1, &one) == 1;
}

static int take(aio_context_t ctx, int which)
{
	struct io_event event;

	if (syscall(__NR_io_getevents, ctx, 0, 1, &event, NULL) != 1)
		return 0;
	return event.data == taken[which]++ && event.res == 1;
}

static void verify(int signal)
{
	struct io_event event;

	CHECK(TAIL(round_trip) < HEAD(round_trip));
	CHECK(TAIL(straight) == sent[1] && HEAD(straight) == taken[1]);
	for (int i = 0; i < 3; i++) {
		CHECK(submit(round_trip, 0));
		CHECK(take(round_trip, 0));
		CHECK(submit(straight, 1));
		CHECK(take(straight, 1));
	}
	// All that was sent comes out, and then nothing.
	while (taken[1] < sent[1])
		CHECK(take(straight, 1));
	CHECK(syscall(__NR_io_getevents, straight, 0, 1, &event, NULL) == 0);
	CHECK(submit(straight, 1));
	say("ok\n");
}

int main(void)
{
	sink = open("/dev/null", O_WRONLY);
	syscall(__NR_io_setup, 10, &round_trip);
	syscall(__NR_io_setup, 200, &straight);
	// Always less than half of the ring, until the tail is a few places behind its end.
	for (unsigned i = 0; i < PLACES(round_trip) + 5; i++) {
		submit(round_trip, 0);
		if (i > PLACES(round_trip) / 3)
			take(round_trip, 0);
	}
	for (int i = 0; i < 7; i++)
		submit(straight, 1);
	take(straight, 1);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
