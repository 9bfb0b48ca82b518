// Requests for dumps, restores and CPU checks, and their answers; the engine is a stand-in.
import { existsSync, fstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CriuReqType } from '@criu/images';
import { close, SysError, socketpair } from '@criu/native';
import { afterEach, describe, expect, test } from 'vitest';
import { CriuError } from '../../src/errors.js';
import { serveConnection } from '../../src/rpc/serve.js';
import { cleanUp, dumpRequest, type Options, openDir, restoreRequest, serve } from './client.js';

afterEach(cleanUp);

const EBADRQC = 56;
const EOPNOTSUPP = 95;
/** Dump and restore are for root alone, as on the command line. */
const privileged = { unprivileged: true };

describe('cpuinfo', () => {
  test('is written to the images, or compared with them', async () => {
    const images = openDir();
    const calls: unknown[] = [];
    const engine = {
      cpuinfoDump: async (dir: string) => void calls.push(['dump', dir]),
      cpuinfoCheck: async (dir: string, classes: readonly string[]) =>
        void calls.push(['check', dir, classes]),
    };
    const ask = (type: number, more: Options) =>
      serve({ engine }).client.ask({
        ...dumpRequest({ ...privileged, images_dir_fd: images.fd, ...more }),
        type,
      });
    for (const [type, more] of [
      [CriuReqType.CPUINFO_DUMP, {}],
      [CriuReqType.CPUINFO_CHECK, {}],
      // fpu 1, cpu 2, ins 4.
      [CriuReqType.CPUINFO_CHECK, { cpu_cap: 2 }],
      [CriuReqType.CPUINFO_CHECK, { cpu_cap: 0 }],
    ] as const)
      expect(await ask(type, more)).toEqual({ type, success: true });
    expect(calls).toEqual([
      ['dump', images.dir],
      ['check', images.dir, ['fpu', 'ins']],
      ['check', images.dir, ['cpu']],
      ['check', images.dir, ['fpu', 'ins', 'cpu']],
    ]);
  });

  test('what does not fit is said', async () => {
    const cpuinfoCheck = async () => {
      throw new CriuError('UNSUPPORTED', 'it lacks the instructions avx2');
    };
    const { client } = serve({ engine: { cpuinfoCheck } });
    const { dir } = openDir();
    const answer = await client.ask({
      ...dumpRequest({ ...privileged, images_dir: dir }),
      type: CriuReqType.CPUINFO_CHECK,
    });
    expect(answer).toMatchObject({ type: CriuReqType.CPUINFO_CHECK, success: false, cr_errno: EOPNOTSUPP });
    expect(answer?.cr_errmsg).toContain('avx2');
  });
});

