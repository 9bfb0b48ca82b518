// Reads the data in both queues of a pseudoterminal, and writes it there again without echo or translation.
import { close, SysError, sys, sysRaw, tryIoctlInt } from '@criu/native';
import {
  EAGAIN,
  EXTPROC,
  F_GETFL,
  F_SETFL,
  FIONREAD,
  ICANON,
  IEXTEN,
  IXON,
  O_CLOEXEC,
  O_NOCTTY,
  O_NONBLOCK,
  O_RDWR,
  POLLIN,
  POLLOUT,
  TCGETS,
  TCOOFF,
  TCOON,
  TCSETS,
  TCXONC,
  TIOCGPKT,
  TIOCGPTLCK,
  TIOCGPTPEER,
  TIOCPKT,
  TIOCSPTLCK,
  termios,
  VEOF,
  VEOL,
  VEOL2,
  VMIN,
  VSTOP,
  VTIME,
} from '@criu/native/uapi';

const LIMIT = 16384;
/** A limit: input arrives within a millisecond, unless the machine is busy. */
const ARRIVAL_MS = 5000;
/** Milliseconds to wait for room in the queue of the other side. */
const ROOM_MS = 1000;
/** Bytes that the line discipline always has room for; what exceeds its buffer of 4096 waits before it. */
const ROOM = 4000;
const AFTER_LINES_MS = 5;
/** Special characters in struct termios. */
export const NCC = termios.c_cc_end - termios.c_cc;
const NEWLINE = 10;

/** How output is stopped: by tcflow(3), or by the STOP character (Ctrl-S). Values of `tty_info_entry.output_stopped`. */
export const Stopped = { NO: 0, BY_CALL: 1, BY_KEY: 2 } as const;
export type Stopped = (typeof Stopped)[keyof typeof Stopped];

/** Descriptors of both sides. */
export interface Pair {
  readonly master: number;
  readonly slave: number;
}

/** Data that the slave can read, and the offsets at which the EOF character (Ctrl-D) was typed. */
export interface Input {
  readonly data: Buffer;
  readonly ends: readonly number[];
}

export interface Waiting {
  readonly input: Input;
  /** What the master can read. */
  readonly output: Buffer;
  readonly stopped: Stopped;
}

function withoutBlocking<T>(fd: number, use: () => T): T {
  const flags = sysRaw('fcntl', fd, F_GETFL);
  sysRaw('fcntl', fd, F_SETFL, flags | O_NONBLOCK);
  try {
    return use();
  } finally {
    sysRaw('fcntl', fd, F_SETFL, flags);
  }
}

function settingsOf(slave: number): Buffer {
  const settings = Buffer.alloc(termios.sizeof);
  sys('ioctl', slave, TCGETS, settings);
  return settings;
}

function isCanonical(settings: Buffer): boolean {
  return (settings.readUInt32LE(termios.c_lflag) & (ICANON | EXTPROC)) === ICANON;
}

function character(settings: Buffer, index: number): number {
  return settings.readUInt8(termios.c_cc + index);
}

/** Runs `use` with packet mode (TIOCPKT) off: in packet mode a read from the master begins with a status byte. */
function withoutPackets<T>(master: number, use: () => T): T {
  const packets = tryIoctlInt(master, TIOCGPKT) ?? 0;
  const set = (on: number) => sysRaw('ioctl', master, TIOCPKT, new Int32Array([on]));
  if (packets) set(0);
  try {
    return use();
  } finally {
    if (packets) set(1);
  }
}

function readAll(fd: number): Buffer {
  const bytes = Buffer.alloc(LIMIT);
  let got = 0;
  while (got < LIMIT) {
    const n = sysRaw('read', fd, bytes.subarray(got), LIMIT - got);
    if (n <= 0) break;
    got += n;
  }
  return bytes.subarray(0, got);
}

/** Reads all data that the master can read. */
export function takeOutput(master: number): Buffer {
  return withoutPackets(master, () => withoutBlocking(master, () => readAll(master)));
}

