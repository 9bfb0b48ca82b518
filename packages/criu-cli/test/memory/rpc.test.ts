// Increments and page servers as container engines ask for them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CriuReqType } from '@criu/images';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp as endVictims, isRoot } from '../dump/victim.js';
import { cleanUp, dumpRequest, restoreRequest } from '../rpc/client.js';
import { prepare, swrk } from '../rpc/real.js';
import { family, free } from '../support.js';
import { chain, modelVictim } from './support.js';

afterEach(cleanUp);
afterAll(endVictims);

describe.skipIf(!isRoot)('criu swrk (needs root)', () => {
  beforeAll(prepare);

  it('pre-dumps again and again, and dumps in the end, on one connection', async () => {
    const victim = await modelVictim();
    try {
      const [one, two, three] = chain(3) as [string, string, string];
      const { pid } = victim;
      const pids = family(pid);
      const { client, ended } = swrk();
      const more = { pid, log_level: 4 };
      const first = {
        ...dumpRequest({ ...more, images_dir: one, images_dir_fd: -1 }),
        type: CriuReqType.PRE_DUMP,
      };
      expect(await client.ask(first)).toEqual({ type: CriuReqType.PRE_DUMP, success: true });
      const second = { ...more, images_dir: two, images_dir_fd: -1, parent_img: '../1' };
      expect(await client.ask({ ...dumpRequest(second), type: CriuReqType.PRE_DUMP })).toMatchObject({
        success: true,
      });
      const last = { ...more, images_dir: three, images_dir_fd: -1, parent_img: '../2', track_mem: true };
      expect(await client.ask(dumpRequest(last))).toMatchObject({ type: CriuReqType.DUMP, success: true });
      expect(await ended).toBe(0);
      expect(readFileSync(join(three, 'criu.log'), 'utf8')).toContain('Changed pages are found by');
      await free(pids);
      expect(await swrk().client.ask(restoreRequest({ images_dir: three, images_dir_fd: -1 }))).toMatchObject(
        { success: true },
      );
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('dumps while the tasks run, and restores before their memory is there', async () => {
    const victim = await modelVictim();
    try {
      const [dir] = chain(1) as [string];
      const where = { images_dir: dir, images_dir_fd: -1, log_level: 4 };
      const pids = family(victim.pid);
      const live = { ...where, pid: victim.pid, leave_running: true, live: true };
      expect(await swrk().client.ask(dumpRequest(live))).toMatchObject({ success: true });
      expect(await victim.verify()).toBe('ok');
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      await free(pids);
      expect(await swrk().client.ask(restoreRequest({ ...where, lazy: true }))).toMatchObject({
        success: true,
      });
      expect(readFileSync(join(dir, 'criu.log'), 'utf8')).toContain('in the background');
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('starts a page server, and waits for it', async () => {
    const victim = await modelVictim();
    try {
      const [dir] = chain(1) as [string];
      const { client, child } = swrk();
      const ask = (type: number, more: object) => client.ask({ type, keep_open: true, ...more });
      const opts = { images_dir_fd: -1, images_dir: dir };
      const server = await ask(CriuReqType.PAGE_SERVER_CHLD, {
        opts: { ...opts, log_file: 'ps.log', ps: { address: '127.0.0.1', port: 0 } },
      });
      expect(server).toMatchObject({ type: CriuReqType.PAGE_SERVER, success: true });
      const { pid, port } = server!.ps!;
      expect(readFileSync(`/proc/${pid}/status`, 'latin1')).toContain(`PPid:\t${child.pid}`);
      const dumped = await ask(CriuReqType.SINGLE_PRE_DUMP, {
        opts: { ...opts, pid: victim.pid, ps: { address: '127.0.0.1', port } },
      });
      expect(dumped).toEqual({ type: CriuReqType.SINGLE_PRE_DUMP, success: true });
      expect(await ask(CriuReqType.WAIT_PID, { pid })).toMatchObject({ success: true, status: 0 });
      expect(readdirSync(dir)).toContain('pages-65537.img');
      expect(await ask(CriuReqType.WAIT_PID, { pid })).toMatchObject({ success: false });
      const other = await ask(CriuReqType.PAGE_SERVER, { opts: { ...opts, ps: { port: 0 } } });
      expect(existsSync(`/proc/${other!.ps!.pid}`)).toBe(true);
      process.kill(other!.ps!.pid!, 'SIGKILL');
      const features = await ask(CriuReqType.FEATURE_CHECK, { features: { mem_track: true } });
      expect(features!.features).toMatchObject({ mem_track: true });
    } finally {
      await victim.end();
    }
  });
});
