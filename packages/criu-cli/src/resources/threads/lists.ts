// Parses lists of CPUs and NUMA nodes in images, in the format of cpuset(7): "0-3,8".
import { CriuError } from '../../errors.js';
import { parseCpus } from '../../proc/cpus.js';

/** The list in a field of a thread's image as a mask. @throws CriuError BAD_IMAGE */
export function listOfImage(tid: number, field: string, list: string): bigint {
  try {
    return parseCpus(list);
  } catch (error) {
    throw new CriuError('BAD_IMAGE', `${field} is no list`, { file: `core-${tid}.img` }, undefined, error);
  }
}
