// System V shared memory of huge pages: one segment that is attached, and one that nobody has attached, made by somebody else.
#include "../../restore/victims/say.h"
#include <sched.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#define HUGE (2UL << 20)
/* No multiple of the size of pages; CRIU 4.2 takes none but those. */
#define SIZE (HUGE + (getenv("WHOLE") ? HUGE : 5000))
#ifndef SHM_HUGETLB
#define SHM_HUGETLB 04000
#endif

static unsigned char *at;
static int own, other;

static void verify(int signal)
{
	struct shmid_ds state;
	unsigned char *second;

	CHECK(at[0] == 1 && at[4096] == 2 && at[HUGE] == 0 && at[HUGE + 4097] == 3);
	CHECK(shmctl(own, IPC_STAT, &state) == 0 && state.shm_segsz == SIZE && state.shm_nattch == 1);
	CHECK(shmctl(other, IPC_STAT, &state) == 0 && state.shm_perm.cuid == 12 && state.shm_perm.uid == 34);
	CHECK((second = shmat(other, 0, 0)) != (void *)-1 && second[77] == 9);
	// Nothing but whole huge pages can be detached of it.
	CHECK(munmap(second, 4096) == -1 && shmdt(second) == 0);
	say("ok\n");
}

int main(void)
{
	struct shmid_ds state;
	unsigned char *second;

	if (unshare(CLONE_NEWIPC) || (own = shmget(77, SIZE, IPC_CREAT | SHM_HUGETLB | 0600)) < 0)
		return 1;
	at = shmat(own, 0, 0);
	at[0] = 1;
	at[4096] = 2;
	at[HUGE + 4097] = 3;
	// The kernel looks at the capability, not at the user.
	if (prctl(28 /* PR_SET_SECUREBITS */, 4) || syscall(SYS_setresuid, -1, 12, -1))
		return 2;
	other = shmget(IPC_PRIVATE, HUGE, IPC_CREAT | SHM_HUGETLB | 0600);
	if (other < 0 || syscall(SYS_setresuid, -1, 0, -1) || prctl(28, 0) || shmctl(other, IPC_STAT, &state))
		return 3;
	state.shm_perm.uid = 34;
	if (shmctl(other, IPC_SET, &state))
		return 4;
	second = shmat(other, 0, 0);
	second[77] = 9;
	shmdt(second);
	signal(SIGUSR1, verify);
	say("ready\n");
	for (;;)
		pause();
}
