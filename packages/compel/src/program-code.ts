// The code of a program: its steps, each encoded when it is added, and the data that they refer to.
import { abi, encodeName, SYS, type SyscallName } from '@criu/native';
import {
  type DataRef,
  type FdRef,
  type LateRef,
  type LoadRef,
  type Mark,
  type Operand,
  type SelfRef,
  type StepOptions,
  type StepRef,
  stepName,
} from './operands.js';
import { align8, DataArea, putValue } from './program-data.js';
import {
  type Bookmark,
  copySteps,
  differences,
  numberAt,
  type Passage,
  passageOf,
} from './program-passage.js';
import { labelText, putColumn, type RowLabels, type Rows } from './program-rows.js';
import { describeSteps, type ProgramLine } from './program-text.js';

/** Size of a struct agent_op in 32-bit words. */
const OP_WORDS = abi.AgentOp.size >> 2;
const FIRST_STEPS = 8;
/** Bytes that a step takes in an agent: itself and its result. */
const STEP_SIZE = abi.AgentOp.size + 8;

/** An encoded program, with what is needed to read the reply and to name a failed step. */
export interface EncodedProgram {
  readonly bytes: Buffer;
  readonly fds: readonly number[];
  readonly nrOps: number;
  readonly replySize: number;
  readonly program: ProgramCode;
}

/**
 * Steps run in the order in which they are added. Each is encoded at once: a restore has hundreds of thousands of steps, and objects
 * for them would dominate its cost.
 */
export class ProgramCode {
  /**
   * Steps, a struct agent_op each. Operands that refer to the out area or to descriptors are still relative to the
   * start of these.
   */
  private words = new Int32Array(FIRST_STEPS * OP_WORDS);
  private nrOps = 0;
  private readonly labels: (StepOptions['label'] | RowLabels)[] = [];
  /** Number of arguments of each step. */
  private readonly counts: number[] = [];
  private readonly outPlaces: number[] = [];
  private readonly fdPlaces: number[] = [];
  private readonly late: { readonly word: number; readonly ref: LateRef }[] = [];
  /** The words of the data area that are known only when the program is sent, by their offset in bytes. */
  private readonly lateData: { readonly offset: number; readonly ref: LateRef }[] = [];
  private readonly sizes: number[] = [];
  private readonly jumps: { readonly index: number; readonly mark: Mark }[] = [];
  private readonly area = new DataArea();
  /** Places of values stored by `constant`. */
  private readonly constants = new Map<number, DataRef>();
  private readonly sent: (number | (() => number))[] = [];
  private outSize = 0;
  /** For messages and plans: the purpose of the whole program. */
  readonly title: string;
  /** Whether the program sends descriptors of the task to us. */
  sends = false;

  constructor(title = 'program') {
    this.title = title;
  }

  /** Number of steps so far. */
  get length(): number {
    return this.nrOps;
  }

  /** Approximate size in bytes of data and steps so far, for splitting long programs. */
  get size(): number {
    return this.nrOps * STEP_SIZE + this.area.size + this.outSize;
  }

  /** Number of steps without data, one at least, until the size reaches a limit. */
  roomFor(limit: number): number {
    return Math.max(1, Math.floor((limit - this.size) / STEP_SIZE));
  }

  // ---- data ------------------------------------------------------------------------------------------------

  /** Bytes in the data area; `size` zero bytes if a number is given. */
  data(content: Uint8Array | number): DataRef {
    return typeof content === 'number' ? this.area.room(content) : this.area.bytes(content);
  }

  /** A NUL-terminated string: a name in the encoding of `decodeName` of @criu/native, or raw bytes. */
  cstring(text: string | Uint8Array): DataRef {
    return typeof text === 'string'
      ? this.area.bytes(encodeName(`${text}\0`))
      : this.area.bytes(text, text.byteLength + 1);
  }

  /** Little-endian 32-bit words. */
  i32(...values: number[]): DataRef {
    return this.area.words32(values);
  }

  /** A little-endian 32-bit word that is only read; all steps with the same value share one place. */
  constant(value: number): DataRef {
    let ref = this.constants.get(value);
    if (!ref) {
      ref = this.i32(value);
      this.constants.set(value, ref);
    }
    return ref;
  }

