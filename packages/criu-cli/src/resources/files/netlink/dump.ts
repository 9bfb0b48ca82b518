// netlink(7): protocol, address and groups. A socket with unread messages cannot be dumped.
import type { Encodable, NetlinkSkEntry } from '@criu/images';
import { SysError, sysRaw } from '@criu/native';
import {
  AF_NETLINK,
  NETLINK_LIST_MEMBERSHIPS,
  POLLIN,
  pollfd,
  S_IFSOCK,
  SO_PROTOCOL,
  SO_TYPE,
  SOCK_RAW,
  SOL_NETLINK,
  sockaddr_nl,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { LiveTask } from '../../../engine/dump-task.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import { networkOf } from '../../../views/networks.js';
import type { FileDump } from '../kind.js';
import type { OpenFile } from '../open-file.js';
import { connectedSockets } from '../sockets/diag.js';
import { option } from '../sockets/options.js';
import { optionsEntry } from '../sockets/read-options.js';
import { CONNECTED, WORD } from './numbers.js';

/** Bytes for memberships; no protocol has that many groups. */
const MEMBERSHIP_BYTES = 4096;

const connected = stateKey('connected netlink sockets', (ctx: DumpContext) => connectedSockets(ctx));

interface Address {
  readonly portid: number;
  readonly groups: number;
}

function address(call: 'getsockname' | 'getpeername', fd: number): Address {
  const bytes = Buffer.alloc(sockaddr_nl.sizeof);
  const result = sysRaw(call, fd, bytes, new Uint32Array([bytes.length]));
  if (result < 0) throw new SysError(call, -result);
  return {
    portid: bytes.readUInt32LE(sockaddr_nl.nl_pid),
    groups: bytes.readUInt32LE(sockaddr_nl.nl_groups),
  };
}

/** Groups of which the socket is a member, 32 per word. @throws SysError */
function memberships(fd: number): number[] {
  const bytes = Buffer.alloc(MEMBERSHIP_BYTES);
  const length = new Uint32Array([bytes.length]);
  const result = sysRaw('getsockopt', fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, bytes, length);
  if (result < 0) throw new SysError('getsockopt', -result, 'NETLINK_LIST_MEMBERSHIPS');
  const words = Array.from({ length: Math.min(length[0] ?? 0, bytes.length) >>> 2 }, (_, i) =>
    bytes.readUInt32LE(i * 4),
  );
  while (words.length > 0 && words.at(-1) === 0) words.pop();
  return words;
}

/** Number of the lowest group in a mask, from 1; 0 if there is none. */
function firstGroup(mask: number): number {
  return mask === 0 ? 0 : WORD - Math.clz32(mask & -mask);
}

function entry(ctx: DumpContext, task: LiveTask, file: OpenFile, id: number): Encodable<NetlinkSkEntry> {
  const fd = file.local;
  const poll = Buffer.alloc(pollfd.sizeof);
  poll.writeInt32LE(fd, pollfd.fd);
  poll.writeUInt16LE(POLLIN, pollfd.events);
  if (sysRaw('poll', poll, 1, 0) > 0)
    throw new CriuError(
      'UNSUPPORTED',
      'netlink socket: there are messages that were not read, and only who has sent them could send them again',
      { pid: file.pid, fd: file.fd },
      'let the program read them before the dump',
    );
  const own = address('getsockname', fd);
  const peer = address('getpeername', fd);
  const [groups = 0, ...more] = memberships(fd);
  const ino = Number(file.stat.ino);
  const type = option(fd, SO_TYPE);
  const network = networkOf(ctx, task, file.local, file.socket.netns);
  const isConnected = ctx.states.get(connected).get(ino) ?? (peer.portid !== 0 || peer.groups !== 0);
  return {
    id,
    ino,
    protocol: option(fd, SO_PROTOCOL),
    state: isConnected ? CONNECTED : 0,
    flags: file.flags,
    portid: own.portid,
    groups: groups ? [groups] : [],
    dst_portid: peer.portid,
    // The address has a mask of groups, but the kernel and images keep the number of one group.
    dst_group: firstGroup(peer.groups),
    fown: file.fown,
    opts: optionsEntry(ctx, file),
    more_groups: more,
    ...(type === SOCK_RAW ? {} : { type }),
    ns_id: network.id,
  };
}

export const netlinkDump: FileDump = {
  matches: (file) => file.mode === S_IFSOCK && file.socket.family === AF_NETLINK,
  dump: (ctx, task, file, id) => ({ nlsk: entry(ctx, task, file, id) }),
};
