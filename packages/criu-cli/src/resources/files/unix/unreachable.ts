// A root directory that no other process can reach: a detached tmpfs mount. A socket whose name was deleted is bound to
// that name in there, where it cannot conflict with other files.
import type { Program } from '@criu/compel';
import {
  AT_FDCWD,
  FSCONFIG_CMD_CREATE,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
} from '@criu/native/uapi';

/** Adds the steps of `work` with such a root, which has all parent folders of a path, but not the path itself. */
export function inUnreachableRoot(p: Program, path: string, work: () => void): void {
  const why = `a root for ${path}`;
  const root = p.syscall('openat', [AT_FDCWD, p.cstring('/'), O_PATH | O_DIRECTORY | O_CLOEXEC], {
    label: 'the root',
  });
  const context = p.syscall('fsopen', [p.cstring('tmpfs'), FSOPEN_CLOEXEC], { label: why });
  p.syscall('fsconfig', [context, FSCONFIG_CMD_CREATE, null, null, 0], { label: why });
  const mount = p.syscall('fsmount', [context, FSMOUNT_CLOEXEC, 0], { label: why });
  p.syscall('fchdir', [mount], { label: why });
  p.syscall('chroot', [p.cstring('.')], { label: why });
  for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1))
    p.syscall('mkdirat', [AT_FDCWD, p.cstring(path.slice(0, at)), 0o755], { expect: 'any' });
  work();
  p.syscall('fchdir', [root], { label: 'the root again' });
  p.syscall('chroot', [p.cstring('.')], { label: 'the root again' });
  for (const fd of [context, mount, root]) p.syscall('close', [fd]);
}
