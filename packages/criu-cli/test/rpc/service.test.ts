// `criu service`: many clients, none of which can harm another; and the one that has itself dumped.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CriuReqType } from '@criu/images';
import { close, sys } from '@criu/native';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { restore } from '../../src/operations.js';
import { connectTo, listenAt, PacketSocket } from '../../src/rpc/socket.js';
import { cleanUp as endVictims, isRoot, Victim } from '../dump/victim.js';
import { until } from '../support.js';
import { Client, cleanUp, dumpRequest, openDir, restoreRequest } from './client.js';
import { criu, prepare } from './real.js';

afterEach(cleanUp);
afterAll(endVictims);
if (!isRoot) console.log('service.test.ts: skipped: needs root');

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const VERSION = { type: CriuReqType.VERSION };
/** What a worker is needed for. */
const FEATURES = { type: CriuReqType.FEATURE_CHECK, features: { pidfd_store: true } };

describe.skipIf(!isRoot)('criu service (needs root)', () => {
  let dir: string;
  let address: string;
  let service: ChildProcess;

  const connect = () => new Client(connectTo(address));
  const children = () =>
    readFileSync(`/proc/${service.pid}/task/${service.pid}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number);
  /** One waits for work, and is at none. */
  const isSpare = (pid: number) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('\0spare\0');
    } catch {
      return false;
    }
  };
  const workers = () => children().filter((pid) => !isSpare(pid));

  beforeAll(prepare);
  beforeEach(async () => {
    ({ dir } = openDir());
    address = join(dir, 'socket');
    service = spawn(
      criu,
      ['service', '--no-default-config', '--address', address, '-W', dir, '-o', 'log', '-v4'],
      {
        stdio: 'ignore',
      },
    );
    await until('the service listens', () => existsSync(address));
    await until('it takes connections', () => {
      try {
        connect().socket.close();
        return true;
      } catch {
        return false;
      }
    });
  });
  afterEach(async () => {
    if (service.exitCode !== null || service.signalCode !== null) return;
    const ended = new Promise((resolve) => service.once('exit', resolve));
    service.kill('SIGKILL');
    await ended;
  });

  it('serves several clients at once, whatever the others do', async () => {
    const silent = connect();
    const noisy = connect();
    await noisy.sendBytes(Buffer.from('\xff\xff\xff\xff'));
    const gone = connect();
    await gone.send(VERSION);
    gone.socket.close();
    const crowd = await Promise.all(Array.from({ length: 4 }, () => connect().ask(VERSION)));
    expect(crowd.map((answer) => answer?.success)).toEqual([true, true, true, true]);
    expect(await noisy.receive()).toMatchObject({ type: CriuReqType.EMPTY, success: false });
    expect(await silent.ask(VERSION)).toMatchObject({ success: true });
    expect(service.exitCode).toBeNull();
  });

  it('takes two hundred connections at once, for a descriptor each, and serves whoever asks', async () => {
    const crowd = Array.from({ length: 200 }, () => {
      const fd = sys('socket', AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      const name = Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(`${address}\0`)]);
      // A queue that is full gives EAGAIN.
      sys('connect', fd, name, name.length);
      return new Client(new PacketSocket(fd));
    });
    await until('all are accepted', () => readdirSync(`/proc/${service.pid}/fd`).length > 200);
    expect(workers()).toEqual([]);
    const answers = await Promise.all(crowd.map((client) => client.ask({ ...VERSION, keep_open: true })));
    expect(answers.every((answer) => answer?.type === CriuReqType.VERSION && answer.success)).toBe(true);
    expect(workers()).toEqual([]);
    const asking = crowd.slice(0, 8);
    const more = await Promise.all(asking.map((client) => client.ask({ ...FEATURES, keep_open: true })));
    expect(more.map((answer) => answer?.success)).toEqual(asking.map(() => true));
    // Whoever has nothing more to ask holds up nobody, and is served when he has.
    await until('their workers have ended', () => workers().length === 0);
    for (const client of asking.slice(0, 1)) {
      expect(await client.ask(FEATURES)).toMatchObject({ success: true });
      expect(await client.receive()).toBeUndefined();
    }
    for (const client of asking.slice(1, 2)) {
      expect(await client.ask(VERSION)).toMatchObject({ success: true });
      expect(await client.receive()).toBeUndefined();
    }
    for (const client of crowd) client.socket.close();
  });

  it('has a worker ready before there is a request, and another one after it', async () => {
    const spares = () => children().filter(isSpare);
    await until('one is there', () => spares().length === 1);
    const [first = 0] = spares();
    const served = async () => {
      const client = connect();
      expect(await client.ask(FEATURES)).toMatchObject({ success: true });
      client.socket.close();
      return !spares().includes(first);
    };
    // Until it has practised, others are started for the work.
    for (const end = Date.now() + 30_000; !(await served()) && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 100));
    await until('another one is there', () => spares().length === 1 && !spares().includes(first));
    process.kill(spares()[0] ?? 0, 'SIGKILL');
    expect(await connect().ask(FEATURES)).toMatchObject({ success: true });
  });

  it('goes on when one of its workers is killed', async () => {
    const client = connect();
    await client.ask({ ...FEATURES, keep_open: true });
    for (const pid of workers()) process.kill(pid, 'SIGKILL');
    expect(await client.receive()).toBeUndefined();
    expect(await connect().ask(VERSION)).toMatchObject({ success: true });
  });

  it('dumps and restores, but nobody becomes a child of its clients', async () => {
    const victim = await Victim.start('everything');
    const images = openDir();
    try {
      const dumped = await connect().ask(dumpRequest({ images_dir_fd: images.fd, pid: victim.pid }));
      expect(dumped).toMatchObject({ success: true });
      await victim.gone();
      const sibling = await connect().ask(restoreRequest({ images_dir_fd: images.fd, rst_sibling: true }));
      expect(sibling).toMatchObject({ success: false, restore: { pid: -1 } });
      const restored = await connect().ask(restoreRequest({ images_dir_fd: images.fd }));
      expect(restored).toMatchObject({ success: true, restore: { pid: victim.pid } });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.each([true, false])(
    'a process has itself dumped, and learns what became of it (leave running: %j)',
    async (leave) => {
      const images = openDir();
      const victim = await Victim.start(
        'asker',
        { SERVICE: address, IMAGES: images.dir, ...(leave ? { LEAVE_RUNNING: '1' } : {}) },
        new URL('victims/asker.c', import.meta.url),
      );
      try {
        const env = readFileSync(`/proc/${victim.pid}/environ`, 'utf8').split('\0');
        const variable = (name: string) => env.find((e) => e.startsWith(`${name}=`))!.slice(name.length + 1);
        const done = variable('RESULT_DONE');
        const said = () =>
          until('it says something', () => {
            if (!existsSync(done)) return undefined;
            const text = readFileSync(done, 'utf8').trim();
            rmSync(done);
            return text;
          });
        writeFileSync(`${variable('RESULT')}.go`, '');
        if (leave) {
          expect(await said()).toBe('dumped');
          process.kill(victim.pid, 'SIGKILL');
        }
        await victim.gone();
        await until('its pid is free', () => !existsSync(`/proc/${victim.pid}`));
        expect(existsSync(done)).toBe(false);
        await restore({ imagesDir: images.dir, detached: true });
        expect(await said()).toBe('restored');
      } finally {
        await victim.end();
      }
    },
  );

  it('does not take an address from a service that is there, but from one that is gone', async () => {
    const args = ['service', '--no-default-config', '-W', dir, '--address'];
    const second = spawnSync(criu, [...args, address], { encoding: 'utf8', timeout: 10_000 });
    expect([second.status, second.stderr]).toEqual([
      1,
      expect.stringContaining('somebody listens there already'),
    ]);
    expect(await connect().ask(VERSION)).toMatchObject({ success: true });
    writeFileSync(join(dir, 'file'), 'mine');
    const third = spawnSync(criu, [...args, 'file'], { encoding: 'utf8', timeout: 10_000 });
    expect(third.stderr).toContain('cannot listen');
    expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('mine');
    const long = spawnSync(criu, [...args, 'x'.repeat(108)], { encoding: 'utf8', timeout: 10_000 });
    expect(long.stderr).toContain('too long');
    const ended = new Promise((resolve) => service.once('exit', resolve));
    service.kill('SIGKILL');
    await ended;
    expect(existsSync(address)).toBe(true);
    const again = spawn(criu, [...args, address], { stdio: 'ignore' });
    try {
      const answer = await until('it takes over', () => {
        try {
          return connect();
        } catch {
          return undefined;
        }
      });
      expect(await answer.ask(VERSION)).toMatchObject({ success: true });
    } finally {
      const over = new Promise((resolve) => again.once('exit', resolve));
      again.kill('SIGTERM');
      expect(await over).toBe(0);
    }
    expect(existsSync(address)).toBe(false);
  });

  it('is for its own user, until that one lets others in', () => {
    expect(statSync(address).mode & 0o777).toBe(0o600);
  });
});

describe.skipIf(!isRoot)('criu service in the background (needs root)', () => {
  beforeAll(prepare);

  it('is there when the command returns, with its pid in a file and a byte for who waits', async () => {
    const { dir } = openDir();
    mkdirSync(join(dir, 'work'));
    writeFileSync(join(dir, 'hook'), '#!/bin/sh\necho $CRTOOLS_SCRIPT_ACTION $CRTOOLS_INIT_PID > hooked\n', {
      mode: 0o755,
    });
    const args = ['service', '--no-default-config', '--address', 's', '-W', 'work', '-o', 'log', '-v4', '-d'];
    const more = ['--pidfile', 'pid', '--status-fd', '3', '--action-script', join(dir, 'hook')];
    const started = spawnSync(criu, [...args, ...more], {
      cwd: dir,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      timeout: 15_000,
    });
    expect([started.status, started.stdout, started.stderr, started.output[3]]).toEqual([0, '', '', '\0']);
    const pid = Number(readFileSync(join(dir, 'work/pid'), 'utf8'));
    try {
      expect(readFileSync(join(dir, 'work/hooked'), 'utf8')).toBe(`status-ready ${pid}\n`);
      const session = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[3]);
      expect(session).toBe(pid);
      const client = new Client(connectTo(join(dir, 'work/s')));
      expect(await client.ask(VERSION)).toMatchObject({ success: true });
      // The pid file is there: another one fails, and leaves nothing.
      const other = spawnSync(criu, [...args, ...more, '--address', 't'], {
        cwd: dir,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
        timeout: 15_000,
      });
      expect([other.status, other.stderr]).toEqual([1, expect.stringContaining('cannot write the pid file')]);
      expect(existsSync(join(dir, 'work/t'))).toBe(false);
    } finally {
      process.kill(pid, 'SIGTERM');
    }
    await until('it has gone', () => !existsSync(join(dir, 'work/s')));
  });
});

describe('criu service that is started by a service manager', () => {
  let dir: string;
  let listener: number;
  let address: string;
  beforeAll(prepare);
  beforeEach(() => {
    ({ dir } = openDir());
    address = join(dir, 'socket');
    listener = listenAt(address);
  });
  afterEach(() => close(listener));

  /** As systemd starts it: descriptor 3, and variables that name the process. */
  const start = (count = 1, fd = listener) =>
    spawn(
      'sh',
      [
        '-c',
        `LISTEN_PID=$$ LISTEN_FDS=${count} exec '${criu}' service --no-default-config -W '${dir}' -o log`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe', fd] },
    );
  const said = async (child: ChildProcess) => {
    let text = '';
    child.stderr?.on('data', (part) => {
      text += part;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    return { text, code };
  };

  it('serves the socket that it is given, and leaves it there when it ends', async () => {
    // Whoever connects first is served as soon as it runs.
    const client = new Client(connectTo(address));
    const service = start();
    expect(await client.ask(VERSION)).toMatchObject({ success: true });
    const ended = said(service);
    service.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
    expect(existsSync(address)).toBe(true);
    expect(existsSync(join(dir, 'criu_service.socket'))).toBe(false);
    const next = new Client(connectTo(address));
    const again = start();
    expect(await next.ask(VERSION)).toMatchObject({ success: true });
    const over = said(again);
    again.kill('SIGTERM');
    await over;
  });

  it.each<[string, () => ChildProcess, RegExp]>([
    ['two sockets', () => start(2), /passes 2 sockets.*ListenSequentialPacket=/s],
    ['no socket', () => start(1, openSync('/dev/null', 'r')), /is no socket/],
  ])('refuses %s', async (_, run, message) => {
    const { text, code } = await said(run());
    expect(text).toMatch(message);
    expect(code).toBe(1);
  });
});
