// Formats the causes of an error: each reason once, without repeating what the message says already.

import { basename } from 'node:path';
import { AgentGoneError, ProgramError, StopError, VictimError } from '@criu/compel';
import { ImageError } from '@criu/images';
import { errnoName } from '@criu/native';
import { lackedFor, lacking } from './capabilities.js';

/** What the text says before the reason: the task and the file of the error. */
interface About {
  readonly pid?: number;
  readonly file?: string;
}

/** A failed step of an agent program, without the names of agent and program. */
function ofStep({ label, call, errno, result }: ProgramError): string {
  const outcome = errno ? errnoName(errno) : `unexpected result ${result}`;
  return `${label === undefined ? '' : `${label}: `}${call}: ${outcome}`;
}

/** The text of an error, without the object it is about. */
function plain(error: Error): string {
  if (error instanceof StopError || error instanceof VictimError || error instanceof AgentGoneError)
    return error.reason;
  if (error instanceof ProgramError) return ofStep(error);
  if (error instanceof ImageError) return `${error.reason} (${error.code}, offset ${error.offset})`;
  return error.message;
}

/** Removes a name from the front, or from the end, where Node puts the path in quotes. */
function without(text: string, name: string): string {
  const front = `${name}: `;
  const end = ` '${name}'`;
  const rest = text.startsWith(front) ? text.slice(front.length) : text;
  return rest.endsWith(end) ? rest.slice(0, -end.length) : rest;
}

/**
 * What the causes of an error add to its message, each once.
 * @param message the message so far
 */
export function reasonsOf(cause: unknown, message: string, { pid, file }: About): string[] {
  const out: string[] = [];
  for (let e: unknown = cause; e instanceof Error; e = e.cause) {
    let text = plain(e);
    for (const name of [file, file && basename(file), pid === undefined ? undefined : `task ${pid}`])
      if (name) text = without(text, name);
    // Removes the path that Node appends, if the message has it already: `cannot open /x (open: ENOENT)`.
    const path = /^(.*) '([^']+)'$/s.exec(text);
    if (path?.[1] && path[2] && message.includes(path[2])) text = path[1];
    const core = e instanceof ImageError ? e.reason : text;
    if ([message, ...out].some((said) => said.includes(core))) continue;
    const less = out.findIndex((said) => text.includes(said));
    out.splice(less < 0 ? out.length : less, less < 0 ? 0 : 1, text);
  }
  return out;
}

/** Capabilities that root in a container often lacks. */
const WANTED = [
  'CAP_SYS_PTRACE',
  'CAP_SYS_ADMIN',
  'CAP_SYS_RESOURCE',
  'CAP_NET_ADMIN',
  'CAP_DAC_OVERRIDE',
  'CAP_CHOWN',
  'CAP_SETUID',
  'CAP_SETGID',
  'CAP_SYS_CHROOT',
] as const;

/** The remedy for EPERM and EACCES. For a root user it names the missing capability. */
export function permissionRemedy(cause?: unknown): string {
  const capability = lackedFor(cause);
  if (process.geteuid?.() !== 0)
    return capability === undefined
      ? 'run as root (CAP_SYS_ADMIN and CAP_SYS_PTRACE are needed)'
      : `this takes ${capability}: give it to whoever runs criu (setpriv --ambient-caps), or run as root`;
  if (capability !== undefined)
    return `this process is root without ${capability}: run it where root has all capabilities, outside of the container`;
  const names = lacking(WANTED);
  return names.length > 0
    ? `this process is root without ${names.join(', ')}: run it where root has all capabilities, outside of the container`
    : 'root itself is not permitted: look for a security module, a file system that is read-only, a file that is immutable, or another user namespace';
}
