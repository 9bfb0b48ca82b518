// Restores terminals: pseudoterminals with both sides, the caller's own for shell jobs, consoles, and controlling
// terminals.

import {
  AT_FDCWD,
  F_SETFL,
  FASYNC,
  O_NOCTTY,
  O_RDWR,
  TIOCEXCL,
  TIOCGPTPEER,
  TIOCPKT,
  TIOCSCTTY,
  TIOCSPGRP,
  TIOCSPTLCK,
  TIOCVHANGUP,
} from '@criu/native/uapi';
import { type PlanContext, Slot, type TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { type FileOf, type Some, type TtyInfoEntry, TtyType } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { externalId } from '../../external.js';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import { inheritedSlot, missingInherited } from '../inherit.js';
import type { FileMaker, FileRestore } from '../kind.js';
import { openRegular } from '../regular/restore.js';
import { type MasterPlace, masterOn, masterPlace, masterSlot } from './masters.js';
import { offerMaster, offerMasterOn } from './offer-master.js';
import { openMaster, openOwnTerminal } from './open-pty.js';
import { type Input, putBack, Stopped, withSlave } from './pair.js';
import { adminIoctl, ioctl, setTerminal } from './settings.js';

interface Side {
  readonly entry: FileOf<'tty'>;
  readonly info: TtyInfoEntry;
  /** Temporary descriptor number in the maker. */
  readonly fd: number;
}

const infos = stateKey(
  'terminals',
  (ctx: PlanContext): Map<number, TtyInfoEntry> =>
    new Map(ctx.checkpoint.images.items('TTY_INFO').map(({ entry: e }) => [e.id, e])),
);

function infoOf(ctx: PlanContext, entry: FileOf<'tty'>): TtyInfoEntry {
  const all = ctx.states.get(infos);
  const info = all.get(entry.tty.tty_info_id);
  if (!info)
    throw new CriuError('BAD_IMAGE', `terminal ${entry.tty.tty_info_id} is not there`, {
      file: 'tty-info.img',
    });
  return info;
}

function inheritKey({ rdev, dev }: TtyInfoEntry): string {
  return externalId.tty(rdev, dev ?? 0);
}

/** The descriptor that was given for a terminal, external or not. */
function givenFor(ctx: PlanContext, info: TtyInfoEntry): Slot | undefined {
  return inheritedSlot(ctx, inheritKey(info));
}

/** Masters have odd ids: twice the index of the pair, plus one. */
function isMaster(info: TtyInfoEntry): boolean {
  return info.type === TtyType.PTY && (info.id & 1) === 1;
}

/** Whether the other side was closed at the dump: the kernel then reports no settings. */
function isHung(info: TtyInfoEntry): boolean {
  return info.termios === undefined;
}

function pathOf(ctx: PlanContext, entry: FileOf<'tty'>, otherwise: string): string {
  const id = entry.tty.regf_id;
  const name = id === undefined ? undefined : ctx.checkpoint.files.get(id)?.reg?.name;
  return name ?? otherwise;
}

/** Sets the properties of a terminal pair; `sides` are of one or both kinds. */
function settle(maker: FileMaker, sides: readonly Side[]): void {
  const done = new Set<TtyInfoEntry>();
  for (const { info, fd, entry } of sides) {
    const p = maker.plan.program('files');
    p.syscall('fcntl', [fd, F_SETFL, entry.tty.flags & SETFL_MASK]);
    setOwner(p, fd, entry.tty.fown);
    if (done.has(info)) continue;
    done.add(info);
    if (isHung(info)) continue;
    setTerminal({ ...maker, phase: 'files' }, fd, info);
    const q = maker.plan.program('files');
    if (info.packet_mode) ioctl(q, fd, TIOCPKT, q.i32(1), `packet mode of terminal ${info.id}`);
    if (info.exclusive) ioctl(q, fd, TIOCEXCL, 0, `terminal ${info.id} is exclusive`);
  }
}

/** Writes the queued data of each side at the other side, and stops the output if it was stopped. */
function refill(
  { ctx, plan }: FileMaker,
  pair: number,
  master: number,
  infos: readonly TtyInfoEntry[],
): void {
  const dataOf = (id: number): Input => {
    const entries = [...ctx.checkpoint.images.optional('TTY_DATA')].filter(
      ({ entry }) => entry.tty_id === id,
    );
    const data = Buffer.concat(entries.map(({ entry }) => entry.data));
    return { data, ends: entries.flatMap(({ entry }) => entry.ends) };
  };
  const [input, output] = [dataOf(pair * 2), dataOf(pair * 2 + 1).data];
  const stopped = (infos.find((info) => info.output_stopped)?.output_stopped ?? Stopped.NO) as Stopped;
  const left = infos.some((info) => info.slave_left);
  if (!left && stopped === Stopped.NO && input.data.length + input.ends.length + output.length === 0) return;
  const title = `data of pseudoterminal ${pair}`;
  plan.asCaller('files', master, title, (local) =>
    withSlave(local, (both) => putBack(both, { input, output, stopped })),
  );
}

/** Makes the terminal the controlling terminal of the session leader, and sets the foreground group. */
function control({ ctx, plan }: FileMaker, info: TtyInfoEntry, slave: number): void {
  const leader = ctx.taskOf(info.sid);
  if (!leader || leader.task.sid !== info.sid)
    throw new CriuError('UNSUPPORTED', `nobody leads the session ${info.sid} of terminal ${info.id}`, {
      file: 'tty-info.img',
    });
  let fd = slave;
  if (leader !== plan) {
    const slot = new Slot(`terminal ${info.id}`);
    plan.give('files', slave, slot);
    fd = leader.tempFd();
    leader.take('share', slot, fd);
  }
  const p = leader.program('share');
  ioctl(p, fd, TIOCSCTTY, 0, `controlling terminal of session ${info.sid}`);
  if (info.pgrp && ctx.checkpoint.tasks.some((t) => t.pgid === info.pgrp))
    ioctl(p, fd, TIOCSPGRP, p.i32(info.pgrp), `foreground group ${info.pgrp}`);
}

/** Uses the caller's terminal, since the other side was not dumped. */
function inherit(maker: FileMaker, sides: Some<Side>): void {
  const { ctx, plan } = maker;
  if (!ctx.options.shellJob)
    throw new CriuError(
      'BAD_OPTION',
      'the other side of a terminal is not in the checkpoint',
      { pid: plan.pid },
      'it was a shell job: restore it with --shell-job (-j)',
    );
  for (const { entry, info, fd } of sides) {
    const flags = entry.tty.flags & ~FASYNC;
    plan.take(
      'files',
      ctx.openSlot(`own terminal for ${info.id}`, () => openOwnTerminal(flags)),
      fd,
    );
  }
  settle(maker, sides);
  const { root } = ctx.checkpoint;
  if (root.sid === root.pid || root.pgid !== root.pid) return;
  const p = plan.program('files');
  ioctl(p, sides[0].fd, TIOCSPGRP, p.i32(root.pgid), `foreground group ${root.pgid}`);
}

/** Where on the tasks' mounts the master is opened; undefined for the caller's /dev/ptmx. */
function placeOf({ ctx, plan }: FileMaker, sides: readonly Side[]): MasterPlace | undefined {
  for (const { entry } of sides) {
    const reg = ctx.checkpoint.files.get(entry.tty.regf_id ?? 0)?.reg;
    const place = reg && masterPlace(ctx, plan, reg);
    if (place) return place;
  }
  return undefined;
}

/** @param sides sides of the master itself, or of its slave */
function masterFor(maker: FileMaker, sides: readonly Side[], index: number, flags: number): Slot {
  const { ctx, plan } = maker;
  const place = placeOf(maker, sides);
  if (place) return masterSlot(ctx, plan, masterOn(ctx, place, index, flags), index);
  const [side] = sides;
  const path = side && isMaster(side.info) ? pathOf(ctx, side.entry, '/dev/ptmx') : '/dev/ptmx';
  return ctx.openSlot(`master of pseudo-terminal ${index}`, () => openMaster(path, index, flags));
}

/** The other side was not dumped: listeners of the restore get a new one. */
function handOver(maker: FileMaker, slaves: readonly Side[], index: number): void {
  const { ctx, plan } = maker;
  const fd = plan.tempFd();
  const place = placeOf(maker, slaves);
  const slot = place
    ? offerMasterOn(ctx, plan, masterOn(ctx, place, index, O_RDWR), index)
    : offerMaster(ctx, index);
  plan.take('files', slot, fd);
  for (const slave of slaves) openSlave(plan, fd, slave.entry.tty.flags, slave.fd, index);
  settle(maker, slaves);
  const owner = slaves.find((s) => s.info.sid && ctx.taskOf(s.info.sid));
  if (owner) control(maker, owner.info, owner.fd);
}

function openSlave(plan: TaskPlan, master: number, flags: number, to: number, index: number): void {
  const p = plan.program('files');
  const fd = p.syscall('ioctl', [master, TIOCGPTPEER, (flags & ~FASYNC) | O_NOCTTY], {
    label: `open /dev/pts/${index}`,
  });
  moveTo(p, fd, to);
}

function makePty(maker: FileMaker, sides: Some<Side>): void {
  const { ctx, plan } = maker;
  const masters = sides.filter((s) => isMaster(s.info));
  const slaves = sides.filter((s) => !isMaster(s.info));
  const [{ info }] = sides;
  const index = info.pty?.index ?? info.id >>> 1;
  if (masters.length > 1)
    throw new CriuError('BAD_IMAGE', `pseudo-terminal ${index} has two masters`, { file: 'files.img' });
  const [own] = masters;
  if (!own && !slaves.every((s) => isHung(s.info))) {
    if (ctx.options.orphanPtsMaster) handOver(maker, slaves, index);
    else inherit(maker, sides);
    return;
  }
  const flags = own ? own.entry.tty.flags & ~FASYNC : O_RDWR;
  const master = own?.fd ?? plan.tempFd();
  plan.take('files', masterFor(maker, own ? [own] : slaves, index, flags), master);
  const p = plan.program('files');
  ioctl(p, master, TIOCSPTLCK, p.i32(0), `unlock pseudo-terminal ${index}`);
  for (const slave of slaves) openSlave(plan, master, slave.entry.tty.flags, slave.fd, index);
  if (!own) {
    // The effect of the closed master.
    const place = { ctx, plan, phase: 'files' } as const;
    adminIoctl(place, sides[0].fd, TIOCVHANGUP, 0, `hang up pseudo-terminal ${index}`);
    return;
  }
  settle(maker, [...slaves, own]);
  refill(
    maker,
    info.id >>> 1,
    master,
    sides.map((s) => s.info),
  );
  const owner = slaves.map((s) => s.info).find((i) => i.sid) ?? (own.info.sid ? own.info : undefined);
  if (owner) {
    let slave = slaves[0]?.fd;
    if (slave === undefined) {
      slave = plan.tempFd();
      openSlave(plan, master, O_RDWR, slave, index);
    }
    control(maker, owner, slave);
  }
  if (!own.info.locked) return;
  const q = plan.program('fixup');
  ioctl(q, master, TIOCSPTLCK, q.i32(1), `lock pseudo-terminal ${index}`);
}

/** A console, virtual terminal or serial line, which is a device with a path. */
function makeDevice(maker: FileMaker, side: Side): void {
  const { ctx, plan } = maker;
  const { entry, info, fd } = side;
  const reg = ctx.checkpoint.regular(entry.tty.regf_id ?? 0, `terminal ${info.id}`);
  openRegular(ctx, plan, reg, fd, entry.tty.flags);
  settle(maker, [side]);
  if (info.sid && ctx.taskOf(info.sid)) control(maker, info, fd);
}

/** A given terminal: its flags may differ, and it gets the settings of the dumped one. */
function makeGiven(maker: FileMaker, { entry, info, fd }: Side, slot: Slot): void {
  const { ctx, plan } = maker;
  plan.take('files', slot, fd);
  const p = plan.program('files');
  setOwner(p, fd, entry.tty.fown);
  if (!isHung(info)) setTerminal({ ctx, plan, phase: 'files' }, fd, info);
  if (info.sid && ctx.taskOf(info.sid)) control(maker, info, fd);
}

export const ttyRestore: FileRestore<'tty'> = {
  group: (entry, ctx) => {
    const info = infoOf(ctx, entry);
    return info.type === TtyType.PTY && !givenFor(ctx, info) ? `pty ${info.id >>> 1}` : String(entry.id);
  },
  // /dev/tty is the controlling terminal, so it is opened when that is set.
  late: (entry, ctx) => {
    const info = infoOf(ctx, entry);
    return info.type === TtyType.CTTY && !givenFor(ctx, info);
  },
  makeLate({ ctx, plan, temp }, entry) {
    const { id, flags, fown } = entry.tty;
    const p = plan.program('fixup');
    const path = pathOf(ctx, entry, '/dev/tty');
    const fd = p.syscall('openat', [AT_FDCWD, p.cstring(path), (flags & ~FASYNC) | O_NOCTTY], {
      label: `open ${path}`,
    });
    moveTo(p, fd, temp(id));
    setOwner(p, temp(id), fown);
  },
  make(maker, entries) {
    const side = (entry: FileOf<'tty'>): Side => ({
      entry,
      info: infoOf(maker.ctx, entry),
      fd: maker.temp(entry.id),
    });
    const [first, ...more] = entries;
    const sides: Some<Side> = [side(first), ...more.map(side)];
    const { info } = sides[0];
    const slot = givenFor(maker.ctx, info);
    if (slot) makeGiven(maker, sides[0], slot);
    else if (info.type === TtyType.PTY) makePty(maker, sides);
    else if (info.type === TtyType.EXT_TTY || info.type === TtyType.UNKNOWN)
      makeGiven(maker, sides[0], missingInherited(maker.ctx, inheritKey(info), 'a terminal'));
    else for (const side of sides) makeDevice(maker, side);
  },
};
