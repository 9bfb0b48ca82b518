// Options that CRIU's format has no field for: what differs from a new socket goes into fields of our own, and back.
import type { DataRef, Program } from '@criu/compel';
import type { Encodable, SkOptionEntry, SkOptsEntry } from '@criu/images';
import { addon, close, sys, sysRaw } from '@criu/native';
import { SOCK_CLOEXEC } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import type { OpenFile } from '../open-file.js';
import { MORE_OPTIONS, type MoreOption, type SocketKind, type Stage } from './option-table.js';
import { hasProgram, option, optionFields, SO, SOCK } from './options.js';

/** What is asked of sockets of a kind, and where in one buffer the answers are. */
class Reading {
  readonly options: readonly MoreOption[];
  private readonly wanted: Int32Array;
  private readonly lengths: Int32Array;
  private readonly bytes: number;

  constructor(kind: SocketKind) {
    this.options = MORE_OPTIONS.filter((option) => option.has(kind));
    this.wanted = Int32Array.from(this.options.flatMap(({ level, name, size }) => [level, name, size]));
    this.lengths = new Int32Array(this.options.length);
    this.bytes = this.options.reduce((sum, { size }) => sum + size, 0);
  }

  /** Values in the order of `options`; undefined where the kernel, or this socket, does not have it. */
  read(fd: number): (Buffer | undefined)[] {
    const values = Buffer.alloc(this.bytes);
    addon().readOptions(fd, this.wanted, this.lengths, values);
    let at = 0;
    return this.options.map(({ size }, i) => {
      const value = values.subarray(at, at + Math.max(0, this.lengths[i] ?? 0));
      at += size;
      return (this.lengths[i] ?? -1) < 0 ? undefined : value;
    });
  }
}

interface KindState {
  readonly reading: Reading;
  /** Values of a new socket. */
  readonly initial: readonly (Buffer | undefined)[];
}

const kinds = stateKey('options of new sockets', (_: DumpContext) => new Map<string, KindState>());

/** A new socket of a kind. One that we may not make has the options of the IP layer like any other. */
function newSocket({ family, type, protocol }: SocketKind): number {
  const how = type | SOCK_CLOEXEC;
  const fd = sysRaw('socket', family, how, protocol);
  return fd >= 0 ? fd : sys('socket', family, SOCK.DGRAM | SOCK_CLOEXEC, 0);
}

function stateOf(ctx: DumpContext, kind: SocketKind): KindState {
  const all = ctx.states.get(kinds);
  const key = `${kind.family} ${kind.type} ${kind.protocol} ${kind.connection === true}`;
  const known = all.get(key);
  if (known) return known;
  const reading = new Reading(kind);
  const fd = newSocket(kind);
  try {
    const made = { reading, initial: reading.read(fd) };
    all.set(key, made);
    return made;
  } finally {
    close(fd);
  }
}

/** Options as images have them: ints by three numbers each, others by their bytes. */
type MoreEntries = Pick<Encodable<SkOptsEntry>, 'more' | 'more_bytes'>;

/** Those options of a socket that are not as a new one has them. */
function moreOptions(ctx: DumpContext, fd: number, kind: SocketKind): MoreEntries {
  const { reading, initial } = stateOf(ctx, kind);
  const values = reading.read(fd);
  const more: number[] = [];
  const more_bytes: SkOptionEntry[] = [];
  for (const [i, { level, name, bytes, implied }] of reading.options.entries()) {
    const [now, first] = [values[i], initial[i]];
    if (!now || (first ? now.equals(first) : now.every((byte) => byte === 0))) continue;
    if (bytes) more_bytes.push({ level, name, value: Buffer.from(now) });
    else if (now.length === 4 && now.readInt32LE() !== implied) more.push(level, name, now.readInt32LE());
  }
  return { more, more_bytes };
}

/**
 * The options entry of a socket.
 * @param connection a TCP connection, live or ended
 * @throws SysError, CriuError for a filter that cannot be read
 */
export function optionsEntry(
  ctx: DumpContext,
  file: OpenFile,
  family: number,
  connection = false,
): Encodable<SkOptsEntry> {
  const fd = file.local;
  if (hasProgram(fd))
    throw new CriuError(
      'UNSUPPORTED',
      'a socket is filtered by a BPF program (SO_ATTACH_BPF), which cannot be read',
      { pid: file.pid, fd: file.fd },
      'detach it before the dump (SO_DETACH_FILTER)',
    );
  const kind = { family, type: option(fd, SO.TYPE), protocol: option(fd, SO.PROTOCOL), connection };
  return { ...optionFields(fd, family), ...moreOptions(ctx, fd, kind) };
}

function found(level: number | undefined, name: number | undefined, bytes: boolean): MoreOption {
  const option = MORE_OPTIONS.find((o) => o.level === level && o.name === name && o.bytes === bytes);
  if (option) return option;
  throw new CriuError('BAD_IMAGE', `a socket has option ${level}/${name}, which is none that is kept`, {
    file: 'files.img',
    entry: bytes ? 'more_bytes' : 'more',
  });
}

/**
 * Sets the options of some stages.
 * @throws CriuError BAD_IMAGE for one that is not among those that are kept
 */
export function setMoreOptions(
  p: Program,
  fd: number,
  { more, more_bytes }: SkOptsEntry,
  stages: readonly Stage[],
): void {
  const wanted = new Map<MoreOption, () => DataRef>();
  for (let i = 0; i < more.length; i += 3) {
    const [level, name, value = 0] = more.slice(i, i + 3);
    wanted.set(found(level, name, false), () => p.i32(value));
  }
  for (const { level, name, value } of more_bytes) wanted.set(found(level, name, true), () => p.data(value));
  for (const option of MORE_OPTIONS) {
    const value = stages.includes(option.stage) ? wanted.get(option)?.() : undefined;
    if (!value) continue;
    p.syscall('setsockopt', [fd, option.level, option.name, value, value.size], {
      label: `${option.text} of fd ${fd}`,
    });
  }
}
