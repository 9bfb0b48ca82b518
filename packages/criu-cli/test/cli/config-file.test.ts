// Configuration files: their form, their order, and what the command line changes of them.
import { describe, expect, test } from 'vitest';
import { configChoice } from '../../src/cli/command-line.js';
import { configFiles, parseConfig } from '../../src/cli/config-file.js';
import { parseArguments } from '../../src/cli/normalise.js';
import { CriuError } from '../../src/errors.js';
import { readSettings } from './read-settings.js';

const choice = (argv: readonly string[]) => configChoice(parseArguments(argv).given);
const argvOf = (text: string) => parseConfig(text, 'f').map((s) => s.argv);

test('each line is an option, with or without a value', () => {
  expect(argvOf('tcp-established\n\n# note\n  verbosity   4 # more\ntree 5\n')).toEqual([
    ['--tcp-established'],
    ['--verbosity=4'],
    ['--tree=5'],
  ]);
});

test('values in quotes keep spaces, escaped quotes and #', () => {
  expect(argvOf(String.raw`work-dir "/home/me/my \"work\" #1" # note`)).toEqual([
    ['--work-dir=/home/me/my "work" #1'],
  ]);
  expect(argvOf('root ""')).toEqual([['--root=']]);
});

test.each([
  ['root "x', 'f:1: the quote is not closed'],
  ['\nroot a b', 'f:2: unexpected text after the value: b'],
  ['root "a" b', 'f:1: unexpected text after the value: b'],
  ['--root a', 'f:1: --root is no option name'],
])('%j is refused', (text, message) => {
  expect(() => parseConfig(text, 'f')).toThrow(
    expect.objectContaining({ code: 'BAD_OPTION', message: message.slice(5) }),
  );
  try {
    parseConfig(text, 'f');
  } catch (error) {
    expect((error as { explain(): string }).explain()).toContain(message);
  }
});

describe('which files are read', () => {
  const places = (env: Record<string, string>) => ({ env, read: (path: string) => `# ${path}` });
  const files = (argv: string[], env: Record<string, string> = { HOME: '/h' }) =>
    configFiles(choice(argv), places(env)).map((f) => f.file);

  test('system, home, environment, in this order', () => {
    expect(files([], { HOME: '/h', CRIU_CONFIG_FILE: '/e' })).toEqual([
      '/etc/criu/default.conf',
      '/h/.criu/default.conf',
      '/e',
    ]);
  });
  test('a named one takes the place of the default ones', () => {
    expect(files(['dump', '--config', '/c'])).toEqual(['/c']);
    expect(files(['dump', '--conf', '/c', '--no-def'])).toEqual(['/c']);
    expect(files(['dump', '--config=/c'], { HOME: '/h', CRIU_CONFIG_FILE: '/e' })).toEqual(['/e', '/c']);
  });
  test('none of the default ones when they are forbidden', () => {
    expect(files(['dump', '--no-default-config'])).toEqual([]);
  });
  test('default ones that belong to somebody else are passed over, a named one is not', () => {
    const read = (path: string): string | null => {
      const cause = Object.assign(new Error('EACCES'), { code: 'EACCES', errno: -13 });
      throw new CriuError('BAD_OPTION', 'cannot read', { file: path }, undefined, cause);
    };
    expect(configFiles(choice([]), { env: { HOME: '/h' }, read })).toEqual([]);
    expect(() => configFiles(choice(['--config', '/c']), { env: {}, read })).toThrow('cannot read');
  });
  test('a named file that is not there is an error', () => {
    expect(() => configFiles(choice(['--config', '/c']), { env: {}, read: () => null })).toThrow(
      'does not exist',
    );
  });
});

test('the command line has the last word, and errors name file and line', () => {
  const read = (text: string, ...argv: string[]) =>
    readSettings(['dump', '--config', '/c', ...argv], { env: {}, read: () => text });
  const s = read(
    'tree 5\nshell-job\nleave-running\nexternal tty[1:2]\n',
    '-t',
    '6',
    '--no-shell-job',
    '--external',
    'tty[3:4]',
  );
  expect([s.number('tree'), s.flag('shell-job'), s.finalState, s.list('external')]).toEqual([
    6,
    false,
    'running',
    ['tty[1:2]', 'tty[3:4]'],
  ]);
  expect(() => read('tree x')).toThrow(
    expect.objectContaining({ message: 'bad value for --tree: x', object: { file: '/c:1' } }),
  );
  expect(() => read('dump')).toThrow(expect.objectContaining({ message: 'unknown option --dump' }));
});

test('a value that may be left out is taken in a file, as the manual page of CRIU has it', () => {
  const read = (text: string) => readSettings(['dump', '--config', '/c'], { env: {}, read: () => text });
  expect(read('verbosity 4').verbosity).toBe(4);
  expect(read('verbosity').verbosity).toBe(3);
  expect(read('cpu-cap fpu').text('cpu-cap')).toBe('fpu');
  expect(() => read('shell-job yes')).toThrow('option --shell-job takes no value');
});
