// What people are told: the right reason, all of it at once, each part of it once, and what to do about it.
import { AgentGoneError, ProgramError, StopError, VictimError } from '@criu/compel';
import { ImageError } from '@criu/images';
import { SysError } from '@criu/native';
import { afterAll, describe, expect, it, test } from 'vitest';
import { OPTIONS } from '../../src/cli/option-table.js';
import { asCriuError, CriuError, type CriuErrorCode } from '../../src/errors.js';
import { dump } from '../../src/operations.js';
import { ProcError, TaskGoneError } from '../../src/proc/errors.js';
import { Refusals } from '../../src/refusals.js';
import { criu } from '../cli/fake-shell.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { freshDir, until } from '../support.js';

afterAll(cleanUp);

const about = { pid: 5, file: '/proc/5/maps' };
const enoent = Object.assign(new Error("ENOENT: no such file or directory, open '/a/b.img'"), {
  code: 'ENOENT',
  errno: -2,
});

test.each([
  [
    new CriuError(
      'SYSCALL',
      'cannot stop the task',
      { pid: 5 },
      'x',
      new StopError(5, 'PTRACE', 'it is gone'),
    ),
    'task 5: cannot stop the task (it is gone)',
  ],
  [
    new CriuError('SYSCALL', 'cannot look', { pid: 5 }, 'x', new VictimError(5, 'FAULT', 'it crashed')),
    'task 5: cannot look (it crashed)',
  ],
  [
    new CriuError(
      'TASK_DIED',
      'cannot restore the task: signals',
      { pid: 5 },
      'x',
      new AgentGoneError('task 5'),
    ),
    'task 5: cannot restore the task: signals (it was killed or died while it was needed)',
  ],
  [
    new CriuError(
      'SYSCALL',
      'cannot restore the task: clocks',
      { pid: 5 },
      'x',
      new ProgramError('task 5: clocks', 3, 'write', 34, -34n, 'offsets of the clocks'),
    ),
    'task 5: cannot restore the task: clocks (offsets of the clocks: write: ERANGE)',
  ],
  [
    new CriuError(
      'BAD_IMAGE',
      'the image cannot be read',
      { file: 'b.img' },
      'x',
      new ImageError('truncated', 'it ends early', '/a/b.img', 7),
    ),
    'b.img: the image cannot be read (it ends early (truncated, offset 7))',
  ],
  [
    new CriuError(
      'BAD_IMAGE',
      'it leads back to itself',
      { file: '/a' },
      'x',
      new ImageError('unresolved', 'it leads back to itself', '/a'),
    ),
    '/a: it leads back to itself',
  ],
  [
    new CriuError('IMAGE_MISSING', 'the content is missing', { file: '/a/b.img' }, 'x', enoent),
    '/a/b.img: the content is missing (ENOENT: no such file or directory, open)',
  ],
  [
    new CriuError('IMAGE_MISSING', 'cannot open /a/b.img', {}, 'x', enoent),
    'cannot open /a/b.img (ENOENT: no such file or directory, open)',
  ],
  [
    new CriuError(
      'NO_SUCH_TASK',
      'cannot read about the task',
      about,
      'x',
      new TaskGoneError({ ...about, cause: new SysError('read', 2, about.file) }),
    ),
    'task 5, /proc/5/maps: cannot read about the task (task 5 is gone (reading /proc/5/maps); read /proc/5/maps: ENOENT)',
  ],
  [
    new CriuError(
      'NOT_PERMITTED',
      'cannot read about the task',
      about,
      'x',
      new ProcError('PROC_DENIED', `${about.file}: EACCES`, {
        ...about,
        cause: Object.assign(new Error(`EACCES: permission denied, open '${about.file}'`), {
          code: 'EACCES',
        }),
      }),
    ),
    'task 5, /proc/5/maps: cannot read about the task (EACCES: permission denied, open)',
  ],
] as const)('an error says each part once: %#', (error, words) => {
  expect(error.explain()).toBe(`${words}\n  x`);
});

test('whatever fails comes with something to do', () => {
  const codes: readonly CriuErrorCode[] = [
    'BAD_OPTION',
    'BAD_IMAGE',
    'IMAGE_MISSING',
    'IMAGE_DIR_IN_USE',
    'NO_SUCH_TASK',
    'TASK_DIED',
    'NOT_PERMITTED',
    'NOT_DUMPABLE',
    'UNSUPPORTED',
    'PID_IN_USE',
    'FILE_CHANGED',
    'NO_SPACE',
    'TIMEOUT',
    'SYSCALL',
    'INTERNAL',
  ];
  for (const code of codes)
    expect([code, new CriuError(code, 'it').remedy]).toEqual([code, expect.stringMatching(/\w/)]);
});

test.skipIf(!isRoot)('root is not told to become root', () => {
  const { remedy } = asCriuError(new SysError('mount', 1), 'cannot mount');
  expect(remedy).not.toMatch(/run as root/);
  expect(remedy).toMatch(/^(this process is root without CAP_|root itself is not permitted)/);
});

