// Inspection of a connection without pausing it.
import { closeSync } from 'node:fs';
import {
  FIONREAD,
  SIOCOUTQNSD,
  SO_REUSEADDR,
  SOL_SOCKET,
  SOL_TCP,
  TCP_INFO,
  TCPI_OPT_SACK,
  TCPI_OPT_TIMESTAMPS,
  TCPI_OPT_WSCALE,
  TIOCOUTQ,
  tcp_info,
} from '@criu/native/uapi';
import { wrap } from './errors.js';
import { getOption, ioctlInt } from './kernel.js';
import { saveOptions } from './options.js';
import { inRepair } from './repair.js';
import { type Facts, inspect } from './save.js';
import type { SocketOptions } from './state.js';
import { fdOf, fetchFd, isSocket, type Target } from './target.js';

/** A running connection. Sizes in bytes, times in milliseconds. */
export interface Look extends Facts {
  unread: number;
  /** Bytes written and not acknowledged; the last `unsent` of them were never sent. */
  unacknowledged: number;
  unsent: number;
  negotiated: { timestamps: boolean; sack: boolean; windowScale?: { send: number; receive: number } };
  sendMss: number;
  receiveMss: number;
  roundTripMs: number;
  retransmits: number;
  /** The socket is in repair mode: a save is running, or was interrupted. */
  repair: boolean;
  options: SocketOptions;
}

/** Inspects a connection without changing it. @throws SoccrError */
export function look(target: Target): Look {
  if (typeof target === 'number') return lookAt(target);
  if (isSocket(target)) return lookAt(fdOf(target));
  const fd = fetchFd(target);
  try {
    return lookAt(fd);
  } finally {
    closeSync(fd);
  }
}

function lookAt(fd: number): Look {
  const facts = inspect(fd);
  try {
    const info = Buffer.alloc(tcp_info.sizeof);
    getOption(fd, SOL_TCP, TCP_INFO, info, 'TCP_INFO');
    const options = info.readUInt8(tcp_info.tcpi_options);
    const scales = info.readUInt8(tcp_info.tcpi_wscale);
    const repair = inRepair(fd);
    return {
      ...facts,
      unread: ioctlInt(fd, FIONREAD, 'SIOCINQ'),
      unacknowledged: ioctlInt(fd, TIOCOUTQ, 'SIOCOUTQ'),
      unsent: ioctlInt(fd, SIOCOUTQNSD, 'SIOCOUTQNSD'),
      negotiated: {
        timestamps: (options & TCPI_OPT_TIMESTAMPS) !== 0,
        sack: (options & TCPI_OPT_SACK) !== 0,
        ...(options & TCPI_OPT_WSCALE ? { windowScale: { send: scales & 15, receive: scales >> 4 } } : {}),
      },
      sendMss: info.readUInt32LE(tcp_info.tcpi_snd_mss),
      receiveMss: info.readUInt32LE(tcp_info.tcpi_rcv_mss),
      roundTripMs: info.readUInt32LE(tcp_info.tcpi_rtt) / 1000,
      retransmits: info.readUInt32LE(tcp_info.tcpi_total_retrans),
      repair,
      // Repair mode sets SO_REUSEADDR; its previous value cannot be read from outside.
      options: saveOptions(fd, facts.family, getReuse(fd)),
    };
  } catch (error) {
    throw wrap(error, 'cannot be looked at', `descriptor ${fd}`);
  }
}

function getReuse(fd: number): boolean {
  const value = new Uint8Array(4);
  getOption(fd, SOL_SOCKET, SO_REUSEADDR, value, 'SO_REUSEADDR');
  return value[0] === 1;
}
