// `compel fds`: lists the open files of a process.
import { showName } from '@criu/native';
import { existsSync, readdirSync, readFileSync, readlinkSync } from '@criu/native/fs';
import { StopError } from '../errors.js';

export function fds(pid: number): number {
  const field = (text: string, name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(text)?.[1] ?? '?';
  const ACCESS = ['r', 'w', 'rw', '-'];
  if (!existsSync(`/proc/${pid}`)) throw new StopError(pid, 'NO_SUCH_TASK', 'there is no such task');
  for (const fd of readdirSync(`/proc/${pid}/fd`).map(Number)) {
    const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
    const flags = Number.parseInt(field(info, 'flags'), 8);
    const cloexec = (flags & 0o2000000) !== 0 ? ' cloexec' : '';
    const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
    process.stdout.write(
      `${fd}\t${ACCESS[flags & 3]}\t${field(info, 'pos')}\t${showName(target)}${cloexec}\n`,
    );
  }
  return 0;
}
