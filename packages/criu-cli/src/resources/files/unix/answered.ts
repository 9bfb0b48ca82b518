// The RPC socket of a task that has requested its own dump: after the restore it finds the response there.

import type { UnixSkEntry } from '../../../images/types.js';
import { CriuReqType, encodeMessage } from '../../../images/types.js';
import type { FileMaker } from '../kind.js';

/** Puts the response into the queue of the requesting end; the other end is then closed. */
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
