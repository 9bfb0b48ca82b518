// What a command line comes to: the settings that its command is given.
import { commandLineWords } from '../../src/cli/command-line.js';
import type { ConfigPlaces } from '../../src/cli/config-file.js';
import { program } from '../../src/cli/program.js';
import type { Settings } from '../../src/cli/settings.js';

/** @throws CriuError BAD_OPTION */
export function readSettings(argv: readonly string[], places: ConfigPlaces): Settings {
  const words = commandLineWords(argv, places);
  let found: Settings | undefined;
  program(words, {
    actions: () => async () => 0,
    begin(_action, settings) {
      found = settings;
    },
    version: '0.0.0',
    columns: 100,
  }).parse();
  if (!found) throw new Error(`no command was begun by ${words.join(' ')}`);
  return found;
}
