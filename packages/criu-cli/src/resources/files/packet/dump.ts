// packet(7): device, options, memberships and rings. Unread packets are lost, as on a busy link.

import type { Encodable, PacketSockEntry } from '@criu/images';
import { AF_PACKET, S_IFSOCK } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { LiveTask } from '../../../engine/dump-task.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import { networkOf } from '../../../views/networks.js';
import type { FileDump } from '../kind.js';
import type { OpenFile } from '../open-file.js';
import { packetSockets } from '../sockets/diag.js';
import { isReadable } from '../sockets/look.js';
import { optionsEntry } from '../sockets/read-options.js';

/** PACKET_FANOUT_CBPF, PACKET_FANOUT_EBPF. */
const FANOUT_PROGRAMS: readonly number[] = [6, 7];

const sockets = stateKey('packet sockets', (ctx: DumpContext) => packetSockets(ctx));

const ids = stateKey('ids of packet sockets', (_: DumpContext) => new Map<number, number>());

/** File id of a dumped packet socket, by inode: mappings of its rings refer to it. */
export function packetFileId(ctx: DumpContext, ino: number): number | undefined {
  return ctx.states.get(ids).get(ino);
}

function refuse(file: OpenFile, reason: string): never {
  throw new CriuError('UNSUPPORTED', `packet socket: ${reason}`, { pid: file.pid, fd: file.fd });
}

function entry(ctx: DumpContext, task: LiveTask, file: OpenFile, id: number): Encodable<PacketSockEntry> {
  const network = networkOf(ctx, task, file.local, file.socket.netns);
  const socket = ctx.states.get(sockets).get(Number(file.stat.ino));
  if (!socket) refuse(file, 'the kernel does not list it');
  if (socket.fanout !== undefined && FANOUT_PROGRAMS.includes((socket.fanout >>> 16) & 0xff))
    refuse(file, 'a program spreads its packets (PACKET_FANOUT_DATA), which cannot be read');
  ctx.states.get(ids).set(socket.ino, id);
  if (isReadable(file.local))
    ctx.log.warn(`task ${file.pid}, fd ${file.fd}: packets that were received and not read are dropped`);
  return {
    id,
    type: socket.type,
    protocol: socket.protocol,
    flags: file.flags,
    ifindex: socket.ifindex,
    fown: file.fown,
    opts: optionsEntry(ctx, file),
    version: socket.version,
    reserve: socket.reserve,
    aux_data: socket.auxData,
    orig_dev: socket.origDev,
    vnet_hdr: socket.vnetHdr,
    loss: socket.loss,
    timestamp: socket.timestamp,
    copy_thresh: socket.copyThresh,
    // A membership that was added several times has to be added as often.
    mclist: socket.memberships.flatMap(({ index, count, type, addr }) =>
      Array.from({ length: count }, () => ({ index, type, addr })),
    ),
    ...(socket.fanout === undefined ? {} : { fanout: socket.fanout }),
    ...(socket.rx ? { rx_ring: socket.rx } : {}),
    ...(socket.tx ? { tx_ring: socket.tx } : {}),
    ns_id: network.id,
  };
}

export const packetDump: FileDump = {
  matches: (file) => file.mode === S_IFSOCK && file.socket.family === AF_PACKET,
  dump: (ctx, task, file, id) => ({ psk: entry(ctx, task, file, id) }),
};
