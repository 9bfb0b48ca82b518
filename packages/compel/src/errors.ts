// Errors of stopping, infecting and controlling a task, with stable codes.

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

/** A task cannot be stopped; its state is unchanged. */
export class StopError extends Error {
  constructor(
    readonly pid: number,
    readonly code: StopCode,
    /** The reason, without the name of the task. */
    readonly reason: string,
  ) {
    super(`cannot stop ${pid}: ${reason}`);
    this.name = 'StopError';
  }
}

/** The state of the task or session does not permit the call. */
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
  /** The task has died or was killed during the work. */
  | 'DIED'
  /** The task has executed another program, which removes injected code. */
  | 'EXECED'
  /** The injected code has crashed; the task is stopped and can be cured. */
  | 'FAULT'
  /** The injected code did not finish in time; the task is stopped and can be cured. */
  | 'TIMEOUT'
  /** The task cannot be infected: it runs 32-bit code, has no thread that can run, or has no room in its memory. */
  | 'COMPAT_32BIT'
  | 'NO_THREAD'
  | 'MAP_FAILED'
  /** A security module does not permit new code in the task. */
  | 'CODE_DENIED'
  | 'MEMORY'
  | 'TOO_BIG'
  | 'RESTORE_FAILED';

/** Working on a stopped task has failed. */
export class VictimError extends Error {
  constructor(
    readonly pid: number,
    readonly code: VictimCode,
    /** The reason, without the name of the task. */
    readonly reason: string,
    /** Signal of a crash. */
    readonly signal?: number,
  ) {
    super(`task ${pid}: ${reason}`);
    this.name = 'VictimError';
  }
}
