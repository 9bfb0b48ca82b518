// `criu restore --dry-run`: what people read first, its exit code, and what it finds on this machine.
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Survey } from '../../src/engine/survey.js';
import { CriuError } from '../../src/errors.js';
import { dump, type RestoreOptions, survey } from '../../src/index.js';
import { isRoot } from '../dump/victim.js';
import { free } from '../support.js';
import { cleanUp, criu, scratch } from './fake-shell.js';

afterEach(cleanUp);

const task = (pid: number, comm: string, more: object = {}) => ({
  pid,
  ppid: 1,
  pgid: pid,
  sid: pid,
  core: { tc: { comm } },
  threads: [{ tid: pid }],
  fds: [{}, {}],
  dead: false,
  children: [],
  ...more,
});

/** A tree of three in a network namespace of its own, without images. */
function found(more: Partial<Survey> = {}): Survey {
  const ended = task(7, 'gone', { dead: true, threads: [] });
  const worker = task(6, 'worker\u001b', { threads: [{ tid: 6 }, { tid: 8 }], children: [ended] });
  const other = task(9, 'other', { pagemap: { entries: [{ nr_pages: 1024n }] } });
  const root = task(5, 'first', { children: [worker, other] });
  const origin = { dumped_at: 1_700_000_000n, dumped_by: 'criu 4.2', kernel: '6.18', machine: 'here' };
  return {
    checkpoint: { tasks: [root, worker, ended, other], root, origin } as never,
    plan: { toText: () => 'each step\n', toJSON: () => ({ tasks: [5], at: 0x1000n }) } as never,
    files: [
      { kind: 'file', name: '/bin/first', found: 'there' },
      { kind: 'file', name: '/own/file', found: 'unseen' },
    ],
    takenPids: new Map(),
    namespaces: ['net'],
    memory: { wanted: 4 << 20, available: 8 * 2 ** 30 },
    features: ['timens'],
    problems: [],
    ...more,
  };
}
const run = (survey: Survey, args: string[] = [], more: object = {}) =>
  criu(['restore', '-D', 'DIR', '--dry-run', ...args], { engine: { survey: async () => survey }, ...more });

test('people see the tree, what is needed, and that nothing is in the way', async () => {
  const { code, out, err, dir } = await run(found());
  expect([code, err]).toEqual([0, '']);
  expect(out).toBe(`4 tasks in ${dir}, dumped on 2023-11-14 22:13 UTC on here (criu 4.2, Linux 6.18)

  5 first 2 descriptors, 0 B
  ├─ 6 worker\\x1b 2 threads, 2 descriptors, 0 B
  │  └─ 7 gone zombie
  └─ 9 other 2 descriptors, 4.0 MiB

namespaces  new: net; of this machine: pid, ipc, uts, mnt, user, cgroup
pids        all are free
memory      4.0 MiB to be brought back, 8.0 GiB are available
files       2 have to be there: 1 as they were, 1 on mounts of the tasks' own, not looked at
kernel      1 feature looked for: timens

Nothing is in the way of a restore.
`);
});

test('each step is shown with -v only', async () => {
  expect((await run(found())).out).not.toContain('each step');
  const { out } = await run(found(), ['-v']);
  expect(out).toMatch(/\/bin\/first: as it was\n {2}\/own\/file: not looked at\n/);
  expect(out.endsWith('\neach step\n')).toBe(true);
});

test('what is in the way is told with remedies, once for all that have the same, and the exit code is 1', async () => {
  const wrong = (file: string) =>
    new CriuError('FILE_CHANGED', 'size is 6, was 3', { file }, 'bring it back');
  const [one, two] = [wrong('/a'), wrong('/b')];
  const pid = new CriuError('PID_IN_USE', 'the pid is taken by sh', { pid: 5 }, 'end that task');
  const survey = found({
    plan: undefined,
    problems: [one, two, pid],
    takenPids: new Map([[5, 'sh']]),
    files: [{ kind: 'file', name: '/a', found: one }],
  });
  const { code, out } = await run(survey);
  expect(code).toBe(1);
  expect(out).toContain('pids        5 is taken by sh\n');
  expect(out).toContain('files       1 has to be there: 1 not\n');
  expect(out).toContain(`3 things are in the way:
  /a: size is 6, was 3 [FILE_CHANGED]
  /b: size is 6, was 3 [FILE_CHANGED]
    bring it back
  task 5: the pid is taken by sh [PID_IN_USE]
    end that task

It cannot be restored like this.
`);
  const json = await run(survey, ['--json']);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({
    works: false,
    problems: [{ code: 'FILE_CHANGED', object: { file: '/a' }, remedy: 'bring it back' }, {}, {}],
    takenPids: [{ pid: 5, by: 'sh' }],
    files: [{ name: '/a', found: 'wrong', reason: 'size is 6, was 3' }],
    tasks: [{ pid: 5, threads: [5] }, { pid: 6, threads: [6, 8] }, { pid: 7, state: 'zombie' }, { pid: 9 }],
  });
});

