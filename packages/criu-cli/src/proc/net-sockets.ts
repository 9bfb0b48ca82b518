/** `/proc/PID/net/raw`, `raw6`, `icmp` and `icmp6`: the only interface that shows the peers of these sockets. */

import type { ProcText } from './io.js';

export interface NetSocket {
  readonly ino: bigint;
  /** State, numbered as those of TCP. */
  readonly state: number;
  /** Address of the peer, one or four words in host byte order. */
  readonly remote: readonly number[];
  readonly remotePort: number;
}

const LINE =
  /^\s*\d+: [0-9A-F]+:[0-9A-F]{4} ((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4}) ([0-9A-F]{2}) \S+ \S+ \S+ +\d+ +\d+ (\d+) /;

/** Parses the text of such a table. */
export function parseNetSockets(text: ProcText): NetSocket[] {
  return text.split('\n').flatMap((line) => {
    const parts = LINE.exec(line);
    if (!parts) return [];
    const [, remote = '', port = '', state = '', ino = ''] = parts;
    return {
      remote: (remote.match(/.{8}/g) ?? []).map((word) => Number.parseInt(word, 16)),
      remotePort: Number.parseInt(port, 16),
      state: Number.parseInt(state, 16),
      ino: BigInt(ino),
    };
  });
}
