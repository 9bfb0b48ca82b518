// Checks whether the ports of restored listening sockets are free.

import { close, SysError, sys, sysRaw } from '@criu/native';
import {
  AF_INET6,
  EADDRINUSE,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  SOL_IPV6,
  SOL_SOCKET,
} from '@criu/native/uapi';
import { addressText } from '@criu/soccr';
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { InetSkEntry } from '../../../images/types.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { addressOfWords, socketAddress } from './address.js';

/**
 * Declares that the plan needs a free port. A socket that is bound and closed at once finds out; no other way covers
 * all conflicts.
 */
export function expectPort(ctx: PlanContext, socket: InetSkEntry): void {
  const { family, src_port: port, src_addr: words } = socket;
  const own = addressOfWords(family, words);
  const to = socketAddress(family, own, port);
  const address = addressText(own);
  const name = family === AF_INET6 ? `[${address}]:${port}` : `${address}:${port}`;
  ctx.expect({
    kind: 'port',
    name,
    look() {
      if (ctx.root.birthFlags & BigInt(CLONE_NEW.net)) return 'unseen';
      const fd = sys('socket', family, SOCK_STREAM | SOCK_CLOEXEC, 0);
      try {
        const on = new Int32Array([1]);
        for (const option of [SO_REUSEADDR, SO_REUSEPORT])
          sysRaw('setsockopt', fd, SOL_SOCKET, option, on, 4);
        if (family === AF_INET6)
          sysRaw('setsockopt', fd, SOL_IPV6, IPV6_V6ONLY, new Int32Array([socket.v6only ? 1 : 0]), 4);
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
