// What the kernel maps for every program (vDSO, vvar, vvar_vclock), after the program has moved, removed or changed parts.
#include "../../restore/victims/say.h"
#include <sys/mman.h>
#include <sys/syscall.h>

#define PAGE 4096L

static struct part {
	char *at;
	long size;
	int code;
} parts[4];
static int count;
static char before[2000];
static char content[8 * PAGE];
static long content_size;

// Lines of /proc/self/maps about the parts.
static void look(char *text)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[300];
	unsigned long start, end;

	*text = 0;
	count = 0;
	while (fgets(line, sizeof(line), maps)) {
		if (!strstr(line, "[vdso]") && !strstr(line, "[vvar"))
			continue;
		strcat(text, line);
		sscanf(line, "%lx-%lx", &start, &end);
		parts[count++] = (struct part){ (char *)start, end - start, strstr(line, "[vdso]") != 0 };
	}
	fclose(maps);
}

static struct part *code(void)
{
	int i;

	for (i = 0; i < count; i++)
		if (parts[i].code)
			return &parts[i];
	return 0;
}

static void move(struct part *part, char *to)
{
	mremap(part->at, part->size, part->size, MREMAP_MAYMOVE | MREMAP_FIXED, to);
}

static void change(const char *what)
{
	char *room = mmap(0, 64 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct part *vdso = code();
	int i;

	for (i = 0; i < count; i++)
		if ((!strcmp(what, "only the vDSO") && !parts[i].code) || (!strcmp(what, "no vDSO") && parts[i].code) ||
		    (!strcmp(what, "no first part") && i == 0) || (!strcmp(what, "no second part") && i == 1) ||
		    !strcmp(what, "nothing"))
			munmap(parts[i].at, parts[i].size);
	if (!strcmp(what, "together"))
		for (i = 0; i < count; i++)
			move(&parts[i], room + (parts[i].at - parts[0].at));
	// In another sequence, side by side and apart.
	if (!strcmp(what, "reversed"))
		for (i = count - 1; i >= 0; i--, room += parts[i + 1].size)
			move(&parts[i], room);
	if (!strcmp(what, "apart"))
		for (i = 0; i < count; i++)
			move(&parts[i], room + (count - i) * 16 * PAGE - 16 * PAGE);
	if (!strcmp(what, "hidden"))
		for (i = 0; i < count; i++)
			mprotect(parts[i].at, parts[i].size, PROT_NONE);
	if (!strcmp(what, "first part hidden"))
		mprotect(parts[0].at, parts[0].size, PROT_NONE);
	if (!strcmp(what, "patched")) {
		mprotect(vdso->at, vdso->size, PROT_READ | PROT_WRITE);
		memset(vdso->at + vdso->size - 64, 0x5a, 16);
		mprotect(vdso->at, vdso->size, PROT_READ | PROT_EXEC);
	}
	if (!strcmp(what, "writable"))
		mprotect(vdso->at, vdso->size, PROT_READ | PROT_WRITE | PROT_EXEC);
	if (!strcmp(what, "sealed"))
		syscall(462, vdso->at, vdso->size, 0);
}

static void verify(int signal)
{
	const char *what = getenv("WHAT");
	static char now[2000];

	look(now);
	CHECK(!strcmp(now, before));
	if (content_size)
		CHECK(!memcmp(code()->at, content, content_size));
	if (!strcmp(what, "sealed"))
		CHECK(munmap(code()->at, code()->size) == -1 && errno == EPERM);
	say("ok\n");
}

int main(void)
{
	const char *what = getenv("WHAT");

	look(before);
	change(what);
	look(before);
	if (code() && strcmp(what, "hidden")) {
		content_size = code()->size;
		memcpy(content, code()->at, content_size);
	}
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
