// Programs: lists of system calls and a few primitives that an agent runs in one go at native speed.
import { abi, encodeName, errnoName, SYS, type SyscallName } from '@criu/native';

/** The result of an earlier step, plus a constant. */
export interface StepRef {
  readonly kind: 'step';
  readonly index: number;
  readonly addend: number;
}

/** A place in the program's data area; as an operand it is that place's address in the task. */
export interface DataRef {
  readonly kind: 'data';
  /** Out areas lie behind all other data, so that they go back to us in one piece. */
  readonly area: 'in' | 'out';
  readonly offset: number;
  readonly size: number;
}

/** The value stored at a place in the data area when the step runs. */
export interface LoadRef {
  readonly kind: 'load32' | 'load64';
  readonly ref: DataRef;
}

/** A descriptor of ours that goes along; as an operand it is its number in the task. */
export interface FdRef {
  readonly kind: 'fd';
  readonly index: number;
}

/** An address inside the agent's own region. */
export interface SelfRef {
  readonly kind: 'self';
  readonly offset: number;
}

export type Operand = number | bigint | StepRef | DataRef | LoadRef | FdRef | SelfRef | null;

export interface StepOptions {
  /** `ok` (default): an errno ends the program; `any`: go on; a number: anything else ends it. */
  readonly expect?: 'ok' | 'any' | number | bigint;
  /** On failure go on at this place, further down, instead of ending the program. */
  readonly orGoTo?: Mark;
  /**
   * What the step is for, in error messages: "open /etc/passwd for fd 3". A function is asked when it has to be said, which it
   * never has to be for most of many steps.
   */
  readonly label?: string | (() => string);
}

/** What a step is for. */
export function labelOf({ label }: Pick<StepOptions, 'label'>): string | undefined {
  return typeof label === 'function' ? label() : label;
}

/** A place among the steps of a program: named by steps before it (`orGoTo`), and put there by `Program.here`. */
export class Mark {
  /** Index of the step that follows it. */
  index: number | undefined;
}

interface Step {
  readonly code: number;
  readonly nr: number;
  readonly args: readonly Operand[];
  readonly options: StepOptions;
  readonly name: string;
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

/** A part of a task's memory that is filled. */
export interface PagesPart {
  /** First address, and the first one behind. */
  readonly start: bigint;
  readonly end: bigint;
  /**
   * `read`: from a file. `populate`: the same, with pages that are made at once before. `collapse`: nothing is read, the
   * memory gets huge pages, if the kernel has some at no great cost; whole 2 MiB. `huge`: that, and then the contents. `file`:
   * from a file into the file `target`, where the addresses are offsets.
   */
  readonly how: keyof typeof PAGES_HOW;
  /** Descriptor of the task, and where to read in that file. */
  readonly fd?: number;
  readonly offset?: number;
  readonly target?: number;
}

const PAGES_HOW = {
  read: abi.AGENT_PAGES_READ,
  populate: abi.AGENT_PAGES_POPULATE,
  collapse: abi.AGENT_PAGES_COLLAPSE,
  huge: abi.AGENT_PAGES_HUGE,
  file: abi.AGENT_PAGES_FILE,
} as const;
/** A helper does no more than system calls. */
const HELPER_STACK = 4096;

/** A program as bytes, with what is needed to read the reply and to name a failure. */
export interface EncodedProgram {
  readonly bytes: Buffer;
  readonly fds: readonly number[];
  readonly steps: readonly { readonly name: string; readonly options: Pick<StepOptions, 'label'> }[];
  readonly replySize: number;
}

/** One line of a printed plan. */
export interface ProgramLine {
  readonly call: string;
  readonly label?: string;
}

/** How many steps further a mark is. @throws RangeError if it was put nowhere, or not further down */
function stepsTo({ index: target = 0 }: Mark, index: number, { name, options }: Step): number {
  if (target <= index) throw new RangeError(`${labelOf(options) ?? name} goes on nowhere when it fails`);
  return target - index;
}

function align8(n: number): number {
  return (n + 7) & ~7;
}

/** Builds a program step by step. Steps run in the order they are added. */
export class Program {
  private readonly steps: Step[] = [];
  private readonly chunks: { offset: number; bytes: Uint8Array }[] = [];
  /** Where `constant` has put values, by value. */
  private readonly constants = new Map<number, DataRef>();
  private readonly sent: (number | (() => number))[] = [];
  private inSize = 0;
  private outSize = 0;
  /** For messages and plans: what the program as a whole does. */
  readonly title: string;

  constructor(title = 'program') {
    this.title = title;
  }

  /** Number of steps so far. */
  get length(): number {
    return this.steps.length;
  }

