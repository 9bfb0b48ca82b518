/** `/proc/PID/task` and its `children`: the threads and the child processes of a process. */

import { ProcError, TaskGoneError } from './errors.js';
import { PROC_ROOT, type ProcText, readNumbers, readText } from './io.js';
import { Scan } from './scan.js';
import { parseStat } from './stat.js';

/** The tids of all threads of a process, ascending. */
export function readTids(pid: number, root: string = PROC_ROOT): number[] {
  return readNumbers(`${root}/${pid}/task`, pid, root);
}

/** All processes that this procfs shows, ascending. */
export function readPids(root: string = PROC_ROOT): number[] {
  return readNumbers(root, undefined, root);
}

/** Parses the text of children: pids on one line, in order of birth. */
export function parseChildren(text: ProcText, file = 'children'): number[] {
  const scan = new Scan(text, file);
  const pids: number[] = [];
  for (scan.blanks(); !scan.atLineEnd; scan.blanks()) pids.push(scan.dec());
  return pids;
}

/**
 * The children of a process, whichever of its threads created them, ascending. Reliable only while all of these threads
 * are stopped (proc_pid_task(5)). Without CONFIG_PROC_CHILDREN, the parent of every process is read.
 */
export function readChildren(pid: number, root: string = PROC_ROOT): number[] {
  const pids: number[] = [];
  for (const tid of readTids(pid, root)) {
    const name = `task/${tid}/children`;
    try {
      const text = readText(pid, name, root);
      // Most threads have no children.
      if (text.length === 0) continue;
      for (const child of parseChildren(text, `${root}/${pid}/${name}`)) pids.push(child);
    } catch (error) {
      if (!(error instanceof ProcError) || error.code !== 'PROC_MISSING') throw error;
      // The children of a thread that has ended were reparented to another thread. Either way the scan has the answer.
      return scanChildren(pid, root);
    }
  }
  return pids.sort((a, b) => a - b);
}

/** The children of a process, found by looking at the parent of every process. */
export function scanChildren(pid: number, root: string = PROC_ROOT): number[] {
  const children: number[] = [];
  for (const candidate of readPids(root)) {
    try {
      const stat = parseStat(readText(candidate, 'stat', root), `${root}/${candidate}/stat`);
      if (stat.ppid === pid) children.push(candidate);
    } catch (error) {
      if (!(error instanceof TaskGoneError)) throw error;
    }
  }
  return children;
}