test('all options that are refused are told', async () => {
  const missing = OPTIONS.filter(
    ({ support, commands, type }) =>
      support === 'no' && (commands ?? ['dump']).includes('dump') && type !== 'optional',
  );
  const words = missing.flatMap(({ name, type }) => (type === 'flag' ? [`--${name}`] : [`--${name}`, 'x']));
  const { code, err } = await criu(['dump', '-t', '1', '-D', 'DIR', ...words]);
  expect(code).toBe(missing.length > 0 ? 1 : 0);
  for (const { name } of missing) expect(err).toContain(`the option --${name} is refused: `);
});

describe('refusals', () => {
  const refusal = (fd: number, remedy?: string) => new CriuError('UNSUPPORTED', 'no', { pid: 5, fd }, remedy);
  const fail = (error: Error) => () => {
    throw error;
  };

  test('are told in one error, those with the same remedy together', () => {
    const refusals = new Refusals();
    expect(refusals.attempt(() => 7)).toBe(7);
    for (const error of [
      refusal(3, 'close it'),
      refusal(4, 'dump more'),
      refusal(5, 'close it'),
      refusal(3, 'close it'),
    ])
      expect(refusals.attempt(fail(error))).toBeUndefined();
    // It may follow from what was refused.
    refusals.attempt(fail(new Error('undefined is not a function')));
    try {
      refusals.settle();
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'UNSUPPORTED', message: 'no', object: { pid: 5, fd: 3 } });
      expect((error as CriuError).errors.map((e) => e.object.fd)).toEqual([3, 4, 5]);
      expect((error as CriuError).explain().split('\n')).toEqual([
        '3 things are in the way:',
        '  task 5, fd 3: no',
        '  task 5, fd 5: no',
        '    close it',
        '  task 5, fd 4: no',
        '    dump more',
      ]);
    }
  });

  test('do not hide what ends everything, nor a failure when there is none', () => {
    const refusals = new Refusals();
    expect(() => refusals.attempt(fail(new Error('broken')))).toThrow('broken');
    refusals.settle();
    refusals.attempt(fail(refusal(3)));
    for (const code of ['ABORTED', 'TIMEOUT', 'NO_SPACE', 'TASK_DIED'] as const)
      expect(() => refusals.attempt(fail(new CriuError(code, 'over')))).toThrow('over');
    expect(() => refusals.settle()).toThrow(/^no$/);
  });

  test('that are many are not all listed', () => {
    const refusals = new Refusals();
    for (let fd = 3; fd < 103; fd++) refusals.attempt(fail(refusal(fd, 'close it')));
    try {
      refusals.settle();
    } catch (error) {
      const lines = (error as CriuError).explain().split('\n');
      expect([lines.length, lines[0], lines.at(-2)]).toEqual([
        33,
        '100 things are in the way:',
        '  and 70 more of that kind',
      ]);
    }
  });
});

describe.skipIf(!isRoot)('a dump that is refused (needs root)', () => {
  const source = new URL('victims/refused.c', import.meta.url);
  async function refused(pid: number): Promise<CriuError> {
    const error = await dump({ pid, imagesDir: freshDir() }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CriuError);
    return error as CriuError;
  }

  it('says all that is in the way, in all tasks, and leaves them as they were', async () => {
    const victim = await Victim.start('refused', {}, source);
    try {
      const error = await refused(victim.pid);
      const text = error.explain();
      expect(text).toMatch(/^\d+ things are in the way:\n/);
      for (const what of [/fd 3: a file lock .*\n(.*\n)*? {4}.*--file-locks/, /a pidfd of process/])
        expect(text).toMatch(what);
      const tcp = error.errors.filter((e) => e.message.includes('TCP connection'));
      expect(tcp.map((e) => e.object.pid === victim.pid)).toEqual([true, true, false, false]);
      expect(text.match(/--tcp-established/g)).toHaveLength(1);
      expect(victim.tracer).toBe(0);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('for a task whose main thread has ended says so, and not that it has ended', async () => {
    const victim = await Victim.start('refused', { DEAD_LEADER: '1' }, source);
    try {
      await until('the main thread has ended', () => victim.state === 'Z');
      const error = await refused(victim.pid);
      expect(error).toMatchObject({ code: 'UNSUPPORTED', object: { pid: victim.pid } });
      expect(error.summary).toBe(`task ${victim.pid}: its main thread has ended while other threads run`);
    } finally {
      await victim.end();
    }
  });

  it('for such a task further down says so too', async () => {
    const victim = await Victim.start('refused', { DEAD_CHILD: '1' }, source);
    try {
      const error = await refused(victim.pid);
      expect(error.code).toBe('UNSUPPORTED');
      expect(error.summary).toMatch(
        /^task \d+: cannot stop the task \(its main thread has exited while other threads run\)$/,
      );
      expect(error.object.pid).not.toBe(victim.pid);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('for the first process says that the dumper is below it', async () => {
    expect((await refused(1)).summary).toBe(
      'task 1: it is an ancestor of the dumper, which would stop with it',
    );
  });
});
