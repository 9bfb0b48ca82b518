// Dumps AIO contexts. Their rings are dumped as pages; requests in flight would complete without the dump noticing.
import type { AioRingEntry, VmaTable } from '@criu/images';
import { addon, SysError, sysRaw } from '@criu/native';
import type { DumpContext } from '../../engine/dump-context.js';
import { CriuError } from '../../errors.js';
import { VMA } from '../../images/vma.js';
import { AIO_RING, type AioRing, readAioRing, requestsOf } from './aio.js';

/** Milliseconds to wait for further completions while requests complete, and the limit of the whole wait. */
const QUIET_MS = 1;
const QUIET_LIMIT_MS = 200;

export interface DumpedRing {
  readonly entry: AioRingEntry;
  readonly tail: number;
}

function lookAt(pid: number, start: bigint, length: number): AioRing {
  const header = Buffer.alloc(AIO_RING.size);
  const n = addon().vmRead(pid, start, header);
  if (n !== header.length) throw new SysError('process_vm_readv', n < 0 ? -n : 14, 'an AIO ring');
  const ring = readAioRing(header, length);
  if (!ring)
    throw new CriuError('UNSUPPORTED', `the AIO ring at 0x${start.toString(16)} is not of a known form`, {
      pid,
    });
  return ring;
}

/** Looks at a ring until no request has completed for a while. */
function atRest(ctx: Pick<DumpContext, 'ifStopped'>, pid: number, start: bigint, length: number): AioRing {
  let ring = lookAt(pid, start, length);
  const limit = ctx.ifStopped(() => QUIET_LIMIT_MS, 0);
  for (let waited = 0; waited < limit; waited += QUIET_MS) {
    sysRaw('poll', null, 0, QUIET_MS);
    const now = lookAt(pid, start, length);
    if (now.tail === ring.tail) break;
    ring = now;
  }
  return ring;
}

/**
 * Describes the AIO contexts of a stopped task. The kernel does not show requests in flight; but while some complete,
 * the dump waits for more.
 * @throws CriuError, SysError
 */
export function dumpAioRings(ctx: Pick<DumpContext, 'ifStopped'>, pid: number, vmas: VmaTable): DumpedRing[] {
  const rings = vmas.list(({ status }) => status & VMA.AIORING);
  return rings.map(({ start, end }) => {
    const length = Number(end - start);
    const ring = atRest(ctx, pid, start, length);
    return { entry: { id: start, nr_req: requestsOf(ring.nr), ring_len: length }, tail: ring.tail };
  });
}

/** Checks that no request has completed since the rings were read. @throws CriuError NOT_DUMPABLE */
export function checkQuiet(pid: number, rings: readonly DumpedRing[]): void {
  for (const { entry, tail } of rings) {
    if (lookAt(pid, entry.id, entry.ring_len).tail === tail) continue;
    throw new CriuError(
      'NOT_DUMPABLE',
      `requests of the AIO context 0x${entry.id.toString(16)} are in flight`,
      { pid },
      'try again when its input and output is done',
    );
  }
}