describe('dump', () => {
  test('options, directories and log are those of the request', async () => {
    const images = openDir();
    const work = openDir();
    const { client, dumped, done } = serve();
    const answer = await client.ask(
      dumpRequest({
        ...privileged,
        images_dir_fd: images.fd,
        work_dir_fd: work.fd,
        pid: 42,
        leave_running: true,
        shell_job: true,
        file_locks: true,
        tcp_established: false,
        log_file: 'some.log',
        log_level: 4,
      }),
    );
    expect(answer).toEqual({ type: CriuReqType.DUMP, success: true, dump: { restored: false } });
    expect(await done).toBe(true);
    const { log, signal, serviceSocket, onLazyServer: _, ...options } = dumped[0]!;
    expect([log?.level, signal?.aborted, typeof serviceSocket]).toEqual([4, false, 'number']);
    expect(options).toEqual({
      imagesDir: images.dir,
      workDir: work.dir,
      pid: 42,
      leaveRunning: true,
      shellJob: true,
      fileLocks: true,
      unprivileged: true,
      stuckSeconds: 60,
    });
    expect(readFileSync(join(work.dir, 'some.log'), 'utf8')).toContain('Process 42: 1 tasks dumped');
    expect(await client.receive()).toBeUndefined();
  });

  test('without names the log is criu.log in the images directory', async () => {
    const { dir } = openDir();
    const { client } = serve();
    await client.ask(dumpRequest({ ...privileged, images_dir: dir }));
    expect(existsSync(join(dir, 'criu.log'))).toBe(true);
  });

  test('a directory whose name means nothing here is reached all the same', async () => {
    const { dir } = openDir();
    mkdirSync(join(dir, 'gone'));
    const fd = openSync(join(dir, 'gone'), 'r');
    const inode = fstatSync(fd).ino;
    let seen: number | undefined;
    const { client } = serve({
      engine: {
        async dump(options) {
          const again = openSync(options.imagesDir, 'r');
          seen = fstatSync(again).ino;
          close(again);
          throw new CriuError('INTERNAL', 'enough');
        },
      },
    });
    // Its name is taken by another one.
    const { renameSync } = await import('node:fs');
    renameSync(join(dir, 'gone'), join(dir, 'moved'));
    mkdirSync(join(dir, 'gone'));
    await client.ask(dumpRequest({ ...privileged, images_dir_fd: fd, log_to_stderr: true, log_level: 0 }));
    close(fd);
    expect(seen).toBe(inode);
  });

  test.each<[number | undefined]>([[undefined], [0]])('pid %j is the requesting process', async (pid) => {
    const { dir } = openDir();
    const running = serve();
    const opts = { ...privileged, images_dir: dir, leave_running: true };
    const request = dumpRequest(opts);
    const { pid: _, ...without } = request.opts!;
    await running.client.ask({ ...request, opts: pid === undefined ? without : { ...without, pid } });
    expect(running.dumped[0]!.pid).toBe(process.pid);
  });

  test('a requesting process that is gone with the dump gets no answer: its restored self finds one', async () => {
    const { dir } = openDir();
    const { client, dumped, done } = serve();
    await client.send(dumpRequest({ ...privileged, images_dir: dir, pid: 0 }));
    expect([await client.receive(), await done, dumped.length]).toEqual([undefined, true, 1]);
  });

  test('a process that would stand still cannot be the one that answers notifications', async () => {
    const { dir } = openDir();
    const { client, dumped } = serve();
    const answer = await client.ask(
      dumpRequest({ ...privileged, images_dir: dir, pid: process.ppid, notify_scripts: true }),
    );
    expect(answer).toMatchObject({ success: false, cr_errno: EBADRQC });
    expect(answer!.cr_errmsg).toContain('cannot answer notifications');
    expect(dumped).toEqual([]);
  });
});

test('options of the server are usual for requests, which may say something else', async () => {
  const argv = [
    'service',
    '--no-default-config',
    '--tcp-established',
    '-v4',
    '--timeout=7',
    '-d',
    '-D',
    '/',
    '--skip-mnt',
    '/a',
  ];
  const { dir } = openDir();
  const { client, dumped } = serve({ argv });
  await client.ask(
    dumpRequest(
      { ...privileged, images_dir: dir, timeout: 9, tcp_established: false, skip_mnt: ['/b'] },
      { keep_open: true },
    ),
  );
  await client.ask(dumpRequest({ ...privileged, images_dir: dir }));
  const [first, second] = dumped;
  expect(first).toMatchObject({ imagesDir: dir, timeout: 9, skipMounts: ['/a', '/b'], log: { level: 4 } });
  expect(first).not.toHaveProperty('tcpEstablished');
  expect(second).toMatchObject({ imagesDir: dir, timeout: 7, skipMounts: ['/a'], tcpEstablished: true });
  expect(second).not.toHaveProperty('detached');
});

test('statistics that are asked for are in the log', async () => {
  const { dir } = openDir();
  const ask = (display_stats: boolean) =>
    serve().client.ask(dumpRequest({ ...privileged, images_dir: dir, display_stats, log_level: 3 }));
  const log = () => readFileSync(join(dir, 'criu.log'), 'utf8');
  await ask(false);
  expect(log()).not.toContain('Frozen time');
  await ask(true);
  expect(log()).toContain('Frozen time: 20202 us');
});

