// Settings as the engine's options, and the honesty of the option table about what the engine does with them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { dumpOptions, restoreOptions } from '../../src/cli/engine-options.js';
import { OPTIONS, type OptionRecord } from '../../src/cli/option-table.js';
import { requireSupported } from '../../src/cli/settings.js';
import { readSettings } from './read-settings.js';

const dirs = { imagesDir: '/i', workDir: '/w' };
const settings = (...argv: string[]) => readSettings(argv, { env: {}, read: () => null });

test('dump options', () => {
  const s = settings(
    ...[
      'dump',
      '-t',
      '42',
      '-R',
      '-j',
      '--timeout',
      '3',
      '--ghost-limit',
      '8M',
      '--tcp-established',
      '--file-locks',
    ],
    ...[
      '--link-remap',
      '-x',
      '--external',
      'tty[1:2]',
      '-M',
      '/m:key',
      '-M',
      'auto',
      '--enable-external-masters',
    ],
    ...[
      '--veth-pair',
      'a=b',
      '--manage-cgroups',
      '--freeze-cgroup',
      '/f',
      '--prev-images-dir',
      '../1',
      '--track-mem',
    ],
  );
  expect(dumpOptions(s, dirs, 'freeze,write')).toEqual({
    ...dirs,
    pid: 42,
    leaveRunning: true,
    shellJob: true,
    timeout: 3,
    stuckSeconds: 4,
    ghostLimit: 8 << 20,
    tcpEstablished: true,
    fileLocks: true,
    linkRemap: true,
    extUnixSk: true,
    external: ['tty[1:2]', 'mnt[/m]:key', 'mnt[]:m', 'veth[a]:b'],
    manageCgroups: 'soft',
    freezeCgroup: '/f',
    prevImagesDir: '../1',
    trackMem: true,
    faults: ['freeze', 'write'],
  });
});

test('restore options', () => {
  const s = settings(
    ...[
      'restore',
      '-d',
      '-S',
      '-s',
      '--timeout',
      '7',
      '--pidfile',
      'p',
      '--inherit-fd',
      'fd[3]:x',
      '-r',
      '/r',
      '--tcp-close',
      '--skip-file-rwx-check',
      '--file-validation',
      'filesize',
    ],
    '--manage-cgroups=full',
  );
  expect(restoreOptions(s, dirs)).toEqual({
    ...dirs,
    timeout: 7,
    detached: true,
    sibling: true,
    leaveStopped: true,
    pidfile: '/w/p',
    inheritFd: ['fd[3]:x'],
    root: '/r',
    tcpClose: true,
    skipFileRwxCheck: true,
    fileValidation: 'filesize',
    manageCgroups: 'full',
  });
});

test.each([
  [['dump'], 'no process given'],
  [['restore', '--inherit-fd', 'x'], 'bad value for --inherit-fd: x'],
  [['restore', '--inherit-fd', 'fd[x]:y'], 'bad value for --inherit-fd: fd[x]:y'],
  [['dump', '-t', '1', '-M', 'x'], 'bad value for --ext-mount-map: x'],
  [['dump', '-t', '1', '--external', 'x'], 'bad value for --external: x'],
  [['dump', '-t', '1', '--external', 'cat[1]'], 'bad value for --external: cat[1]'],
  [['dump', '-t', '1', '-x12,b'], 'bad value for --ext-unix-sk: b'],
])('%j is refused: %s', (argv, message) => {
  const options = () => {
    const s = settings(...argv);
    return s.command === 'dump' ? dumpOptions(s, dirs) : restoreOptions(s, dirs);
  };
  expect(options).toThrow(message);
});

test('inodes of -x are external sockets', () => {
  expect(dumpOptions(settings('dump', '-t', '1', '-x12,13'), dirs)).toEqual({
    ...dirs,
    pid: 1,
    stuckSeconds: 60,
    extUnixSk: true,
    external: ['unix[12]', 'unix[13]'],
  });
});

