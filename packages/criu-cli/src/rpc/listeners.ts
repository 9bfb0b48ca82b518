// Who is told of the stages of what a request asks for.
import type { CriuOpts } from '@criu/images';
import type { NotifyListener } from '../notify.js';
import type { ServeContext } from './handlers.js';

/** How long a client may think while tasks stand still, when it has not said how long all of it may take. */
const ANSWER_SECONDS = 60;

/** Listeners of a request: the client first, then the scripts of configuration files. */
export function listeners(
  opts: CriuOpts,
  context: ServeContext,
  /** Seconds that all of it may take, if the request or a configuration file says so. */
  timeout: number | undefined,
  scripts: NotifyListener | readonly NotifyListener[] = [],
): { notify?: NotifyListener[] } {
  const all = [
    ...(opts.notify_scripts ? [context.connection.listener(timeout ? undefined : ANSWER_SECONDS)] : []),
    ...(typeof scripts === 'function' ? [scripts] : scripts),
  ];
  return all.length > 0 ? { notify: all } : {};
}
