// Checks whether the ports of restored listening sockets are free.

import { close, SysError, sys, sysRaw } from '@criu/native';
import { EADDRINUSE, SOCK_CLOEXEC, SOL_SOCKET } from '@criu/native/uapi';
import { addressText } from '@criu/soccr';
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { InetSkEntry } from '../../../images/types.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { AF, SO, SOCK } from '../sockets/options.js';
import { IPV6, SOL } from './numbers.js';

/** struct sockaddr_in or sockaddr_in6; the words of an image are in host byte order. */
export function sockaddr(family: number, port: number, words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(family === AF.INET6 ? 28 : 16);
  bytes.writeUInt16LE(family, 0);
  bytes.writeUInt16BE(port, 2);
  const at = family === AF.INET6 ? 8 : 4;
  for (const [i, word] of words.slice(0, family === AF.INET6 ? 4 : 1).entries())
    bytes.writeUInt32LE(word >>> 0, at + i * 4);
  return bytes;
}

/**
 * Declares that the plan needs a free port. A socket that is bound and closed at once finds out; no other way covers
 * all conflicts.
 */
export function expectPort(ctx: PlanContext, socket: InetSkEntry): void {
  const { family, src_port: port, src_addr: words } = socket;
  const to = sockaddr(family, port, words);
  const address = addressText(to.subarray(family === AF.INET6 ? 8 : 4, family === AF.INET6 ? 24 : 8));
  const name = family === AF.INET6 ? `[${address}]:${port}` : `${address}:${port}`;
  ctx.expect({
    kind: 'port',
    name,
    look() {
      if (ctx.root.birthFlags & BigInt(CLONE_NEW.net)) return 'unseen';
      const fd = sys('socket', family, SOCK.STREAM | SOCK_CLOEXEC, 0);
      try {
        const on = new Int32Array([1]);
        for (const option of [SO.REUSEADDR, SO.REUSEPORT])
          sysRaw('setsockopt', fd, SOL_SOCKET, option, on, 4);
        if (family === AF.INET6)
          sysRaw('setsockopt', fd, SOL.IPV6, IPV6.V6ONLY, new Int32Array([socket.v6only ? 1 : 0]), 4);
        const result = sysRaw('bind', fd, to, to.length);
        // Other errors, such as an address that this machine does not have, are left to the restore.
        if (result === -EADDRINUSE)
          throw new CriuError(
            'SYSCALL',
            `somebody else listens on ${name}`,
            {},
            'end that program (`ss -lntp` names it), or restore in a network namespace',
            new SysError('bind', EADDRINUSE),
          );
      } finally {
        close(fd);
      }
      return 'there';
    },
  });
}
