// Settings as the engine's options, and the honesty of the option table about what the engine does with them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { dumpOptions, restoreOptions } from '../../src/cli/engine-options.js';
import { OPTIONS, type OptionRecord } from '../../src/cli/option-table.js';
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
  [['restore', '-S'], '--restore-sibling needs --restore-detached'],
  [['restore', '--inherit-fd', 'x'], 'bad value for --inherit-fd: x'],
  [['restore', '--inherit-fd', 'fd[x]:y'], 'bad value for --inherit-fd: fd[x]:y'],
  [['dump', '-t', '1', '-M', 'x'], 'bad value for --ext-mount-map: x'],
  [['dump', '-t', '1', '--external', 'x'], 'bad value for --external: x'],
  [['dump', '-t', '1', '--external', 'cat[1]'], 'bad value for --external: cat[1]'],
  [['dump', '-t', '1', '-x12,b'], 'bad value for --ext-unix-sk: b'],
])('%j is refused: %s', (argv, message) => {
  const s = settings(...argv);
  expect(() => (s.command === 'dump' ? dumpOptions(s, dirs) : restoreOptions(s, dirs))).toThrow(message);
});

test('inodes of -x are external sockets', () => {
  expect(dumpOptions(settings('dump', '-t', '1', '-x12,13'), dirs)).toEqual({
    ...dirs,
    pid: 1,
    extUnixSk: true,
    external: ['unix[12]', 'unix[13]'],
  });
});

/** All of the engine as one text. */
function engineText(): string {
  const src = fileURLToPath(new URL('../../src', import.meta.url));
  return ['engine', 'pages', 'resources']
    .flatMap((dir) =>
      readdirSync(join(src, dir), { recursive: true, encoding: 'utf8' }).map((f) => join(src, dir, f)),
    )
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

test('an option that counts as supported is one that the engine reads', () => {
  const sample = (o: OptionRecord): string[] => {
    if (o.type === 'flag' || o.type === 'optional') return [`--${o.name}`];
    const forms: Record<string, string> = { 'inherit-fd': 'fd[3]:x', external: 'tty[1:2]' };
    return [
      `--${o.name}`,
      forms[o.name] ?? o.choices?.[0] ?? (o.type === 'number' ? '1' : o.type === 'size' ? '1M' : 'x:y=z'),
    ];
  };
  const supported = (command: 'dump' | 'restore') =>
    OPTIONS.filter(
      // What --exec-cmd does, and that it excludes -d, is tested with what it becomes.
      (o) =>
        o.support === 'yes' &&
        o.group !== 'Common' &&
        o.name !== 'exec-cmd' &&
        (!o.commands || o.commands.includes(command)),
    );
  const dump = dumpOptions(settings('dump', '-t', '1', ...supported('dump').flatMap(sample)), dirs);
  const restore = restoreOptions(settings('restore', ...supported('restore').flatMap(sample)), dirs);
  const text = engineText();
  const keys = [...new Set([...Object.keys(dump), ...Object.keys(restore)])];
  expect(keys.filter((key) => !text.includes(`options.${key}`))).toEqual([]);
});