/** Characters that end a line in canonical mode. */
function endsOfLines(settings: Buffer): number[] {
  const second = settings.readUInt32LE(termios.c_lflag) & IEXTEN ? character(settings, VEOL2) : 0;
  return [NEWLINE, character(settings, VEOL), second].filter((mark) => mark !== 0);
}

/** Reads complete lines in canonical mode: one read(2) returns one line, and 0 bytes for an EOF character alone. */
function takeLines(slave: number, settings: Buffer): { pieces: Buffer[]; ends: number[] } {
  const pieces: Buffer[] = [];
  const ends: number[] = [];
  const marks = endsOfLines(settings);
  for (let got = 0; got < LIMIT; ) {
    const line = Buffer.alloc(LIMIT);
    const n = sysRaw('read', slave, line, LIMIT);
    if (n < 0) break;
    got += n;
    if (n > 0) pieces.push(line.subarray(0, n));
    if (n === 0 || !marks.includes(line[n - 1] ?? 0)) ends.push(got);
    if (ends.length > LIMIT) break;
  }
  return { pieces, ends };
}

/** Reads all data of the slave's input queue, an incomplete line included. @throws SysError */
export function takeInput(slave: number): Input {
  const settings = settingsOf(slave);
  return withoutBlocking(slave, () => {
    if (!isCanonical(settings)) return { data: readWithoutLines(slave, settings), ends: [] };
    const { pieces, ends } = takeLines(slave, settings);
    return { data: Buffer.concat([...pieces, readWithoutLines(slave, settings)]), ends };
  });
}

/** Reads the input queue with canonical mode off, so that an incomplete line is read too. */
function readWithoutLines(slave: number, settings: Buffer): Buffer {
  const plain = Buffer.from(settings);
  plain.writeUInt32LE(settings.readUInt32LE(termios.c_lflag) & ~ICANON, termios.c_lflag);
  plain.writeUInt8(1, termios.c_cc + VMIN);
  plain.writeUInt8(0, termios.c_cc + VTIME);
  sys('ioctl', slave, TCSETS, plain);
  try {
    return readAll(slave);
  } finally {
    sys('ioctl', slave, TCSETS, settings);
  }
}

/** Events of poll(2) that are pending now. */
export function eventsNow(fd: number, events: number): number {
  const pollfd = new Uint32Array([fd, events]);
  return sysRaw('poll', pollfd, 1, 0) > 0 ? (pollfd[1] ?? 0) >>> 16 : 0;
}

function canRead(slave: number): boolean {
  return (eventsNow(slave, POLLIN) & POLLIN) !== 0;
}

/** Whether a write to the slave would not block; it would if its output is stopped. */
function canWrite(slave: number): boolean {
  return (eventsNow(slave, POLLOUT) & POLLOUT) !== 0;
}

function flow(slave: number, action: number): void {
  sys('ioctl', slave, TCXONC, action);
}

/**
 * Whether the output of the slave is stopped, and how: TCOON starts only output that TCOOFF has stopped.
 * The master's queue must be empty.
 */
export function howStopped({ master, slave }: Pair): Stopped {
  if (canWrite(slave)) return Stopped.NO;
  return withoutPackets(master, () => {
    flow(slave, TCOON);
    if (!canWrite(slave)) return Stopped.BY_KEY;
    flow(slave, TCOOFF);
    return Stopped.BY_CALL;
  });
}

/** Waits: the kernel passes input to the line discipline in a work queue. */
function waitUntil(done: () => boolean, milliseconds = ARRIVAL_MS): void {
  for (let round = 0; round < milliseconds && !done(); round++) sysRaw('poll', null, 0, 1);
}

/** Writes data; where there is no room, waits for the work queue that makes some. */
function write(fd: number, data: Buffer, what: string): void {
  let at = 0;
  const send = () => withoutBlocking(fd, () => sysRaw('write', fd, data.subarray(at), data.length - at));
  while (at < data.length) {
    let sent = send();
    if (sent === -EAGAIN || sent === 0)
      waitUntil(() => {
        sent = send();
        return sent !== -EAGAIN && sent !== 0;
      }, ROOM_MS);
    if (sent <= 0) throw new SysError('write', sent === 0 ? EAGAIN : -sent, what);
    at += sent;
  }
}

