// Combines configuration files and command line; the only place where options are parsed.
import { CriuError } from '../errors.js';
import { type ConfigChoice, type ConfigPlaces, configFiles } from './config-file.js';
import { type GivenOption, parseArguments } from './normalise.js';
import { checkValue } from './option-value.js';

/** The configuration files that a command line asks for. */
export function configChoice(given: readonly GivenOption[]): ConfigChoice {
  const last = (name: string) => given.findLast(({ option }) => option.name === name);
  return { named: last('config')?.value, defaults: last('no-default-config') === undefined };
}

/**
 * The options of configuration files, in the order in which they apply.
 * @throws CriuError BAD_OPTION naming file and line
 */
export function configured(choice: ConfigChoice, places: ConfigPlaces): GivenOption[] {
  const all: GivenOption[] = [];
  for (const { file, statements } of configFiles(choice, places)) {
    for (const { line, argv: statement } of statements) {
      try {
        const { given, operands } = parseArguments(statement);
        if (operands.length > 0)
          throw new CriuError(
            'BAD_OPTION',
            `unexpected text after the option: ${operands.join(' ')}`,
            {},
            'one option a line, a value with spaces in double quotes',
          );
        for (const g of given) checkValue(g);
        all.push(...given.map((g) => ({ ...g, source: `${file}:${line}` })));
      } catch (error) {
        if (!(error instanceof CriuError)) throw error;
        throw new CriuError(error.code, error.message, { file: `${file}:${line}` }, error.remedy);
      }
    }
  }
  return all;
}

/** The combined options of configuration files and command line. */
export interface CommandLine {
  /** The words that name the command. */
  readonly command: readonly string[];
  /** Options in the order in which they apply. */
  readonly given: readonly GivenOption[];
  /** Words after the command. */
  readonly operands: readonly string[];
}

/** The number of operands that form the command's name. */
const commandLength = (operands: readonly string[]) => (operands[0] === 'cpuinfo' ? 2 : 1);

/** @throws CriuError BAD_OPTION */
export function readCommandLine(argv: readonly string[], places: ConfigPlaces): CommandLine {
  const { given, operands } = parseArguments(argv);
  const fromFiles = configured(configChoice(given), places);
  for (const g of given) checkValue(g);
  const at = commandLength(operands);
  return { command: operands.slice(0, at), given: [...fromFiles, ...given], operands: operands.slice(at) };
}

/** For a call that asks for help, even an otherwise invalid one: the words of its command, if any. */
export function helpOf(argv: readonly string[]): string[] {
  try {
    const { operands } = parseArguments(argv);
    return operands.slice(0, commandLength(operands));
  } catch {
    return [];
  }
}
