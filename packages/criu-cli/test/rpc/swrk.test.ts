// `criu swrk`: dumps and restores what a container engine asks for, on a socket that it has inherited.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CriuReqType } from '@criu/images';
import { addon, close, sys, sysRaw } from '@criu/native';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Notification } from '../../src/notify.js';
import { dump, restore } from '../../src/operations.js';
import { cleanUp as endVictims, isRoot, scratch, Victim } from '../dump/victim.js';
import { until } from '../support.js';
import { cleanUp, dumpRequest, openDir, restoreRequest } from './client.js';
import { prepare, swrk } from './real.js';

afterEach(cleanUp);
afterAll(endVictims);
if (!isRoot) console.log('swrk.test.ts: skipped: needs root');

const F_SETFL = 4;
/** O_RDWR | O_NONBLOCK */
const NONBLOCKING = 0o4002;

const field = (pid: number, name: string) =>
  new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];

describe.skipIf(!isRoot)('criu swrk (needs root)', () => {
  beforeAll(prepare);

  it('says that a descriptor is no socket, whatever node has under that number', () => {
    const command = fileURLToPath(new URL('../../bin/criu', import.meta.url));
    for (const fd of ['0', '3', '5', '9', '40']) {
      const { status, stderr } = spawnSync(command, ['swrk', fd], { encoding: 'utf8' });
      expect([fd, status, stderr]).toEqual([fd, 1, expect.stringContaining('SOCK_SEQPACKET [BAD_OPTION]')]);
    }
  });

  it('dumps a process, and restores it as a child of who asked', async () => {
    const victim = await Victim.start('everything');
    const { dir, fd } = openDir();
    try {
      const first = swrk();
      const dumped = await first.client.ask(
        dumpRequest({
          images_dir_fd: fd,
          pid: victim.pid,
          log_level: 4,
          log_file: 'dump.log',
          tcp_established: true,
        }),
      );
      expect(dumped).toEqual({ type: CriuReqType.DUMP, success: true, dump: { restored: false } });
      expect(await first.ended).toBe(0);
      expect(readFileSync(join(dir, 'dump.log'), 'utf8')).toContain('Dumping finished successfully');
      await victim.gone();
      const second = swrk();
      const restored = await second.client.ask(restoreRequest({ images_dir_fd: fd, rst_sibling: true }));
      expect(restored).toEqual({ type: CriuReqType.RESTORE, success: true, restore: { pid: victim.pid } });
      expect(await second.ended).toBe(0);
      expect(Number(field(victim.pid, 'PPid'))).toBe(process.pid);
      expect(await victim.verify()).toBe('ok');
      process.kill(victim.pid, 'SIGKILL');
      // Only a parent can.
      expect(await addon().waitChild(victim.pid, true)).toBe(9);
    } finally {
      await victim.end();
    }
  });

  it('asks its client at each stage, who can end it', async () => {
    const victim = await Victim.start('everything');
    const { dir, fd } = openDir();
    const yes = { type: CriuReqType.NOTIFY, notify_success: true };
    try {
      for (const last of ['pre-dump', 'post-dump']) {
        const { client, ended } = swrk();
        let answer = await client.ask(
          dumpRequest({ images_dir_fd: fd, pid: victim.pid, notify_scripts: true }),
        );
        while (answer?.type === CriuReqType.NOTIFY) {
          const stop = answer.notify?.script === last;
          // It leaves without a word instead of saying no.
          if (stop && last === 'post-dump') break;
          answer = await client.ask({ ...yes, notify_success: !stop });
        }
        if (last === 'pre-dump') expect(answer).toMatchObject({ type: CriuReqType.DUMP, success: false });
        client.socket.close();
        expect(await ended).toBe(1);
        expect(await victim.verify()).toBe('ok');
      }
      expect(existsSync(join(dir, 'inventory.img'))).toBe(true);
    } finally {
      await victim.end();
    }
  });

  it('lets the task go when it is ended while its client thinks', async () => {
    const victim = await Victim.start('everything');
    const { fd } = openDir();
    try {
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        const { client, child, ended } = swrk();
        await client.ask(dumpRequest({ images_dir_fd: fd, pid: victim.pid, notify_scripts: true }));
        await client.ask({ type: CriuReqType.NOTIFY, notify_success: true });
        await until('it stands still', () => victim.state === 't');
        child.kill(signal);
        await ended;
        await until('it is let go', () => victim.tracer === 0);
        expect(await victim.verify()).toBe('ok');
        client.socket.close();
      }
    } finally {
      await victim.end();
    }
  });

  it('says when the memory of a dump can be fetched', async () => {
    const victim = await Victim.start('everything');
    const { fd } = openDir();
    const yes = { type: CriuReqType.NOTIFY, notify_success: true };
    try {
      const { client, ended } = swrk();
      const ps = { address: '127.0.0.1', port: 0 };
      const more = { lazy_pages: true, ps, notify_scripts: true, tcp_established: true };
      let answer = await client.ask(dumpRequest({ images_dir_fd: fd, pid: victim.pid, ...more }));
      const stages: (string | undefined)[] = [];
      while (answer?.type === CriuReqType.NOTIFY) {
        stages.push(answer.notify?.script);
        if (stages.at(-1) === 'status-ready') break;
        answer = await client.ask(yes);
      }
      expect(stages.slice(-2)).toEqual(['post-dump', 'status-ready']);
      client.socket.close();
      expect(await ended).toBe(1);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('says no to what it does not understand, and ends', async () => {
    for (const bytes of [Buffer.from('garbage'), Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])]) {
      const { client, ended } = swrk();
      await client.sendBytes(bytes);
      expect(await client.receive()).toMatchObject({ type: CriuReqType.EMPTY, success: false });
      expect(await ended).toBe(1);
    }
    const gone = swrk();
    gone.client.socket.close();
    expect(await gone.ended).toBe(1);
  });

  it.each([
    ['and that alone', {}, true],
    [
      'with options',
      { opts: { images_dir_fd: 1, root: '/somewhere', ext_mnt: [{ key: 'k', val: 'v' }] } },
      true,
    ],
    ['before something else', { keep_open: true }, false],
  ])('tells its version, %s', async (_, more, ends) => {
    const { client, ended } = swrk();
    const answer = await client.ask({ type: CriuReqType.VERSION, ...more });
    expect(answer).toMatchObject({ success: true, version: { major_number: 4, minor_number: 2 } });
    if (!ends)
      expect(await client.ask({ type: CriuReqType.VERSION })).toMatchObject({ type: CriuReqType.VERSION });
    expect(await ended).toBe(0);
    client.socket.close();
  });

  it('does not start with a broken configuration file', async () => {
    const { dir } = openDir();
    writeFileSync(join(dir, 'c'), 'nonsense');
    const { ended } = swrk({ CRIU_CONFIG_FILE: join(dir, 'c') });
    expect(await ended).toBe(1);
  });

  it('hands over the other side of a terminal that was not dumped', async () => {
    const program = join(scratch(), 'far');
    execFileSync('cc', [
      '-O1',
      '-w',
      '-o',
      program,
      fileURLToPath(new URL('victims/far.c', import.meta.url)),
    ]);
    const { dir } = openDir();
    const ptmx = openSync('/dev/ptmx', 'r+');
    const number = new Int32Array(1);
    sys('ioctl', ptmx, 0x80045430 /* TIOCGPTN */, number);
    sys('ioctl', ptmx, 0x40045431 /* TIOCSPTLCK */, new Int32Array([0]));
    sys('ioctl', ptmx, 0x5414 /* TIOCSWINSZ */, new Uint16Array([17, 80, 0, 0]));
    // It takes the terminal as its own, in a session of its own.
    const shell = `exec setsid -c ${program} <>/dev/pts/${number[0]} >&0 2>&0`;
    const starter = spawn('sh', ['-c', shell], { stdio: 'ignore' });
    const pid = starter.pid!;
    const talk = (fd: number, text: string) => {
      sys('write', fd, Buffer.from(`${text}\n`), text.length + 1);
      let heard = '';
      return until(`an answer to ${text}`, () => {
        const room = Buffer.alloc(256);
        const n = sysRaw('read', fd, room, room.length);
        if (n > 0) heard += room.toString('utf8', 0, n);
        return heard.split('\r\n').find((line) => line.includes(`: ${text}`));
      });
    };
    sys('fcntl', ptmx, F_SETFL, NONBLOCKING);
    expect(await talk(ptmx, 'one')).toBe('17 1 1: one');
    await expect(dump({ pid, imagesDir: dir })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    // As engines ask for it: it is no shell job, but somebody sees to the terminal.
    const { client } = swrk();
    const request = dumpRequest({ images_dir_fd: openDir(dir).fd, pid, orphan_pts_master: true });
    expect(await client.ask(request)).toMatchObject({ success: true });
    await until('it is gone', () => starter.signalCode !== null);
    close(ptmx);
    await expect(restore({ imagesDir: dir, detached: true, orphanPtsMaster: true })).rejects.toMatchObject({
      code: 'BAD_OPTION',
    });
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    let master = -1;
    const notify = ({ action, fd }: Notification) => {
      if (action !== 'orphan-pts-master') return undefined;
      master = sys('fcntl', fd!, 1030 /* F_DUPFD_CLOEXEC */, 10);
      return { taken: true };
    };
    try {
      await restore({ imagesDir: dir, detached: true, orphanPtsMaster: true, notify });
      sys('fcntl', master, F_SETFL, NONBLOCKING);
      expect(await talk(master, 'two')).toBe('17 1 1: two');
    } finally {
      if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
      if (master >= 0) close(master);
    }
  });
});
