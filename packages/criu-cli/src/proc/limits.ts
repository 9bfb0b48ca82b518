/** `/proc/PID/limits`: resource limits of a process (proc_pid_limits(5)). */

import { PROC_ROOT, type ProcText, readText } from './io.js';
import { Scan } from './scan.js';

/** No limit. */
export const RLIM_INFINITY = 0xffff_ffff_ffff_ffffn;

/** The names in the file, each at the place of its RLIMIT_* number on x86_64. */
const NAMES: readonly string[] = [
  'Max cpu time',
  'Max file size',
  'Max data size',
  'Max stack size',
  'Max core file size',
  'Max resident set',
  'Max processes',
  'Max open files',
  'Max locked memory',
  'Max address space',
  'Max file locks',
  'Max pending signals',
  'Max msgqueue size',
  'Max nice priority',
  'Max realtime priority',
  'Max realtime timeout',
];

/** One limit in its own unit (seconds, bytes, …); {@link RLIM_INFINITY} is none. */
export interface Rlimit {
  cur: bigint;
  max: bigint;
}

/** Parses the text of limits: 16 limits, indexed by RLIMIT_* number. */
export function parseLimits(text: ProcText, file = 'limits'): Rlimit[] {
  const scan = new Scan(text, file);
  const found = new Map<number, Rlimit>();
  scan.expect('Limit ');
  scan.nextLine();
  while (!scan.atEnd) {
    // The kernel writes them by number; a name that begins another one does not exist among them.
    const resource = NAMES.findIndex((name) => scan.skip(name));
    if (resource >= 0) found.set(resource, { cur: limit(scan), max: limit(scan) });
    scan.nextLine();
  }
  const limits: Rlimit[] = [];
  for (let resource = 0; resource < NAMES.length; resource++) {
    const entry = found.get(resource);
    if (entry === undefined) throw scan.error(`the limit "${NAMES[resource]}" is missing`);
    limits.push(entry);
  }
  return limits;
}

function limit(scan: Scan): bigint {
  scan.blanks();
  return scan.skip('unlimited') ? RLIM_INFINITY : scan.big();
}

/** Reads the limits of a process. */
export function readLimits(pid: number, root: string = PROC_ROOT): Rlimit[] {
  return parseLimits(readText(pid, 'limits', root), `${root}/${pid}/limits`);
}
