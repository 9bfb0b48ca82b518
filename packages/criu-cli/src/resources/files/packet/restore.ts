// packet(7): bound to its device, then options, memberships and rings.
import type { Program } from '@criu/compel';
import { F_SETFL, SIOCGIFNAME, SOCK_CLOEXEC, SOL_PACKET } from '@criu/native/uapi';
import type { PacketRing, PacketSockEntry } from '../../../images/types.js';
import { inNetwork } from '../../../views/planned-networks.js';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';
import { setMoreOptions } from '../sockets/more-options.js';
import { AF } from '../sockets/options.js';
import { setOption, setSocketOptions } from '../sockets/restore.js';

const PACKET = {
  ADD_MEMBERSHIP: 1,
  RX_RING: 5,
  COPY_THRESH: 7,
  AUXDATA: 8,
  ORIGDEV: 9,
  VERSION: 10,
  RESERVE: 12,
  TX_RING: 13,
  LOSS: 14,
  VNET_HDR: 15,
  TIMESTAMP: 17,
  FANOUT: 18,
} as const;
/** The socket type of Linux before 2.2, which is bound by device name. */
const SOCK_PACKET = 10;
const SOCKADDR_LL = 20;
const SOCKADDR = 16;
const NO_FANOUT = 0xffffffff;

function bindByName(p: Program, fd: number, ifindex: number): void {
  const request = p.data(40);
  p.poke(p.at(request, 16), ifindex, 4);
  p.syscall('ioctl', [fd, SIOCGIFNAME, request], { label: `name of device ${ifindex}` });
  const address = p.data(SOCKADDR);
  p.poke(address, AF.PACKET, 2);
  p.copy(p.at(address, 2), request, SOCKADDR - 3);
  p.syscall('bind', [fd, address, SOCKADDR], { label: `bind to device ${ifindex}` });
}

function bindByIndex(p: Program, fd: number, ifindex: number): void {
  const address = Buffer.alloc(SOCKADDR_LL);
  address.writeUInt16LE(AF.PACKET, 0);
  address.writeInt32LE(ifindex, 4);
  p.syscall('bind', [fd, p.data(address), SOCKADDR_LL], { label: `bind to device ${ifindex}` });
}

/** struct tpacket_req3; older versions use the first part of it. */
function setRing(p: Program, fd: number, name: number, ring: PacketRing | undefined): void {
  if (!ring) return;
  const { block_size, block_nr, frame_size, frame_nr, retire_tmo, sizeof_priv, features } = ring;
  const request = p.i32(block_size, block_nr, frame_size, frame_nr, retire_tmo, sizeof_priv, features);
  p.syscall('setsockopt', [fd, SOL_PACKET, name, request, request.size], { label: `ring of fd ${fd}` });
}

function settings(p: Program, fd: number, socket: PacketSockEntry): void {
  const set = (name: number, value: number) => setOption(p, fd, name, value, SOL_PACKET);
  set(PACKET.VERSION, socket.version);
  set(PACKET.RESERVE, socket.reserve);
  set(PACKET.TIMESTAMP, socket.timestamp);
  set(PACKET.COPY_THRESH, socket.copy_thresh);
  if (socket.aux_data) set(PACKET.AUXDATA, 1);
  if (socket.orig_dev) set(PACKET.ORIGDEV, 1);
  if (socket.vnet_hdr) set(PACKET.VNET_HDR, 1);
  if (socket.loss) set(PACKET.LOSS, 1);
  // The frame layout is fixed when the rings are created, so these options come first.
  setMoreOptions(p, fd, socket.opts, ['bind']);
  for (const { index, type, addr } of socket.mclist) {
    const request = Buffer.alloc(8 + Math.max(8, addr.length));
    request.writeInt32LE(index, 0);
    request.writeUInt16LE(type, 4);
    request.writeUInt16LE(addr.length, 6);
    request.set(addr, 8);
    p.syscall('setsockopt', [fd, SOL_PACKET, PACKET.ADD_MEMBERSHIP, p.data(request), request.length], {
      label: `membership of fd ${fd}`,
    });
  }
  setRing(p, fd, PACKET.RX_RING, socket.rx_ring);
  setRing(p, fd, PACKET.TX_RING, socket.tx_ring);
  if (socket.fanout !== undefined && socket.fanout !== NO_FANOUT) set(PACKET.FANOUT, socket.fanout);
}

export const packetRestore: FileRestore<'psk'> = {
  make({ ctx, plan, temp }, [entry]) {
    const socket = entry.psk;
    const { id, ifindex } = socket;
    inNetwork(ctx, plan, 'files', socket.ns_id, (q) => {
      const fd = q.syscall('socket', [AF.PACKET, socket.type | SOCK_CLOEXEC, socket.protocol], {
        label: `packet socket ${id}`,
      });
      moveTo(q, fd, temp(id));
    });
    const p = plan.program('files');
    if (socket.type === SOCK_PACKET) {
      if (ifindex > 0) bindByName(p, temp(id), ifindex);
    } else {
      bindByIndex(p, temp(id), ifindex);
      settings(p, temp(id), socket);
    }
    setSocketOptions({ ctx, plan, phase: 'files' }, temp(id), socket.opts);
    const q = plan.program('files');
    q.syscall('fcntl', [temp(id), F_SETFL, socket.flags & SETFL_MASK]);
    setOwner(q, temp(id), socket.fown);
  },
};
