// `criu dump` and `criu pre-dump`.
import { sayReady } from './announce.js';
import { dumpOptions } from './engine-options.js';
import { withSession } from './session.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';
import { dumpStatsText } from './stats.js';

export async function dumpCommand(settings: Settings, shell: Shell): Promise<number> {
  return withSession(settings, shell, async (session) => {
    const options = dumpOptions(settings, session.directories, shell.env.CRIU_FAULT);
    const { log, signal, onProgress } = session;
    const pre = settings.command === 'pre-dump';
    const result = await shell.engine[pre ? 'preDump' : 'dump']({
      ...options,
      log,
      signal,
      ...(onProgress ? { onProgress } : {}),
      ...(options.lazyPages ? { onLazyServer: () => sayReady(settings, session, process.pid) } : {}),
    });
    const { tasks, stats } = result;
    log.info(
      `Process ${result.pid}: ${tasks} ${tasks === 1 ? 'task' : 'tasks'} ${pre ? 'pre-dumped' : 'dumped'}`,
    );
    if (settings.flag('display-stats')) shell.stdout(dumpStatsText(stats));
    const mib = (stats.pagesWritten / 256).toFixed(1);
    const frozen = (stats.frozenTime / 1000).toFixed(1);
    session.say(
      `${tasks} ${tasks === 1 ? 'task' : 'tasks'} of ${result.pid} ${pre ? 'pre-dumped' : 'dumped'} to ${options.imagesDir}: ` +
        `${mib} MiB of memory, frozen for ${frozen} ms`,
    );
    return 0;
  });
}
