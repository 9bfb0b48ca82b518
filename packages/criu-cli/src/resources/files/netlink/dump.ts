// netlink(7): protocol, address and groups; a socket with unread messages cannot be dumped.
import type { Encodable, NetlinkSkEntry } from '@criu/images';
import { SysError, sysRaw } from '@criu/native';
import type { LiveTask } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { FileDump } from '../kind.js';
import { type OpenFile, S_IFSOCK } from '../open-file.js';
import { AF, option, optionsEntry, SO } from '../sockets/options.js';

const SOL_NETLINK = 270;
const NETLINK_LIST_MEMBERSHIPS = 9;
const CONNECTED = 1;
const POLLIN = 1;

interface Address {
  readonly portid: number;
  readonly groups: number;
}

function address(call: 'getsockname' | 'getpeername', fd: number): Address {
  const bytes = Buffer.alloc(12);
  const result = sysRaw(call, fd, bytes, new Uint32Array([bytes.length]));
  if (result < 0) throw new SysError(call, -result);
  return { portid: bytes.readUInt32LE(4), groups: bytes.readUInt32LE(8) };
}

function refuse(file: OpenFile, reason: string): never {
  throw new CriuError('UNSUPPORTED', `netlink socket: ${reason}`, { pid: file.pid, fd: file.fd });
}

/** Group memberships beyond those that an address has room for. */
function manyGroups(fd: number): boolean {
  const bytes = Buffer.alloc(128);
  const length = new Uint32Array([bytes.length]);
  const result = sysRaw('getsockopt', fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, bytes, length);
  return result >= 0 && bytes.subarray(4).some((byte) => byte !== 0);
}

function entry(task: LiveTask, file: OpenFile, id: number): Encodable<NetlinkSkEntry> {
  const fd = file.local;
  const poll = Buffer.alloc(8);
  poll.writeInt32LE(fd, 0);
  poll.writeUInt16LE(POLLIN, 4);
  if (sysRaw('poll', poll, 1, 0) > 0) refuse(file, 'there are messages that were not read');
  const own = address('getsockname', fd);
  const peer = address('getpeername', fd);
  if (manyGroups(fd)) refuse(file, 'it is in more than 32 groups');
  if (own.groups && !own.portid) refuse(file, 'it is in groups but has no address');
  return {
    id,
    ino: Number(file.stat.ino),
    protocol: option(fd, SO.PROTOCOL),
    state: peer.portid || peer.groups ? CONNECTED : 0,
    flags: file.flags,
    portid: own.portid,
    groups: own.groups ? [own.groups] : [],
    dst_portid: peer.portid,
    dst_group: peer.groups,
    fown: file.fown,
    opts: optionsEntry(fd, AF.NETLINK),
    ...(own.portid ? { ns_id: task.ids.net_ns_id ?? 0 } : {}),
  };
}

export const netlinkDump: FileDump = {
  matches: (file) => file.mode === S_IFSOCK && option(file.local, SO.DOMAIN) === AF.NETLINK,
  dump: (_ctx, task, file, id) => ({ nlsk: entry(task, file, id) }),
};
