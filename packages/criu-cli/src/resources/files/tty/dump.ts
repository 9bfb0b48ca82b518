// Dumps terminals: type, settings, and the session that they control.

import { type Encodable, type TermiosEntry, type TtyInfoEntry, TtyType } from '@criu/images';
import { sysRaw, tryIoctlInt } from '@criu/native';
import {
  EIO,
  TCGETS,
  TCGETS2,
  TIOCGETD,
  TIOCGEXCL,
  TIOCGLCKTRMIOS,
  TIOCGPGRP,
  TIOCGPKT,
  TIOCGPTLCK,
  TIOCGSID,
  TIOCGWINSZ,
  termios,
  termios2,
  winsize,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { LiveTask } from '../../../engine/dump-task.js';
import { CriuError } from '../../../errors.js';
import { ttyDevice } from '../../../proc/index.js';
import { asHostPid } from '../../../proc/pids.js';
import { stateKey } from '../../../states.js';
import { pidInside } from '../../../views/pids.js';
import { groupInside, userInside } from '../../../views/users.js';
import type { FileDump } from '../kind.js';
import { major, minor, type OpenFile } from '../open-file.js';
import { dumpRegular, pathFileOf } from '../regular/dump.js';
import { openFiles } from '../table.js';
import { type Driver, driverOf, INDEX, isOutside } from './driver.js';
import { NCC, Stopped } from './pair.js';
import { finishTty, isLeft, notePty } from './queue.js';
import { hasOwnSpeed } from './settings.js';

const externals = stateKey('last external terminal', (_: DumpContext): number => INDEX.EXTERNAL);

/** A terminal that was declared external; each open of it gets an entry of its own. */
function externalDriver(ctx: DumpContext, file: OpenFile): Driver {
  const index = ctx.states.get(externals) + 1;
  ctx.states.set(externals, index);
  if (index > INDEX.LAST_EXTERNAL)
    throw new CriuError('UNSUPPORTED', 'there are more external terminals than images have room for', {
      pid: file.pid,
      fd: file.fd,
    });
  return { type: TtyType.EXT_TTY, master: false, index };
}

/** Result of an int ioctl; 0 for a terminal that was hung up and does not answer. */
function number(fd: number, request: number): number {
  return tryIoctlInt(fd, request) ?? 0;
}

/** The control characters in the form of images: packed four to a word, in as many words as there are characters. */
function packed(chars: Buffer): number[] {
  const words = Buffer.alloc(NCC * 4);
  chars.copy(words);
  return Array.from({ length: NCC }, (_, i) => words.readUInt32LE(i * 4));
}

function termiosOf(fd: number, request: number): Encodable<TermiosEntry> | undefined {
  const bytes = Buffer.alloc(termios.sizeof);
  if (sysRaw('ioctl', fd, request, bytes) < 0) return undefined;
  return {
    c_iflag: bytes.readUInt32LE(termios.c_iflag),
    c_oflag: bytes.readUInt32LE(termios.c_oflag),
    c_cflag: bytes.readUInt32LE(termios.c_cflag),
    c_lflag: bytes.readUInt32LE(termios.c_lflag),
    c_line: bytes.readUInt8(termios.c_line),
    c_cc: packed(bytes.subarray(termios.c_cc, termios.c_cc_end)),
    // TCGETS returns no speeds besides those in c_cflag.
    c_ispeed: 0,
    c_ospeed: 0,
  };
}

/** The settings, with speeds for which c_cflag has no code. */
function settingsOf(fd: number): Encodable<TermiosEntry> | undefined {
  const settings = termiosOf(fd, TCGETS);
  const bytes = Buffer.alloc(termios2.sizeof);
  if (!settings || !hasOwnSpeed(settings) || sysRaw('ioctl', fd, TCGETS2, bytes) < 0) return settings;
  return {
    ...settings,
    c_ispeed: bytes.readUInt32LE(termios2.c_ispeed),
    c_ospeed: bytes.readUInt32LE(termios2.c_ospeed),
  };
}

/** Session and foreground group: from stat of a task that the terminal controls; for a master by ioctl. */
function owners(task: LiveTask, file: OpenFile, driver: Driver): { sid: number; pgrp: number } {
  if (driver.master) return { sid: number(file.local, TIOCGSID), pgrp: number(file.local, TIOCGPGRP) };
  const own = ttyDevice(task.stat.ttyNr);
  const same = own && own.major === major(file.stat.rdev) && own.minor === minor(file.stat.rdev);
  const throughCtty = driver.type === TtyType.CTTY && own !== undefined;
  if (!same && !throughCtty) return { sid: 0, pgrp: 0 };
  return { sid: task.stat.session, pgrp: Math.max(0, task.stat.tpgid) };
}

/** The owner of a terminal; left out if it is not mapped in the tasks' user namespace. */
function ownerOf(ctx: DumpContext, { uid, gid }: OpenFile['stat']): Partial<Encodable<TtyInfoEntry>> {
  const [user, group] = [userInside(ctx, Number(uid)), groupInside(ctx, Number(gid))];
  return user === undefined || group === undefined ? {} : { uid: user, gid: group };
}

function infoEntry(
  ctx: DumpContext,
  task: LiveTask,
  file: OpenFile,
  driver: Driver,
  id: number,
): Encodable<TtyInfoEntry> {
  const { local, stat } = file;
  const pty = driver.type === TtyType.PTY;
  const base: Encodable<TtyInfoEntry> = {
    id,
    type: driver.type,
    locked: pty && number(local, TIOCGPTLCK) !== 0,
    exclusive: number(local, TIOCGEXCL) !== 0,
    packet_mode: pty && number(local, TIOCGPKT) !== 0,
    ...owners(task, file, driver),
    rdev: Number(stat.rdev & 0xffffffffn),
    dev: Number(stat.dev & 0xffffffffn),
    ...ownerOf(ctx, stat),
    ...(pty ? { pty: { index: driver.index } } : {}),
    ...(pty && driver.master && isLeft(local) ? { slave_left: true } : {}),
  };
  // A terminal whose other side is closed only returns EIO.
  if (sysRaw('ioctl', local, TIOCGEXCL, new Int32Array(1)) === -EIO) return base;
  const current = settingsOf(local);
  const locked = termiosOf(local, TIOCGLCKTRMIOS);
  const size = Buffer.alloc(winsize.sizeof);
  if (!current || !locked || sysRaw('ioctl', local, TIOCGWINSZ, size) < 0) return base;
  return {
    ...base,
    termios: current,
    termios_locked: locked,
    winsize: {
      ws_row: size.readUInt16LE(winsize.ws_row),
      ws_col: size.readUInt16LE(winsize.ws_col),
      ws_xpixel: size.readUInt16LE(winsize.ws_xpixel),
      ws_ypixel: size.readUInt16LE(winsize.ws_ypixel),
    },
  };
}

const described = stateKey(
  'terminals that are described',
  (_: DumpContext) => new Map<number, Encodable<TtyInfoEntry>>(),
);

/** Refuses a line discipline other than N_TTY. @throws CriuError */
function checkDiscipline(file: OpenFile): void {
  const discipline = number(file.local, TIOCGETD);
  if (discipline === 0) return;
  throw new CriuError(
    'UNSUPPORTED',
    `the terminal ${file.link} has the line discipline ${discipline} (TIOCSETD), whose state the kernel does not show`,
    { pid: file.pid, fd: file.fd },
    'let the program give it back that of terminals (N_TTY) before the dump',
  );
}

/**
 * A terminal of a session that is not dumped belongs to the shell that has started the task.
 * @throws CriuError unless --shell-job
 */
function checkSession(ctx: DumpContext, file: OpenFile, sid: number): void {
  if (sid === 0 || ctx.options.shellJob) return;
  if (ctx.live.some((t) => t.pid === sid)) return;
  throw new CriuError(
    'UNSUPPORTED',
    `the terminal ${file.link} belongs to session ${sid}, which is not dumped`,
    { pid: file.pid, fd: file.fd },
    'dump it with --shell-job (and restore it with the same)',
  );
}

export const ttyDump: Required<Omit<FileDump, 'matches'>> = {
  dump(ctx, task, file, id) {
    const outside = isOutside(ctx, file);
    const driver = outside ? externalDriver(ctx, file) : driverOf(file);
    if (!driver)
      throw new CriuError('INTERNAL', `${file.link} is no terminal`, { pid: file.pid, fd: file.fd });
    const infoId = driver.index * 2 + (driver.master ? 1 : 0);
    // A terminal that was hung up has no other side and no data.
    const hung = sysRaw('ioctl', file.local, TCGETS, Buffer.alloc(termios.sizeof)) === -EIO;
    if (driver.type === TtyType.PTY && !hung) {
      const { index, master } = driver;
      ctx.ifStopped(() => notePty(ctx, { infoId, index, master, pid: file.pid }, file.local), undefined);
    }
    let regfId: number | undefined;
    if (!outside) {
      regfId = openFiles(ctx).newId();
      dumpRegular(ctx, regfId, pathFileOf(file));
    }
    const known = ctx.states.get(described);
    if (!known.has(infoId)) {
      checkDiscipline(file);
      const info = infoEntry(ctx, task, file, driver, infoId);
      if (!outside) checkSession(ctx, file, info.sid);
      const inside = (pid: number) => (pid && !outside ? pidInside(ctx, asHostPid(pid)) : pid);
      known.set(infoId, { ...info, sid: inside(info.sid), pgrp: inside(info.pgrp) });
    }
    const { flags, fown } = file;
    return {
      tty: { id, tty_info_id: infoId, flags, fown, ...(regfId === undefined ? {} : { regf_id: regfId }) },
    };
  },
  afterCollect(ctx) {
    const stopped = finishTty(ctx);
    for (const [id, info] of ctx.states.get(described)) {
      const how = stopped.get(id) ?? Stopped.NO;
      ctx.images.add('TTY_INFO', { ...info, ...(how === Stopped.NO ? {} : { output_stopped: how }) });
    }
  },
};
