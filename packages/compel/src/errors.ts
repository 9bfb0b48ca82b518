// Errors of stopping, infecting and driving a task; each has a stable code.

export type StopCode =
  | 'NO_SUCH_TASK'
  | 'ZOMBIE'
  | 'DEAD_LEADER'
  | 'TRACED'
  | 'KERNEL_THREAD'
  | 'SELF'
  | 'PERMISSION'
  | 'TIMEOUT'
  | 'PTRACE';

/** A task that cannot be stopped; it was left as it was. */
export class StopError extends Error {
  constructor(
    readonly pid: number,
    readonly code: StopCode,
    /** What is in the way, without naming the task. */
    readonly reason: string,
  ) {
    super(`cannot stop ${pid}: ${reason}`);
    this.name = 'StopError';
  }
}

/** A call that the state of the task or session does not allow. */
export class StateError extends Error {
  readonly code = 'WRONG_STATE';
  constructor(
    readonly object: string,
    readonly state: string,
    readonly wanted: string,
  ) {
    super(`${object} is ${state}; ${wanted}`);
    this.name = 'StateError';
  }
}

export type VictimCode =
  /** It died, or was killed, while it was needed. */
  | 'DIED'
  /** It executed another program: what was injected is gone. */
  | 'EXECED'
  /** The injected code crashed; the task is still stopped and can be cured. */
  | 'FAULT'
  /** The injected code did not come back in time; the task is stopped and can be cured. */
  | 'TIMEOUT'
  /** The task cannot be infected: 32-bit code, no room, no memory, no thread that can run. */
  | 'COMPAT_32BIT'
  | 'NO_THREAD'
  | 'MAP_FAILED'
  | 'MEMORY'
  | 'TOO_BIG'
  | 'RESTORE_FAILED';

/** Something about a stopped task went wrong. */
export class VictimError extends Error {
  constructor(
    readonly pid: number,
    readonly code: VictimCode,
    /** What went wrong, without naming the task. */
    readonly reason: string,
    /** Signal of a crash. */
    readonly signal?: number,
  ) {
    super(`task ${pid}: ${reason}`);
    this.name = 'VictimError';
  }
}
