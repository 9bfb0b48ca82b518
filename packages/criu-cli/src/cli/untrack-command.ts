// `criu untrack`: ends the tracking of memory changes for the tasks of a tree.
import { existsSync } from '@criu/native/fs';
import { CriuError } from '../errors.js';
import { withSession } from './session.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';

export async function untrackCommand(settings: Settings, shell: Shell): Promise<number> {
  return withSession(settings, shell, async (session) => {
    const pid = settings.number('tree');
    if (!pid)
      throw new CriuError('BAD_OPTION', 'no process given', {}, 'name a task of the tree with -t PID');
    if (!existsSync(`/proc/${pid}`))
      throw new CriuError(
        'NO_SUCH_TASK',
        'there is no such process',
        { pid },
        'name a running task of the tree with -t',
      );
    const was = await shell.engine.untrack(pid);
    const said = was ? `changes of ${pid} are not tracked any more` : `changes of ${pid} were not tracked`;
    session.log.info(said);
    session.say(said);
    return 0;
  });
}
