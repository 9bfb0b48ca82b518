// Data in the queues of pseudoterminals of which both sides are dumped. Reading it consumes it, so it is written back
// if the tasks run on or the dump fails.
import { close, sysRaw, tryIoctlInt } from '@criu/native';
import {
  EAGAIN,
  F_DUPFD_CLOEXEC,
  F_GETFL,
  F_SETFL,
  FIONREAD,
  ICANON,
  O_NONBLOCK,
  TCGETS,
  TCSETS,
  termios,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';

const LIMIT = 16384;
const ARRIVAL_MS = 50;

/** One side of a pseudoterminal. */
export interface PtySide {
  readonly infoId: number;
  readonly index: number;
  readonly master: boolean;
  readonly pid: number;
  /** A descriptor of ours, open until the dump ends. */
  readonly fd: number;
}

const sides = stateKey('sides of pseudo-terminals', (_: DumpContext) => new Map<number, PtySide>());

/** Records a side once, however many descriptors it has. */
export function notePty(ctx: DumpContext, side: Omit<PtySide, 'fd'>, local: number): void {
  const known = ctx.states.get(sides);
  if (known.has(side.infoId)) return;
  const fd = sysRaw('fcntl', local, F_DUPFD_CLOEXEC, 0);
  if (fd < 0)
    throw new CriuError('SYSCALL', `cannot keep the terminal open: errno ${-fd}`, { pid: side.pid });
  ctx.onClose(() => close(fd));
  known.set(side.infoId, { ...side, fd });
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

function take(side: PtySide): Buffer {
  return withoutBlocking(side.fd, () => {
    const bytes = Buffer.alloc(LIMIT);
    let got = 0;
    while (got < LIMIT) {
      const n = sysRaw('read', side.fd, bytes.subarray(got), LIMIT - got);
      if (n === 0 || n === -EAGAIN || n < 0) break;
      got += n;
    }
    return bytes.subarray(0, got);
  });
}

/** Waits until the line discipline has processed the input, which the kernel does in a work queue. */
function arrived(slave: PtySide, length: number): void {
  for (let round = 0; round < ARRIVAL_MS; round++) {
    const there = tryIoctlInt(slave.fd, FIONREAD);
    if (there === undefined || there >= length) return;
    sysRaw('poll', null, 0, 1);
  }
}

/** Writes data on one side for the other side to read, with the line discipline in raw mode. */
function putBack(from: PtySide, slave: PtySide, data: Buffer): void {
  const settings = Buffer.alloc(termios.sizeof);
  if (data.length === 0 || sysRaw('ioctl', slave.fd, TCGETS, settings) < 0) return;
  const plain = Buffer.from(settings);
  plain.writeUInt32LE(0, termios.c_iflag);
  plain.writeUInt32LE(0, termios.c_oflag);
  plain.writeUInt32LE(settings.readUInt32LE(termios.c_lflag) & ICANON, termios.c_lflag);
  sysRaw('ioctl', slave.fd, TCSETS, plain);
  withoutBlocking(from.fd, () => sysRaw('write', from.fd, data, data.length));
  if (from.master) arrived(slave, data.length);
  sysRaw('ioctl', slave.fd, TCSETS, settings);
}

/** Checks that each slave has its master, and adds queued data to the images. @throws CriuError */
export function finishTty(ctx: DumpContext): void {
  const all = [...ctx.states.get(sides).values()];
  const unpaired: PtySide[] = [];
  for (const slave of all.filter((side) => !side.master)) {
    const master = all.find((side) => side.master && side.index === slave.index);
    if (!master) {
      unpaired.push(slave);
      continue;
    }
    const [input, output] = [take(slave), take(master)];
    const undo = () => {
      putBack(master, slave, input);
      putBack(slave, slave, output);
    };
    if (ctx.options.leaveRunning || ctx.options.leaveStopped) undo();
    else ctx.onFailure(undo);
    for (const [side, data] of [
      [slave, input],
      [master, output],
    ] as const)
      if (data.length > 0) ctx.images.add('TTY_DATA', { tty_id: side.infoId, data });
  }
  const first = unpaired[0];
  const given = ctx.options.shellJob || ctx.options.orphanPtsMaster;
  if (first && (!given || unpaired.length > 1))
    throw new CriuError(
      'UNSUPPORTED',
      `the other side of the terminal /dev/pts/${first.index} is not dumped`,
      { pid: first.pid },
      unpaired.length > 1
        ? 'only one such terminal can be given back at restore'
        : 'dump it with --shell-job',
    );
}
