// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { FownEntryCodec, writeFownEntry } from './fown.generated.js';
import { SkOptsEntryCodec, writeSkOptsEntry } from './sk-opts.generated.js';

export function newPacketMclist(): T.PacketMclist {
  return { index: undefined as never, type: undefined as never, addr: undefined as never };
}
export function readPacketMclist(r: Reader, m: T.PacketMclist): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.index = r.u32();
        break;
      case 16:
        m.type = r.u32();
        break;
      case 26:
        m.addr = r.bytes();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.index === undefined) r.missing('packet_mclist.index');
  if (m.type === undefined) r.missing('packet_mclist.type');
  if (m.addr === undefined) r.missing('packet_mclist.addr');
}
export function writePacketMclist(w: Writer, m: Encodable<T.PacketMclist>): void {
  w.u32(8, m.index, 'packet_mclist.index');
  w.u32(16, m.type, 'packet_mclist.type');
  w.bytes(26, m.addr, 'packet_mclist.addr');
  w.unknown(m);
}
export const PacketMclistCodec: Codec<T.PacketMclist> = { create: newPacketMclist, read: readPacketMclist, write: writePacketMclist };

export function newPacketRing(): T.PacketRing {
  return { block_size: undefined as never, block_nr: undefined as never, frame_size: undefined as never, frame_nr: undefined as never, retire_tmo: undefined as never, sizeof_priv: undefined as never, features: undefined as never };
}
export function readPacketRing(r: Reader, m: T.PacketRing): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.block_size = r.u32();
        break;
      case 16:
        m.block_nr = r.u32();
        break;
      case 24:
        m.frame_size = r.u32();
        break;
      case 32:
        m.frame_nr = r.u32();
        break;
      case 40:
        m.retire_tmo = r.u32();
        break;
      case 48:
        m.sizeof_priv = r.u32();
        break;
      case 56:
        m.features = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.block_size === undefined) r.missing('packet_ring.block_size');
  if (m.block_nr === undefined) r.missing('packet_ring.block_nr');
  if (m.frame_size === undefined) r.missing('packet_ring.frame_size');
  if (m.frame_nr === undefined) r.missing('packet_ring.frame_nr');
  if (m.retire_tmo === undefined) r.missing('packet_ring.retire_tmo');
  if (m.sizeof_priv === undefined) r.missing('packet_ring.sizeof_priv');
  if (m.features === undefined) r.missing('packet_ring.features');
}
export function writePacketRing(w: Writer, m: Encodable<T.PacketRing>): void {
  w.u32(8, m.block_size, 'packet_ring.block_size');
  w.u32(16, m.block_nr, 'packet_ring.block_nr');
  w.u32(24, m.frame_size, 'packet_ring.frame_size');
  w.u32(32, m.frame_nr, 'packet_ring.frame_nr');
  w.u32(40, m.retire_tmo, 'packet_ring.retire_tmo');
  w.u32(48, m.sizeof_priv, 'packet_ring.sizeof_priv');
  w.u32(56, m.features, 'packet_ring.features');
  w.unknown(m);
}
export const PacketRingCodec: Codec<T.PacketRing> = { create: newPacketRing, read: readPacketRing, write: writePacketRing };

