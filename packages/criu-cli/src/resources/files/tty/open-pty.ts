// Terminals that this process opens: a master with a given index, and the caller's own terminal.

import { isatty } from 'node:tty';
import { close, tryIoctlInt } from '@criu/native';
import { openSync } from '@criu/native/fs';
import { O_CLOEXEC, O_NOCTTY, TIOCGPTN } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';

/** Most indices below the wanted one that may be free. */
const TRIES = 256;

/** Opens a master with a given index; the kernel always assigns the lowest free one. @throws CriuError */
export function openMaster(path: string, index: number, flags: number): number {
  const others: number[] = [];
  try {
    for (let i = 0; i < TRIES; i++) {
      const fd = openSync(path, flags | O_NOCTTY | O_CLOEXEC);
      const number = tryIoctlInt(fd, TIOCGPTN);
      if (number === index) return fd;
      others.push(fd);
      if (number === undefined || number > index) break;
    }
  } finally {
    for (const fd of others) close(fd);
  }
  throw new CriuError(
    'PID_IN_USE',
    `the pseudo-terminal ${index} is taken by somebody else`,
    { file: `/dev/pts/${index}` },
    'end what uses it, or restore in a mount namespace of its own',
  );
}

/** Opens the terminal of this process's caller again. @throws CriuError BAD_OPTION */
export function openOwnTerminal(flags: number): number {
  const own = [0, 1, 2].find((fd) => isatty(fd));
  if (own === undefined)
    throw new CriuError(
      'BAD_OPTION',
      'the tasks want a terminal from their caller, and there is none',
      {},
      'restore from a terminal (stdin, stdout or stderr has to be one)',
    );
  return openSync(`/proc/self/fd/${own}`, flags | O_NOCTTY | O_CLOEXEC);
}
