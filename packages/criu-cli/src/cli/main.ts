// The command `criu`: answers --version at once, loads the rest when there is something to do.
import { ownArguments, ownEnvironment } from '@criu/native';
import { chdir, readFileSync } from '@criu/native/fs';
import type { Shell } from './shell.js';
import { versionText } from './version.js';

/** Put in when the command is bundled. */
declare const CRIU_CLI_VERSION: string | undefined;

function ownVersion(): string {
  if (typeof CRIU_CLI_VERSION === 'string') return CRIU_CLI_VERSION;
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

async function start(argv: readonly string[]): Promise<number> {
  const env = ownEnvironment();
  const [{ run }, { writeAll }, { engine }] = await Promise.all([
    import('./run.js'),
    import('./log-file.js'),
    import('./engine.js'),
  ]);
  const shell: Shell = {
    argv,
    env,
    engine,
    uid: process.geteuid!(),
    version: ownVersion(),
    stdout: (text) => writeAll(1, text),
    stderr: (text) => writeAll(2, text),
    terminal: process.stderr.isTTY ? process.stderr.columns || 80 : undefined,
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
  return run(shell);
}

/** `criu`, or another command that shares its bundle; not for what we start. */
const command = process.env['CRIU_COMMAND'] ?? 'criu';
delete process.env['CRIU_COMMAND'];
const argv = ownArguments();

if (command === 'criu-ns') {
  Promise.all([import('./ns/main.js'), import('./log-file.js')])
    .then(([{ runNs }, { writeAll }]) =>
      runNs(argv, { stdout: (text) => writeAll(1, text), stderr: (text) => writeAll(2, text) }),
    )
    .then((code) => process.exit(code));
} else if (argv[0] === '--version' || argv[0] === '-V') {
  process.stdout.write(versionText(ownVersion()));
} else {
  start(argv).then(
    (code) => process.exit(code),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
}
