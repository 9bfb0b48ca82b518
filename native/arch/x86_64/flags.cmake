# An agent may be entered wherever a task has been stopped: nothing below its stack pointer is the agent's.
set(ARCH_AGENT_FLAGS -mno-red-zone -fcf-protection=none)
