// Passing descriptors in both directions: pidfd_getfd(2) copies the task's to us; ours go through a socket pair, which
// is created in the task for the first one and closed by the cure.
import { readdirSync } from 'node:fs';
import { abi, addon, close, SysError, sys } from '@criu/native';
import {
  AF_UNIX,
  cmsghdr,
  EMFILE,
  iovec,
  MSG_CMSG_CLOEXEC,
  msghdr,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
} from '@criu/native/uapi';
import { undoHangup } from './holds.js';
import type { DataRef } from './operands.js';
import { Program } from './program.js';
import type { ProgramResult } from './program-result.js';
import type { Session } from './session.js';

type RunInHost = (p: Program) => Promise<ProgramResult>;

export class FdPassing {
  private pidfd = -1;
  private channel: Promise<{ ours: number; theirs: number }> | undefined;
  /** Our end of the socket pair; -1 if it is not open. */
  private ours = -1;
  /** Descriptors in the task that belong to the session. */
  remoteFds: number[] = [];
  readonly slots: number[] = [];

  constructor(private readonly session: Session) {}

  /** Copies a descriptor of the task. @throws SysError */
  get(fd: number): number {
    if (this.pidfd < 0) this.pidfd = sys('pidfd_open', this.session.task.pid, 0);
    return sys('pidfd_getfd', this.pidfd, fd, 0);
  }

  /** Copies the descriptors that the sendFd steps of a program named, in their order. */
  fetch(ctx: bigint): number[] {
    const { task } = this.session;
    const { nr_out_fds, out_fds } = abi.AgentCtx;
    const at = ctx + BigInt(nr_out_fds);
    const bytes = task.readMemory(at, out_fds - nr_out_fds + 4 * abi.AGENT_MAX_FDS);
    task.writeMemory(at, Buffer.alloc(4));
    const fds: number[] = [];
    try {
      for (let i = 0; i < bytes.readUInt32LE(0); i++)
        fds.push(this.get(bytes.readInt32LE(out_fds - nr_out_fds + i * 4)));
    } catch (error) {
      for (const fd of fds) close(fd);
      throw error;
    }
    return fds;
  }

  /**
   * Passes our descriptors to the task.
   * @returns their numbers there, and the slot of a kept program that closes them. The program that takes them over
   * must disarm that slot in the same step.
   */
  async pass(fds: readonly number[], run: RunInHost): Promise<{ numbers: number[]; slot: number }> {
    this.channel ??= this.connect(run);
    const { ours, theirs } = await this.channel;
    const slot = this.session.task.tracer.newSlot();
    this.slots.push(slot);
    this.session.task.tracer.keep(slot, this.undo(nextFds(this.session.task.pid, fds.length)), true);
    const p = new Program('receive descriptors');
    const control = p.out(cmsghdr.sizeof + 4 * fds.length + 4);
    this.planReceive(p, theirs, control);
    const error = addon().channelSend(ours, Buffer.alloc(1), [...fds]);
    if (error < 0) throw new SysError('sendmsg', -error, `descriptors for task ${this.session.task.pid}`);
    const cmsg = (await run(p)).bytes(control);
    const count = (Number(cmsg.readBigUInt64LE(cmsghdr.cmsg_len)) - cmsghdr.sizeof) / 4;
    if (count !== fds.length)
      throw new SysError('recvmsg', EMFILE, `descriptors for task ${this.session.task.pid}`);
    return { numbers: fds.map((_, i) => cmsg.readInt32LE(cmsghdr.sizeof + 4 * i)), slot };
  }

  private planReceive(p: Program, socket: number, control: DataRef): void {
    const msg = p.data(msghdr.sizeof);
    const iov = p.data(iovec.sizeof);
    p.poke(p.at(iov, iovec.iov_base), p.data(8), 8);
    p.poke(p.at(iov, iovec.iov_len), 1, 8);
    p.poke(p.at(msg, msghdr.msg_iov), iov, 8);
    p.poke(p.at(msg, msghdr.msg_iovlen), 1, 8);
    p.poke(p.at(msg, msghdr.msg_control), control, 8);
    p.poke(p.at(msg, msghdr.msg_controllen), control.size, 8);
    p.syscall('recvmsg', [socket, msg, MSG_CMSG_CLOEXEC]);
  }

  /** Creates the socket pair in the task and moves one end to us. */
  private async connect(run: RunInHost): Promise<{ ours: number; theirs: number }> {
    const { task } = this.session;
    // All threads are stopped, so the next two descriptor numbers are known, and a kept program can close them before
    // they exist.
    const slot = task.tracer.newSlot();
    this.slots.push(slot);
    const p = new Program('socket pair for descriptors');
    const pair = p.out(8);
    p.syscall('socketpair', [AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair]);
    task.tracer.keep(slot, this.undo(nextFds(task.pid, 2)), true);
    const made = (await run(p)).bytes(pair);
    const [theirs, far] = [made.readInt32LE(0), made.readInt32LE(4)];
    this.remoteFds = [theirs];
    this.ours = this.get(far);
    const q = new Program('close the far end');
    q.syscall('close', [far]);
    await run(q);
    task.tracer.keep(slot, this.undo([theirs]), true);
    return { ours: this.ours, theirs };
  }

  private undo(fds: readonly number[]): Program {
    const { task, host } = this.session;
    return undoHangup(
      task,
      host,
      fds.map((fd) => ({ nr: 'close', args: [fd] })),
    );
  }

  close(): void {
    for (const fd of [this.pidfd, this.ours]) if (fd >= 0) close(fd);
    this.pidfd = -1;
    this.ours = -1;
  }
}

/** The lowest free descriptor numbers of a process. */
function nextFds(pid: number, count: number): number[] {
  const used = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  const free: number[] = [];
  for (let fd = 0; free.length < count; fd++) if (!used.has(fd)) free.push(fd);
  return free;
}
