// Configuration files: one long option a line, without its dashes; the value may be quoted; # begins a comment.
import { constants } from 'node:os';
import { join } from 'node:path';
import { decodeName } from '@criu/native';
import { readFileSync } from '@criu/native/fs';
import { CriuError } from '../errors.js';

export interface ConfigStatement {
  readonly line: number;
  /** As it would stand on a command line. */
  readonly argv: readonly string[];
}

/** Value up to its end: quoted with \" for a quote inside, or one word. What follows may only be a comment. */
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

/** Statements of a configuration text. @throws CriuError BAD_OPTION naming file and line */
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
    statements.push({ line, argv: [`--${name}`, taken.value] });
  }
  return statements;
}

/** Environment variables that mean something to criu. */
export interface Environment {
  readonly HOME?: string | undefined;
  readonly CRIU_CONFIG_FILE?: string | undefined;
  /** Fault points, separated by commas; for tests. */
  readonly CRIU_FAULT?: string | undefined;
  /** Set by `criu service` for itself in the background: descriptors of its socket, and of who waits for it. */
  readonly CRIU_SERVICE_SOCKET?: string | undefined;
  readonly CRIU_SERVICE_READY?: string | undefined;
  /** Descriptor that a page server in the background listens on; from the one that started it. */
  readonly CRIU_PAGE_SERVER_LISTENER?: string | undefined;
  /** The same of a lazy-pages daemon. */
  readonly CRIU_LAZY_PAGES_LISTENER?: string | undefined;
}

/** Where configuration files are looked for. */
export interface ConfigPlaces {
  readonly env: Environment;
  /** Text of a file, or null when there is none. */
  readonly read?: (path: string) => string | null;
}

function readIfThere(path: string): string | null {
  try {
    return decodeName(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new CriuError('BAD_OPTION', 'cannot read the configuration file', { file: path }, undefined, error);
  }
}

/** A default file is as good as none when it is not for us to read: it may be another user's. */
function readDefault(read: (path: string) => string | null, path: string): string | null {
  try {
    return read(path);
  } catch (error) {
    if (error instanceof CriuError && error.errno === constants.errno.EACCES) return null;
    throw error;
  }
}

/**
 * Configuration files in the order in which they apply; the command line comes after all of them. `--config` and
 * `--no-default-config` are looked for by hand, as they decide about what is parsed first.
 */
export function configFiles(
  argv: readonly string[],
  places: ConfigPlaces,
): { file: string; statements: ConfigStatement[] }[] {
  const read = places.read ?? readIfThere;
  let defaults = true;
  let named: string | undefined;
  for (const [i, word] of argv.entries()) {
    if (word === '--') break;
    if (word === '--no-default-config') defaults = false;
    else if (word === '--config') named = argv[i + 1];
    else if (word.startsWith('--config=')) named = word.slice('--config='.length);
  }
  if (named !== undefined) defaults = false;
  const home = places.env.HOME;
  const fromEnv = places.env.CRIU_CONFIG_FILE;
  const paths: string[] = [
    ...(defaults ? ['/etc/criu/default.conf'] : []),
    ...(defaults && home ? [join(home, '.criu/default.conf')] : []),
    ...(fromEnv ? [fromEnv] : []),
    ...(named ? [named] : []),
  ];
  const files = [];
  for (const file of paths) {
    const text = file === named || file === fromEnv ? read(file) : readDefault(read, file);
    if (text !== null) files.push({ file, statements: parseConfig(text, file) });
    else if (file === named || file === fromEnv)
      throw new CriuError('BAD_OPTION', 'the configuration file does not exist', { file });
  }
  return files;
}
