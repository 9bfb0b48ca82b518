// From arguments to exit code: reads settings and hands over to the command.
import { asCriuError } from '../errors.js';
import { checkCommand } from './check-command.js';
import { dumpCommand } from './dump-command.js';
import { restoreCommand } from './restore-command.js';
import { errorText, withSession } from './session.js';
import { readSettings, type Settings } from './settings.js';
import type { Shell } from './shell.js';
import { helpText, shortUsage } from './usage.js';
import { versionText } from './version.js';

/** @returns the exit code: 0 done, 1 failed, as CRIU has it */
export async function run(shell: Shell): Promise<number> {
  // Before anything is parsed, so that a broken configuration file cannot hide the help.
  if (shell.argv.includes('--help') || shell.argv.includes('-h')) {
    shell.stdout(helpText(shell.terminal ?? 100));
    return 0;
  }
  if (shell.argv.length === 0) {
    shell.stderr(shortUsage());
    return 1;
  }
  let settings: Settings;
  try {
    settings = readSettings(shell.argv, { env: shell.env });
    if (settings.flag('help')) {
      shell.stdout(helpText(shell.terminal ?? 100));
      return 0;
    }
    if (settings.flag('version')) {
      shell.stdout(versionText(shell.version));
      return 0;
    }
    switch (settings.command) {
      case 'dump':
        return await dumpCommand(settings, shell);
      case 'restore':
        return await restoreCommand(settings, shell);
      case 'check':
        return await checkCommand(settings, shell);
      default:
        return await withSession(settings, shell, async () => 0);
    }
  } catch (thrown) {
    shell.stderr(errorText(asCriuError(thrown, 'unexpected failure')));
    return 1;
  }
}
