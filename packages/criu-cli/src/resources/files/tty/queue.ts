// Dumps the data in the queues of pseudoterminals. Reading it consumes it, so it is written back if the tasks run on or
// the dump fails.
import type { Encodable, TtyDataEntry } from '@criu/images';
import { close, sysRaw } from '@criu/native';
import { F_DUPFD_CLOEXEC, POLLHUP, POLLPRI } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import {
  eventsNow,
  howStopped,
  type Input,
  putBack,
  Stopped,
  takeInput,
  takeOutput,
  type Waiting,
  withSlave,
} from './pair.js';

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

/** Whether the slave of a master was open, and is not any more. */
export function isLeft(master: number): boolean {
  return (eventsNow(master, 0) & POLLHUP) !== 0;
}

/** Refuses a packet-mode status that the master has not read: reading it clears it. @throws CriuError */
function refuseStatus({ fd, pid, index }: PtySide): void {
  if (!(eventsNow(fd, POLLPRI) & POLLPRI)) return;
  throw new CriuError(
    'UNSUPPORTED',
    `terminal /dev/pts/${index}: in packet mode (TIOCPKT) the news of a flush or stop waits to be read`,
    { pid },
    'let the program read it before the dump',
  );
}

/** Writes the data back now if the tasks run on, and otherwise if the dump fails. */
function undoable(ctx: DumpContext, undo: () => void): void {
  if (ctx.options.leaveRunning || ctx.options.leaveStopped) undo();
  else ctx.onFailure(undo);
}

function addData(ctx: DumpContext, id: number, { data, ends }: Input): void {
  if (data.length === 0 && ends.length === 0) return;
  const entry: Encodable<TtyDataEntry> = {
    tty_id: id,
    data,
    ...(ends.length > 0 ? { ends: [...ends] } : {}),
  };
  ctx.images.add('TTY_DATA', entry);
}

const NOTHING: Input = { data: Buffer.alloc(0), ends: [] };

/** Adds the data in both queues of a pair to the images. @returns whether the output of the slave is stopped */
function dumpPair(ctx: DumpContext, master: PtySide, slave: PtySide): Stopped {
  refuseStatus(master);
  const pair = { master: master.fd, slave: slave.fd };
  const input = takeInput(slave.fd);
  const output = takeOutput(master.fd);
  const stopped = howStopped(pair);
  const waiting: Waiting = { input, output, stopped };
  if (input.data.length + input.ends.length + output.length > 0) undoable(ctx, () => putBack(pair, waiting));
  addData(ctx, slave.infoId, input);
  addData(ctx, master.infoId, { data: output, ends: [] });
  return stopped;
}

/** Adds the data that a closed slave has written and its master has not read. */
function dumpLeft(ctx: DumpContext, master: PtySide): void {
  refuseStatus(master);
  const output = takeOutput(master.fd);
  if (output.length === 0) return;
  const waiting: Waiting = { input: NOTHING, output, stopped: Stopped.NO };
  undoable(ctx, () => withSlave(master.fd, (pair) => putBack(pair, waiting)));
  addData(ctx, master.infoId, { data: output, ends: [] });
}

/**
 * Checks that each slave has its master, and adds the data in their queues to the images.
 * @returns how the output of each slave is stopped, by the id of its tty_info_entry
 * @throws CriuError
 */
export function finishTty(ctx: DumpContext): ReadonlyMap<number, Stopped> {
  const all = [...ctx.states.get(sides).values()];
  const unpaired: PtySide[] = [];
  const stopped = new Map<number, Stopped>();
  for (const slave of all.filter((side) => !side.master)) {
    const master = all.find((side) => side.master && side.index === slave.index);
    if (master) stopped.set(slave.infoId, dumpPair(ctx, master, slave));
    else unpaired.push(slave);
  }
  for (const master of all.filter((side) => side.master)) {
    const alone = !all.some((side) => !side.master && side.index === master.index);
    if (alone && isLeft(master.fd)) dumpLeft(ctx, master);
  }
  const [first] = unpaired;
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
  return stopped;
}
