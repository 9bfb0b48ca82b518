// The notification listeners of a request.
import type { CriuOpts } from '@criu/images';
import type { NotifyListener } from '../notify.js';
import type { ServeContext } from './handlers.js';

/** Seconds that a client may take to answer while tasks are stopped, if the request has no time limit. */
const ANSWER_SECONDS = 60;

/** The listeners of a request: first the client, then the scripts of configuration files. */
export function listeners(
  opts: CriuOpts,
  context: ServeContext,
  /** Time limit in seconds of the whole operation, from the request or a configuration file. */
  timeout: number | undefined,
  scripts: NotifyListener | readonly NotifyListener[] = [],
): { notify?: NotifyListener[] } {
  const all = [
    ...(opts.notify_scripts ? [context.connection.listener(timeout ? undefined : ANSWER_SECONDS)] : []),
    ...(typeof scripts === 'function' ? [scripts] : scripts),
  ];
  return all.length > 0 ? { notify: all } : {};
}
