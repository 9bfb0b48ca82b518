// `criu restore`, and `criu restore --dry-run`.
import type { CriuError } from '../errors.js';
import type { RestoreOptions } from '../options.js';
import { restoreOptions } from './engine-options.js';
import { isInit, letGoOfStdio, outliveAll } from './init.js';
import { DEFAULT_VERBOSITY } from './normalise.js';
import { makeRoom } from './own-pids.js';
import { withSession } from './session.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';
import { restoreStatsText } from './stats.js';

/** The exit code with which a shell represents a wait status. */
export function exitCodeOf(status: number): number {
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}

export async function restoreCommand(settings: Settings, shell: Shell): Promise<number> {
  if (!settings.flag('dry-run')) await makeRoom(settings, shell.argv);
  return withSession(settings, shell, async (session) => {
    const options = restoreOptions(settings, session.directories, shell.env.CRIU_FAULT);
    const { log, signal, onProgress } = session;
    // What waits here is not over with the restore, nor is what this process becomes.
    const stays = !options.detached || settings.flag('exec-cmd') || isInit();
    const all = {
      ...options,
      log,
      signal,
      ...(onProgress ? { onProgress } : {}),
      ...(stays ? {} : { atExit: (letGo: () => void) => shell.atExit(letGo) }),
    };
    if (settings.flag('dry-run')) return dryRun(all, settings, shell);
    if (settings.has('tree')) log.warn('-t means nothing to restore: the images say which tasks there are');
    const result = await shell.engine.restore(all);
    // The tasks run: an interrupt ends the waiting, if there is any, but no longer undoes the restore.
    if (stays) session.release();
    if (settings.flag('display-stats')) shell.stdout(restoreStatsText(result.stats));
    session.say(`process ${result.pid} runs again`);
    if (settings.flag('exec-cmd')) {
      log.flush();
      return shell.exec(settings.operands);
    }
    log.flush();
    if (isInit() && options.detached) letGoOfStdio();
    if (!options.detached) result.complete?.().catch((error: CriuError) => log.error(error.explain()));
    const left = isInit() ? outliveAll(result.pid, result.exit) : undefined;
    const status = await result.exit;
    const code = status === undefined ? 0 : exitCodeOf(status);
    if (status !== undefined) log.info(`Process ${result.pid} ended with exit code ${code}`);
    log.flush();
    await left;
    // As in CRIU, the exit code tells whether the restore succeeded, not how the task ended.
    return settings.flag('exit-with-task') ? code : 0;
  });
}

async function dryRun(options: RestoreOptions, settings: Settings, shell: Shell): Promise<number> {
  const unprivileged = shell.uid !== 0 && !settings.flag('unprivileged');
  const survey = await shell.engine.survey(options, { probes: shell.uid === 0 });
  const { surveyJson, surveyText } = await import('./dry-run.js');
  if (settings.flag('json')) shell.stdout(`${JSON.stringify(surveyJson(survey), bigints, 2)}\n`);
  else {
    const verbose = settings.verbosity > DEFAULT_VERBOSITY;
    const { imagesDir } = options;
    shell.stdout(surveyText(survey, { imagesDir, style: shell.style.out, unprivileged, verbose }));
    if (verbose && survey.plan) shell.stdout(`\n${survey.plan.toText()}`);
  }
  return survey.problems.length > 0 ? 1 : 0;
}

function bigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
