// The words for what an error of another layer says: once, and without what stands before them already.

import { basename } from 'node:path';
import { AgentGoneError, ProgramError, StopError, VictimError } from '@criu/compel';
import { ImageError } from '@criu/images';
import { errnoName } from '@criu/native';
import { lackedFor, lacking } from './capabilities.js';

/** What is named before the words: the task and the file that the whole error is about. */
interface About {
  readonly pid?: number;
  readonly file?: string;
}

/** A step of a program, without the name of the agent and of the program that it was in. */
function ofStep({ label, call, errno, result }: ProgramError): string {
  const outcome = errno ? errnoName(errno) : `unexpected result ${result}`;
  return `${label === undefined ? '' : `${label}: `}${call}: ${outcome}`;
}

/** What an error says, without naming whom it is about. */
function plain(error: Error): string {
  if (error instanceof StopError || error instanceof VictimError || error instanceof AgentGoneError)
    return error.reason;
  if (error instanceof ProgramError) return ofStep(error);
  if (error instanceof ImageError) return `${error.reason} (${error.code}, offset ${error.offset})`;
  return error.message;
}

/** The name at the front, or the one in quotes that node puts at the end of errors of files. */
function without(text: string, name: string): string {
  const front = `${name}: `;
  const end = ` '${name}'`;
  const rest = text.startsWith(front) ? text.slice(front.length) : text;
  return rest.endsWith(end) ? rest.slice(0, -end.length) : rest;
}

/**
 * What the causes of an error add to its message, each once.
 * @param message what has been said
 */
export function reasonsOf(cause: unknown, message: string, { pid, file }: About): string[] {
  const out: string[] = [];
  for (let e: unknown = cause; e instanceof Error; e = e.cause) {
    let text = plain(e);
    for (const name of [file, file && basename(file), pid === undefined ? undefined : `task ${pid}`])
      if (name) text = without(text, name);
    // Names of files that the message has: `cannot open /x (open: ENOENT)`.
    const path = /^(.*) '([^']+)'$/s.exec(text);
    if (path?.[1] && path[2] && message.includes(path[2])) text = path[1];
    const core = e instanceof ImageError ? e.reason : text;
    if ([message, ...out].some((said) => said.includes(core))) continue;
    const less = out.findIndex((said) => text.includes(said));
    out.splice(less < 0 ? out.length : less, less < 0 ? 0 : 1, text);
  }
  return out;
}

/** Capabilities that root in a container is often left without. */
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

/** What to do about EPERM and EACCES; whoever is root is not told to become root. */
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
