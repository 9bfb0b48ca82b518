// Command lines are taken apart as getopt_long takes them, and yargs finds the command.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCommandLine } from '../../src/cli/command-line.js';
import { didYouMean, parseArguments } from '../../src/cli/normalise.js';
import { OPTIONS } from '../../src/cli/option-table.js';
import { parseSize } from '../../src/cli/option-value.js';
import { argumentsOf } from '../../src/cli/settings.js';
import { readSettings } from './read-settings.js';

const places = { env: {}, read: () => null };
const read = (...argv: string[]) => readSettings(argv, places);
const failure = (...argv: string[]) => {
  try {
    read(...argv);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
};

test('names and letters of options are there once', () => {
  const names = OPTIONS.flatMap((o) => (o.negatable ? [o.name, `no-${o.name}`] : [o.name]));
  const letters = OPTIONS.flatMap((o) => o.alias ?? []);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(letters).size).toBe(letters.length);
});

test.each([
  [[], 2],
  [['-v'], 3],
  [['-vv'], 4],
  [['-v', '-v'], 4],
  [['-v4'], 4],
  [['-v0'], 0],
  [['--verbosity'], 3],
  [['--verbosity=1'], 1],
  [['-verbosity=0'], 0],
  [['-vvvv'], 6],
  [['-v1', '-v'], 2],
])('verbosity of %j is %i', (argv, level) => {
  expect(read('dump', ...argv).verbosity).toBe(level);
});

test('options and operands may be mixed, and -- ends the options', () => {
  const { given, operands } = parseArguments(['-t', '5', 'dump', '-D', 'x', '--', '-v', 'y']);
  expect(given.map((g) => [g.option.name, g.value])).toEqual([
    ['tree', '5'],
    ['images-dir', 'x'],
  ]);
  expect(operands).toEqual(['dump', '-v', 'y']);
});

test('letters may stand together, the last one with its value', () => {
  const s = read('restore', '-djt7', '-Dx');
  expect([s.flag('restore-detached'), s.flag('shell-job'), s.number('tree'), s.text('images-dir')]).toEqual([
    true,
    true,
    7,
    'x',
  ]);
});

test('long options take their value after = or as the next word, and may be cut short', () => {
  const s = read('dump', '--tree=12', '--images-dir', '/i', '--leave-run', '--tcp-e');
  expect([s.number('tree'), s.text('images-dir'), s.finalState, s.flag('tcp-established')]).toEqual([
    12,
    '/i',
    'running',
    true,
  ]);
});

test('a value that may be left out is never the next word', () => {
  const s = read('dump', '--manage-cgroups', '--cpu-cap', '-x', '-t', '1');
  expect([s.text('manage-cgroups'), s.text('cpu-cap'), s.text('ext-unix-sk')]).toEqual(['', '', '']);
  expect(read('dump', '--manage-cgroups=full').text('manage-cgroups')).toBe('full');
  expect(read('dump', '-x123').text('ext-unix-sk')).toBe('123');
});

test('flags can be taken back, and the later of -s and -R counts', () => {
  expect(read('restore', '-d', '--no-restore-detached').flag('restore-detached')).toBe(false);
  expect(read('dump', '-s', '-R').finalState).toBe('running');
  expect(read('dump', '-R', '-s').finalState).toBe('stopped');
});

test('options may be given several times where that means something', () => {
  expect(read('dump', '--skip-mnt', 'a', '--skip-mnt', 'b').list('skip-mnt')).toEqual(['a', 'b']);
});

test.each([
  [['dump', '--frob'], 'unknown option --frob'],
  [['dump', '-tZ'], 'bad value for --tree: Z'],
  [['dump', '-t'], 'option -t needs a value'],
  [['dump', '--tree'], 'option --tree needs a value'],
  [['dump', '-q'], 'unknown option -q'],
  [['dump', '-jq'], 'unknown option -q in -jq'],
  [['dump', '--leave-running=1'], 'option --leave-running takes no value'],
  [['dump', '--no-tree'], 'unknown option --no-tree'],
  [['dump', '--leave'], '--leave could mean --leave-running, --leave-stopped'],
  [['dump', '--ghost-limit', '1X'], 'bad value for --ghost-limit: 1X'],
  [['dump', '--manage-cgroups=x'], 'bad value for --manage-cgroups: x'],
  [['dump', 'more'], 'unexpected after dump: more'],
  [['frob'], 'unknown command: frob'],
  [['cpuinfo', 'x'], 'unknown command: cpuinfo x'],
  [['show'], 'the command show was retired, in CRIU too'],
  [[], 'no command given'],
])('%j is refused: %s', (argv, message) => {
  expect(failure(...argv)).toBe(message);
});

test('each option counts once, whether before its command or after it, and the last one of several', () => {
  const line = (...argv: string[]) => {
    const { command, given, operands } = readCommandLine(argv, places);
    return [command, argumentsOf(given), operands];
  };
  expect(
    line('-v', '-jt', '5', '-t7', 'swrk', '--skip-m', 'a', '-v4', '--skip-mnt=b', '-s', '-R', '9', '-x'),
  ).toEqual([
    ['swrk'],
    {
      verbosity: 4,
      'shell-job': true,
      tree: 7,
      'skip-mnt': ['a', 'b'],
      'leave-stopped': false,
      'leave-running': true,
      'ext-unix-sk': '',
    },
    ['9'],
  ]);
  expect(line('--no-log-pid', 'cpuinfo', 'dump', '--', '--x')).toEqual([
    ['cpuinfo', 'dump'],
    { 'log-pid': false },
    ['--x'],
  ]);
});

