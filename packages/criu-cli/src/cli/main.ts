// The command `criu`.
import { addon, NativeLoadError, ownArguments, ownEnvironment, sysRaw } from '@criu/native';
import { chdir } from '@criu/native/fs';
import { TIOCGWINSZ } from '@criu/native/uapi';
import { effectiveUser } from './own-process.js';
import type { Shell } from './shell.js';
import { styleFor } from './style.js';
import { ownVersion } from './version.js';

/**
 * V8 optimises what has run for so many bytes of bytecode, three times its default: that takes a CPU for as long as a small
 * dump, and what it optimises is soon over. What is new fills memory eight times as large before it is looked through the second
 * time: so a small dump has one or two pauses of a millisecond less, most of them while tasks stand still.
 */
const V8_FLAGS = '--interrupt-budget=400000 --semi-space-growth-factor=8';

/** Columns of the terminal behind a descriptor; node would load its streams for that. */
function terminalWidth(fd: number): number | undefined {
  // struct winsize: rows, columns, and two that nobody uses.
  const size = new Uint16Array(4);
  return sysRaw('ioctl', fd, TIOCGWINSZ, size) < 0 ? undefined : size[1] || 80;
}

async function startNs(argv: readonly string[]): Promise<number> {
  const [{ runNs }, { writeAll }] = await Promise.all([import('./ns/main.js'), import('./log-file.js')]);
  return runNs(argv, { stdout: (text) => writeAll(1, text), stderr: (text) => writeAll(2, text) });
}

async function startPlugin([path = '']: readonly string[]): Promise<number> {
  return (await import('../plugins/serve.js')).servePlugin(path);
}

async function start(argv: readonly string[]): Promise<number> {
  const env = ownEnvironment();
  const [{ run: runCommand }, { writeAll }, { engine }] = await Promise.all([
    import('./run.js'),
    import('./log-file.js'),
    import('./engine.js'),
  ]);
  const shell: Shell = {
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
    chdir: chdir,
    exec: async (command, output) => (await import('./exec.js')).become(command, env, output),
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
  return runCommand(shell);
}

/** Ends at once: node would take itself apart for 3 ms, and the kernel does it in any case. */
function end(code: number): void {
  // After all others who want to know.
  process.once('exit', (last) => sysRaw('exit_group', last));
  process.exit(code);
}

/**
 * What the launcher runs: `criu`, or another command that shares its bundle. `kept`: what V8 compiles is kept for later runs, and
 * it takes that only with the flags that it was compiled with.
 */
export function run(_args: readonly string[], kept: boolean): void {
  const command = process.env['CRIU_COMMAND'] ?? 'criu';
  // Not for what we start.
  delete process.env['CRIU_COMMAND'];
  const argv = ownArguments();
  const own: Readonly<Record<string, typeof start>> = { 'criu-ns': startNs, 'criu-plugin-host': startPlugin };
  const begin = async (): Promise<number> => {
    if (!kept) addon().setV8Flags(V8_FLAGS);
    return (own[command] ?? start)(argv);
  };
  begin().then(end, (error) => {
    // A machine that the native part does not run on needs no stack.
    if (!(error instanceof NativeLoadError)) {
      console.error(error);
      return end(1);
    }
    console.error(`${command}: ${error.message} [${error.code}]`);
    process.exit(1);
  });
}
