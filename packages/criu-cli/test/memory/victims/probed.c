// Sets a probe in its own code (perf_event_open(2), uprobe), runs into it and takes it away: the kernel's page for it stays.
#include "../../restore/victims/say.h"
#include <linux/perf_event.h>
#include <sys/syscall.h>

__attribute__((noinline)) int target(int n)
{
	volatile int twice = n;

	twice += n;
	return twice;
}

/** Where in the file of the program an address of it is. */
static long offset_of(void *address)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end, offset, found = -1;
	char line[512];

	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 &&
		    (unsigned long)address >= start && (unsigned long)address < end)
			found = (unsigned long)address - start + offset;
	fclose(maps);
	return found;
}

static int has_page(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	int found = 0;

	while (fgets(line, sizeof(line), maps))
		found |= strstr(line, "[uprobes]") != 0;
	fclose(maps);
	return found;
}

static void verify(int sig)
{
	CHECK(target(4) == 8);
	say("ok\n");
}

int main(void)
{
	struct sigaction action = { .sa_handler = verify };
	struct perf_event_attr attr = { .size = sizeof(attr) };
	FILE *type = fopen("/sys/bus/event_source/devices/uprobe/type", "r");
	int fd;

	if (type && fscanf(type, "%u", &attr.type) == 1) {
		fclose(type);
		attr.uprobe_path = (unsigned long)"/proc/self/exe";
		attr.probe_offset = offset_of(target);
		fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
		target(2);
		close(fd);
	}
	if (!has_page()) {
		say("no probes\n");
		pause();
	}
	sigaction(SIGUSR1, &action, 0);
	say("ready\n");
	for (;;)
		pause();
}
