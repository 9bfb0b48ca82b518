// One netlink request and the kernel's answer to it, for probes.
import { errnoName, sysRaw } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import { CONSTANT as C, type Verdict } from './kit.js';

const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
export const NLM_F_DUMP = 0x300;
const NLMSG_ERROR = 2;
const HEADER = 16;

/** An attribute: type and 32-bit value. */
export function attribute(type: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(8, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.writeInt32LE(value | 0, 4);
  return bytes;
}

/** Errno of the answer, 0 for success, or a reason why there was none. */
export function request(
  protocol: number,
  type: number,
  flags: number,
  ...body: readonly Uint8Array[]
): { errno: number; error?: string } {
  const fd = sysRaw('socket', C.AF_NETLINK, C.SOCK_RAW | 0o2000000, protocol);
  if (fd < 0) return { errno: -fd, error: `netlink socket: ${errnoName(-fd)}` };
  try {
    const payload = Buffer.concat(body);
    const message = Buffer.alloc(HEADER + payload.length);
    message.writeUInt32LE(message.length, 0);
    message.writeUInt16LE(type, 4);
    message.writeUInt16LE(NLM_F_REQUEST | (flags === NLM_F_DUMP ? NLM_F_DUMP : NLM_F_ACK | flags), 6);
    message.writeUInt32LE(1, 8);
    message.set(payload, HEADER);
    const sent = sysRaw('sendto', fd, message, message.length, 0, null, 0);
    if (sent < 0) return { errno: -sent, error: `netlink: ${errnoName(-sent)}` };
    const answer = Buffer.alloc(1 << 16);
    // The kernel answers within sendto(), so there is nothing to wait for.
    const got = sysRaw('recvfrom', fd, answer, answer.length, 0x40 /* MSG_DONTWAIT */, null, null);
    if (got < 0) return { errno: -got, error: `netlink: ${errnoName(-got)}` };
    if (answer.readUInt16LE(4) !== NLMSG_ERROR) return { errno: 0 };
    return { errno: -answer.readInt32LE(HEADER) };
  } finally {
    closeSync(fd);
  }
}

/** An answer as a verdict; `seen` are errnos that show the feature. */
export function judged(
  what: string,
  answer: { errno: number; error?: string },
  seen: readonly number[] = [],
): Verdict {
  if (answer.error) return `${what}: ${answer.error}`;
  if (answer.errno === 0 || seen.includes(answer.errno)) return null;
  return `${what}: ${errnoName(answer.errno)}`;
}
