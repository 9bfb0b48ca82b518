// What a command line comes to: the settings that its command is given.
import { readCommandLine } from '../../src/cli/command-line.js';
import type { ConfigPlaces } from '../../src/cli/config-file.js';
import { program } from '../../src/cli/program.js';
import { wordsOf } from '../../src/cli/run.js';
import { argumentsOf, Settings } from '../../src/cli/settings.js';

/** @throws CriuError BAD_OPTION */
export function readSettings(argv: readonly string[], places: ConfigPlaces): Settings {
  const line = readCommandLine(argv, places);
  const words = wordsOf(line);
  let found: Settings | undefined;
  program(words, {
    chosen(command) {
      found = new Settings(command, argumentsOf(line.given), line.operands);
    },
    version: '0.0.0',
    columns: 100,
  }).parse();
  if (!found) throw new Error(`no command was begun by ${words.join(' ')}`);
  return found;
}
