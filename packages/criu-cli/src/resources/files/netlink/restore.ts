// netlink(7): protocol, address, groups and destination.
import { Mark, Program } from '@criu/compel';
import {
  AF_NETLINK,
  EADDRINUSE,
  F_SETFL,
  NETLINK_ADD_MEMBERSHIP,
  SOCK_RAW,
  SOL_NETLINK,
  sockaddr_nl,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { NetlinkSkEntry } from '../../../images/types.js';
import { SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';
import { makeSocket } from '../sockets/make.js';
import { setOption, setSocketOptions } from '../sockets/restore.js';
import { CONNECTED, WORD } from './numbers.js';

/** struct sockaddr_nl. */
function address(p: Program, portid: number, groups: number) {
  const bytes = Buffer.alloc(sockaddr_nl.sizeof);
  bytes.writeUInt16LE(AF_NETLINK, sockaddr_nl.nl_family);
  bytes.writeUInt32LE(portid, sockaddr_nl.nl_pid);
  bytes.writeUInt32LE(groups, sockaddr_nl.nl_groups);
  return p.data(bytes);
}

/** A mask with one group, given by its number. @throws CriuError BAD_IMAGE */
function maskOf({ id, dst_group: group }: NetlinkSkEntry): number {
  if (group > WORD)
    throw new CriuError('BAD_IMAGE', `netlink socket ${id} is connected to group ${group}`, {
      file: 'files.img',
    });
  return group === 0 ? 0 : (1 << (group - 1)) >>> 0;
}

/**
 * Binds a socket to its port id. If that is taken, another one is used, as in CRIU: the kernel chose the port id by the
 * pid of the creator, and another pid namespace may have the same pid.
 */
function bind(
  ctx: PlanContext,
  plan: TaskPlan,
  fd: number,
  { id, portid, groups: [groups = 0] }: NetlinkSkEntry,
): void {
  const p = new Program('netlink');
  const bound = p.out(sockaddr_nl.sizeof);
  const label = `address of netlink socket ${id}`;
  const mine = address(p, portid, groups);
  // Binding once more shows whether there was another error.
  const notTaken = new Mark();
  p.syscall('bind', [fd, mine, sockaddr_nl.sizeof], { expect: -EADDRINUSE, orGoTo: notTaken, label });
  p.syscall('bind', [fd, address(p, 0, groups), sockaddr_nl.sizeof], { label });
  p.here(notTaken);
  p.syscall('bind', [fd, mine, sockaddr_nl.sizeof], { expect: 'any' });
  p.syscall('getsockname', [fd, bound, p.i32(sockaddr_nl.sizeof)], { label });
  plan.step('files', {
    title: label,
    program: p,
    after(result) {
      const now = result.bytes(bound).readUInt32LE(sockaddr_nl.nl_pid);
      if (now === 0)
        throw new CriuError('SYSCALL', `netlink socket ${id} cannot be bound to port ${portid}`, {
          pid: plan.pid,
        });
      if (now !== portid)
        ctx.log.warn(`netlink socket ${id} has port ${now}: somebody else has its port ${portid} by now`);
    },
  });
}

/** Joins the groups of a mask; `first` is the number of its lowest bit. */
function join(p: Program, fd: number, mask: number, first: number): void {
  for (let bit = 0; bit < WORD; bit++)
    if (mask & (1 << bit)) setOption(p, fd, NETLINK_ADD_MEMBERSHIP, first + bit, SOL_NETLINK);
}

export const netlinkRestore: FileRestore<'nlsk'> = {
  make({ ctx, plan, temp }, [entry]) {
    const socket = entry.nlsk;
    const { id } = socket;
    if (socket.groups.length > 1)
      throw new CriuError('BAD_IMAGE', `netlink socket ${id} has ${socket.groups.length} words of groups`, {
        file: 'files.img',
      });
    makeSocket(
      { ctx, plan, network: socket.ns_id, label: `netlink socket ${id}` },
      { family: AF_NETLINK, type: socket.type ?? SOCK_RAW, protocol: socket.protocol },
      temp(id),
    );
    if (socket.portid) bind(ctx, plan, temp(id), socket);
    const q = plan.program('files');
    if (!socket.portid) join(q, temp(id), socket.groups[0] ?? 0, 1);
    for (const [i, mask] of socket.more_groups.entries()) join(q, temp(id), mask, 1 + WORD * (i + 1));
    if (socket.state === CONNECTED)
      q.syscall('connect', [temp(id), address(q, socket.dst_portid, maskOf(socket)), sockaddr_nl.sizeof], {
        label: `destination of netlink socket ${id}`,
      });
    setSocketOptions({ ctx, plan, phase: 'files' }, temp(id), socket.opts);
    const last = plan.program('files');
    last.syscall('fcntl', [temp(id), F_SETFL, socket.flags & SETFL_MASK]);
    setOwner(last, temp(id), socket.fown);
  },
};
