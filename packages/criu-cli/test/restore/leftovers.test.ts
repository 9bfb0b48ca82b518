// A port from which connections were closed a moment ago is that of its listener again.
import { destroyInetSocket, NetlinkError, NetlinkSocket } from '@criu/native/netlink';
import { EOPNOTSUPP, NETLINK_SOCK_DIAG } from '@criu/native/uapi';
import { afterAll, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

const TCP = 6;
const INET = 2;

/** Whether this kernel ends sockets (CONFIG_INET_DIAG_DESTROY): it says what it has against one that is not there. */
function canEnd(): boolean {
  using socket = NetlinkSocket.open(NETLINK_SOCK_DIAG);
  const nowhere = Buffer.alloc(4);
  try {
    destroyInetSocket(socket, INET, TCP, { localPort: 1, remotePort: 1, local: nowhere, remote: nowhere });
  } catch (error) {
    return error instanceof NetlinkError && error.errno !== EOPNOTSUPP;
  }
  return true;
}

it.skipIf(!isRoot || !canEnd())(
  'what closed connections have left does not keep a port from its listener (needs root, CONFIG_INET_DIAG_DESTROY)',
  async () => {
    const source = new URL('victims/leftovers.c', import.meta.url);
    const victim = await Victim.start('leftovers', {}, source);
    try {
      const { pid } = victim;
      for (let i = 0; i < 2; i++) {
        const imagesDir = freshDir();
        await dump({ pid, imagesDir, tcpEstablished: true });
        await free([pid]);
        await restore({ imagesDir, detached: true, tcpEstablished: true });
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  },
);
