/** `/proc/PID/auxv`: the auxiliary vector that the kernel gave to the program (proc_pid_auxv(5), getauxval(3)). */

import { ProcError } from './errors.js';
import { PROC_ROOT, readBytes } from './io.js';

export interface Auxv {
  /** All words as the kernel keeps them, alternating types and values, including AT_NULL and what follows it. */
  words: BigUint64Array;
  /** Pairs of AT_* type and value, without AT_NULL. */
  entries: [type: bigint, value: bigint][];
}

/** Parses the bytes of auxv; `wordSize` is 4 for a 32-bit program. */
export function parseAuxv(bytes: Uint8Array, wordSize: 4 | 8 = 8, file = 'auxv'): Auxv {
  if (bytes.length % (2 * wordSize) !== 0) {
    throw new ProcError('PROC_FORMAT', `${file}: ${bytes.length} bytes are no whole number of pairs`, {
      file,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = new BigUint64Array(bytes.length / wordSize);
  for (let i = 0; i < words.length; i++) {
    words[i] = wordSize === 8 ? view.getBigUint64(i * 8, true) : BigInt(view.getUint32(i * 4, true));
  }
  const entries: [bigint, bigint][] = [];
  for (let i = 0; i < words.length; i += 2) {
    const [type = 0n, value = 0n] = words.subarray(i, i + 2);
    if (type === 0n) break;
    entries.push([type, value]);
  }
  return { words, entries };
}

/** Reads the auxiliary vector of a task; empty for a kernel thread and a zombie. */
export function readAuxv(pid: number, wordSize: 4 | 8 = 8, root: string = PROC_ROOT): Auxv {
  return parseAuxv(readBytes(pid, 'auxv', root), wordSize, `${root}/${pid}/auxv`);
}
