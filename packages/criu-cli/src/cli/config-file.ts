// Parses configuration files: one long option per line, without dashes; the value may be quoted; # starts a comment.
import { constants } from 'node:os';
import { join } from 'node:path';
import { decodeName } from '@criu/native';
import { readFileSync } from '@criu/native/fs';
import { CriuError } from '../errors.js';
import type { Environment } from './environment.js';

export interface ConfigStatement {
  readonly line: number;
  /** The option as it would be written on a command line. */
  readonly argv: readonly string[];
}

/**
 * Takes a value from the start of a text: quoted, with \" for a quote inside, or one word. Only a comment may follow.
 */
function takeValue(text: string): { value: string; rest: string } | null {
  if (text.startsWith('"')) {
    let value = '';
    for (let i = 1; i < text.length; i++) {
      if (text[i] === '\\' && text[i + 1] === '"') {
        value += '"';
        i++;
      } else if (text[i] === '"') return { value, rest: text.slice(i + 1) };
      else value += text[i];
    }
    return null;
  }
  const end = text.search(/[\s#]/);
  return end < 0 ? { value: text, rest: '' } : { value: text.slice(0, end), rest: text.slice(end) };
}

/** The statements of a configuration file. @throws CriuError BAD_OPTION naming file and line */
export function parseConfig(text: string, file: string): ConfigStatement[] {
  const statements: ConfigStatement[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const wrong = (why: string) =>
      new CriuError(
        'BAD_OPTION',
        why,
        { file: `${file}:${line}` },
        'one option a line, without dashes, its value in double quotes when it has spaces',
      );
    const body = raw.trim();
    if (body === '' || body.startsWith('#')) continue;
    const first = takeValue(body);
    if (!first) throw wrong('the quote is not closed');
    const { value: name, rest } = first;
    if (body.startsWith('"') || name.startsWith('-')) throw wrong(`${name} is no option name`);
    const tail = rest.trim();
    if (tail === '' || tail.startsWith('#')) {
      statements.push({ line, argv: [`--${name}`] });
      continue;
    }
    const taken = takeValue(tail);
    if (!taken) throw wrong('the quote is not closed');
    const after = taken.rest.trim();
    if (after !== '' && !after.startsWith('#')) throw wrong(`unexpected text after the value: ${after}`);
    // An optional value must be given after `=`.
    statements.push({ line, argv: [`--${name}=${taken.value}`] });
  }
  return statements;
}

/** Where configuration files are searched. */
export interface ConfigPlaces {
  readonly env: Environment;
  /** Text of a file; null if it does not exist. */
  readonly read?: (path: string) => string | null;
}

/** Text of a file; null if it does not exist. @throws CriuError BAD_OPTION if it cannot be read */
export function readIfThere(path: string): string | null {
  try {
    return decodeName(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new CriuError(
      'BAD_OPTION',
      'cannot read the configuration file',
      { file: path },
      'make it readable for whoever runs criu, or name another with --config',
      error,
    );
  }
}

/** A default file that we may not read counts as missing: it may belong to another user. */
function readDefault(read: (path: string) => string | null, path: string): string | null {
  try {
    return read(path);
  } catch (error) {
    if (error instanceof CriuError && error.errno === constants.errno.EACCES) return null;
    throw error;
  }
}

/** Which configuration files to use. */
export interface ConfigChoice {
  /** Value of `--config`. */
  readonly named?: string | undefined;
  /** `--no-default-config` was not given. */
  readonly defaults: boolean;
}

/** A configuration file, and what names it. */
export interface ConfigPlace {
  readonly file: string;
  readonly by: 'default' | '$CRIU_CONFIG_FILE' | '--config';
}

/** Configuration files in the order in which they apply; the command line comes after all of them. */
export function configPlaces({ named, defaults }: ConfigChoice, env: Environment): ConfigPlace[] {
  const places: ConfigPlace[] = [];
  if (defaults && named === undefined) {
    places.push({ file: '/etc/criu/default.conf', by: 'default' });
    if (env.HOME) places.push({ file: join(env.HOME, '.criu/default.conf'), by: 'default' });
  }
  if (env.CRIU_CONFIG_FILE) places.push({ file: env.CRIU_CONFIG_FILE, by: '$CRIU_CONFIG_FILE' });
  if (named) places.push({ file: named, by: '--config' });
  return places;
}

/** The existing files of {@link configPlaces}. @throws CriuError BAD_OPTION naming the file, and the line if known */
export function configFiles(
  choice: ConfigChoice,
  places: ConfigPlaces,
): { file: string; statements: ConfigStatement[] }[] {
  const read = places.read ?? readIfThere;
  const files = [];
  for (const { file, by } of configPlaces(choice, places.env)) {
    const text = by === 'default' ? readDefault(read, file) : read(file);
    if (text !== null) files.push({ file, statements: parseConfig(text, file) });
    else if (by !== 'default')
      throw new CriuError(
        'BAD_OPTION',
        `the configuration file of ${by} does not exist`,
        { file },
        'make it, or name one that is there; `criu config` shows which files are read',
      );
  }
  return files;
}
