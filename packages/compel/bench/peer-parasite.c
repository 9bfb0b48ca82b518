/* The least that libcompel takes as a parasite. */
#include <compel/plugins/std.h>
#include <infect-rpc.h>

int parasite_trap_cmd(int cmd, void *args)
{
	(void)cmd;
	(void)args;
	return 0;
}

void parasite_cleanup(void)
{
}

int parasite_daemon_cmd(int cmd, void *args)
{
	(void)cmd;
	(void)args;
	return 0;
}
