// The command as it is installed: starts from anywhere, through links, with sources newer than the build.
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { cleanUp, scratch } from './fake-shell.js';

const bin = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('bin.test.ts: dump and restore: skipped: needs root');

afterEach(cleanUp);

function criu(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(bin, args, { encoding: 'utf8', timeout: 30_000 });
  return { status, stdout, stderr };
}

test('it says which version of CRIU it is, in the form that scripts look for', () => {
  const { status, stdout } = criu('--version');
  expect([status, stdout.split('\n')[0]]).toEqual([0, 'Version: 4.2']);
});

test('the version that the build has written is said without node, unless a source of it is newer', () => {
  const home = scratch();
  const at = (file: string, text: string, seconds: number) => {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), text);
    utimesSync(join(home, file), seconds, seconds);
  };
  mkdirSync(join(home, 'bin'));
  copyFileSync(bin, join(home, 'bin/criu'));
  symlinkSync('bin/criu', join(home, 'link'));
  // Of the programs that it starts, readlink alone is there: node would be another one.
  mkdirSync(join(home, 'path'));
  symlinkSync('/usr/bin/readlink', join(home, 'path/readlink'));
  const say = (file: string, ...args: string[]) => {
    const env = { PATH: join(home, 'path') };
    const { status, stdout } = spawnSync(join(home, file), args, { encoding: 'utf8', env });
    return [status, stdout];
  };
  const text = 'Version: 7.1\nImplementation: of a test\n';
  at('dist/version.txt', text, 2000);
  expect(say('bin/criu', '--version')).toEqual([0, text]);
  expect(say('link', '-V')).toEqual([0, text]);
  at('src/criu-version.ts', '', 1000);
  expect(say('bin/criu', '-V')).toEqual([0, text]);
  at('src/criu-version.ts', '', 3000);
  expect(say('bin/criu', '-V')).toEqual([127, '']);
});

test('it can be started through a link', () => {
  const link = join(scratch(), 'criu');
  symlinkSync(bin, link);
  expect(spawnSync(link, ['-V'], { encoding: 'utf8' }).stdout).toContain('Version: 4.2');
});

test('a wrong call exits with 1 and says why on standard error', () => {
  expect(criu('dump', '--no-default-config', '-t', 'x')).toEqual({
    status: 1,
    stdout: '',
    stderr: 'criu: bad value for --tree: x\n  a number is needed [BAD_OPTION]\n',
  });
});

test.each([
  ['-S -n 16', 0, /^$/],
  ['-S -v 500000', 0, /^$/],
  ['-n 16', 1, /^criu: 16 open files \(RLIMIT_NOFILE\) are too few, it takes 100: raise the hard limit/],
  ['-v 700000', 1, /^criu: 700000 KiB of address space \(RLIMIT_AS\) are too little for node/],
])('with ulimit %s it ends with %i', (limit, status, said) => {
  const ended = spawnSync('sh', ['-c', `ulimit ${limit} && exec "$0" completion`, bin], { encoding: 'utf8' });
  expect(ended.status).toBe(status);
  expect(ended.stderr).toMatch(said);
});

test('help breaks its lines between words', () => {
  const { status, stdout } = criu('restore', '--help');
  expect([status, stdout.split('\n')[0]]).toEqual([0, 'Usage: criu restore -D DIR [OPTION...]']);
  expect(stdout).toMatch(/becomes a sibling of criu, a child of its caller \(with\n +-d\)/);
});

test('the shell completes commands, options, and values that are known', () => {
  const complete = (...words: string[]) =>
    criu('--get-yargs-completions', 'criu', ...words)
      .stdout.split('\n')
      .filter(Boolean);
  expect(complete('re')).toContain('restore');
  const options = complete('dump', '--tr');
  expect(options).toEqual(expect.arrayContaining(['--tree', '--track-mem']));
  expect(options.filter((o) => o === '--restore-detached' || /^--?.$/.test(o))).toEqual([]);
  expect(complete('dump', '--network-lock', 'nf')).toEqual(['nftables']);
  expect(complete('check', '--feature', 'pidfd')).toEqual(['pidfd_store']);
  expect(complete('dump', '-D', '')).toEqual([]);
  expect(criu('completion').stdout).toMatch(/complete .* criu\n/);
});

const built = existsSync(new URL('../../dist/criu.cjs', import.meta.url));
if (!built) console.log('bin.test.ts: what --version loads: skipped: not built (npm run build)');

test.skipIf(!built)('the version is said before the engine is loaded, or what it stands on', () => {
  const hook = join(scratch(), 'hook.cjs');
  // What node has loaded of itself and what is mapped, as the process says when it ends.
  writeFileSync(
    hook,
    `process.on('exit', () => require('fs').writeSync(2, JSON.stringify({
      modules: process.moduleLoadList.map((name) => name.replace(/^NativeModule /, '')),
      maps: require('fs').readFileSync('/proc/self/maps', 'latin1'),
    })));`,
  );
  const loaded = (...args: string[]): { modules: string[]; maps: string } => {
    const env = { ...process.env, CRIU_BUILT: '1', NODE_OPTIONS: `--require=${hook}` };
    // For a pipe as standard output node itself loads net.
    const { stderr } = spawnSync(process.execPath, [bin, ...args], {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return JSON.parse(stderr.slice(stderr.indexOf('{"modules"')));
  };
  const heavy = ({ modules, maps }: ReturnType<typeof loaded>) => [
    ...modules.filter((name) => ['child_process', 'net', 'dgram'].includes(name)),
    ...(maps.includes('criu.node') ? ['criu.node'] : []),
  ];
  expect(heavy(loaded('--version'))).toEqual([]);
  // A command that does something loads the native part, and of node what it uses.
  expect(heavy(loaded('check', '--feature', 'kcmp'))).toContain('criu.node');
});

describe.skipIf(!isRoot)('with a real program', () => {
  test('a program is dumped, is gone, and is there again as a child that is waited for', async () => {
    const dir = scratch();
    const images = join(dir, 'images');
    mkdirSync(images);
    const victim = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
    const gone = new Promise((resolve) => victim.on('exit', resolve));
    await new Promise((resolve) => victim.once('spawn', resolve));
    try {
      const dump = criu(
        'dump',
        '-t',
        String(victim.pid),
        '-D',
        images,
        '-v4',
        '-o',
        'dump.log',
        '--display-stats',
      );
      expect(dump.stderr).toBe('');
      expect([dump.status, dump.stdout.split('\n')[0]]).toEqual([0, 'Displaying dump stats:']);
      await gone;
      expect(readFileSync(join(images, 'dump.log'), 'utf8')).toMatch(/^\(00\.\d{6}\) Version: 4\.2 /);
      const plan = criu('restore', '-D', images, '--dry-run', '--json');
      expect(JSON.parse(plan.stdout).tasks).toMatchObject([{ pid: victim.pid }]);
      const restore = spawn(bin, ['restore', '-D', images, '--pidfile', 'pid', '--exit-with-task'], {
        stdio: 'ignore',
      });
      const code = new Promise((resolve) => restore.on('exit', resolve));
      await expect
        .poll(() => readFileSync(join(images, 'pid'), 'utf8'), { timeout: 20_000 })
        .toBe(String(victim.pid));
      await expect
        .poll(() => readFileSync(`/proc/${victim.pid}/comm`, 'utf8'), { timeout: 20_000 })
        .toBe('sleep\n');
      process.kill(victim.pid!, 'SIGTERM');
      expect(await code).toBe(128 + 15);
    } finally {
      spawnSync('kill', ['-9', String(victim.pid)], { stdio: 'ignore' });
    }
  });
});
