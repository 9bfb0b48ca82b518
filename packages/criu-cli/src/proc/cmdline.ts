/** `/proc/PID/cmdline` and `/proc/PID/environ`: the strings that a program started with, or has overwritten. */

import { decodeLatin1 } from '@criu/native';
import { PROC_ROOT, type ProcText, readText } from './io.js';

/**
 * Splits strings that each end in a zero byte. A program may have overwritten them (setproctitle(3)): then the last one
 * need not end so.
 */
export function parseStrings(text: ProcText): string[] {
  if (text === '') return [];
  const strings = text.split('\0');
  if (text.endsWith('\0')) strings.pop();
  return strings.map(decodeLatin1);
}

/** Reads the arguments of a process (proc_pid_cmdline(5)); none for a kernel thread and a zombie. */
export function readCmdline(pid: number, root: string = PROC_ROOT): string[] {
  return parseStrings(readText(pid, 'cmdline', root));
}

/** Reads the environment that a process started with (proc_pid_environ(5)), as `NAME=value`. */
export function readEnviron(pid: number, root: string = PROC_ROOT): string[] {
  return parseStrings(readText(pid, 'environ', root));
}
