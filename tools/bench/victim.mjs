// Processes to be dumped: started, waited for, and ended with all that is below them.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Whether there is such a process, or what is left of it until it is waited for. */
const exists = (pid) => textOf(`/proc/${pid}/stat`) !== '';

/** A process and all below it. */
export function treeOf(pid) {
  const children = textOf(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(treeOf)];
}

/** Roots of trees that have not been ended. */
const running = new Set();

/** @returns its pid, and a promise of its end */
export async function startVictim(program, size, dir) {
  const ready = join(dir, 'ready');
  rmSync(ready, { force: true });
  const out = openSync(ready, 'w');
  const none = openSync('/dev/null', 'r');
  const args = Object.entries(size).map(([key, value]) => `${key}=${value}`);
  const child = spawn(program, args, { detached: true, stdio: [none, out, out] });
  closeSync(out);
  closeSync(none);
  running.add(child.pid);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  while (!textOf(ready).includes('ready')) {
    if (child.exitCode !== null) throw new Error(`the victim did not start: ${textOf(ready)}`);
    await sleep(5);
  }
  return { pid: child.pid, ended };
}

/** Waits until pids are free. */
export async function untilFree(pids) {
  while (pids.some(exists)) await sleep(2);
}

/** Ends all that was started, without waiting. */
export function endAll() {
  for (const pid of running) killTree(pid);
}

/** Ends a tree and waits until all its pids are free. */
export async function endTree(pid) {
  await untilFree(killTree(pid));
  running.delete(pid);
}

function killTree(pid) {
  const pids = treeOf(pid);
  for (const one of pids) {
    try {
      process.kill(one, 'SIGKILL');
    } catch {
      // It ended with its parent.
    }
  }
  return pids;
}
