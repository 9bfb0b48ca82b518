// Files of /proc/sys, read by an agent that has entered a network namespace.
import { type Agent, Mark, Program, type ProgramResult } from '@criu/compel';
import { AT_FDCWD, O_RDONLY } from '@criu/native/uapi';

export const SYSCTLS = '/proc/sys';
/** Limit in bytes for the text of a file. */
const LONGEST = 256;
/** Number of files per program. */
const SOME = 600;

/**
 * Texts by path below /proc/sys, in the order of the paths; files that are missing or cannot be read are left out.
 * @throws ProgramError
 */
export async function readTunables(agent: Agent, paths: Iterable<string>): Promise<Map<string, string>> {
  const all = [...new Set(paths)];
  const parts: Promise<readonly (readonly [path: string, text: string])[]>[] = [];
  for (let at = 0; at < all.length; at += SOME) {
    const p = new Program('tunables');
    const texts = all.slice(at, at + SOME).map((path) => ({ path, textIn: readFile(p, path) }));
    parts.push(agent.run(p).then((result) => texts.map(({ path, textIn }) => [path, textIn(result)])));
  }
  return new Map((await Promise.all(parts)).flat().filter(([, text]) => text !== ''));
}

/** Adds steps that read one file; the function that is returned finds its text in the result. */
function readFile(p: Program, path: string): (result: ProgramResult) => string {
  const room = p.out(LONGEST);
  const missing = new Mark();
  const fd = p.syscall('openat', [AT_FDCWD, p.cstring(`${SYSCTLS}/${path}`), O_RDONLY], { orGoTo: missing });
  p.syscall('read', [fd, room, LONGEST - 1], { expect: 'any' });
  p.syscall('close', [fd]);
  p.here(missing);
  return (result) => {
    const bytes = result.bytes(room);
    return bytes.toString('latin1', 0, bytes.indexOf(0)).trimEnd();
  };
}