  /** Bytes of data and steps so far, near enough to split long programs by. */
  get size(): number {
    return this.steps.length * (abi.AgentOp.size + 8) + this.inSize + this.outSize;
  }

  // ---- data ------------------------------------------------------------------------------------------------

  /** Bytes that go along; `size` zero bytes when a number is given. */
  data(content: Uint8Array | number): DataRef {
    const size = typeof content === 'number' ? content : content.byteLength;
    const ref: DataRef = { kind: 'data', area: 'in', offset: this.inSize, size };
    if (typeof content !== 'number') this.chunks.push({ offset: this.inSize, bytes: content });
    this.inSize = align8(this.inSize + size);
    return ref;
  }

  /** A NUL-terminated string: the bytes that it stands for as a name (`decodeName` of @criu/native), or bytes as they are. */
  cstring(text: string | Uint8Array): DataRef {
    if (typeof text === 'string') return this.data(encodeName(`${text}\0`));
    const bytes = Buffer.alloc(text.byteLength + 1);
    bytes.set(text);
    return this.data(bytes);
  }

  /** Little-endian 32-bit words. */
  i32(...values: number[]): DataRef {
    // From the pool, as there are many of them.
    const bytes = Buffer.allocUnsafe(values.length * 4);
    for (let i = 0; i < values.length; i++) bytes.writeInt32LE((values[i] ?? 0) | 0, i * 4);
    return this.data(bytes);
  }

  /** A little-endian 32-bit word that is only read: one place for all steps of the program that need the same. */
  constant(value: number): DataRef {
    let ref = this.constants.get(value);
    if (!ref) {
      ref = this.i32(value);
      this.constants.set(value, ref);
    }
    return ref;
  }

