/* A parasite with two commands: sums up in the task's own memory, and watches a word of the shared page. */
#include <compel/parasite.h>

struct sum {
	const int32_t *from;
	int64_t count;
	int64_t sum;
};

COMPEL_COMMAND(sum, struct sum)
{
	for (int64_t i = 0; i < arg->count; i++)
		arg->sum += arg->from[i];
	compel_log("sum of %ld numbers at %p in task %ld: %ld", arg->count, (const void *)arg->from, sys_getpid(), arg->sum);
	return 0;
}

struct watch {
	uint32_t goal;
	uint32_t rounds;
};

/* Returns when the first word of the page has come to the goal; says what it saw on its way. */
COMPEL_COMMAND(watch, struct watch)
{
	volatile uint32_t *word = (volatile uint32_t *)compel_page;
	uint32_t last = *word;

	compel_log("watching from %u", last);
	while (last < arg->goal) {
		if (*word != last) {
			last = *word;
			compel_log("now %u", last);
		}
		arg->rounds++;
		sys_pause_ms(1);
	}
	for (unsigned i = 0; i < nr_fds; i++) {
		sys_write(fds[i], "goal\n", 5);
		sys_close(fds[i]);
	}
	compel_send_fd(0);
	return last;
}