/** Writes input at the master, with the EOF character where it was typed. */
function type({ master, slave }: Pair, settings: Buffer, { data, ends }: Input): void {
  const end = Buffer.from([character(settings, VEOF)]);
  const places = [...ends, data.length];
  const pieces = places.map((place, i) => data.subarray(i === 0 ? 0 : places[i - 1], place));
  for (const [i, piece] of pieces.entries()) {
    write(master, piece, 'input of the terminal');
    if (i < ends.length) write(master, end, 'end of file of the terminal');
  }
  const whole = isCanonical(settings) ? wholeLines(settings, { data, ends }) : data.length;
  waitUntil(() => (tryIoctlInt(slave, FIONREAD) ?? whole) >= Math.min(whole, ROOM));
  // FIONREAD does not count an incomplete line. poll(2) flushes the work queue, but only if no complete line is there.
  if (whole < data.length) waitUntil(() => whole === 0 && !canRead(slave), AFTER_LINES_MS);
}

/** Bytes of complete lines, which FIONREAD counts. */
function wholeLines(settings: Buffer, { data, ends }: Input): number {
  const last = Math.max(...endsOfLines(settings).map((mark) => data.lastIndexOf(mark) + 1));
  return Math.max(last, ends.at(-1) ?? 0);
}

/** Settings with which the line discipline changes and echoes nothing, and takes no character for a signal or an edit. */
function plainSettings(settings: Buffer, input: Input): Buffer {
  const plain = Buffer.from(settings);
  plain.writeUInt32LE(0, termios.c_iflag);
  plain.writeUInt32LE(0, termios.c_oflag);
  const lines = settings.readUInt32LE(termios.c_lflag) & (ICANON | IEXTEN);
  plain.writeUInt32LE(isCanonical(settings) ? lines : 0, termios.c_lflag);
  const kept = [VEOL, VEOL2, ...(input.ends.length > 0 ? [VEOF] : [])];
  for (let i = 0; i < NCC; i++) if (!kept.includes(i)) plain.writeUInt8(0, termios.c_cc + i);
  plain.writeUInt8(1, termios.c_cc + VMIN);
  return plain;
}

/** Writes the STOP character at the master. */
function stopByKey({ master, slave }: Pair, settings: Buffer): void {
  const key = character(settings, VSTOP);
  if (!(settings.readUInt32LE(termios.c_iflag) & IXON) || key === 0) return;
  write(master, Buffer.from([key]), 'stop of the terminal');
  waitUntil(() => !canWrite(slave));
}

/** Writes data into both queues. @throws SysError if there is no space */
export function putBack(pair: Pair, { input, output, stopped }: Waiting): void {
  const { master, slave } = pair;
  withoutPackets(master, () => {
    const settings = settingsOf(slave);
    if (stopped !== Stopped.NO) for (const action of [TCOOFF, TCOON]) flow(slave, action);
    sys('ioctl', slave, TCSETS, plainSettings(settings, input));
    try {
      write(slave, output, 'output of the terminal');
      type(pair, settings, input);
    } finally {
      sys('ioctl', slave, TCSETS, settings);
    }
    if (stopped === Stopped.BY_KEY) stopByKey(pair, settings);
    if (stopped === Stopped.BY_CALL) flow(slave, TCOOFF);
  });
}

/**
 * Opens the slave of a master, and closes it afterwards. If no other process has it open, reads from the master fail with EIO
 * then, as after any slave was closed.
 * @throws SysError
 */
export function withSlave(master: number, use: (pair: Pair) => void): void {
  const locked = tryIoctlInt(master, TIOCGPTLCK) ?? 0;
  const lock = (on: number) => sys('ioctl', master, TIOCSPTLCK, new Int32Array([on]));
  if (locked) lock(0);
  try {
    const slave = sys('ioctl', master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    try {
      use({ master, slave });
    } finally {
      close(slave);
    }
  } finally {
    if (locked) lock(1);
  }
}