  /** Little-endian 64-bit words. */
  u64(...values: (bigint | number)[]): DataRef {
    const bytes = Buffer.allocUnsafe(values.length * 8);
    for (let i = 0; i < values.length; i++)
      bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(values[i] ?? 0)), i * 8);
    return this.data(bytes);
  }

  /** Zeroed room whose content comes back with the reply. */
  out(size: number): DataRef {
    const ref: DataRef = { kind: 'data', area: 'out', offset: this.outSize, size };
    this.outSize = align8(this.outSize + size);
    return ref;
  }

  /** Part of a data reference. */
  at(ref: DataRef, offset: number, size = ref.size - offset): DataRef {
    return { ...ref, offset: ref.offset + offset, size };
  }

  load32(ref: DataRef): LoadRef {
    return { kind: 'load32', ref };
  }

  load64(ref: DataRef): LoadRef {
    return { kind: 'load64', ref };
  }

  /** A descriptor of this process that goes along, known at the latest when the program is sent; ours stays open. */
  fd(fd: number | (() => number)): FdRef {
    if (this.sent.length >= abi.AGENT_MAX_FDS)
      throw new RangeError(`a program takes at most ${abi.AGENT_MAX_FDS} descriptors`);
    this.sent.push(fd);
    return { kind: 'fd', index: this.sent.length - 1 };
  }

  self(offset: number): SelfRef {
    return { kind: 'self', offset };
  }

  // ---- steps -----------------------------------------------------------------------------------------------

  /** A system call by name. */
  syscall(name: SyscallName, args: readonly Operand[], options: StepOptions = {}): StepRef {
    return this.add(abi.AGENT_OP_SYSCALL, SYS[name], args, options, name);
  }

  /** read, write, pread64 or pwrite64 until all is through (or end of file): (fd, buffer, length, offset). */
  full(
    name: 'read' | 'write' | 'pread64' | 'pwrite64',
    args: readonly Operand[],
    options: StepOptions = {},
  ): StepRef {
    return this.add(abi.AGENT_OP_RW_FULL, SYS[name], args, options, name);
  }

  copy(dst: Operand, src: Operand, length: Operand): StepRef {
    return this.add(abi.AGENT_OP_COPY, 0, [dst, src, length], { expect: 'any' });
  }

  /** The value of 1, 2, 4 or 8 bytes at an address. */
  peek(address: Operand, size: 1 | 2 | 4 | 8): StepRef {
    return this.add(abi.AGENT_OP_PEEK, 0, [address, size], { expect: 'any' });
  }

  poke(address: Operand, value: Operand, size: 1 | 2 | 4 | 8): StepRef {
    return this.add(abi.AGENT_OP_POKE, 0, [address, value, size], { expect: 'any' });
  }

  /** Sends a descriptor of the task back to us. */
  sendFd(fd: Operand, options: StepOptions = {}): StepRef {
    return this.add(abi.AGENT_OP_SEND_FD, 0, [fd], options);
  }

  /** clone3() with fork semantics; the child serves the control descriptor given. */
  spawn(cloneArgs: DataRef, control: Operand, options: StepOptions = {}): StepRef {
    return this.add(abi.AGENT_OP_SPAWN, 0, [cloneArgs, cloneArgs.size, control], options);
  }

  /**
   * clone3() of a thread that runs the program of a struct agent_ctx at `context` (0: none), sets its nr_out_fds to
   * 1, and parks until a tracer takes it.
   */
  thread(cloneArgs: DataRef, context: Operand, options: StepOptions = {}): StepRef {
    return this.add(abi.AGENT_OP_THREAD, 0, [cloneArgs, cloneArgs.size, context], options);
  }

  /** wait4(__WALL) with a time limit: (tid, timeout in ms, status out). */
  wait(tid: Operand, timeoutMs: number, status: DataRef, options: StepOptions = {}): StepRef {
    return this.add(abi.AGENT_OP_WAIT, 0, [tid, timeoutMs, status], options);
  }

  /** Lets a traced task run until it comes back; `trap` is a struct agent_trap. */
  trapRun(tid: Operand, trap: DataRef, options: StepOptions = {}): StepRef {
    return this.add(abi.AGENT_OP_TRAP_RUN, 0, [tid, trap], options);
  }

  addOf(a: Operand, b: Operand, options: StepOptions = { expect: 'any' }): StepRef {
    return this.add(abi.AGENT_OP_ADD, 0, [a, b], options);
  }

  /** Until a traced task is in a ptrace stop: (tid, time limit in ms, status out, AGENT_STOP_*). */
  stop(tid: Operand, timeoutMs: number, status: DataRef, mode: Operand, options: StepOptions = {}): StepRef {
    return this.add(abi.AGENT_OP_STOP, 0, [tid, timeoutMs, status, mode], options);
  }

  /** Arms, disarms or forgets a program kept for the hang-up (AGENT_ARM, AGENT_DISARM, AGENT_FORGET). */
  arm(slot: Operand, how: Operand, options: StepOptions = { expect: 'any' }): StepRef {
    return this.add(abi.AGENT_OP_ARM, 0, [slot, how], options);
  }

  /** Calls a function of the C ABI that is in the task, with up to five arguments. */
  call(address: Operand, args: readonly Operand[], options: StepOptions = { expect: 'any' }): StepRef {
    if (args.length > 5) throw new RangeError('a call takes at most five arguments');
    return this.add(abi.AGENT_OP_CALL, 0, [address, ...args], options);
  }

  /** Waits until `(*address & mask) === value`, polling. */
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
   * Fills memory of the task, or files that it has open, from files, several parts at once: by the agent and up to `helpers` that it makes, not more
   * than there are processors, and that are gone afterwards. The order of the parts does not count.
   */
  pages(parts: readonly PagesPart[], helpers: number, options: StepOptions = {}): StepRef {
    const { size, address, length, offset, fd, how, target } = abi.AgentPages;
    const list = Buffer.alloc(parts.length * size);
    parts.forEach((part, i) => {
      list.writeBigUInt64LE(part.start, i * size + address);
      list.writeBigUInt64LE(part.end - part.start, i * size + length);
      list.writeBigUInt64LE(BigInt(part.offset ?? 0), i * size + offset);
      list.writeInt32LE(part.fd ?? -1, i * size + fd);
      list.writeUInt32LE(PAGES_HOW[part.how], i * size + how);
      list.writeInt32LE(part.target ?? -1, i * size + target);
    });
    const stacks = helpers > 0 ? this.data(helpers * HELPER_STACK) : null;
    const args = [this.data(list), parts.length, helpers, stacks, HELPER_STACK];
    return this.add(abi.AGENT_OP_PAGES, 0, args, options);
  }

  /** Says where a mark is: before the step that is added next. */
  here(mark: Mark): void {
    mark.index = this.steps.length;
  }

  /** Goes on at a mark, further down, whatever happened. */
  goTo(mark: Mark): void {
    // A sum that is never what is expected.
    this.addOf(0, 0, { expect: 1, orGoTo: mark });
  }

  /** Result of a step plus a constant, as an operand. */
  plus(step: StepRef, addend: number): StepRef {
    return { ...step, addend: step.addend + addend };
  }

  private add(
    code: number,
    nr: number,
    args: readonly Operand[],
    options: StepOptions,
    name = OPCODE_NAMES[code] ?? `op${code}`,
  ): StepRef {
    this.steps.push({ code, nr, args, options, name });
    return { kind: 'step', index: this.steps.length - 1, addend: 0 };
  }

  // ---- out -------------------------------------------------------------------------------------------------

  /** The steps as text, for plans and their golden files. */
  describe(): ProgramLine[] {
    return this.steps.map((step) => {
      const label = labelOf(step.options);
      const call = `${step.name}(${step.args.map((a) => this.operandText(a)).join(', ')})`;
      return label === undefined ? { call } : { call, label };
    });
  }

  private operandText(arg: Operand): string {
    if (arg === null) return '0';
    if (typeof arg === 'number' || typeof arg === 'bigint') return numberText(arg);
    switch (arg.kind) {
      case 'step':
        return `$${arg.index}${arg.addend ? `+${arg.addend}` : ''}`;
      case 'data':
        return this.dataText(arg);
      case 'load32':
      case 'load64':
        return `*${this.dataText(arg.ref)}`;
      case 'fd':
        return `fd#${arg.index}`;
      case 'self':
        return `agent+${numberText(arg.offset)}`;
    }
  }

  private dataText(ref: DataRef): string {
    if (ref.area === 'out') return `out[${ref.size}]`;
    const chunk = this.chunks.find((c) => c.offset === ref.offset);
    if (!chunk) return `data[${ref.size}]`;
    const end = chunk.bytes.indexOf(0);
    const text = Buffer.from(chunk.bytes);
    if (end === chunk.bytes.length - 1 && end > 0 && text.subarray(0, end).every((c) => c >= 32 && c < 127))
      return JSON.stringify(text.subarray(0, end).toString());
    return `data[${ref.size}]`;
  }

  /** The program on the wire. `tag` is the slot of a hang-up program. */
  encode(type: number = abi.AGENT_MSG_RUN, tag = 0, target: bigint | number = 0n): EncodedProgram {
    const { AgentProg: H, AgentOp: O } = abi;
    const nrOps = this.steps.length;
    const fdsOffset = this.inSize;
    const outBase = align8(fdsOffset + this.sent.length * 4);
    const dataSize = outBase + this.outSize;
    // From the pool: many small ones would each be a burden of the garbage collector.
    const bytes = Buffer.allocUnsafe(H.size + nrOps * O.size + dataSize).fill(0);
    // Words are quicker than functions of Buffer that check each place, of which a long program takes very many.
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    words[H.magic >> 2] = abi.AGENT_MAGIC;
    words[H.version >> 2] = abi.AGENT_ABI_VERSION;
    words[H.type >> 2] = type;
    words[H.tag >> 2] = tag;
    words[H.nr_ops >> 2] = nrOps;
    words[H.nr_fds >> 2] = this.sent.length;
    words[H.data_size >> 2] = dataSize;
    words[H.fds_offset >> 2] = fdsOffset;
    words[H.reply_offset >> 2] = outBase;
    words[H.reply_size >> 2] = this.outSize;
    words[H.failed_at >> 2] = -1;
    putBig(words, H.target >> 2, BigInt(target));
    for (let i = 0; i < nrOps; i++) this.encodeStep(words, (H.size + i * O.size) >> 2, i, fdsOffset, outBase);
    const dataStart = H.size + nrOps * O.size;
    for (const { offset, bytes: chunk } of this.chunks) bytes.set(chunk, dataStart + offset);
    return {
      bytes,
      fds: this.sent.map((fd) => (typeof fd === 'number' ? fd : fd())),
      steps: this.steps,
      replySize: this.outSize,
    };
  }

  /** @param at place of the step, in words */
  private encodeStep(words: Int32Array, at: number, index: number, fdsOffset: number, outBase: number): void {
    const { AgentOp: O } = abi;
    const step = this.steps[index];
    if (!step) throw new RangeError(`there is no step ${index}`);
    const { expect = 'ok', orGoTo } = step.options;
    // The code, and above it what is expected: 16 bits each.
    let how: number = abi.AGENT_OK;
    if (expect === 'any') how = abi.AGENT_ANY;
    else if (expect !== 'ok') {
      how = abi.AGENT_EQ;
      putBig(words, at + (O.expected >> 2), BigInt(expect));
    }
    words[at + (O.code >> 2)] = step.code | (how << 16);
    words[at + (O.nr >> 2)] = step.nr;
    if (orGoTo) words[at + (O.skip >> 2)] = stepsTo(orGoTo, index, step);
    let kinds = 0;
    const { args } = step;
    for (let k = 0; k < args.length; k++) {
      const arg = args[k] ?? 0;
      const word = at + (O.arg >> 2) + k * 2;
      if (typeof arg === 'number') {
        putNumber(words, word, arg);
        continue;
      }
      if (typeof arg === 'bigint') {
        putBig(words, word, arg);
        continue;
      }
      let kind: number;
      switch (arg.kind) {
        case 'step':
          if (arg.index >= index || arg.index > 0xffff)
            throw new RangeError(`step ${index} refers to step ${arg.index}`);
          kind = abi.AGENT_RESULT;
          if (arg.addend === 0) putNumber(words, word, arg.index);
          else putBig(words, word, (BigInt(arg.addend) << 16n) | BigInt(arg.index));
          break;
        case 'data':
          kind = abi.AGENT_DATA;
          putNumber(words, word, placeOf(arg, outBase));
          break;
        case 'load32':
        case 'load64':
          kind = arg.kind === 'load32' ? abi.AGENT_LOAD32 : abi.AGENT_LOAD64;
          putNumber(words, word, placeOf(arg.ref, outBase));
          break;
        case 'fd':
          kind = abi.AGENT_LOAD32;
          putNumber(words, word, fdsOffset + arg.index * 4);
          break;
        case 'self':
          kind = abi.AGENT_SELF;
          putNumber(words, word, arg.offset);
          break;
      }
      kinds |= kind << (4 * k);
    }
    words[at + (O.kinds >> 2)] = kinds;
  }
}

