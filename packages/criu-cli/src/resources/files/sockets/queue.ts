// What a socket has received and its owner not read yet: looked at, not taken (recvmsg(2), MSG_PEEK, SO_PEEK_OFF).

import type { Encodable, ScmEntry } from '@criu/images';
import { addon, close, SysError, sys, sysRaw } from '@criu/native';
import type { DumpContext, LiveTask } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { openFile } from '../open-file.js';
import { readLinkOf } from '../own-file.js';
import { openFiles } from '../table.js';
import { option, SO, SOL_SOCKET } from './options.js';

const MSG_PEEK = 2;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;
const MSG_CMSG_CLOEXEC = 0x40000000;
const SCM_RIGHTS = 1;
const EAGAIN = 11;
const MSGHDR = 56;
const CONTROL_BYTES = 1024 + 64;

interface Packet {
  readonly data: Buffer;
  readonly fds: number[];
}

/** One recvmsg() that leaves the packet where it is; undefined when there are no more. */
function peek(fd: number, room: Buffer, control: Buffer): Packet | undefined {
  const iov = new BigUint64Array([addon().addressOf(room), BigInt(room.length)]);
  const header = Buffer.alloc(MSGHDR);
  header.writeBigUInt64LE(addon().addressOf(iov), 16);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(addon().addressOf(control), 32);
  header.writeBigUInt64LE(BigInt(control.length), 40);
  const n = sysRaw('recvmsg', fd, header, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n === -EAGAIN || n === 0) return undefined;
  if (n < 0) throw new SysError('recvmsg', -n);
  const fds: number[] = [];
  const used = Number(header.readBigUInt64LE(40));
  for (let at = 0; at + 16 <= used; ) {
    const length = Number(control.readBigUInt64LE(at));
    if (length < 16) break;
    if (control.readInt32LE(at + 8) === SOL_SOCKET && control.readInt32LE(at + 12) === SCM_RIGHTS)
      for (let i = at + 16; i + 4 <= at + length; i += 4) fds.push(control.readInt32LE(i));
    at += (length + 7) & ~7;
  }
  if (header.readInt32LE(48) & MSG_TRUNC)
    throw new CriuError('INTERNAL', 'a packet is larger than the send buffer');
  return { data: Buffer.from(room.subarray(0, n)), fds };
}

/** Descriptors in flight are files like others; they are here as our own now. */
function rights(ctx: DumpContext, task: LiveTask, fds: readonly number[]): Encodable<ScmEntry>[] {
  if (fds.length === 0) return [];
  const pidfd = sys('pidfd_open', process.pid, 0);
  try {
    const ids = fds.map((fd) => {
      const file = openFile(process.pid, pidfd, fd, readLinkOf(fd));
      try {
        return openFiles(ctx).describe(task, file).id;
      } finally {
        close(file.local);
      }
    });
    return [{ type: SCM_RIGHTS, rights: ids }];
  } finally {
    close(pidfd);
  }
}

/** Adds the receive queue of socket `fd` to the images as that of file `id`. @throws SysError, CriuError */
export function dumpQueue(ctx: DumpContext, task: LiveTask, fd: number, id: number): void {
  const before = option(fd, SO.PEEK_OFF);
  const room = Buffer.alloc(option(fd, SO.SNDBUF));
  const control = Buffer.alloc(CONTROL_BYTES);
  sys('setsockopt', fd, SOL_SOCKET, SO.PEEK_OFF, new Int32Array([0]), 4);
  try {
    for (;;) {
      const packet = peek(fd, room, control);
      if (!packet) return;
      try {
        const scm = rights(ctx, task, packet.fds);
        ctx.images.add(
          'SK_QUEUES',
          { id_for: id, length: packet.data.length, scm },
          { payload: packet.data },
        );
      } finally {
        // Kept open until the end, so that kcmp() still finds two of the same.
        for (const own of packet.fds) ctx.onClose(() => close(own));
      }
    }
  } finally {
    sys('setsockopt', fd, SOL_SOCKET, SO.PEEK_OFF, new Int32Array([before]), 4);
  }
}
