// Sets properties of one side of a terminal (ioctl_tty(2)).
import { Mark, type Operand, type Program } from '@criu/compel';
import { sys } from '@criu/native';
import type { PhaseName, PlanContext, TaskPlan } from '../../../engine/plan.js';
import type { TermiosEntry, TtyInfoEntry } from '../../../images/types.js';
import { isConfined } from '../../../views/planned-users.js';

/** Where steps are added. */
interface Place {
  readonly ctx: PlanContext;
  readonly plan: TaskPlan;
  readonly phase: PhaseName;
}

export const TTY = {
  TCSETS: 0x5402,
  TIOCEXCL: 0x540c,
  TIOCSCTTY: 0x540e,
  TIOCSPGRP: 0x5410,
  TIOCSWINSZ: 0x5414,
  TIOCPKT: 0x5420,
  TIOCVHANGUP: 0x5437,
  TIOCGPTPEER: 0x5441,
  TIOCSLCKTRMIOS: 0x5457,
  TIOCGPTN: 0x80045430,
  TIOCSPTLCK: 0x40045431,
} as const;

const NCC = 19;
const NCC_WORDS = 5;

/** struct termios of the kernel, with some spare room. */
function termios(entry: TermiosEntry): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32LE(entry.c_iflag, 0);
  bytes.writeUInt32LE(entry.c_oflag, 4);
  bytes.writeUInt32LE(entry.c_cflag, 8);
  bytes.writeUInt32LE(entry.c_lflag, 12);
  bytes[16] = entry.c_line;
  // Images have the control characters packed four to a 32-bit word.
  const words = Buffer.alloc(NCC_WORDS * 4);
  for (const [i, word] of entry.c_cc.slice(0, NCC_WORDS).entries()) words.writeUInt32LE(word, i * 4);
  words.copy(bytes, 17, 0, NCC);
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

/** struct stat: its size, and the offsets of st_uid and st_gid. */
const STAT = { size: 144, uid: 28, gid: 32 } as const;

/** Changes the owner of a file; does nothing, and needs no privilege, if it is right already. */
function giveTo(plan: TaskPlan, phase: PhaseName, fd: number, uid: number, gid: number, label: string): void {
  const p = plan.program(phase);
  const [other, done] = [new Mark(), new Mark()];
  const stat = p.data(STAT.size);
  p.syscall('fstat', [fd, stat], { label });
  p.pollWord(p.at(stat, STAT.uid), 0xffffffff, uid, 0, { orGoTo: other });
  p.pollWord(p.at(stat, STAT.gid), 0xffffffff, gid, 0, { orGoTo: other });
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
  if (info.termios) ioctl(p, fd, TTY.TCSETS, p.data(termios(info.termios)), `settings of ${name}`);
  if (info.winsize) {
    const { ws_row, ws_col, ws_xpixel, ws_ypixel } = info.winsize;
    const size = Buffer.alloc(8);
    for (const [i, value] of [ws_row, ws_col, ws_xpixel, ws_ypixel].entries())
      size.writeUInt16LE(value, i * 2);
    ioctl(p, fd, TTY.TIOCSWINSZ, p.data(size), `size of ${name}`);
  }
  // Locked settings cannot be changed, so they are locked last.
  if (!info.termios_locked) return;
  const locked = termios(info.termios_locked);
  adminIoctl({ ctx, plan, phase }, fd, TTY.TIOCSLCKTRMIOS, locked, `locked settings of ${name}`);
}
