// packet(7): bound to its device, then options, memberships and rings.
import type { Program } from '@criu/compel';
import {
  AF_PACKET,
  F_SETFL,
  ifreq,
  PACKET_ADD_MEMBERSHIP,
  PACKET_AUXDATA,
  PACKET_COPY_THRESH,
  PACKET_FANOUT,
  PACKET_LOSS,
  PACKET_ORIGDEV,
  PACKET_RESERVE,
  PACKET_RX_RING,
  PACKET_TIMESTAMP,
  PACKET_TX_RING,
  PACKET_VERSION,
  PACKET_VNET_HDR,
  packet_mreq,
  SIOCGIFNAME,
  SOCK_PACKET,
  SOL_PACKET,
  sockaddr,
  sockaddr_ll,
  tpacket_req3,
} from '@criu/native/uapi';
import type { PacketRing, PacketSockEntry } from '../../../images/types.js';
import { SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';
import { makeSocket } from '../sockets/make.js';
import { setMoreOptions } from '../sockets/more-options.js';
import type { Place } from '../sockets/place.js';
import { setOption, setSocketOptions } from '../sockets/restore.js';

const NO_FANOUT = 0xffffffff;

function bindByName(p: Program, fd: number, ifindex: number): void {
  const request = p.data(ifreq.sizeof);
  p.poke(p.at(request, ifreq.ifr_ifindex), ifindex, 4);
  p.syscall('ioctl', [fd, SIOCGIFNAME, request], { label: `name of device ${ifindex}` });
  const address = p.data(sockaddr.sizeof);
  p.poke(p.at(address, sockaddr.sa_family), AF_PACKET, 2);
  p.copy(
    p.at(address, sockaddr.sa_data),
    p.at(request, ifreq.ifr_name),
    sockaddr.sizeof - sockaddr.sa_data - 1,
  );
  p.syscall('bind', [fd, address, sockaddr.sizeof], { label: `bind to device ${ifindex}` });
}

function bindByIndex(p: Program, fd: number, ifindex: number): void {
  const address = Buffer.alloc(sockaddr_ll.sizeof);
  address.writeUInt16LE(AF_PACKET, sockaddr_ll.sll_family);
  address.writeInt32LE(ifindex, sockaddr_ll.sll_ifindex);
  p.syscall('bind', [fd, p.data(address), sockaddr_ll.sizeof], { label: `bind to device ${ifindex}` });
}

/** struct tpacket_req3; older versions use the first part of it. */
function setRing(p: Program, fd: number, name: number, ring: PacketRing | undefined): void {
  if (!ring) return;
  const bytes = Buffer.alloc(tpacket_req3.sizeof);
  bytes.writeUInt32LE(ring.block_size >>> 0, tpacket_req3.tp_block_size);
  bytes.writeUInt32LE(ring.block_nr >>> 0, tpacket_req3.tp_block_nr);
  bytes.writeUInt32LE(ring.frame_size >>> 0, tpacket_req3.tp_frame_size);
  bytes.writeUInt32LE(ring.frame_nr >>> 0, tpacket_req3.tp_frame_nr);
  bytes.writeUInt32LE(ring.retire_tmo >>> 0, tpacket_req3.tp_retire_blk_tov);
  bytes.writeUInt32LE(ring.sizeof_priv >>> 0, tpacket_req3.tp_sizeof_priv);
  bytes.writeUInt32LE(ring.features >>> 0, tpacket_req3.tp_feature_req_word);
  const request = p.data(bytes);
  p.syscall('setsockopt', [fd, SOL_PACKET, name, request, request.size], { label: `ring of fd ${fd}` });
}

function settings(place: Place, fd: number, socket: PacketSockEntry): void {
  const p = place.plan.program(place.phase);
  const set = (name: number, value: number) => setOption(p, fd, name, value, SOL_PACKET);
  set(PACKET_VERSION, socket.version);
  set(PACKET_RESERVE, socket.reserve);
  set(PACKET_TIMESTAMP, socket.timestamp);
  set(PACKET_COPY_THRESH, socket.copy_thresh);
  if (socket.aux_data) set(PACKET_AUXDATA, 1);
  if (socket.orig_dev) set(PACKET_ORIGDEV, 1);
  if (socket.vnet_hdr) set(PACKET_VNET_HDR, 1);
  if (socket.loss) set(PACKET_LOSS, 1);
  // The frame layout is fixed when the rings are created, so these options come first.
  setMoreOptions(place, fd, socket.opts, ['bind']);
  for (const { index, type, addr } of socket.mclist) {
    const request = Buffer.alloc(Math.max(packet_mreq.sizeof, packet_mreq.mr_address + addr.length));
    request.writeInt32LE(index, packet_mreq.mr_ifindex);
    request.writeUInt16LE(type, packet_mreq.mr_type);
    request.writeUInt16LE(addr.length, packet_mreq.mr_alen);
    request.set(addr, packet_mreq.mr_address);
    p.syscall('setsockopt', [fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, p.data(request), request.length], {
      label: `membership of fd ${fd}`,
    });
  }
  setRing(p, fd, PACKET_RX_RING, socket.rx_ring);
  setRing(p, fd, PACKET_TX_RING, socket.tx_ring);
  if (socket.fanout !== undefined && socket.fanout !== NO_FANOUT) set(PACKET_FANOUT, socket.fanout);
}

export const packetRestore: FileRestore<'psk'> = {
  make({ ctx, plan, temp }, [entry]) {
    const socket = entry.psk;
    const { id, ifindex } = socket;
    makeSocket(
      { ctx, plan, network: socket.ns_id, label: `packet socket ${id}` },
      { family: AF_PACKET, type: socket.type, protocol: socket.protocol },
      temp(id),
    );
    const place = { ctx, plan, phase: 'files' } as const;
    const p = plan.program('files');
    if (socket.type === SOCK_PACKET) {
      if (ifindex > 0) bindByName(p, temp(id), ifindex);
    } else {
      bindByIndex(p, temp(id), ifindex);
      settings(place, temp(id), socket);
    }
    setSocketOptions(place, temp(id), socket.opts);
    const q = plan.program('files');
    q.syscall('fcntl', [temp(id), F_SETFL, socket.flags & SETFL_MASK]);
    setOwner(q, temp(id), socket.fown);
  },
};
