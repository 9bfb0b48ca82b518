// Reads all options of a socket in one call: those for which images have fields, and those others that differ from a
// new socket.
import type { Encodable, SkOptionEntry, SkOptsEntry } from '@criu/images';
import { abi, addon, close, type Questions, SysError, sys, sysRaw } from '@criu/native';
import {
  EACCES,
  ENOPROTOOPT,
  SO_BUF_LOCK,
  SO_GET_FILTER,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import type { OpenFile } from '../open-file.js';
import { MORE_OPTIONS, type MoreOption, type SocketKind } from './option-table.js';
import { FIELD_OPTIONS, filterWords, optionFields } from './options.js';
import { askSockets } from './questions.js';

/** Number of different sets of values that are cached for a kind of socket. */
const REMEMBERED = 8;

/** Index of SO_GET_FILTER, which without a buffer returns the number of instructions. */
const FILTER = 0;

/**
 * The options to read from sockets of a kind, and the buffer for the results: lengths or -errno, followed by values.
 */
class Reading {
  readonly more: readonly MoreOption[];
  private readonly wanted: Int32Array;
  private readonly answer: Buffer;
  private readonly lengths: Int32Array;
  private readonly values: Buffer;
  /** Offsets of the values, in the order of the options. */
  private readonly places: readonly number[];
  /** Values of a new socket. */
  private readonly initial: readonly (Buffer | undefined)[];
  private readonly seen: { readonly answer: Buffer; readonly entry: Encodable<SkOptsEntry> }[] = [];
  /** The questions for all sockets of the kind, and the entries for their answers. */
  private readonly questions: Questions | undefined;
  private readonly answered: Encodable<SkOptsEntry>[] = [];

  constructor(
    ctx: DumpContext,
    readonly kind: SocketKind,
  ) {
    this.more = MORE_OPTIONS.filter((option) => option.has(kind));
    const options = [
      [SOL_SOCKET, SO_GET_FILTER, 0] as const,
      // `PASSCRED` and `PASSSEC` are read for all families, but used only for those that support them.
      ...FIELD_OPTIONS.map(([name, size]) => [SOL_SOCKET, name, size] as const),
      ...this.more.map(({ level, name, size }) => [level, name, size] as const),
    ];
    this.wanted = Int32Array.from(options.flat());
    let bytes = 0;
    this.places = options.map(([, , size]) => {
      bytes += size;
      return bytes - size;
    });
    const valuesAt = options.length * 4;
    this.answer = Buffer.from(new ArrayBuffer(valuesAt + bytes));
    this.lengths = new Int32Array(this.answer.buffer, 0, options.length);
    this.values = this.answer.subarray(valuesAt);
    this.initial = this.readInitial();
    this.questions = askSockets(ctx, kind, abi.DESCRIPTOR_OPTIONS, this.wanted);
  }

  private readInitial(): (Buffer | undefined)[] {
    const fd = newSocket(this.kind);
    try {
      this.ask(fd);
      return this.places.map((_, index) =>
        this.length(index) < 0 ? undefined : Buffer.from(this.value(index)),
      );
    } finally {
      close(fd);
    }
  }

  private ask(fd: number): void {
    this.answer.fill(0);
    addon().readOptions(fd, this.wanted, this.lengths, this.values);
  }

  private length(index: number): number {
    return this.lengths[index] ?? 0;
  }

  private value(index: number): Buffer {
    const at = this.places[index] ?? 0;
    // Without a buffer, the length is that of the whole value.
    return index === FILTER ? Buffer.alloc(0) : this.values.subarray(at, at + this.length(index));
  }

  /** @throws SysError, CriuError */
  read(file: OpenFile): Encodable<SkOptsEntry> {
    const { options: number, connected } = file.answers;
    // A connection that is closed is asked as what it was.
    if (!this.questions || number === 0 || connected !== (this.kind.connection ?? false)) {
      this.ask(file.local);
      // Most sockets of a program have the same options.
      const same = this.seen.find(({ answer }) => answer.equals(this.answer));
      if (same) return same.entry;
      const entry = this.entry(file);
      if (!this.hasFilter && this.seen.length < REMEMBERED)
        this.seen.push({ answer: Buffer.from(this.answer), entry });
      return entry;
    }
    const known = this.answered[number];
    if (known) return known;
    this.answer.set(addon().answerTo(this.questions, number));
    const entry = this.entry(file);
    if (!this.hasFilter) this.answered[number] = entry;
    return entry;
  }

  /** A socket with a filter is read individually, as another one may have a different filter of the same length. */
  private get hasFilter(): boolean {
    return this.length(FILTER) !== 0;
  }

  private entry({ local, pid, fd }: OpenFile): Encodable<SkOptsEntry> {
    const instructions = this.length(FILTER);
    if (instructions === -EACCES)
      throw new CriuError(
        'UNSUPPORTED',
        'a socket is filtered by a BPF program (SO_ATTACH_BPF), which cannot be read',
        { pid, fd },
        'detach it before the dump (SO_DETACH_FILTER)',
      );
    if (instructions < 0) throw new SysError('getsockopt', -instructions, 'SO_GET_FILTER');
    return {
      ...optionFields((name) => this.field(name), this.kind.family, filterWords(local, instructions)),
      ...this.differing(),
    };
  }

  private field(name: number): Buffer {
    const index = 1 + FIELD_OPTIONS.findIndex(([one]) => one === name);
    const length = this.length(index);
    if (length === -ENOPROTOOPT && name === SO_BUF_LOCK) return Buffer.alloc(0);
    if (length < 0) throw new SysError('getsockopt', -length, `option ${SOL_SOCKET}/${name}`);
    return this.value(index);
  }

  /** Options of our own fields that differ from those of a new socket: three numbers for each int, bytes for others. */
  private differing(): Pick<Encodable<SkOptsEntry>, 'more' | 'more_bytes'> {
    const more: number[] = [];
    const more_bytes: SkOptionEntry[] = [];
    for (const [i, { level, name, bytes, implied }] of this.more.entries()) {
      const index = 1 + FIELD_OPTIONS.length + i;
      // Not supported by the kernel, or by this socket.
      if (this.length(index) < 0) continue;
      const [now, first] = [this.value(index), this.initial[index]];
      if (first ? now.equals(first) : now.every((byte) => byte === 0)) continue;
      if (bytes) more_bytes.push({ level, name, value: Buffer.from(now) });
      else if (now.length === 4 && now.readInt32LE() !== implied) more.push(level, name, now.readInt32LE());
    }
    return { more, more_bytes };
  }
}

/**
 * A new socket of a kind. If creating it is not permitted, its options are taken from another socket of the IP layer.
 */
function newSocket({ family, type, protocol }: SocketKind): number {
  const how = type | SOCK_CLOEXEC;
  const fd = sysRaw('socket', family, how, protocol);
  return fd >= 0 ? fd : sys('socket', family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

const numbers = stateKey('numbers of options', (_: DumpContext) => new Map<Encodable<SkOptsEntry>, number>());

/** A number that is the same for sockets that share an entry. */
export function optionsNumber(ctx: DumpContext, entry: Encodable<SkOptsEntry>): number {
  const all = ctx.states.get(numbers);
  const known = all.get(entry);
  if (known !== undefined) return known;
  all.set(entry, all.size);
  return all.size - 1;
}

const readings = stateKey('options of sockets', (_: DumpContext) => new Map<string, Reading>());

/**
 * The options entry of a socket.
 * @param connection whether it is a TCP connection, live or closed
 * @throws SysError, CriuError for a filter that cannot be read
 */
export function optionsEntry(ctx: DumpContext, file: OpenFile, connection = false): Encodable<SkOptsEntry> {
  const { family, type, protocol } = file.socket;
  const all = ctx.states.get(readings);
  const key = `${family} ${type} ${protocol} ${connection}`;
  let reading = all.get(key);
  if (!reading) {
    reading = new Reading(ctx, { family, type, protocol, connection });
    all.set(key, reading);
  }
  return reading.read(file);
}
