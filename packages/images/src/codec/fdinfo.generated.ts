// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';
import { newBpfmapFileEntry, readBpfmapFileEntry, writeBpfmapFileEntry } from './bpfmap-file.generated.js';
import { newEventfdFileEntry, readEventfdFileEntry, writeEventfdFileEntry } from './eventfd.generated.js';
import { newEventpollFileEntry, readEventpollFileEntry, writeEventpollFileEntry } from './eventpoll.generated.js';
import { newExtFileEntry, readExtFileEntry, writeExtFileEntry } from './ext-file.generated.js';
import { newFifoEntry, readFifoEntry, writeFifoEntry } from './fifo.generated.js';
import { newFanotifyFileEntry, newInotifyFileEntry, readFanotifyFileEntry, readInotifyFileEntry, writeFanotifyFileEntry, writeInotifyFileEntry } from './fsnotify.generated.js';
import { newMemfdFileEntry, readMemfdFileEntry, writeMemfdFileEntry } from './memfd.generated.js';
import { newPosixQueueFileEntry, readPosixQueueFileEntry, writePosixQueueFileEntry } from './mqueue.generated.js';
import { newNsFileEntry, readNsFileEntry, writeNsFileEntry } from './ns.generated.js';
import { newPacketSockEntry, readPacketSockEntry, writePacketSockEntry } from './packet-sock.generated.js';
import { newPidfdEntry, readPidfdEntry, writePidfdEntry } from './pidfd.generated.js';
import { newPipeEntry, readPipeEntry, writePipeEntry } from './pipe.generated.js';
import { newRegFileEntry, readRegFileEntry, writeRegFileEntry } from './regfile.generated.js';
import { newSignalfdEntry, readSignalfdEntry, writeSignalfdEntry } from './signalfd.generated.js';
import { newInetSkEntry, readInetSkEntry, writeInetSkEntry } from './sk-inet.generated.js';
import { newNetlinkSkEntry, readNetlinkSkEntry, writeNetlinkSkEntry } from './sk-netlink.generated.js';
import { newUnixSkEntry, readUnixSkEntry, writeUnixSkEntry } from './sk-unix.generated.js';
import { newTimerfdEntry, readTimerfdEntry, writeTimerfdEntry } from './timerfd.generated.js';
import { newTtyFileEntry, readTtyFileEntry, writeTtyFileEntry } from './tty.generated.js';
import { newTunfileEntry, readTunfileEntry, writeTunfileEntry } from './tun.generated.js';

export function newFdinfoEntry(): T.FdinfoEntry {
  return { id: undefined as never, flags: undefined as never, type: undefined as never, fd: undefined as never };
}
export function readFdinfoEntry(r: Reader, m: T.FdinfoEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.u32();
        break;
      case 16:
        m.flags = r.u32();
        break;
      case 24:
        m.type = r.i32();
        break;
      case 32:
        m.fd = r.u32();
        break;
      case 42:
        m.xattr_security_selinux = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.id === undefined) r.missing('fdinfo_entry.id');
  if (m.flags === undefined) r.missing('fdinfo_entry.flags');
  if (m.type === undefined) r.missing('fdinfo_entry.type');
  if (m.fd === undefined) r.missing('fdinfo_entry.fd');
}
export function writeFdinfoEntry(w: Writer, m: Encodable<T.FdinfoEntry>): void {
  w.u32(8, m.id, 'fdinfo_entry.id');
  w.u32(16, m.flags, 'fdinfo_entry.flags');
  w.i32(24, m.type, 'fdinfo_entry.type');
  w.u32(32, m.fd, 'fdinfo_entry.fd');
  if (m.xattr_security_selinux != null) w.str(42, m.xattr_security_selinux, 'fdinfo_entry.xattr_security_selinux');
  w.unknown(m);
}
export const FdinfoEntryCodec: Codec<T.FdinfoEntry> = { create: newFdinfoEntry, read: readFdinfoEntry, write: writeFdinfoEntry };

