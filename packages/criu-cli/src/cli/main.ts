// The entry point of `criu` with all its commands, and of other commands in the same bundle.
import { ownArguments } from '@criu/native';
import { carryOut } from './carry-out.js';

async function startNs(argv: readonly string[]): Promise<number> {
  const [{ runNs }, { writeAll }] = await Promise.all([import('./ns/main.js'), import('./log-file.js')]);
  return runNs(argv, { stdout: (text) => writeAll(1, text), stderr: (text) => writeAll(2, text) });
}

async function startPlugin([path = '']: readonly string[]): Promise<number> {
  return (await import('../plugins/serve.js')).servePlugin(path);
}

async function start(argv: readonly string[]): Promise<number> {
  const [{ run: runCommand }, { ownShell }, { engine }] = await Promise.all([
    import('./run.js'),
    import('./own-shell.js'),
    import('./engine.js'),
  ]);
  return runCommand(ownShell(argv, engine));
}

/** Called by the launcher. @param kept see `carryOut` */
export function run(_args: readonly string[], kept: boolean): void {
  const command = process.env['CRIU_COMMAND'] ?? 'criu';
  // Child processes must not inherit it.
  delete process.env['CRIU_COMMAND'];
  const argv = ownArguments();
  const own: Readonly<Record<string, typeof start>> = { 'criu-ns': startNs, 'criu-plugin-host': startPlugin };
  carryOut(command, kept, () => (own[command] ?? start)(argv));
}
