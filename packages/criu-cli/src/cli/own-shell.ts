// The shell of a command that was started as a process.
import { ownEnvironment, sysRaw } from '@criu/native';
import { chdir } from '@criu/native/fs';
import { TIOCGWINSZ } from '@criu/native/uapi';
import type { Engine } from './engine.js';
import { writeAll } from './log-file.js';
import { effectiveUser } from './own-process.js';
import type { Shell } from './shell.js';
import { styleFor } from './style.js';
import { ownVersion } from './version.js';

/** Width of the terminal behind a descriptor. An ioctl, since asking Node would load its streams. */
function terminalWidth(fd: number): number | undefined {
  // struct winsize: rows, columns, and two unused fields.
  const size = new Uint16Array(4);
  return sysRaw('ioctl', fd, TIOCGWINSZ, size) < 0 ? undefined : size[1] || 80;
}

export function ownShell(argv: readonly string[], engine: Engine): Shell {
  const env = ownEnvironment();
  return {
    argv,
    env,
    engine,
    uid: effectiveUser(),
    version: ownVersion(),
    stdout: (text) => writeAll(1, text),
    stderr: (text) => writeAll(2, text),
    terminal: terminalWidth(2),
    style: {
      out: styleFor(terminalWidth(1) !== undefined, env),
      err: styleFor(terminalWidth(2) !== undefined, env),
    },
    chdir,
    exec: async (command, output) => (await import('./exec.js')).become(command, env, output),
    atExit: (action) => void process.once('exit', action),
    onInterrupt(interrupt) {
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
      let before = false;
      const handler = (signal: NodeJS.Signals) => {
        if (before) process.exit(130);
        before = true;
        interrupt(signal);
      };
      for (const signal of signals) process.on(signal, handler);
      return () => {
        for (const signal of signals) process.off(signal, handler);
      };
    },
    async *check(names) {
      yield* (await import('../features/index.js')).check(names);
    },
  };
}
