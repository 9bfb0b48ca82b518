// Checks combinations of options that CRIU refuses: options of one command only, and options that need another one.
import { CriuError } from '../errors.js';
import type { Settings } from './settings.js';

const RESTORE_ONLY = ['inherit-fd', 'mntns-compat-mode', 'exec-cmd'] as const;

/** @throws CriuError BAD_OPTION */
export function checkTogether(settings: Settings): void {
  const refuse = (message: string, remedy: string) => {
    throw new CriuError('BAD_OPTION', message, {}, remedy);
  };
  const { command } = settings;
  // A request server takes options as defaults for requests.
  if (command === 'service' || command === 'swrk' || command === 'config') return;
  for (const name of RESTORE_ONLY)
    if (command !== 'restore' && settings.has(name))
      refuse(`--${name} is for restore only`, `leave it out of ${command}`);
  const detached = settings.flag('restore-detached') || settings.flag('daemon');
  if (settings.flag('restore-sibling') && !detached)
    refuse('--restore-sibling needs --restore-detached', 'add -d');
  if (command === 'pre-dump' && settings.flag('lazy-pages'))
    refuse(
      '--lazy-pages is for dump and restore: a pre-dump keeps no memory for later',
      'leave it out of pre-dump',
    );
  const socket = settings.number('ps-socket');
  if (socket !== undefined && socket <= 2 && detached && command === 'page-server')
    refuse(
      `descriptor ${socket} of --ps-socket is closed in the background`,
      'hand over the socket by a number above 2',
    );
}