/** Where data is in the whole data area. */
function placeOf(ref: DataRef, outBase: number): number {
  return ref.area === 'out' ? outBase + ref.offset : ref.offset;
}

/** A 64-bit word in two's complement. */
function putNumber(words: Int32Array, at: number, value: number): void {
  if (!Number.isInteger(value)) throw new RangeError(`operand ${value} is not an integer`);
  words[at] = value;
  words[at + 1] = Math.floor(value / 0x100000000);
}

function putBig(words: Int32Array, at: number, value: bigint): void {
  words[at] = Number(BigInt.asIntN(32, value));
  words[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
}

function numberText(n: number | bigint): string {
  return n >= 0x10000 || n <= -0x10000 ? `${n < 0 ? '-' : ''}0x${(n < 0 ? -n : n).toString(16)}` : String(n);
}

/** A step of a program did not give what was expected; nothing after it ran. */
export class ProgramError extends Error {
  readonly code: string;
  constructor(
    readonly program: string,
    readonly step: number,
    readonly call: string,
    /** Errno of the step, 0 when the result was merely another than expected. */
    readonly errno: number,
    readonly result: bigint,
    readonly label?: string,
  ) {
    super(
      `${program}: ${label ? `${label}: ` : ''}${call}: ${errno ? errnoName(errno) : `unexpected result ${result}`}`,
    );
    this.name = 'ProgramError';
    this.code = errno ? errnoName(errno) : 'UNEXPECTED_RESULT';
  }
}

/** What an agent left behind after a run: results by step, the out areas, and where it ended. */
export interface ProgramOutcome {
  readonly results: Buffer;
  readonly reply: Buffer;
  readonly failedAt: number;
  readonly steps: number;
  readonly fds: readonly number[];
}

/** The result of a program, or the error that its failed step is. @throws ProgramError */
export function decodeOutcome(
  title: string,
  program: EncodedProgram,
  outcome: ProgramOutcome,
): ProgramResult {
  const { failedAt, results } = outcome;
  if (failedAt < 0) return new ProgramResult(results, outcome.reply, outcome.fds, outcome.steps);
  const step = program.steps[failedAt];
  const result = results.readBigInt64LE(failedAt * 8);
  const errno = result < 0n && result >= -4095n ? Number(-result) : 0;
  throw new ProgramError(title, failedAt, step?.name ?? '?', errno, result, step && labelOf(step.options));
}

/** What a program gave: results by step, out areas, descriptors in the order of its sendFd steps. */
export class ProgramResult {
  constructor(
    private readonly results: Buffer,
    private readonly reply: Buffer,
    readonly fds: readonly number[],
    /** Steps that ran. */
    readonly steps: number,
  ) {}

  /** Result of a step as a signed number; exact up to 2^53. */
  value(step: StepRef): number {
    const low = this.results.readUInt32LE(step.index * 8);
    return this.results.readInt32LE(step.index * 8 + 4) * 0x100000000 + low;
  }

  /** Result of a step as a signed 64-bit word. */
  big(step: StepRef): bigint {
    return this.results.readBigInt64LE(step.index * 8);
  }

  /** Content of an out area (a view on the reply). */
  bytes(ref: DataRef): Buffer {
    if (ref.area !== 'out') throw new TypeError('only out areas come back with the reply');
    return this.reply.subarray(ref.offset, ref.offset + ref.size);
  }
}
