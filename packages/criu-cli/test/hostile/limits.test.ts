// Dumps and restores whose helpers never answer: all is rolled back when the time is over, and nobody stays frozen.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { CriuReqType } from '@criu/images';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { actionScripts } from '../../src/action-scripts.js';
import type { NotifyAction, NotifyListener } from '../../src/notify.js';
import { dump, preDump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { modelVictim } from '../memory/support.js';
import { cleanUp as closeDirs, dumpRequest, openDir } from '../rpc/client.js';
import { prepare, swrk } from '../rpc/real.js';
import { family, free, freshDir, until } from '../support.js';

afterAll(cleanUp);
afterEach(closeDirs);

const never = new Promise<void>(() => undefined);
const silentAt =
  (stage: NotifyAction): NotifyListener =>
  ({ action }) =>
    action === stage ? never : undefined;

describe.skipIf(!isRoot)('a time limit (needs root)', () => {
  beforeAll(prepare);

  it('ends a dump that waits for a listener, a script or a page server, and the tasks go on', async () => {
    const victim = await modelVictim();
    const server = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const script = join(freshDir(), 'hook');
      writeFileSync(script, '#!/bin/sh\n[ $CRTOOLS_SCRIPT_ACTION = post-dump ] && exec sleep 100\nexit 0\n', {
        mode: 0o755,
      });
      const { port } = server.address() as { port: number };
      for (const more of [
        { notify: silentAt('pre-dump') },
        { notify: silentAt('query-ext-files') },
        { notify: silentAt('post-dump') },
        { notify: actionScripts([script], '/') },
        { pageServer: { address: '127.0.0.1', port } },
      ]) {
        const imagesDir = freshDir();
        const started = Date.now();
        await expect(dump({ pid: victim.pid, imagesDir, timeout: 1, ...more })).rejects.toMatchObject({
          code: 'TIMEOUT',
          message: 'the dump took longer than 1 s',
        });
        expect(Date.now() - started).toBeLessThan(10_000);
        expect(readdirSync(imagesDir)).toEqual([]);
        expect(await victim.verify()).toBe('ok');
      }
      await expect(
        preDump({
          pid: victim.pid,
          imagesDir: freshDir(),
          timeout: 1,
          pageServer: { address: '127.0.0.1', port },
        }),
      ).rejects.toThrow(/the pre-dump took longer than 1 s/);
      expect(await victim.verify()).toBe('ok');
    } finally {
      server.close();
      await victim.end();
    }
  });

  it('ends a restore that waits for a listener, and another one is as good', async () => {
    const victim = await modelVictim();
    try {
      const imagesDir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir });
      await free(pids);
      for (const stage of ['pre-restore', 'post-restore', 'pre-resume'] as const) {
        const failed = restore({ imagesDir, detached: true, timeout: 1, notify: silentAt(stage) });
        await expect([stage, await failed.catch((e: Error) => e.message)]).toEqual([
          stage,
          'the restore took longer than 1 s',
        ]);
        await free(pids);
      }
      await restore({ imagesDir, detached: true, timeout: 30 });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('that a client gives holds for its own silence, and one that dies is not waited for', async () => {
    const victim = await Victim.start(
      'everything',
      {},
      new URL('../dump/victims/everything.c', import.meta.url),
    );
    const yes = { type: CriuReqType.NOTIFY, notify_success: true };
    try {
      for (const dies of [false, true]) {
        const { dir, fd } = openDir();
        const { client, ended } = swrk();
        const request = { images_dir_fd: fd, pid: victim.pid, notify_scripts: true, timeout: dies ? 100 : 1 };
        await client.ask(dumpRequest(request));
        expect(await client.ask(yes)).toMatchObject({ notify: { script: 'query-ext-files' } });
        await until('it stands still', () => victim.state === 't');
        if (dies) client.socket.close();
        else expect((await client.receive())!.cr_errmsg).toMatch(/took longer than 1 s/);
        expect(await ended).toBe(1);
        expect(await victim.verify()).toBe('ok');
        expect(existsSync(join(dir, 'inventory.img'))).toBe(false);
        if (!dies) client.socket.close();
      }
    } finally {
      await victim.end();
    }
  });
});
