// Action scripts: programs that get the stage of an operation in their environment, and can refuse it by their exit
// code.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ownEnvironment, startable } from '@criu/native';
import type { Notification, NotifyAction, NotifyListener } from './notify.js';
import { ScriptError } from './notify.js';

/** Questions to RPC clients and API callers; a script could not answer them. */
const NOT_FOR_SCRIPTS: ReadonlySet<NotifyAction> = new Set(['query-ext-files', 'orphan-pts-master']);

/** Runs one script. @throws ScriptError */
async function runScript(script: string, cwd: string, event: Notification): Promise<void> {
  const program = startable({
    command: script,
    args: [],
    cwd,
    env: {
      ...ownEnvironment(),
      CRTOOLS_SCRIPT_ACTION: event.action,
      CRTOOLS_IMAGE_DIR: event.imagesDir,
      ...(event.pid === undefined ? {} : { CRTOOLS_INIT_PID: String(event.pid) }),
    },
  });
  const child = spawn(program.command, program.args, {
    cwd: program.cwd,
    stdio: 'inherit',
    env: program.env,
  });
  const stop = () => child.kill();
  event.signal?.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', (error) =>
        reject(new ScriptError(script, 1, `cannot be started: ${error.message}`)),
      );
      child.once('close', (code, signal) => {
        if (code === 0) resolve();
        else if (signal)
          reject(new ScriptError(script, 128 + constants.signals[signal], `was ended by ${signal}`));
        else reject(new ScriptError(script, code ?? 1, `ended with exit code ${code}`));
      });
    });
  } finally {
    event.signal?.removeEventListener('abort', stop);
  }
}

/** Listeners for the scripts of `--action-script`, which run in `cwd`; the last one given runs first, as in CRIU. */
export function actionScripts(scripts: readonly string[], cwd: string): NotifyListener[] {
  return scripts.toReversed().map((script) => async (event: Notification) => {
    if (!NOT_FOR_SCRIPTS.has(event.action)) await runScript(script, cwd, event);
  });
}