/** All sources below some folders as one text. */
function textOf(...dirs: string[]): string {
  const src = fileURLToPath(new URL('../../src', import.meta.url));
  return dirs
    .flatMap((dir) =>
      dir.endsWith('.ts')
        ? [join(src, dir)]
        : readdirSync(join(src, dir), { recursive: true, encoding: 'utf8' }).map((f) => join(src, dir, f)),
    )
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('option-table.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

describe('what an option is said to do is what it does', () => {
  const engine = textOf('engine', 'plugins', 'pages', 'resources', 'views', 'images', 'notify.ts');
  const commands = textOf('cli', 'rpc');
  /** As `options.key`, or taken out of them with others. */
  const reads = (key: string): boolean =>
    new RegExp(
      `\\boptions\\??\\.${key}\\b|\\{[^{}]*\\b${key}\\b[^{}]*\\}(: (Dump|Restore)Options| = (this\\.)?options\\b)`,
    ).test(engine);
  /** The engine reads what the option becomes, or a command looks at it by its name. */
  const readers = ({ name, engine: rule }: OptionRecord): string[] => [
    ...(rule?.keys ?? []).filter((key) => reads(key)),
    ...(new RegExp(`(flag|text|number|list)\\('${name}'\\)`).test(commands) && !rule ? ['a command'] : []),
    // By hand, as they decide what else is parsed, or by yargs.
    ...(['config', 'no-default-config', 'help', 'version'].includes(name) ? ['the parser'] : []),
  ];

  test.each(OPTIONS.filter((o) => o.support === 'yes').map((o) => [o.name, o] as const))(
    '--%s has an effect',
    (_name, option) => expect(readers(option)).not.toEqual([]),
  );

  test.each(OPTIONS.filter((o) => o.support === 'accepted').map((o) => [o.name, o] as const))(
    '--%s has none',
    (_name, option) => expect(readers(option)).toEqual([]),
  );

  test.each(OPTIONS.filter((o) => o.support === 'no').map((o) => [o.name, o] as const))(
    '--%s is refused',
    (name, option) => {
      const command = option.commands?.[0] ?? 'dump';
      const value = option.type === 'flag' || option.type === 'optional' ? [] : ['x'];
      expect(() => requireSupported(settings(command, `--${name}`, ...value))).toThrow(
        `the option --${name} is refused: `,
      );
    },
  );

  test('an option of the engine that its record names is set from it', () => {
    const sample = (o: OptionRecord): string[] => {
      if (o.type === 'flag' || o.type === 'optional') return [`--${o.name}`];
      const forms: Record<string, string> = {
        'inherit-fd': 'fd[3]:x',
        external: 'tty[1:2]',
        'veth-pair': 'a=b',
        'irmap-scan-path': '/x',
        'join-ns': 'net:1',
        'lsm-profile': 'none',
      };
      const value = o.type === 'number' ? '1' : o.type === 'size' ? '1M' : 'x:y=z';
      return [`--${o.name}`, forms[o.name] ?? o.choices?.[0] ?? value];
    };
    for (const option of OPTIONS) {
      if (!option.engine?.set) continue;
      for (const command of ['dump', 'restore'] as const) {
        const concerned = option.commands ?? [command];
        if (!concerned.some((c) => c === command || (c === 'pre-dump' && command === 'dump'))) continue;
        // What --exec-cmd becomes needs a command, and a sibling -d.
        const more = { 'exec-cmd': ['--', 'true'], 'restore-sibling': ['-d'] }[option.name] ?? [];
        const s = settings(command, ...(command === 'dump' ? ['-t', '1'] : []), ...sample(option), ...more);
        const out = command === 'dump' ? dumpOptions(s, dirs) : restoreOptions(s, dirs);
        expect([option.name, Object.keys(out)]).toEqual([
          option.name,
          expect.arrayContaining([option.engine.keys[0]]),
        ]);
      }
    }
  });
});
