// Processors and nodes in images are lists as cpuset(7) has them: "0-3,8".
import { CriuError } from '../../errors.js';
import { parseCpus } from '../../proc/cpus.js';

/** Bits of such a list in a field of a thread's image. @throws CriuError BAD_IMAGE */
export function listOfImage(tid: number, field: string, list: string): bigint {
  try {
    return parseCpus(list);
  } catch (error) {
    throw new CriuError('BAD_IMAGE', `${field} is no list`, { file: `core-${tid}.img` }, undefined, error);
  }
}