describe('restore', () => {
  test('is detached, and a child of who asks if that is wanted', async () => {
    const { dir, fd } = openDir();
    const { client, restored } = serve();
    const answer = await client.ask(
      restoreRequest({ ...privileged, images_dir_fd: fd, rst_sibling: true, tcp_close: true }),
    );
    expect(answer).toEqual({ type: CriuReqType.RESTORE, success: true, restore: { pid: 77 } });
    const { log: _, signal: __, onRestored: ___, ...options } = restored[0]!;
    expect(options).toEqual({
      imagesDir: dir,
      workDir: dir,
      unprivileged: true,
      detached: true,
      sibling: true,
      tcpClose: true,
    });
  });

  test.each([
    [{ rst_sibling: true }, 'rst_sibling'],
    [{ inherit_fd: [{ fd: 0, key: 'k' }] }, 'inherit_fd'],
  ])('%j is nothing that a service can do', async (opts, name) => {
    const { dir } = openDir();
    const { client } = serve({ worker: false });
    const answer = await client.ask(restoreRequest({ ...privileged, images_dir: dir, ...opts }));
    expect(answer).toMatchObject({ success: false, cr_errno: EBADRQC, restore: { pid: -1 } });
    expect(answer!.cr_errmsg).toContain(name);
  });

  test('exec_cmd comes after the answer', async () => {
    const { dir } = openDir();
    const became: unknown[] = [];
    const { client, restored } = serve({
      async become(command, log) {
        became.push(command, log);
        throw new CriuError('INTERNAL', 'it did not');
      },
    });
    const request = restoreRequest({ ...privileged, images_dir: dir, exec_cmd: ['a', 'b c'], log_file: 'l' });
    expect(await client.ask(request)).toMatchObject({ success: true });
    expect(restored[0]!.leaveChild).toBe(true);
    // The other end is closed before.
    expect(await client.receive()).toBeUndefined();
    expect(became).toEqual([['a', 'b c'], join(dir, 'l')]);
    const refused = await serve().client.ask(request);
    expect(refused!.cr_errmsg).toContain('exec_cmd');
  });
});

describe('configuration files', () => {
  test('come before the request, and the one that it names after it', async () => {
    const { dir } = openDir();
    const work = openDir().dir;
    const first = join(dir, 'first.conf');
    const last = join(dir, 'last.conf');
    writeFileSync(first, 'file-locks\nshell-job\nlog-file first.log\nleave-running\nghost-limit 7');
    writeFileSync(last, `no-link-remap\nlog-file last.log\nwork-dir ${work}\naction-script /bin/true`);
    const { client, dumped } = serve({ env: { CRIU_CONFIG_FILE: first } });
    const opts = {
      ...privileged,
      images_dir: dir,
      log_file: 'request.log',
      link_remap: true,
      shell_job: false,
    };
    await client.ask(dumpRequest({ ...opts, config_file: last, ghost_limit: 8 }));
    const { imagesDir, workDir, leaveRunning, fileLocks, shellJob, linkRemap, ghostLimit, notify } =
      dumped[0]!;
    expect({ imagesDir, workDir, leaveRunning, fileLocks, shellJob, linkRemap, ghostLimit }).toEqual({
      imagesDir: dir,
      workDir: work,
      leaveRunning: true,
      fileLocks: true,
      ghostLimit: 8,
    });
    expect(notify).toHaveLength(1);
    expect(
      [join(work, 'last.log'), join(work, 'request.log'), join(work, 'first.log')].map(existsSync),
    ).toEqual([true, false, false]);
  });

  test('with a mistake in them there is no connection', async () => {
    const { dir } = openDir();
    writeFileSync(join(dir, 'bad.conf'), 'nonsense');
    const { done } = serve({ env: { CRIU_CONFIG_FILE: join(dir, 'bad.conf') } });
    await expect(done).rejects.toMatchObject({ code: 'BAD_OPTION' });
    const named = await serve().client.ask(
      dumpRequest({ ...privileged, images_dir: dir, config_file: join(dir, 'bad.conf') }),
    );
    expect(named).toMatchObject({ success: false, cr_errno: EBADRQC });
    expect(named!.cr_errmsg).toContain('bad.conf:1: unknown option --nonsense');
    const missing = await serve().client.ask(
      dumpRequest({ ...privileged, images_dir: dir, config_file: '/no/such', log_level: 3 }),
    );
    expect(missing).toMatchObject({ success: true });
    expect(readFileSync(join(dir, 'criu.log'), 'utf8')).toContain('no configuration file /no/such');
  });
});

