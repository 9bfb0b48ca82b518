// Results of system calls that a stop has interrupted (the kernel's include/linux/errno.h; no header for programs has
// them). They are seen by ptrace alone: the kernel makes the call again, or has it return EINTR.

/** The call is made again, unless a signal handler without SA_RESTART runs first. */
export const ERESTARTSYS = 512n;
/** The call is made again in any case. */
export const ERESTARTNOINTR = 513n;
/** The call is made again if no signal handler runs first. */
export const ERESTARTNOHAND = 514n;
/** The call goes on by restart_syscall(2) if no signal handler runs first. */
export const ERESTART_RESTARTBLOCK = 516n;