export function newFileEntry(): T.FileEntry {
  return { type: undefined as never, id: undefined as never };
}
export function readFileEntry(r: Reader, m: T.FileEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.i32();
        break;
      case 16:
        m.id = r.u32();
        break;
      case 26: {
        const outer = r.enter();
        m.reg ??= newRegFileEntry();
        readRegFileEntry(r, m.reg);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.isk ??= newInetSkEntry();
        readInetSkEntry(r, m.isk);
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        m.nsf ??= newNsFileEntry();
        readNsFileEntry(r, m.nsf);
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        m.psk ??= newPacketSockEntry();
        readPacketSockEntry(r, m.psk);
        r.leave(outer);
        break;
      }
      case 58: {
        const outer = r.enter();
        m.nlsk ??= newNetlinkSkEntry();
        readNetlinkSkEntry(r, m.nlsk);
        r.leave(outer);
        break;
      }
      case 66: {
        const outer = r.enter();
        m.efd ??= newEventfdFileEntry();
        readEventfdFileEntry(r, m.efd);
        r.leave(outer);
        break;
      }
      case 74: {
        const outer = r.enter();
        m.epfd ??= newEventpollFileEntry();
        readEventpollFileEntry(r, m.epfd);
        r.leave(outer);
        break;
      }
      case 82: {
        const outer = r.enter();
        m.sgfd ??= newSignalfdEntry();
        readSignalfdEntry(r, m.sgfd);
        r.leave(outer);
        break;
      }
      case 90: {
        const outer = r.enter();
        m.tunf ??= newTunfileEntry();
        readTunfileEntry(r, m.tunf);
        r.leave(outer);
        break;
      }
      case 98: {
        const outer = r.enter();
        m.tfd ??= newTimerfdEntry();
        readTimerfdEntry(r, m.tfd);
        r.leave(outer);
        break;
      }
      case 106: {
        const outer = r.enter();
        m.ify ??= newInotifyFileEntry();
        readInotifyFileEntry(r, m.ify);
        r.leave(outer);
        break;
      }
      case 114: {
        const outer = r.enter();
        m.ffy ??= newFanotifyFileEntry();
        readFanotifyFileEntry(r, m.ffy);
        r.leave(outer);
        break;
      }
      case 122: {
        const outer = r.enter();
        m.ext ??= newExtFileEntry();
        readExtFileEntry(r, m.ext);
        r.leave(outer);
        break;
      }
      case 130: {
        const outer = r.enter();
        m.usk ??= newUnixSkEntry();
        readUnixSkEntry(r, m.usk);
        r.leave(outer);
        break;
      }
      case 138: {
        const outer = r.enter();
        m.fifo ??= newFifoEntry();
        readFifoEntry(r, m.fifo);
        r.leave(outer);
        break;
      }
      case 146: {
        const outer = r.enter();
        m.pipe ??= newPipeEntry();
        readPipeEntry(r, m.pipe);
        r.leave(outer);
        break;
      }
      case 154: {
        const outer = r.enter();
        m.tty ??= newTtyFileEntry();
        readTtyFileEntry(r, m.tty);
        r.leave(outer);
        break;
      }
      case 162: {
        const outer = r.enter();
        m.memfd ??= newMemfdFileEntry();
        readMemfdFileEntry(r, m.memfd);
        r.leave(outer);
        break;
      }
      case 170: {
        const outer = r.enter();
        m.bpf ??= newBpfmapFileEntry();
        readBpfmapFileEntry(r, m.bpf);
        r.leave(outer);
        break;
      }
      case 178: {
        const outer = r.enter();
        m.pidfd ??= newPidfdEntry();
        readPidfdEntry(r, m.pidfd);
        r.leave(outer);
        break;
      }
      case 8002: {
        const outer = r.enter();
        m.posix_queue ??= newPosixQueueFileEntry();
        readPosixQueueFileEntry(r, m.posix_queue);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.type === undefined) r.missing('file_entry.type');
  if (m.id === undefined) r.missing('file_entry.id');
}
export function writeFileEntry(w: Writer, m: Encodable<T.FileEntry>): void {
  w.i32(8, m.type, 'file_entry.type');
  w.u32(16, m.id, 'file_entry.id');
  if (m.reg != null) { const start = w.begin(26, m.reg, 'file_entry.reg'); writeRegFileEntry(w, m.reg); w.end(start); }
  if (m.isk != null) { const start = w.begin(34, m.isk, 'file_entry.isk'); writeInetSkEntry(w, m.isk); w.end(start); }
  if (m.nsf != null) { const start = w.begin(42, m.nsf, 'file_entry.nsf'); writeNsFileEntry(w, m.nsf); w.end(start); }
  if (m.psk != null) { const start = w.begin(50, m.psk, 'file_entry.psk'); writePacketSockEntry(w, m.psk); w.end(start); }
  if (m.nlsk != null) { const start = w.begin(58, m.nlsk, 'file_entry.nlsk'); writeNetlinkSkEntry(w, m.nlsk); w.end(start); }
  if (m.efd != null) { const start = w.begin(66, m.efd, 'file_entry.efd'); writeEventfdFileEntry(w, m.efd); w.end(start); }
  if (m.epfd != null) { const start = w.begin(74, m.epfd, 'file_entry.epfd'); writeEventpollFileEntry(w, m.epfd); w.end(start); }
  if (m.sgfd != null) { const start = w.begin(82, m.sgfd, 'file_entry.sgfd'); writeSignalfdEntry(w, m.sgfd); w.end(start); }
  if (m.tunf != null) { const start = w.begin(90, m.tunf, 'file_entry.tunf'); writeTunfileEntry(w, m.tunf); w.end(start); }
  if (m.tfd != null) { const start = w.begin(98, m.tfd, 'file_entry.tfd'); writeTimerfdEntry(w, m.tfd); w.end(start); }
  if (m.ify != null) { const start = w.begin(106, m.ify, 'file_entry.ify'); writeInotifyFileEntry(w, m.ify); w.end(start); }
  if (m.ffy != null) { const start = w.begin(114, m.ffy, 'file_entry.ffy'); writeFanotifyFileEntry(w, m.ffy); w.end(start); }
  if (m.ext != null) { const start = w.begin(122, m.ext, 'file_entry.ext'); writeExtFileEntry(w, m.ext); w.end(start); }
  if (m.usk != null) { const start = w.begin(130, m.usk, 'file_entry.usk'); writeUnixSkEntry(w, m.usk); w.end(start); }
  if (m.fifo != null) { const start = w.begin(138, m.fifo, 'file_entry.fifo'); writeFifoEntry(w, m.fifo); w.end(start); }
  if (m.pipe != null) { const start = w.begin(146, m.pipe, 'file_entry.pipe'); writePipeEntry(w, m.pipe); w.end(start); }
  if (m.tty != null) { const start = w.begin(154, m.tty, 'file_entry.tty'); writeTtyFileEntry(w, m.tty); w.end(start); }
  if (m.memfd != null) { const start = w.begin(162, m.memfd, 'file_entry.memfd'); writeMemfdFileEntry(w, m.memfd); w.end(start); }
  if (m.bpf != null) { const start = w.begin(170, m.bpf, 'file_entry.bpf'); writeBpfmapFileEntry(w, m.bpf); w.end(start); }
  if (m.pidfd != null) { const start = w.begin(178, m.pidfd, 'file_entry.pidfd'); writePidfdEntry(w, m.pidfd); w.end(start); }
  if (m.posix_queue != null) { const start = w.begin(8002, m.posix_queue, 'file_entry.posix_queue'); writePosixQueueFileEntry(w, m.posix_queue); w.end(start); }
  w.unknown(m);
}
export const FileEntryCodec: Codec<T.FileEntry> = { create: newFileEntry, read: readFileEntry, write: writeFileEntry };
