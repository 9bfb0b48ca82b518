/** The files of `/proc/PID` that hold a single value. */

import { decodeLatin1 } from '@criu/native';
import { PROC_ROOT, type ProcText, readText, readTextIfAny } from './io.js';
import { Scan } from './scan.js';

/** Parses a text that is one decimal number, maybe negative, and a newline. */
export function parseDecimal(text: ProcText, file = 'value'): number {
  const scan = new Scan(text, file);
  scan.blanks();
  const value = scan.int();
  end(scan);
  return value;
}

/** Parses a text that is one hexadecimal number without 0x and a newline. */
export function parseHex(text: ProcText, file = 'value'): number {
  const scan = new Scan(text, file);
  const value = scan.hex();
  end(scan);
  return value;
}

/** Parses a text that is one decimal number of 64 bits and a newline. */
export function parseBig(text: ProcText, file = 'value'): bigint {
  const scan = new Scan(text, file);
  const value = scan.big();
  end(scan);
  return value;
}

function end(scan: Scan): void {
  scan.endLine();
  if (!scan.atEnd) throw scan.error('expected the end of the text');
}

/** Parses the text of comm: any bytes but zero, then a newline that is not part of the name. */
export function parseComm(text: ProcText): string {
  return decodeLatin1(text.endsWith('\n') ? text.slice(0, -1) : text);
}

/** The name of a task or thread (proc_pid_comm(5)); up to 15 bytes, for kernel threads more. */
export function readComm(pid: number, root: string = PROC_ROOT): string {
  return parseComm(readText(pid, 'comm', root));
}

/** OOM score adjustment, -1000 to 1000 (proc_pid_oom_score_adj(5)). */
export function readOomScoreAdj(pid: number, root: string = PROC_ROOT): number {
  return parseDecimal(readText(pid, 'oom_score_adj', root), `${root}/${pid}/oom_score_adj`);
}

/** Nice value of the autogroup of a task's session (sched(7)); undefined without CONFIG_SCHED_AUTOGROUP. */
export function readAutogroupNice(pid: number, root: string = PROC_ROOT): number | undefined {
  const nice = /^\S+ nice (-?\d+)$/m.exec(readTextIfAny(pid, 'autogroup', root) ?? '')?.[1];
  return nice === undefined ? undefined : Number(nice);
}

/** Result of {@link readLoginUid} when no login uid was set: (uid_t)-1. */
export const LOGINUID_UNSET = 0xffff_ffff;

/** The audit login uid (proc_pid_loginuid in kernel/audit); undefined without CONFIG_AUDIT. */
export function readLoginUid(pid: number, root: string = PROC_ROOT): number | undefined {
  const text = readTextIfAny(pid, 'loginuid', root);
  return text === undefined ? undefined : parseDecimal(text, `${root}/${pid}/loginuid`);
}

/** The execution domain and its flags (personality(2)). */
export function readPersonality(pid: number, root: string = PROC_ROOT): number {
  return parseHex(readText(pid, 'personality', root), `${root}/${pid}/personality`);
}

/** Bit mask of the mappings that a core dump includes (core(5)); undefined for a task without memory. */
export function readCoredumpFilter(pid: number, root: string = PROC_ROOT): number | undefined {
  const text = readTextIfAny(pid, 'coredump_filter', root);
  return text === undefined || text === '' ? undefined : parseHex(text, `${root}/${pid}/coredump_filter`);
}

/** Timer slack in nanoseconds (proc_pid_timerslack_ns(5)). */
export function readTimerSlack(pid: number, root: string = PROC_ROOT): bigint {
  return parseBig(readText(pid, 'timerslack_ns', root), `${root}/${pid}/timerslack_ns`);
}

/** The kernel function a task sleeps in; undefined if it does not or this may not be seen (shown as `0`). */
export function readWchan(pid: number, root: string = PROC_ROOT): string | undefined {
  const text = readTextIfAny(pid, 'wchan', root);
  return text === undefined || text === '' || text === '0' ? undefined : text;
}

/** Parses a text of an LSM: a label, ended by nothing, a newline or a zero byte. */
export function parseAttr(text: ProcText): string {
  let length = text.length;
  while (length > 0 && (text[length - 1] === '\n' || text[length - 1] === '\0')) length--;
  return decodeLatin1(text.slice(0, length));
}

/** The security label of a task (proc_pid_attr(5)); undefined if no LSM has one. */
export function readAttrCurrent(pid: number, root: string = PROC_ROOT): string | undefined {
  return readAttr(pid, 'current', root);
}

/** An attribute of the security module; undefined if no security module has it. */
export function readAttr(
  pid: number,
  name: 'current' | 'exec' | 'fscreate' | 'keycreate' | 'sockcreate',
  root: string = PROC_ROOT,
): string | undefined {
  const text = readTextIfAny(pid, `attr/${name}`, root);
  return text === undefined ? undefined : parseAttr(text);
}

/** Path of the cpuset of a task; undefined on kernels without cpusets. */
export function readCpuset(pid: number, root: string = PROC_ROOT): string | undefined {
  return readTextIfAny(pid, 'cpuset', root)?.trim();
}
