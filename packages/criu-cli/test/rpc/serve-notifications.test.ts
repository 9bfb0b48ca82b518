import { CriuReqType } from '@criu/images';
import { sys } from '@criu/native';
import { afterEach, describe, expect, test } from 'vitest';
import type { CancelSignal } from '../../src/cancel.js';
import { OPTIONS } from '../../src/cli/option-table.js';
import { CallOff } from '../../src/engine/call-off.js';
import { Notifier } from '../../src/notify.js';
import type { DumpOptions } from '../../src/options.js';
import { Connection } from '../../src/rpc/connection.js';
import { seqpacketPair } from '../../src/rpc/socket.js';
import { cleanUp, dumpRequest, openDir, restoreRequest, STRANGER, serve } from './client.js';

afterEach(cleanUp);

/** Dump and restore are for root alone, as on the command line. */
const privileged = { unprivileged: true };

describe('notifications', () => {
  /** An engine that tells of some stages and keeps what came of it. */
  function telling(results: unknown[]) {
    return {
      async dump(options: DumpOptions) {
        const tell = new Notifier(options);
        results.push(await tell.tell('pre-dump', { pid: options.pid }));
        results.push(await tell.tell('query-ext-files'));
        results.push(await tell.tell('post-restore', { pid: options.pid }));
        return { pid: options.pid, tasks: 1, stats: (await import('../cli/fake-shell.js')).DUMP_STATS };
      },
    };
  }
  const yes = { type: CriuReqType.NOTIFY, notify_success: true };

  test('are sent to the client, whose answers count', async () => {
    const { dir } = openDir();
    const results: unknown[] = [];
    const { client } = serve({ engine: telling(results) });
    const said = (script: string, more = {}) => ({
      type: CriuReqType.NOTIFY,
      success: true,
      notify: { script, ...more },
    });
    expect(await client.ask(dumpRequest({ ...privileged, images_dir: dir, notify_scripts: true }))).toEqual(
      said('pre-dump'),
    );
    expect(await client.ask(yes)).toEqual(said('query-ext-files'));
    // Only some stages say the pid.
    expect(await client.ask(yes)).toEqual(said('post-restore', { pid: STRANGER }));
    expect(await client.ask(yes)).toMatchObject({ type: CriuReqType.DUMP, success: true });
    expect(results).toEqual(Array(3).fill({ external: [], taken: false }));
  });

  test('external resources that a client names count, or are refused', async () => {
    const { dir } = openDir();
    const results: unknown[] = [];
    const { client } = serve({ engine: telling(results) });
    await client.ask(dumpRequest({ ...privileged, images_dir: dir, notify_scripts: true }));
    await client.ask(yes);
    const answer = await client.ask({ ...yes, opts: { images_dir_fd: -1, external: ['file[1:2]'] } });
    if (OPTIONS.find((o) => o.name === 'external')!.support === 'no')
      expect(answer).toMatchObject({ type: CriuReqType.DUMP, success: false });
    else expect(results[1]).toEqual({ external: ['file[1:2]'], taken: false });
    client.socket.close();
  });

  test.each<[string, object | undefined]>([
    ['no', { type: CriuReqType.NOTIFY, notify_success: false }],
    ['nothing', { type: CriuReqType.NOTIFY }],
    ['another request', { type: CriuReqType.VERSION }],
  ])('a client that answers with %s ends the operation', async (_, answer) => {
    const { dir } = openDir();
    const { client, done } = serve({ engine: telling([]) });
    await client.ask(dumpRequest({ ...privileged, images_dir: dir, notify_scripts: true }));
    const end = await client.ask(answer as { type: number });
    expect(end).toMatchObject({ type: CriuReqType.DUMP, success: false });
    expect(end!.cr_errmsg).toContain('stopped at pre-dump');
    expect(await done).toBe(false);
  });

  test('so does one that is gone, or bytes that are no answer', async () => {
    const { dir } = openDir();
    const request = dumpRequest({ ...privileged, images_dir: dir, notify_scripts: true });
    const gone = serve({ engine: telling([]) });
    await gone.client.ask(request);
    gone.client.socket.close();
    expect(await gone.done).toBe(false);
    const noise = serve({ engine: telling([]) });
    await noise.client.ask(request);
    await noise.client.sendBytes(Buffer.from('\xff\xff\xff'));
    expect(await noise.client.receive()).toMatchObject({ success: false });
  });

  test('a client that never answers is given up, after a while or when all of it takes too long', async () => {
    const socket = seqpacketPair();
    const connection = new Connection(socket[1]);
    const silent = connection.listener(0.05)({ action: 'post-dump', imagesDir: '/' });
    await expect(silent).rejects.toMatchObject({ code: 'TIMEOUT' });
    for (const one of socket) one.close();
    const { dir } = openDir();
    const limits: (number | undefined)[] = [];
    const { client } = serve({
      engine: {
        async dump(options) {
          limits.push(options.timeout);
          using calls = new CallOff(options, 'dump');
          await new Notifier({ ...options, signal: calls.signal })
            .tell('post-dump')
            .catch(() => calls.check());
          throw new Error('nobody has called it off');
        },
      },
    });
    const request = dumpRequest({ ...privileged, images_dir: dir, notify_scripts: true, timeout: 1 });
    await client.ask(request);
    expect((await client.receive())!.cr_errmsg).toMatch(/the dump took longer than 1 s/);
    expect(limits).toEqual([1]);
  });

  test('a client that hangs up has what it asked for called off', async () => {
    const { dir } = openDir();
    const aborted: string[] = [];
    const waiting = (what: string) => (options: { signal?: CancelSignal }) =>
      new Promise<never>((_, reject) => {
        options.signal!.addEventListener('abort', () => {
          aborted.push(what);
          reject(new Error('called off'));
        });
      });
    const engine = { dump: waiting('dump'), preDump: waiting('pre-dump'), restore: waiting('restore') };
    for (const request of [
      dumpRequest({ ...privileged, images_dir: dir }),
      dumpRequest({ ...privileged, images_dir: dir }, { type: CriuReqType.PRE_DUMP }),
      restoreRequest({ ...privileged, images_dir: dir }),
    ]) {
      const { client, done } = serve({ engine });
      await client.send(request);
      await new Promise((resolve) => setTimeout(resolve, 50));
      // Not to send any more is no end.
      sys('shutdown', client.socket.fd, 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(aborted).toEqual([]);
      client.socket.close();
      expect(await done).toBe(false);
      expect(aborted.splice(0)).toHaveLength(1);
    }
  });

  test('a client that never answers can be given up', async () => {
    const { dir } = openDir();
    const abort = new AbortController();
    const { client, done } = serve({ engine: telling([]), signal: abort.signal });
    await client.ask(dumpRequest({ ...privileged, images_dir: dir, notify_scripts: true }));
    abort.abort();
    expect(await client.receive()).toMatchObject({ type: CriuReqType.DUMP, success: false });
    expect(await done).toBe(false);
  });
});

test('a server that is called off between requests closes the connection', async () => {
  const abort = new AbortController();
  const { client, done } = serve({ signal: abort.signal });
  await client.ask({ type: CriuReqType.VERSION, keep_open: true });
  abort.abort();
  expect([await client.receive(), await done]).toEqual([undefined, false]);
});
