// /proc/PID/net/igmp and igmp6: the multicast groups of all sockets of a network namespace, by device.
import type { ProcText } from './io.js';

export interface MulticastGroup {
  readonly ifindex: number;
  /** Address of four or sixteen bytes in network byte order. */
  readonly group: Buffer;
}

/**
 * Parses igmp: a line with the index of each device, followed by lines for its groups, as hexadecimal words in host
 * byte order.
 */
export function parseIgmp(text: ProcText): MulticastGroup[] {
  const groups: MulticastGroup[] = [];
  let ifindex = 0;
  for (const line of text.split('\n')) {
    const device = /^(\d+)\s/.exec(line);
    if (device) ifindex = Number(device[1]);
    const word = /^\s+([0-9A-F]{8})\s/.exec(line)?.[1];
    if (!word || !ifindex) continue;
    const group = Buffer.alloc(4);
    group.writeUInt32LE(Number.parseInt(word, 16));
    groups.push({ ifindex, group });
  }
  return groups;
}

/** Parses igmp6: a line for each group, with index and name of the device and the address as 32 hexadecimal digits. */
export function parseIgmp6(text: ProcText): MulticastGroup[] {
  return text.split('\n').flatMap((line) => {
    const [, ifindex, digits] = /^(\d+)\s+\S+\s+([0-9a-f]{32})\s/.exec(line) ?? [];
    return ifindex && digits ? [{ ifindex: Number(ifindex), group: Buffer.from(digits, 'hex') }] : [];
  });
}