test('values come to the command as they were given, whatever they look like', () => {
  const looks = [
    '"quoted"',
    "'x'",
    '-v',
    '--tree=1',
    '--',
    '',
    '0x10',
    '1e3',
    'a=b',
    'a.b',
    '__proto__',
    'no\nway',
  ];
  const text = fc.oneof(fc.constantFrom(...looks), fc.string());
  fc.assert(
    fc.property(text, fc.array(text), fc.array(text), (dir, mounts, operands) => {
      const s = read(
        ...['swrk', '--images-dir', dir, ...mounts.flatMap((m) => ['--skip-mnt', m])],
        ...['--', ...operands],
      );
      expect([s.text('images-dir'), s.list('skip-mnt'), s.operands]).toEqual([dir, mounts, operands]);
    }),
    { numRuns: 200 },
  );
});

test('sizes have suffixes', () => {
  const option = OPTIONS.find((o) => o.type === 'size')!;
  expect(['7', '4K', '2M', '1G'].map((t) => parseSize(option, t))).toEqual([7, 4096, 2 << 20, 1 << 30]);
});

test('the nearest name is proposed, and none when nothing is near', () => {
  expect(didYouMean('dmup', ['dump', 'restore'])).toBe('did you mean dump?');
  expect(didYouMean('dum', ['dump', 'restore'])).toBe('did you mean dump?');
  expect(didYouMean('xyzzy', ['dump', 'restore'])).toBeUndefined();
});

test('options that container engines and test harnesses pass are all known', () => {
  const argv = [
    [
      'dump',
      '--no-default-config',
      '--log-file',
      'dump.log',
      '--images-dir',
      '/i',
      '--verbosity=4',
      '--tree',
      '9',
    ],
    ['--pidfile', '/p', '--root', '/r', '--external', 'mnt[/dev]:X', '--timeout', '10', '--track-mem'],
    ['--prev-images-dir', '../1', '--page-server', '--address', '127.0.0.1', '--port', '12345', '--tls'],
    ['--leave-stopped', '--empty-ns', 'net', '--pre-dump-mode', 'read', '--lazy-pages', '--status-fd', '5'],
    ['--freeze-cgroup', '/c', '--manage-cgroups', '--restore-sibling', '--join-ns', 'net:/n', '--auto-dedup'],
    [
      '--restore-detached',
      '--mntns-compat-mode',
      '--no-mntns-compat-mode',
      '--unprivileged',
      '--libdir',
      'l',
    ],
    [
      '--inherit-fd',
      'fd[3]:x',
      '--action-script',
      's',
      '--ext-mount-map',
      'auto',
      '--enable-external-masters',
    ],
    ['--skip-in-flight', '--tcp-close', '--ghost-limit', '8M', '--no-ghost-fiemap', '--enable-fs', 'nfsd'],
    [
      '--cgroup-root',
      '/x',
      '--cgroup-yard',
      'y',
      '--network-lock',
      'nftables',
      '--allow-uprobes',
      '--stream',
    ],
    ['--lsm-profile', 'apparmor:x', '--lsm-mount-context', 'c', '--skip-mnt', '/m', '--veth-pair', 'a=b'],
    ['--irmap-scan-path', '/i', '--force-irmap', '--cpu-cap=none', '--weak-sysctls', '--evasive-devices'],
    [
      '--file-validation',
      'filesize',
      '--skip-file-rwx-check',
      '--cgroup-props',
      'p',
      '--cgroup-props-file',
      'f',
    ],
    [
      '--cgroup-dump-controller',
      'c',
      '--ps-socket',
      '4',
      '--tls-cacert',
      'a',
      '--tls-cacrl',
      'b',
      '--tls-cert',
    ],
    [
      'c',
      '--tls-key',
      'd',
      '--tls-no-cn-verify',
      '--deprecated',
      '--close',
      '9',
      '--file-locks',
      '--link-remap',
    ],
  ].flat();
  expect(read(...argv).command).toBe('dump');
});

test.each([
  [['dump', '--tree', '0'], 'bad value for --tree: 0'],
  [['check', '--join-ns', 'invalidjoin-invalid'], 'bad value for --join-ns: invalidjoin-invalid'],
  [['check', '--external', 'nonsense'], 'bad value for --external: nonsense'],
  [['dump', '--veth-pair', 'eth0'], 'bad value for --veth-pair: eth0'],
  [['dump', '--empty-ns', 'ipc'], 'bad value for --empty-ns: ipc'],
  [['dump', '--irmap-scan-path', 'etc'], 'bad value for --irmap-scan-path: etc'],
  [['check', '-xone'], 'bad value for --ext-unix-sk: one'],
])('%j is refused whatever the command is', (argv, message) => {
  expect(() => read(...argv)).toThrow(message);
});

test('pages are packed by what -c and --compress say, and -c may stand before other flags', () => {
  expect(read('dump', '-cR', '-t', '1').text('compress')).toBe('');
  expect(read('dump', '-cR', '-t', '1').flag('leave-running')).toBe(true);
  expect(read('dump', '-czstd', '-t', '1').text('compress')).toBe('zstd');
  expect(read('dump', '--compress=zstd', '--no-compress', '-t', '1').has('compress')).toBe(false);
});
