// netlink(7): protocol, address, groups and destination.
import { Mark, Program } from '@criu/compel';
import { sys } from '@criu/native';
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
import { isBeyond } from '../../../views/planned-networks.js';
import { SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';
import { makeSocket } from '../sockets/make.js';
import { intOption, type OptionValue, type Place, setByCaller } from '../sockets/place.js';
import { setSocketOptions } from '../sockets/restore.js';
import { CONNECTED, WORD } from './numbers.js';

/** struct sockaddr_nl. */
function address(portid: number, groups: number): Buffer {
  const bytes = Buffer.alloc(sockaddr_nl.sizeof);
  bytes.writeUInt16LE(AF_NETLINK, sockaddr_nl.nl_family);
  bytes.writeUInt32LE(portid, sockaddr_nl.nl_pid);
  bytes.writeUInt32LE(groups, sockaddr_nl.nl_groups);
  return bytes;
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
  { id, portid }: NetlinkSkEntry,
  groups: number,
): void {
  const p = new Program('netlink');
  const bound = p.out(sockaddr_nl.sizeof);
  const label = `address of netlink socket ${id}`;
  const mine = p.data(address(portid, groups));
  // Binding once more shows whether there was another error.
  const notTaken = new Mark();
  p.syscall('bind', [fd, mine, sockaddr_nl.sizeof], { expect: -EADDRINUSE, orGoTo: notTaken, label });
  p.syscall('bind', [fd, p.data(address(0, groups)), sockaddr_nl.sizeof], { label });
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

/** The options that join the groups of some masks. */
function joining(masks: readonly number[]): OptionValue[] {
  return masks.flatMap((mask, i) =>
    Array.from({ length: WORD }, (_, bit) => bit)
      .filter((bit) => mask & (1 << bit))
      .map((bit) => intOption(NETLINK_ADD_MEMBERSHIP, i * WORD + bit + 1, SOL_NETLINK)),
  );
}

function connect({ plan, phase }: Place, fd: number, socket: NetlinkSkEntry, byCaller: boolean): void {
  const to = address(socket.dst_portid, maskOf(socket));
  const label = `destination of netlink socket ${socket.id}`;
  if (byCaller) plan.asCaller(phase, fd, label, (local) => void sys('connect', local, to, to.length));
  else {
    const p = plan.program(phase);
    p.syscall('connect', [fd, p.data(to), to.length], { label });
  }
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
    const place = { ctx, plan, phase: 'files' } as const;
    const { groups, more_groups: more, ns_id } = socket;
    // Groups and destinations of some protocols need privileges in the network namespace.
    const byCaller = isBeyond(ctx, ns_id);
    const withBind = socket.portid !== 0 && !byCaller;
    if (socket.portid) bind(ctx, plan, temp(id), socket, withBind ? (groups[0] ?? 0) : 0);
    const joins = joining([withBind ? 0 : (groups[0] ?? 0), ...more]);
    const label = `groups of netlink socket ${id}`;
    if (byCaller && joins.length > 0) setByCaller(place, temp(id), label, joins);
    const q = plan.program('files');
    if (!byCaller)
      for (const { level, name, value } of joins)
        q.syscall('setsockopt', [temp(id), level, name, q.data(value), value.length], { label });
    if (socket.state === CONNECTED) connect(place, temp(id), socket, byCaller);
    setSocketOptions(place, temp(id), socket.opts);
    const last = plan.program('files');
    last.syscall('fcntl', [temp(id), F_SETFL, socket.flags & SETFL_MASK]);
    setOwner(last, temp(id), socket.fown);
  },
};