describe('what is refused', () => {
  test.each<[object, string]>([
    [{ pid: 5 }, 'no images directory'],
    [{ images_dir: '/no/such/dir' }, 'the images directory is no directory'],
    [{ images_dir_fd: 0x7fffffff }, 'images_dir_fd: descriptor 2147483647 of'],
    [{ images_dir_fd: -5 }, 'images_dir_fd: -5 is no descriptor'],
    [{ images_dir: '/tmp', log_file: '../x' }, 'log_file: ../x is no plain file name'],
    [{ images_dir: '/tmp', log_file: '' }, 'is no plain file name'],
    [{ images_dir: '/tmp', pid: -2 }, '-2 is no pid'],
    [{ images_dir: '/tmp', network_lock: 77 }, 'network_lock cannot be 77'],
    [{ images_dir: '/tmp', config_file: '/etc' }, 'cannot read the configuration file'],
  ])('%j: %s', async (opts, message) => {
    const { client, dumped, done } = serve();
    const answer = await client.ask(
      dumpRequest({ ...privileged, log_to_stderr: true, log_level: 0, ...opts }),
    );
    expect(answer).toMatchObject({ type: CriuReqType.DUMP, success: false, cr_errno: EBADRQC });
    expect(answer!.cr_errmsg).toContain(message);
    expect([await done, dumped]).toEqual([false, []]);
  });

  test('what is not supported, by the name that the client knows, in the log too', async () => {
    const { dir } = openDir();
    // Options of another command mean nothing to this one, and unknown fields nothing at all.
    const answer = await serve().client.ask(
      restoreRequest({ ...privileged, images_dir: dir, tls: true, stream: 1 } as object),
    );
    expect(answer).toMatchObject({ success: true });
    const dumped = await serve().client.ask(dumpRequest({ ...privileged, images_dir: dir, tls: true }));
    expect(dumped).toMatchObject({ success: false, cr_errno: EOPNOTSUPP });
    expect(dumped!.cr_errmsg).toContain('tls (--tls) is refused: pages are moved by the kernel');
    expect(readFileSync(join(dir, 'criu.log'), 'utf8')).toContain('tls (--tls)');
  });

  test('requests without options, and those of no known type', async () => {
    expect(await serve().client.ask({ type: CriuReqType.DUMP })).toMatchObject({
      type: CriuReqType.DUMP,
      success: false,
      dump: { restored: false },
    });
    for (const type of [CriuReqType.EMPTY, CriuReqType.NOTIFY, 99, -1])
      expect(await serve().client.ask({ type })).toMatchObject({ type: CriuReqType.EMPTY, success: false });
  });

  test('a descriptor that is no socket, or a socket that does not keep messages apart', async () => {
    const fd = openSync('/dev/null', 'r');
    await expect(serveConnection(fd)).rejects.toMatchObject({ code: 'BAD_OPTION' });
    const [ours, theirs] = socketpair();
    await expect(serveConnection(theirs)).rejects.toMatchObject({ code: 'BAD_OPTION' });
    close(ours);
  });
});

test.each<[CriuError, number]>([
  [new CriuError('NO_SUCH_TASK', 'x'), 3],
  [new CriuError('PID_IN_USE', 'x'), 17],
  [new CriuError('UNSUPPORTED', 'x'), EOPNOTSUPP],
  [new CriuError('SYSCALL', 'x', {}, undefined, new SysError('y', 12)), 12],
  [new CriuError('INTERNAL', 'ä'.repeat(5000)), 5],
])('an error of the engine is an errno and a text that fits: %#', async (error, errno) => {
  const { dir } = openDir();
  const { client } = serve({ engine: { dump: () => Promise.reject(error) } });
  const answer = await client.ask(dumpRequest({ ...privileged, images_dir: dir }));
  expect(answer).toMatchObject({ success: false, cr_errno: errno });
  expect(Buffer.byteLength(answer!.cr_errmsg!)).toBeLessThan(900);
  expect(answer!.cr_errmsg).not.toContain('\ufffd');
});
