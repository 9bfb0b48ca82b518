// `criu dedup`.

import { withSession } from './session.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';

export async function dedupCommand(settings: Settings, shell: Shell): Promise<number> {
  return withSession(settings, shell, async ({ directories, log, say }) => {
    const bytes = await shell.engine.dedup(directories.imagesDir);
    log.info(`Deduplicated: ${bytes} bytes of earlier dumps are free`);
    say(`${(bytes / 1048576).toFixed(1)} MiB of earlier dumps are free`);
    return 0;
  });
}
