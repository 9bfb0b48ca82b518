/** `uid_map`, `gid_map` and `setgroups` of `/proc/PID`: how a user namespace maps ids (user_namespaces(7)). */

import { PROC_ROOT, type ProcText, readTextIfAny } from './io.js';
import { Scan } from './scan.js';

/** `count` ids from `inside` on, in the task's namespace, are those from `outside` on in the reader's. */
export interface IdRange {
  inside: number;
  outside: number;
  count: number;
}

/** Parses the text of uid_map or gid_map; empty while no map is set. */
export function parseIdMap(text: ProcText, file = 'uid_map'): IdRange[] {
  const scan = new Scan(text, file);
  const ranges: IdRange[] = [];
  while (!scan.atEnd) {
    scan.blanks();
    const inside = scan.dec();
    scan.blanks();
    const outside = scan.dec();
    scan.blanks();
    ranges.push({ inside, outside, count: scan.dec() });
    scan.endLine();
  }
  return ranges;
}

/** Reads uid_map; undefined without user namespaces. */
export function readUidMap(pid: number, root: string = PROC_ROOT): IdRange[] | undefined {
  return readIdMap(pid, 'uid_map', root);
}

/** Reads gid_map; undefined without user namespaces. */
export function readGidMap(pid: number, root: string = PROC_ROOT): IdRange[] | undefined {
  return readIdMap(pid, 'gid_map', root);
}

function readIdMap(pid: number, name: string, root: string): IdRange[] | undefined {
  const text = readTextIfAny(pid, name, root);
  return text === undefined ? undefined : parseIdMap(text, `${root}/${pid}/${name}`);
}

/** Parses the text of setgroups. */
export function parseSetgroups(text: ProcText, file = 'setgroups'): 'allow' | 'deny' {
  const scan = new Scan(text, file);
  const word = scan.word();
  if (word !== 'allow' && word !== 'deny') throw scan.error('expected allow or deny');
  return word;
}

/** Reads whether setgroups(2) is allowed in the task's user namespace; undefined without these. */
export function readSetgroups(pid: number, root: string = PROC_ROOT): 'allow' | 'deny' | undefined {
  const text = readTextIfAny(pid, 'setgroups', root);
  return text === undefined ? undefined : parseSetgroups(text, `${root}/${pid}/setgroups`);
}
