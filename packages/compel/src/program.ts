// Programs: lists of system calls and a few primitives that an agent runs natively in one go.
import { abi, SYS, type SyscallName } from '@criu/native';
import type { DataRef, LateRef, Mark, Operand, StepOptions, StepRef } from './operands.js';
import { encodeParts, type PagesPart } from './pages-part.js';
import { ProgramCode } from './program-code.js';

/** Builds a program step by step: what an agent can do, as a method for each. */
export class Program extends ProgramCode {
  /** A system call by name. */
  syscall(name: SyscallName, args: readonly Operand[], options: StepOptions = {}): StepRef {
    return this.add(abi.AGENT_OP_SYSCALL, SYS[name], args, options);
  }

  /**
   * read, write, pread64 or pwrite64 (fd, buffer, length, offset), repeated until all bytes are transferred or at end
   * of file.
   */
  full(
    name: 'read' | 'write' | 'pread64' | 'pwrite64',
    args: readonly Operand[],
    options: StepOptions = {},
  ): StepRef {
    return this.add(abi.AGENT_OP_RW_FULL, SYS[name], args, options);
  }

  copy(dst: Operand, src: Operand, length: Operand): StepRef {
    return this.add(abi.AGENT_OP_COPY, 0, [dst, src, length], { expect: 'any' });
  }

  /** Reads 1, 2, 4 or 8 bytes at an address. */
  peek(address: Operand, size: 1 | 2 | 4 | 8): StepRef {
    return this.add(abi.AGENT_OP_PEEK, 0, [address, size], { expect: 'any' });
  }

  poke(address: Operand, value: Operand, size: 1 | 2 | 4 | 8): StepRef {
    return this.add(abi.AGENT_OP_POKE, 0, [address, value, size], { expect: 'any' });
  }

  /** Sends a descriptor of the task to us. */
  sendFd(fd: Operand, options: StepOptions = {}): StepRef {
    this.sends = true;
    return this.add(abi.AGENT_OP_SEND_FD, 0, [fd], options);
  }

  /** clone3(2) like fork(2); the child becomes an agent on the given control descriptor. */
  spawn(cloneArgs: DataRef, control: Operand, options: StepOptions = {}): StepRef {
    return this.add(abi.AGENT_OP_SPAWN, 0, [cloneArgs, cloneArgs.size, control], options);
  }

  /**
   * clone3(2) of a thread that runs the program of a struct agent_ctx at `context` (0: none), sets its nr_out_fds to 1,
   * and parks until a tracer takes it over.
   */
  thread(cloneArgs: DataRef, context: Operand, options: StepOptions = {}): StepRef {
    return this.add(abi.AGENT_OP_THREAD, 0, [cloneArgs, cloneArgs.size, context], options);
  }

  /** wait4(2) with __WALL and a timeout in milliseconds; `status` is an out area. */
  wait(tid: Operand, timeoutMs: number, status: DataRef, options: StepOptions = {}): StepRef {
    return this.add(abi.AGENT_OP_WAIT, 0, [tid, timeoutMs, status], options);
  }

  /** Lets a traced task run until it returns; `trap` is a struct agent_trap. */
  trapRun(tid: Operand, trap: DataRef, options: StepOptions = {}): StepRef {
    return this.add(abi.AGENT_OP_TRAP_RUN, 0, [tid, trap], options);
  }

  addOf(a: Operand, b: Operand, options: StepOptions = { expect: 'any' }): StepRef {
    return this.add(abi.AGENT_OP_ADD, 0, [a, b], options);
  }

  /** Waits until a traced task is in a ptrace stop: (tid, timeout in ms, status out area, AGENT_STOP_*). */
  stop(tid: Operand, timeoutMs: number, status: DataRef, mode: Operand, options: StepOptions = {}): StepRef {
    return this.add(abi.AGENT_OP_STOP, 0, [tid, timeoutMs, status, mode], options);
  }

  /** Arms, disarms or removes a kept program (AGENT_ARM, AGENT_DISARM, AGENT_FORGET). */
  arm(slot: Operand, how: Operand, options: StepOptions = { expect: 'any' }): StepRef {
    return this.add(abi.AGENT_OP_ARM, 0, [slot, how], options);
  }

  /** Calls a C function in the task, with up to five arguments. */
  call(address: Operand, args: readonly Operand[], options: StepOptions = { expect: 'any' }): StepRef {
    if (args.length > 5) throw new RangeError('a call takes at most five arguments');
    return this.add(abi.AGENT_OP_CALL, 0, [address, ...args], options);
  }

  /** Polls until `(*address & mask) === value`. */
  pollWord(
    address: Operand,
    mask: number,
    value: Operand,
    timeoutMs: number,
    options: StepOptions = {},
  ): StepRef {
    return this.add(abi.AGENT_OP_SLEEP_POLL, 0, [address, mask, value, timeoutMs], options);
  }

  checksum(address: Operand, length: Operand): StepRef {
    return this.add(abi.AGENT_OP_CHECKSUM, 0, [address, length], { expect: 'any' });
  }

  /**
   * Fills memory of the task, or files that it has open, from files. The agent and up to `helpers` temporary threads
   * work on the parts in parallel and in any order, with no more threads than CPUs. `vectors` is the list of struct
   * iovec that the parts with `scatter` refer to; `huge` is 1 if huge pages may be made: without it,
   * parts with `collapse` do nothing, and those with `huge` get small pages.
   */
  pages(
    parts: readonly PagesPart[],
    helpers: number,
    {
      vectors,
      huge = 0,
      ...options
    }: StepOptions & { readonly vectors?: Uint8Array; readonly huge?: LateRef | 0 | 1 } = {},
  ): StepRef {
    const stacks = helpers > 0 ? this.data(helpers * abi.AGENT_HELPER_STACK) : null;
    const places = vectors ? this.data(vectors) : null;
    const args = [this.data(encodeParts(parts)), parts.length, helpers, stacks, huge, places];
    return this.add(abi.AGENT_OP_PAGES, 0, args, options);
  }

  /** Continues at a mark further down if a number is not zero, which may be known only when the program is sent. */
  skipIf(number: Operand, to: Mark): void {
    this.addOf(number, 0, { expect: 0, orGoTo: to });
  }

  /** Continues unconditionally at a mark further down. */
  goTo(mark: Mark): void {
    // A step whose result never equals the expected one.
    this.addOf(0, 0, { expect: 1, orGoTo: mark });
  }

  /** The result of a step plus a constant, as an operand. */
  plus(step: StepRef, addend: number): StepRef {
    return { ...step, addend: step.addend + addend };
  }
}
