// Sets properties of one side of a terminal (ioctl_tty(2)).
import { Mark, type Operand, type Program } from '@criu/compel';
import { sys } from '@criu/native';
import {
  BOTHER,
  CBAUD,
  stat,
  TCSETS,
  TCSETS2,
  TIOCSLCKTRMIOS,
  TIOCSWINSZ,
  termios,
  termios2,
  winsize,
} from '@criu/native/uapi';
import type { PhaseName, PlanContext, TaskPlan } from '../../../engine/plan.js';
import type { TermiosEntry, TtyInfoEntry } from '../../../images/types.js';
import { isConfined } from '../../../views/planned-users.js';
import { NCC } from './pair.js';

/** Where steps are added. */
interface Place {
  readonly ctx: PlanContext;
  readonly plan: TaskPlan;
  readonly phase: PhaseName;
}

/** Words of an image that have the special characters: four in each. */
const NCC_WORDS = 5;

function termiosOf(entry: TermiosEntry): Buffer {
  const bytes = Buffer.alloc(termios.sizeof);
  bytes.writeUInt32LE(entry.c_iflag, termios.c_iflag);
  bytes.writeUInt32LE(entry.c_oflag, termios.c_oflag);
  bytes.writeUInt32LE(entry.c_cflag, termios.c_cflag);
  bytes.writeUInt32LE(entry.c_lflag, termios.c_lflag);
  bytes[termios.c_line] = entry.c_line;
  const words = Buffer.alloc(NCC_WORDS * 4);
  for (const [i, word] of entry.c_cc.slice(0, NCC_WORDS).entries()) words.writeUInt32LE(word, i * 4);
  words.copy(bytes, termios.c_cc, 0, NCC);
  return bytes;
}

/** Number of bits by which c_cflag has the code of the input speed higher than that of the output speed (IBSHIFT). */
const INPUT_SHIFT = 16;

/** Whether a speed is a number of its own (BOTHER). */
export function hasOwnSpeed({ c_cflag: flags }: Pick<TermiosEntry, 'c_cflag'>): boolean {
  return [flags, flags >>> INPUT_SHIFT].some((one) => (one & CBAUD) === BOTHER);
}

/** The settings with their speeds, for TCSETS2. */
function withSpeeds(entry: TermiosEntry): Buffer {
  const bytes = Buffer.alloc(termios2.sizeof);
  termiosOf(entry).copy(bytes);
  bytes.writeUInt32LE(entry.c_ispeed, termios2.c_ispeed);
  bytes.writeUInt32LE(entry.c_ospeed, termios2.c_ospeed);
  return bytes;
}

export function ioctl(p: Program, fd: Operand, request: number, arg: Operand, label: string): void {
  p.syscall('ioctl', [fd, request, arg], { label });
}

/** An ioctl(2) that needs CAP_SYS_ADMIN on the host. */
export function adminIoctl(
  { ctx, plan, phase }: Place,
  fd: number,
  request: number,
  arg: Buffer | 0,
  label: string,
): void {
  if (isConfined(ctx)) {
    plan.asCaller(phase, fd, label, (local) => void sys('ioctl', local, request, arg));
    return;
  }
  const p = plan.program(phase);
  ioctl(p, fd, request, arg === 0 ? 0 : p.data(arg), label);
}

/** Changes the owner of a file; does nothing, and needs no privilege, if it is right already. */
function giveTo(plan: TaskPlan, phase: PhaseName, fd: number, uid: number, gid: number, label: string): void {
  const p = plan.program(phase);
  const [other, done] = [new Mark(), new Mark()];
  const status = p.data(stat.sizeof);
  p.syscall('fstat', [fd, status], { label });
  p.pollWord(p.at(status, stat.st_uid), 0xffffffff, uid, 0, { orGoTo: other });
  p.pollWord(p.at(status, stat.st_gid), 0xffffffff, gid, 0, { orGoTo: other });
  p.goTo(done);
  p.here(other);
  p.syscall('fchown', [fd, uid, gid], { label });
  p.here(done);
}

/** Owner, termios and window size, which both sides of a pair share. */
export function setTerminal({ ctx, plan, phase }: Place, fd: number, info: TtyInfoEntry): void {
  const p = plan.program(phase);
  const name = `terminal ${info.id}`;
  if (info.uid !== undefined && info.gid !== undefined)
    giveTo(plan, phase, fd, info.uid, info.gid, `owner of ${name}`);
  if (info.termios) {
    const [request, settings] =
      info.termios.c_ospeed && hasOwnSpeed(info.termios)
        ? ([TCSETS2, withSpeeds(info.termios)] as const)
        : ([TCSETS, termiosOf(info.termios)] as const);
    ioctl(p, fd, request, p.data(settings), `settings of ${name}`);
  }
  if (info.winsize) {
    const size = Buffer.alloc(winsize.sizeof);
    for (const field of ['ws_row', 'ws_col', 'ws_xpixel', 'ws_ypixel'] as const)
      size.writeUInt16LE(info.winsize[field], winsize[field]);
    ioctl(p, fd, TIOCSWINSZ, p.data(size), `size of ${name}`);
  }
  // Locked settings cannot be changed, so they are locked last.
  if (!info.termios_locked) return;
  const locked = termiosOf(info.termios_locked);
  adminIoctl({ ctx, plan, phase }, fd, TIOCSLCKTRMIOS, locked, `locked settings of ${name}`);
}
