// Asks the kernel for all sockets of a family (sock_diag(7)).
import { close, SysError, sys, sysRaw } from '@criu/native';
import { AF, SOCK } from './options.js';

const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST_DUMP = 0x301;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const HEADER = 16;
const SOCK_CLOEXEC = 0o2000000;

/** Calls `each` with the body of every answer to a request; the bytes are good until it returns. @throws SysError */
export function sockDiag(request: Uint8Array, each: (message: Buffer) => void): void {
  const fd = sys('socket', AF.NETLINK, SOCK.RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  try {
    const question = Buffer.alloc(HEADER + request.byteLength);
    question.writeUInt32LE(question.length, 0);
    question.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
    question.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
    question.set(request, HEADER);
    sys('sendto', fd, question, question.length, 0, null, 0);
    const answer = Buffer.alloc(64 << 10);
    for (;;) {
      const n = sysRaw('recvfrom', fd, answer, answer.length, 0, null, null);
      if (n < 0) throw new SysError('recvfrom', -n, 'sock_diag');
      for (let at = 0; at + HEADER <= n; ) {
        const length = answer.readUInt32LE(at);
        const type = answer.readUInt16LE(at + 4);
        if (type === NLMSG_DONE || length < HEADER) return;
        if (type === NLMSG_ERROR) throw new SysError('sock_diag', -answer.readInt32LE(at + HEADER));
        each(answer.subarray(at + HEADER, at + length));
        at += (length + 3) & ~3;
      }
    }
  } finally {
    close(fd);
  }
}

/** Calls `each` with the type and value of every attribute from `from` on. */
export function attributes(message: Buffer, from: number, each: (type: number, value: Buffer) => void): void {
  for (let at = from; at + 4 <= message.length; ) {
    const length = message.readUInt16LE(at);
    if (length < 4) return;
    each(message.readUInt16LE(at + 2), message.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
}
