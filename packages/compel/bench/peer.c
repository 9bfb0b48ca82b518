/* Measures libcompel: CYCLES times stop, infect with a parasite that does nothing, cure, resume; then remote system
 * calls. Prints the times in microseconds, one a line. Arguments: pid, cycles. */
#include <compel/infect-rpc.h>
#include <compel/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

#include "peer-parasite.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void quiet(unsigned int level, const char *format, va_list args)
{
	if (level <= COMPEL_LOG_ERROR)
		vfprintf(stderr, format, args);
}

int main(int argc, char **argv)
{
	int pid = atoi(argv[1]), cycles = atoi(argv[argc - 1]), listener = -1;

	compel_log_init(quiet, COMPEL_LOG_ERROR);
	for (int i = 0; i <= cycles; i++) {
		double start = now(), calls = 0;
		int state = compel_stop_task(pid);
		struct parasite_ctl *ctl = state < 0 ? NULL : compel_prepare(pid);

		if (!ctl)
			return 1;
		compel_infect_ctx(ctl)->log_fd = 2;
		parasite_setup_c_header(ctl);
		if (i == cycles) {
			/* The last one measures bare remote system calls, before anything is mapped. */
			calls = now();
			for (int k = 0; k < 100; k++) {
				long ret;

				if (compel_syscall(ctl, SYS_getpid, &ret, 0, 0, 0, 0, 0, 0))
					return 1;
			}
			printf("syscall %f\n", (now() - calls) / 100);
		}
		/* One listening socket for all cycles. */
		if (listener >= 0)
			compel_infect_ctx(ctl)->sock = listener;
		if (compel_infect(ctl, 1, 4))
			return 1;
		listener = compel_infect_ctx(ctl)->sock;
		if (compel_cure(ctl) || compel_resume_task(pid, state, state))
			return 1;
		if (i < cycles)
			printf("cycle %f\n", now() - start);
	}
	return 0;
}
