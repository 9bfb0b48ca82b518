// `criu cpuinfo dump` and `criu cpuinfo check`.
import { classesToCheck } from '../arch/cpu-classes.js';
import { withSession } from './session.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';

export async function cpuinfoCommand(settings: Settings, shell: Shell): Promise<number> {
  return withSession(settings, shell, async ({ directories: { imagesDir }, log, say }) => {
    if (settings.command === 'cpuinfo dump') {
      await shell.engine.cpuinfoDump(imagesDir);
      log.info(`The processor is described in ${imagesDir}`);
      return 0;
    }
    const classes = classesToCheck(settings.text('cpu-cap'));
    await shell.engine.cpuinfoCheck(imagesDir, classes);
    log.info(`The processor is fit for the images (${classes.join(', ')})`);
    say('the processor is fit for the images');
    return 0;
  });
}