  /** Little-endian 64-bit words. */
  u64(...values: (bigint | number | LateRef)[]): DataRef {
    const ref = this.area.room(values.length * 8);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0;
      const offset = ref.offset + i * 8;
      if (typeof value === 'object') this.lateData.push({ offset, ref: value });
      else this.area.put64(offset, value);
    }
    return ref;
  }

  /** Zeroed space whose content is returned with the reply. */
  out(size: number): DataRef {
    const ref: DataRef = { kind: 'data', area: 'out', offset: this.outSize, size };
    this.outSize = align8(this.outSize + size);
    return ref;
  }

  /** A part of a data reference. */
  at({ area, offset: start, size: whole }: DataRef, offset: number, size = whole - offset): DataRef {
    return { kind: 'data', area, offset: start + offset, size };
  }

  load32(ref: DataRef): LoadRef {
    return { kind: 'load32', ref };
  }

  load64(ref: DataRef): LoadRef {
    return { kind: 'load64', ref };
  }

  /**
   * A descriptor of this process to be sent along; a function is called when the program is sent. Our descriptor stays
   * open.
   */
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

  /** Sets a mark before the step that is added next. */
  here(mark: Mark): void {
    mark.index = this.nrOps;
  }

  /**
   * A system call for each row from `from` to before `to`. A task may have ten thousands of mappings: operands, options
   * and a label for each would take most of the time that they take to plan.
   */
  rows(name: SyscallName, { args, expect, orGoTo, label }: Rows, from: number, to: number): void {
    const O = abi.AgentOp;
    this.makeRoom(to - from);
    const { words, labels, counts } = this;
    const labelled: RowLabels = { first: this.nrOps - from, of: label };
    const how = abi.AGENT_OP_SYSCALL | ((expect ? abi.AGENT_EQ : abi.AGENT_OK) << 16);
    const nr = SYS[name];
    const first = this.nrOps * OP_WORDS;
    const count = to - from;
    for (let i = 0, at = first; i < count; i++, at += OP_WORDS) {
      words[at + (O.code >> 2)] = how;
      words[at + (O.nr >> 2)] = nr;
      labels.push(labelled);
      counts.push(args.length);
      if (orGoTo) this.jumps.push({ index: this.nrOps + i, mark: orGoTo });
    }
    // Column by column: these are short loops without calls.
    const at = (offset: number) => ({ place: first + (offset >> 2), stride: OP_WORDS });
    for (let k = 0; k < args.length; k++) putColumn(words, at(O.arg + 8 * k), args[k] ?? 0, from, to);
    if (expect) putColumn(words, at(O.expected), expect, from, to);
    this.nrOps += to - from;
  }

  /** How far the program has got, for `since`. */
  bookmark(): Bookmark {
    const { nrOps, sizes, outPlaces, fdPlaces, late, lateData, jumps, sent } = this;
    const single =
      outPlaces.length + fdPlaces.length + late.length + lateData.length + jumps.length + sent.length;
    return { steps: nrOps, sizes: sizes.length, single };
  }

  /** The steps that were added since then; undefined if they cannot be repeated. */
  since({ steps, sizes, single }: Bookmark): Passage | undefined {
    if (this.bookmark().single !== single) return undefined;
    return passageOf(this.words, steps, this.nrOps - steps, this.sizes.slice(sizes));
  }

  /** Places of the numbers in which two passages differ; undefined if they differ in anything else. */
  differences(a: Passage, b: Passage): number[] | undefined {
    return differences({ words: this.words, data: this.area.content }, a, b);
  }

  /** The number at a place of a passage. */
  numberAt(passage: Passage, place: number): number {
    return numberAt(this.words, passage, place);
  }

  /**
   * Repeats a passage with other numbers at some places. Data that its steps refer to is the same, also if they write to it.
   * @param label of a step of the passage
   */
  again(
    passage: Passage,
    places: readonly number[],
    numbers: readonly number[],
    label: (step: number) => string | undefined,
  ): void {
    const { nrOps, labels, counts, sizes } = this;
    const { first, count } = passage;
    this.makeRoom(count);
    copySteps(this.words, passage, nrOps, places, numbers);
    const labelled: RowLabels = { first: nrOps, of: label };
    for (let i = 0; i < count; i++) {
      labels.push(labelled);
      counts.push(counts[first + i] ?? 0);
    }
    for (let i = 0; i < passage.sizes.length; i++) sizes.push(passage.sizes[i] ?? 0);
    this.nrOps = nrOps + count;
  }

  protected add(code: number, nr: number, args: readonly Operand[], options: StepOptions): StepRef {
    const O = abi.AgentOp;
    const index = this.nrOps;
    const at = index * OP_WORDS;
    this.makeRoom(1);
    const { words } = this;
    const { expect = 'ok', orGoTo, label } = options;
    // The code in the lower 16 bits, the expected result in the upper 16 bits.
    let how: number = abi.AGENT_OK;
    if (expect === 'any') how = abi.AGENT_ANY;
    else if (expect !== 'ok') {
      how = abi.AGENT_EQ;
      putValue(words, at + (O.expected >> 2), expect);
    }
    words[at + (O.code >> 2)] = code | (how << 16);
    words[at + (O.nr >> 2)] = nr;
    let kinds = 0;
    for (let k = 0; k < args.length; k++)
      kinds |= this.putOperand(at + (O.arg >> 2) + k * 2, args[k] ?? 0, index) << (4 * k);
    words[at + (O.kinds >> 2)] = kinds;
    if (orGoTo) this.jumps.push({ index, mark: orGoTo });
    this.labels.push(label);
    this.counts.push(args.length);
    this.nrOps = index + 1;
    return { kind: 'step', index, addend: 0 };
  }

  private makeRoom(steps: number): void {
    const need = (this.nrOps + steps) * OP_WORDS;
    if (need <= this.words.length) return;
    const larger = new Int32Array(Math.max(need, this.words.length * 2));
    larger.set(this.words);
    this.words = larger;
  }

  /** @returns enum agent_operand */
  private putOperand(word: number, arg: NonNullable<Operand>, index: number): number {
    const { words } = this;
    if (typeof arg === 'number' || typeof arg === 'bigint') {
      putValue(words, word, arg);
      return abi.AGENT_IMM;
    }
    switch (arg.kind) {
      case 'step':
        if (arg.index >= index || arg.index > 0xffff)
          throw new RangeError(`step ${index} refers to step ${arg.index}`);
        if (arg.addend === 0) words[word] = arg.index;
        else putValue(words, word, (BigInt(arg.addend) << 16n) | BigInt(arg.index));
        return abi.AGENT_RESULT;
      case 'data':
        this.putPlace(word, arg);
        return abi.AGENT_DATA;
      case 'load32':
        this.putPlace(word, arg.ref);
        return abi.AGENT_LOAD32;
      case 'load64':
        this.putPlace(word, arg.ref);
        return abi.AGENT_LOAD64;
      case 'fd':
        this.fdPlaces.push(word);
        words[word] = arg.index * 4;
        return abi.AGENT_LOAD32;
      case 'self':
        words[word] = arg.offset;
        return abi.AGENT_SELF;
      case 'late':
        this.late.push({ word, ref: arg });
        return abi.AGENT_IMM;
    }
  }

  private putPlace(word: number, { area, offset, size }: DataRef): void {
    if (area === 'out') this.outPlaces.push(word);
    this.words[word] = offset;
    this.sizes.push(size);
  }

  // ---- out -------------------------------------------------------------------------------------------------

  /** Name, number of arguments, and label of a step. */
  step(index: number): { readonly name: string; readonly args: number; readonly label: string | undefined } {
    const at = index * OP_WORDS;
    const label = this.labels[index];
    const code = (this.words[at + (abi.AgentOp.code >> 2)] ?? 0) & 0xffff;
    return {
      name: stepName(code, this.words[at + (abi.AgentOp.nr >> 2)] ?? 0),
      args: this.counts[index] ?? 0,
      label: labelText(label, index),
    };
  }

  /** The steps as text, for plans and their golden files. */
  describe(): ProgramLine[] {
    const { words, outPlaces, fdPlaces, late, sizes } = this;
    const data = this.area.content;
    const step = (index: number) => this.step(index);
    return describeSteps({ words, data, outPlaces, fdPlaces, late, sizes, step }, this.nrOps);
  }

  /** Encodes the program as a message. @param tag slot of a hang-up program */
  encode(type: number = abi.AGENT_MSG_RUN, tag = 0, target: bigint | number = 0n): EncodedProgram {
    const [H, O] = [abi.AgentProg, abi.AgentOp];
    const { nrOps } = this;
    const fdsOffset = this.area.size;
    const outBase = align8(fdsOffset + this.sent.length * 4);
    const dataSize = outBase + this.outSize;
    const dataStart = H.size + nrOps * O.size;
    // Allocated from Node's buffer pool: many small buffers would burden the garbage collector.
    const bytes = Buffer.allocUnsafe(dataStart + dataSize);
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    const first = H.size >> 2;
    words.fill(0, 0, first);
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
    putValue(words, H.target >> 2, target);
    words.set(this.words.subarray(0, nrOps * OP_WORDS), first);
    for (const place of this.outPlaces) words[first + place] = (this.words[place] ?? 0) + outBase;
    for (const place of this.fdPlaces) words[first + place] = (this.words[place] ?? 0) + fdsOffset;
    for (const { word, ref } of this.late) putValue(words, first + word, ref.value());
    for (const { index, mark } of this.jumps)
      words[first + index * OP_WORDS + (O.skip >> 2)] = this.stepsTo(mark, index);
    bytes.set(this.area.content, dataStart);
    bytes.fill(0, dataStart + fdsOffset);
    for (const { offset, ref } of this.lateData) putValue(words, (dataStart + offset) >> 2, ref.value());
    return {
      bytes,
      fds: this.sent.map((fd) => (typeof fd === 'number' ? fd : fd())),
      nrOps,
      replySize: this.outSize,
      program: this,
    };
  }

  /** Distance in steps to a mark. @throws RangeError if the mark is not set further down */
  private stepsTo({ index: target = 0 }: Mark, index: number): number {
    if (target > index) return target - index;
    const { label, name } = this.step(index);
    throw new RangeError(`${label ?? name} goes on nowhere when it fails`);
  }
}
