// netlink(7): protocol, address, groups and destination.
import type { Program } from '@criu/compel';
import { F_SETFL, moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';
import { AF, SOCK } from '../sockets/options.js';
import { setSocketOptions } from '../sockets/restore.js';

const CONNECTED = 1;
const SOCK_CLOEXEC = 0o2000000;
const SOCKADDR_NL = 12;

/** struct sockaddr_nl. */
function address(p: Program, portid: number, groups: number) {
  const bytes = Buffer.alloc(SOCKADDR_NL);
  bytes.writeUInt16LE(AF.NETLINK, 0);
  bytes.writeUInt32LE(portid, 4);
  bytes.writeUInt32LE(groups, 8);
  return p.data(bytes);
}

export const netlinkRestore: FileRestore<'nlsk'> = {
  make({ plan, temp }, [entry]) {
    const socket = entry.nlsk;
    const { id } = socket;
    const p = plan.program('files');
    const fd = p.syscall('socket', [AF.NETLINK, SOCK.RAW | SOCK_CLOEXEC, socket.protocol], {
      label: `netlink socket ${id}`,
    });
    moveTo(p, fd, temp(id));
    if (socket.portid)
      p.syscall('bind', [temp(id), address(p, socket.portid, socket.groups[0] ?? 0), SOCKADDR_NL], {
        label: `address of netlink socket ${id}`,
      });
    if (socket.state === CONNECTED)
      p.syscall('connect', [temp(id), address(p, socket.dst_portid, socket.dst_group), SOCKADDR_NL], {
        label: `destination of netlink socket ${id}`,
      });
    setSocketOptions(p, temp(id), socket.opts);
    p.syscall('fcntl', [temp(id), F_SETFL, socket.flags & SETFL_MASK]);
    setOwner(p, temp(id), socket.fown);
  },
};
