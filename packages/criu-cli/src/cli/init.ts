import { sysRaw } from '@criu/native';
import { closeSync, openSync } from '@criu/native/fs';
import { __WALL, ECHILD, P_ALL, P_PID, siginfo_t, WEXITED, WNOHANG, WNOWAIT } from '@criu/native/uapi';

export function isInit(): boolean {
  return process.pid === 1;
}

/** Reaps ended children; false if there are no children left. `root` is reaped elsewhere. */
function reap(root: number): boolean {
  const info = Buffer.alloc(siginfo_t.sizeof);
  for (;;) {
    info.fill(0);
    const found = sysRaw('waitid', P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT | __WALL, null);
    if (found === -ECHILD) return false;
    const pid = info.readInt32LE(siginfo_t.si_pid);
    if (found < 0 || pid === 0 || pid === root) return true;
    sysRaw('waitid', P_PID, pid, info, WEXITED | WNOHANG | __WALL, null);
  }
}

/** Resolves when there are no children left. @param exit resolves when the root task has ended */
export async function outliveAll(root: number, exit: Promise<unknown> | undefined): Promise<void> {
  let wake = () => {};
  const onChild = () => wake();
  process.on('SIGCHLD', onChild);
  // Neither a signal handler nor a promise keeps the process alive.
  const alive = setInterval(() => wake(), 1000);
  let waited = exit === undefined ? 0 : root;
  void exit?.then(() => {
    waited = 0;
    wake();
  });
  try {
    while (reap(waited))
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  } finally {
    process.off('SIGCHLD', onChild);
    clearInterval(alive);
  }
}

/** Closes standard input and output by pointing them to /dev/null, so that a reader sees end of file. */
export function letGoOfStdio(): void {
  const nowhere = openSync('/dev/null', 'r+');
  for (const fd of [0, 1, 2]) sysRaw('dup2', nowhere, fd);
  closeSync(nowhere);
}
