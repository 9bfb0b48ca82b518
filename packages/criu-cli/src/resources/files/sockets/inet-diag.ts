// What only the kernel's own list tells of datagram sockets: what of them is shut down (INET_DIAG_SHUTDOWN).
import { attributes, sockDiag } from './sock-diag.js';

const REQUEST = 56;
const MESSAGE = 72;
const INODE = 68;
const SHUTDOWN = 8;

/** Bits of shutdown(2) by inode: 1 receiving, 2 sending; of the bound sockets of a protocol. @throws SysError */
export function readShutdowns(family: number, protocol: number): Map<number, number> {
  const shutdowns = new Map<number, number>();
  const request = Buffer.alloc(REQUEST);
  request[0] = family;
  request[1] = protocol;
  request.writeUInt32LE(0xffffffff, 4); // states
  sockDiag(request, (message) => {
    const inode = message.readUInt32LE(INODE);
    attributes(message, MESSAGE, (type, value) => {
      if (type === SHUTDOWN && value[0]) shutdowns.set(inode, value[0]);
    });
  });
  return shutdowns;
}