export function newPacketSockEntry(): T.PacketSockEntry {
  return { id: undefined as never, type: undefined as never, protocol: undefined as never, flags: undefined as never, ifindex: undefined as never, fown: undefined as never, opts: undefined as never, version: undefined as never, reserve: undefined as never, aux_data: undefined as never, orig_dev: undefined as never, vnet_hdr: undefined as never, loss: undefined as never, timestamp: undefined as never, copy_thresh: undefined as never, mclist: [] };
}
export function readPacketSockEntry(r: Reader, m: T.PacketSockEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.type = r.u32();
        break;
      case 24:
        m.protocol = r.u32();
        break;
      case 32:
        m.flags = r.u32();
        break;
      case 40:
        m.ifindex = r.u32();
        break;
      case 50:
        m.fown = r.alike(FownEntryCodec, m.fown);
        break;
      case 58:
        m.opts = r.alike(SkOptsEntryCodec, m.opts);
        break;
      case 64:
        m.version = r.u32();
        break;
      case 72:
        m.reserve = r.u32();
        break;
      case 80:
        m.aux_data = r.bool();
        break;
      case 88:
        m.orig_dev = r.bool();
        break;
      case 96:
        m.vnet_hdr = r.bool();
        break;
      case 104:
        m.loss = r.bool();
        break;
      case 112:
        m.timestamp = r.u32();
        break;
      case 120:
        m.copy_thresh = r.u32();
        break;
      case 130: {
        const outer = r.enter();
        const v = newPacketMclist();
        readPacketMclist(r, v);
        m.mclist.push(v);
        r.leave(outer);
        break;
      }
      case 136:
        m.fanout = r.u32();
        break;
      case 146: {
        const outer = r.enter();
        m.rx_ring ??= newPacketRing();
        readPacketRing(r, m.rx_ring);
        r.leave(outer);
        break;
      }
      case 154: {
        const outer = r.enter();
        m.tx_ring ??= newPacketRing();
        readPacketRing(r, m.tx_ring);
        r.leave(outer);
        break;
      }
      case 160:
        m.ns_id = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('packet_sock_entry.id');
  if (m.type === undefined) r.missing('packet_sock_entry.type');
  if (m.protocol === undefined) r.missing('packet_sock_entry.protocol');
  if (m.flags === undefined) r.missing('packet_sock_entry.flags');
  if (m.ifindex === undefined) r.missing('packet_sock_entry.ifindex');
  if (m.fown === undefined) r.missing('packet_sock_entry.fown');
  if (m.opts === undefined) r.missing('packet_sock_entry.opts');
  if (m.version === undefined) r.missing('packet_sock_entry.version');
  if (m.reserve === undefined) r.missing('packet_sock_entry.reserve');
  if (m.aux_data === undefined) r.missing('packet_sock_entry.aux_data');
  if (m.orig_dev === undefined) r.missing('packet_sock_entry.orig_dev');
  if (m.vnet_hdr === undefined) r.missing('packet_sock_entry.vnet_hdr');
  if (m.loss === undefined) r.missing('packet_sock_entry.loss');
  if (m.timestamp === undefined) r.missing('packet_sock_entry.timestamp');
  if (m.copy_thresh === undefined) r.missing('packet_sock_entry.copy_thresh');
}
export function writePacketSockEntry(w: Writer, m: Encodable<T.PacketSockEntry>): void {
  w.u32(8, m.id, 'packet_sock_entry.id');
  w.u32(16, m.type, 'packet_sock_entry.type');
  w.u32(24, m.protocol, 'packet_sock_entry.protocol');
  w.u32(32, m.flags, 'packet_sock_entry.flags');
  w.u32(40, m.ifindex, 'packet_sock_entry.ifindex');
  w.alike(50, m.fown, 'packet_sock_entry.fown', writeFownEntry);
  w.alike(58, m.opts, 'packet_sock_entry.opts', writeSkOptsEntry);
  w.u32(64, m.version, 'packet_sock_entry.version');
  w.u32(72, m.reserve, 'packet_sock_entry.reserve');
  w.bool(80, m.aux_data, 'packet_sock_entry.aux_data');
  w.bool(88, m.orig_dev, 'packet_sock_entry.orig_dev');
  w.bool(96, m.vnet_hdr, 'packet_sock_entry.vnet_hdr');
  w.bool(104, m.loss, 'packet_sock_entry.loss');
  w.u32(112, m.timestamp, 'packet_sock_entry.timestamp');
  w.u32(120, m.copy_thresh, 'packet_sock_entry.copy_thresh');
  if (m.mclist != null) for (const v of m.mclist) { const start = w.begin(130, v, 'packet_sock_entry.mclist'); writePacketMclist(w, v); w.end(start); }
  if (m.fanout != null) w.u32(136, m.fanout, 'packet_sock_entry.fanout');
  if (m.rx_ring != null) { const start = w.begin(146, m.rx_ring, 'packet_sock_entry.rx_ring'); writePacketRing(w, m.rx_ring); w.end(start); }
  if (m.tx_ring != null) { const start = w.begin(154, m.tx_ring, 'packet_sock_entry.tx_ring'); writePacketRing(w, m.tx_ring); w.end(start); }
  if (m.ns_id != null) w.u32(160, m.ns_id, 'packet_sock_entry.ns_id');
  w.unknown(m);
}
export const PacketSockEntryCodec: Codec<T.PacketSockEntry> = { create: newPacketSockEntry, read: readPacketSockEntry, write: writePacketSockEntry };
