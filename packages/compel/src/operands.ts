// Operands of program steps: constants, results of earlier steps, places in the data area, descriptors, and jump
// targets.
import { abi, SYS } from '@criu/native';

/** The result of an earlier step, plus a constant. */
export interface StepRef {
  readonly kind: 'step';
  readonly index: number;
  readonly addend: number;
}

/** A place in the program's data area. As an operand it is the address of that place in the task. */
export interface DataRef {
  readonly kind: 'data';
  /** Out areas follow all other data, so that they are returned in one piece. */
  readonly area: 'in' | 'out';
  readonly offset: number;
  readonly size: number;
}

/** The value at a place in the data area at the time the step runs. */
export interface LoadRef {
  readonly kind: 'load32' | 'load64';
  readonly ref: DataRef;
}

/** A descriptor of ours that is sent along. As an operand it is its number in the task. */
export interface FdRef {
  readonly kind: 'fd';
  readonly index: number;
}

/** An address in the agent's own region. */
export interface SelfRef {
  readonly kind: 'self';
  readonly offset: number;
}

/** A number that is known only when the program is sent. */
export interface LateRef {
  readonly kind: 'late';
  /** What the number is, for printed plans. */
  readonly name: string;
  value(): number | bigint;
}

export type Operand = number | bigint | StepRef | DataRef | LoadRef | FdRef | SelfRef | LateRef | null;

export interface StepOptions {
  /**
   * `ok` (default): an errno ends the program; `any`: all results are accepted; a number: any other result ends the
   * program.
   */
  readonly expect?: 'ok' | 'any' | number | bigint;
  /** Where to continue after a failure, further down, instead of ending the program. */
  readonly orGoTo?: Mark;
  /**
   * Purpose of the step, for error messages: "open /etc/passwd for fd 3". A function is called only when the text is
   * needed.
   */
  readonly label?: string | (() => string);
}

/** A place between the steps of a program: referred to by earlier steps (`orGoTo`), and set by `Program.here`. */
export class Mark {
  /** Index of the step that follows it. */
  index: number | undefined;
}

const OPCODE_NAMES: Record<number, string> = {
  [abi.AGENT_OP_RW_FULL]: 'rw_full',
  [abi.AGENT_OP_COPY]: 'copy',
  [abi.AGENT_OP_PEEK]: 'peek',
  [abi.AGENT_OP_POKE]: 'poke',
  [abi.AGENT_OP_SEND_FD]: 'send_fd',
  [abi.AGENT_OP_SPAWN]: 'spawn',
  [abi.AGENT_OP_THREAD]: 'thread',
  [abi.AGENT_OP_WAIT]: 'wait',
  [abi.AGENT_OP_TRAP_RUN]: 'trap_run',
  [abi.AGENT_OP_ADD]: 'add',
  [abi.AGENT_OP_SLEEP_POLL]: 'sleep_poll',
  [abi.AGENT_OP_CHECKSUM]: 'checksum',
  [abi.AGENT_OP_STOP]: 'stop',
  [abi.AGENT_OP_ARM]: 'arm',
  [abi.AGENT_OP_CALL]: 'call',
  [abi.AGENT_OP_PAGES]: 'pages',
};

const CALL_NAMES = new Map<number, string>();

/** Name of a system call, for messages. */
export function callName(nr: number): string {
  if (CALL_NAMES.size === 0) for (const [name, number] of Object.entries(SYS)) CALL_NAMES.set(number, name);
  return CALL_NAMES.get(nr) ?? `system call ${nr}`;
}

/** Name of a step: its system call, or another operation. */
export function stepName(code: number, nr: number): string {
  if (code !== abi.AGENT_OP_SYSCALL && code !== abi.AGENT_OP_RW_FULL)
    return OPCODE_NAMES[code] ?? `op${code}`;
  return callName(nr);
}
