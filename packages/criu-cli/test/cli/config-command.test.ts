// `criu config`, what makes no sense together, and commands and variables of CRIU that mean nothing here.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { cleanUp, criu, scratch } from './fake-shell.js';

afterEach(cleanUp);

describe('criu config', () => {
  function files(one: string, two = '') {
    const [first, second] = [join(scratch(), 'one.conf'), join(scratch(), 'two.conf')];
    writeFileSync(first, one);
    writeFileSync(second, two);
    return { first, second, env: { CRIU_CONFIG_FILE: first }, argv: ['config', '--config', second] };
  }

  test('says of each value which file and line it comes from, and what it stands instead of', async () => {
    const { first, second, env, argv } = files(
      'tcp-established\nverbosity 4\nskip-mnt /x',
      'no-tcp-established',
    );
    const { code, out, err } = await criu([...argv, '--skip-mnt', 'a b'], { env });
    expect([code, err]).toEqual([0, '']);
    const rows = out.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(rows).toContainEqual(['tcp-established', 'no', `${second}:1`]);
    expect(rows).toContainEqual(['before: yes', `${first}:1`]);
    expect(rows).toContainEqual(['verbosity', '4', `${first}:2`]);
    expect(rows).toContainEqual(['skip-mnt', '/x "a b"', `${first}:3, command line`]);
    expect(rows).toContainEqual([first, 'read', 'named by $CRIU_CONFIG_FILE']);
    expect(rows).toContainEqual([second, 'read', 'named by --config']);
    expect(rows[0]).toEqual(['Options, the one that comes last counts:']);
    expect(rows.some(([name]) => name === 'CRIU_CONFIG_FILE')).toBe(true);
  });

  test('says it as JSON', async () => {
    const { first, env, argv } = files('leave-running\nstream');
    const { out } = await criu([...argv, '--json', '-s'], { env });
    expect(JSON.parse(out)).toMatchObject({
      options: [
        {
          option: 'leave-stopped',
          value: true,
          from: ['command line'],
          instead: [{ value: 'no', from: `${first}:1 (--leave-running)` }],
        },
        { option: 'stream', value: true, from: [`${first}:2`], notes: ['refused'] },
      ],
      files: [{ by: '$CRIU_CONFIG_FILE', state: 'read' }, { by: '--config' }],
    });
  });

  test('needs no privileges, and says where a file that is wrong is wrong', async () => {
    expect((await criu(['config', '--no-default-config'], { uid: 1000 })).code).toBe(0);
    const { first, env, argv } = files('tree x');
    const { code, err } = await criu(argv, { env });
    expect([code, err]).toEqual([1, expect.stringContaining(`${first}:1: bad value for --tree: x`)]);
  });
});

test.each([
  [['dump', '-t', '1', '--inherit-fd', 'fd[3]:x'], '--inherit-fd is for restore only'],
  [['check', '--mntns-compat-mode'], '--mntns-compat-mode is for restore only'],
  [['dump', '-t', '1', '--exec-cmd'], '--exec-cmd is for restore only'],
  [['check', '-S'], '--restore-sibling needs --restore-detached'],
  [['pre-dump', '-t', '1', '--lazy-pages'], '--lazy-pages is for dump and restore'],
  [
    ['page-server', '--daemon', '--ps-socket', '1'],
    'descriptor 1 of --ps-socket is closed in the background',
  ],
])('%j is refused, as CRIU does: %s', async (argv, message) => {
  const { code, err, dumped } = await criu([...argv, '-D', 'DIR']);
  expect([code, dumped.length]).toEqual([1, 0]);
  expect(err).toContain(message);
});

test.each([
  [['show', '-i', 'core-1.img'], /show was retired.*\n {2}.*crit show FILE/],
  [['exec', '-t', '1', 'getpid'], /exec was retired.*\n {2}.*compel syscall PID/],
  [['show'], /show was retired/],
])('%j says what to use instead', async (argv, said) => {
  const { code, err } = await criu(argv);
  expect([code, err]).toEqual([1, expect.stringMatching(said)]);
});

test('a variable that asks for something else than is done is warned of', async () => {
  const run = (env: Record<string, string>) => criu(['dump', '-t', '1', '-D', 'DIR'], { env });
  expect((await run({ CR_IP_TOOL: 'ip' })).err).toMatch(/^Warn .*\$CR_IP_TOOL has no effect: .*netlink/);
  expect((await run({ CRIU_DEPRECATED: '1' })).err).toBe('');
});

test('check refuses what is refused elsewhere', async () => {
  expect(await criu(['check', '--ms'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('the option --ms is refused: it was retired, in CRIU too'),
  });
});
