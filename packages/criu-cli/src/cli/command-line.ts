// Configuration files and command line together, as the words that yargs gets.
import { CriuError } from '../errors.js';
import { type ConfigPlaces, configFiles } from './config-file.js';
import { canonicalWords, type GivenOption, parseArguments } from './normalise.js';
import { checkValue } from './option-value.js';

/** Options of configuration files in the order in which they apply. @throws CriuError BAD_OPTION naming file and line */
export function configured(argv: readonly string[], places: ConfigPlaces): GivenOption[] {
  const all: GivenOption[] = [];
  for (const { file, statements } of configFiles(argv, places)) {
    for (const { line, argv: statement } of statements) {
      try {
        const { given, operands } = parseArguments(statement);
        if (operands.length > 0)
          throw new CriuError('BAD_OPTION', `unexpected text after the option: ${operands.join(' ')}`);
        for (const g of given) checkValue(g);
        all.push(...given);
      } catch (error) {
        if (!(error instanceof CriuError)) throw error;
        throw new CriuError(error.code, error.message, { file: `${file}:${line}` }, error.remedy);
      }
    }
  }
  return all;
}

/** How many of the operands name the command. */
const commandLength = (operands: readonly string[]) => (operands[0] === 'cpuinfo' ? 2 : 1);

/** Command first, then options, then `--` and whatever else there is. @throws CriuError BAD_OPTION */
export function commandLineWords(argv: readonly string[], places: ConfigPlaces): string[] {
  const fromFiles = configured(argv, places);
  const { given, operands } = parseArguments(argv);
  for (const g of given) checkValue(g);
  const at = commandLength(operands);
  const rest = operands.slice(at);
  return [
    ...operands.slice(0, at),
    ...canonicalWords([...fromFiles, ...given]),
    ...(rest.length > 0 ? ['--', ...rest] : []),
  ];
}

/** For a call that asks for help, whatever else is wrong with it: the command, if there is one, and `--help`. */
export function helpWords(argv: readonly string[]): string[] {
  try {
    const { operands } = parseArguments(argv);
    return [...operands.slice(0, commandLength(operands)), '--help'];
  } catch {
    return ['--help'];
  }
}
