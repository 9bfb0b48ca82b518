// The socket by which a task asked for its own dump: restored, it finds there that it was.

import type { UnixSkEntry } from '../../../images/types.js';
import { CriuReqType, encodeMessage } from '../../../images/types.js';
import type { FileMaker } from '../kind.js';

/** Puts the answer into the queue of the asking end; the other one is closed then. */
export function answer({ plan }: FileMaker, socket: UnixSkEntry, other: number): void {
  const response = encodeMessage('CriuResp', {
    type: CriuReqType.DUMP,
    success: true,
    dump: { restored: true },
  });
  const p = plan.program('files');
  p.syscall('write', [other, p.data(response), response.length], {
    expect: response.length,
    label: `answer to the request of Unix socket ${socket.id}`,
  });
  p.syscall('close', [other]);
}
