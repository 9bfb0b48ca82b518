// /proc/PID/net/igmp and igmp6: multicast groups that any socket of a network namespace is in, by device.
import type { ProcText } from './io.js';

export interface MulticastGroup {
  readonly ifindex: number;
  /** Four or sixteen bytes in network order. */
  readonly group: Buffer;
}

/** Devices begin a line with their index; each of their groups follows, as the word that it is in memory. */
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

/** A line for each group: index and name of the device, then the address as 32 digits. */
export function parseIgmp6(text: ProcText): MulticastGroup[] {
  return text.split('\n').flatMap((line) => {
    const [, ifindex, digits] = /^(\d+)\s+\S+\s+([0-9a-f]{32})\s/.exec(line) ?? [];
    return ifindex && digits ? [{ ifindex: Number(ifindex), group: Buffer.from(digits, 'hex') }] : [];
  });
}
