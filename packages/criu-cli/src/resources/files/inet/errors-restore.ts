// Restores the pending error of a datagram socket by an injected ICMP message.
import { close, sys } from '@criu/native';
import { AF_INET, SIOCGSKNS, udphdr } from '@criu/native/uapi';
import { addressText, injectUnreachable } from '@criu/soccr';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import type { InetSkEntry } from '../../../images/types.js';
import { hasError } from '../sockets/look.js';

const ARRIVAL_MS = 200;

function addressOf(words: readonly number[], family: number): string {
  const bytes = Buffer.alloc(family === AF_INET ? 4 : 16);
  for (let i = 0; i * 4 < bytes.length; i++) bytes.writeUInt32LE((words[i] ?? 0) >>> 0, i * 4);
  return addressText(bytes);
}

/** @returns whether the socket has the error now */
function tell(
  local: number,
  { family, proto, src_addr, src_port, dst_addr, dst_port }: InetSkEntry,
): boolean {
  const head = Buffer.alloc(udphdr.sizeof);
  head.writeUInt16BE(src_port, udphdr.source);
  head.writeUInt16BE(dst_port, udphdr.dest);
  head.writeUInt16BE(udphdr.sizeof, udphdr.len);
  const ends = {
    family: family === AF_INET ? (4 as const) : (6 as const),
    local: { address: addressOf(src_addr, family), port: src_port },
    remote: { address: addressOf(dst_addr, family), port: dst_port },
  };
  const netns = sys('ioctl', local, SIOCGSKNS);
  try {
    injectUnreachable(netns, ends, 'port', { protocol: proto, head });
  } finally {
    close(netns);
  }
  for (let round = 0; round < ARRIVAL_MS && !hasError(local); round++) sys('poll', null, 0, 1);
  return hasError(local);
}

/** Sets the pending error of a connected datagram socket, as the last step: other system calls would return it. */
export function restoreError(ctx: PlanContext, plan: TaskPlan, socket: InetSkEntry, fd: number): void {
  if (!socket.error) return;
  plan.asCaller('process', fd, `error of internet socket ${socket.id}`, (local) => {
    if (!tell(local, socket))
      ctx.log.warn(`internet socket ${socket.id}: it does not hear of its error again`);
  });
}