test('as JSON it has the plan, too', async () => {
  const { code, out } = await run(found(), ['--json']);
  expect([code, JSON.parse(out)]).toMatchObject([
    0,
    { works: true, at: '4096', dumped: { at: 1_700_000_000, machine: 'here' }, namespaces: ['net'] },
  ]);
});

test('without root nobody looks at the kernel, and the page says so', async () => {
  const asked: object[] = [];
  const engine = {
    survey: async (_: RestoreOptions, looks: object) => {
      asked.push(looks);
      return found();
    },
  };
  const { code, out } = await criu(['restore', '-D', 'DIR', '--dry-run'], { engine, uid: 1000 });
  expect([code, asked]).toEqual([0, [{ probes: false }]]);
  expect(out).toMatch(/Nothing is in the way of a restore, by root \(/);
});

const bin = fileURLToPath(new URL('../../bin/criu', import.meta.url));

describe.skipIf(!isRoot)('on this machine (needs root)', () => {
  let images = '';
  let file = '';
  let pid = 0;
  beforeEach(async () => {
    const folder = scratch();
    chmodSync(folder, 0o755);
    images = join(folder, 'images');
    file = join(folder, 'file');
    mkdirSync(images);
    writeFileSync(file, 'abc');
    const victim = spawn('sh', ['-c', `exec sleep 1000 3< '${file}'`], { detached: true, stdio: 'ignore' });
    pid = victim.pid ?? 0;
    await expect
      .poll(() => spawnSync('cat', [`/proc/${pid}/comm`], { encoding: 'utf8' }).stdout)
      .toBe('sleep\n');
    await dump({ pid, imagesDir: images });
    await free([pid]);
  });
  afterEach(() => {
    if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
  });
  const problems = async (more: Partial<RestoreOptions> = {}) =>
    (await survey({ imagesDir: images, ...more })).problems.map(({ code, summary }) => `${code} ${summary}`);

  test('nothing is in the way, and nothing is left of looking', async () => {
    const before = readdirSync(images);
    const { problems: none, files, takenPids } = await survey({ imagesDir: images });
    expect([none, takenPids]).toEqual([[], new Map()]);
    expect(files).toContainEqual({ kind: 'file', name: file, found: 'there' });
    expect(readdirSync(images)).toEqual(before);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });

  test('a file that has changed or is gone is, whatever else is', async () => {
    appendFileSync(file, 'def');
    expect(await problems()).toEqual([`FILE_CHANGED ${file}: size is 6, was 3`]);
    rmSync(file);
    expect(await problems()).toEqual([
      expect.stringMatching(/^FILE_CHANGED .*file: the file was open .* not there/),
    ]);
    mkdirSync(file);
    expect(await problems()).toEqual([expect.stringMatching(/another kind of file/)]);
  });

  test('a pid that is taken is', async () => {
    // The same process, back.
    const back = spawnSync(bin, ['restore', '-d', '-D', images], { encoding: 'utf8' });
    expect([back.status, back.stderr]).toEqual([0, '']);
    expect(await problems()).toEqual([`PID_IN_USE task ${pid}: the pid is taken by sleep`]);
    const { status, stdout } = spawnSync(bin, ['restore', '-D', images, '--dry-run'], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).toMatch(/It cannot be restored like this\.\n$/);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
  });

  test('a port that somebody listens on is', async () => {
    const own = createServer();
    await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve));
    const { port } = own.address() as AddressInfo;
    const code = `require('net').createServer().listen(${port}, '127.0.0.1', () => require('fs').writeFileSync('ready', ''))`;
    await new Promise((resolve) => own.close(resolve));
    const folder = scratch();
    const victim = spawn(process.execPath, ['-e', code], { detached: true, stdio: 'ignore', cwd: folder });
    const { pid: listening = 0 } = victim;
    await expect.poll(() => existsSync(join(folder, 'ready')), { timeout: 20_000 }).toBe(true);
    const imagesDir = join(folder, 'listening');
    mkdirSync(imagesDir);
    await dump({ pid: listening, imagesDir });
    await free([listening]);
    const found = () => survey({ imagesDir });
    expect((await found()).files).toContainEqual({ kind: 'port', name: `127.0.0.1:${port}`, found: 'there' });
    expect((await found()).problems).toEqual([]);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    try {
      const { problems: taken } = await found();
      expect(taken.map(({ message }) => message)).toEqual([`somebody else listens on 127.0.0.1:${port}`]);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  test('another user sees as much of images that he can read, and is told of those that he cannot', () => {
    const as = (dir: string) =>
      spawnSync(
        'setpriv',
        ['--reuid=65534', '--regid=65534', '--clear-groups', bin, 'restore', '-D', dir, '--dry-run'],
        {
          encoding: 'utf8',
        },
      );
    const refused = as(images);
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(
      /inventory\.img: the image cannot be read .*\n {2}images can be read by whoever.* \[NOT_PERMITTED\]\n/,
    );
    const copy = join(scratch(), 'copy');
    cpSync(images, copy, { recursive: true });
    spawnSync('chmod', ['-R', 'a+rX', join(copy, '..')]);
    const { status, stdout, stderr } = as(copy);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/Nothing is in the way of a restore, by root/);
  });
});
