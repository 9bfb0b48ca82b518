// Small requests, which need no tasks: versions, features, waiting for a process; the engine is a stand-in.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CriuReqType } from '@criu/images';
import { afterEach, describe, expect, test } from 'vitest';
import { FEATURES } from '../../src/features/index.js';
import { cleanUp, type Options, openDir, serve } from './client.js';

afterEach(cleanUp);

/** Dump and restore are for root alone, as on the command line. */
const privileged = { unprivileged: true };

describe('small requests', () => {
  test('the version, several times on one connection', async () => {
    const { client, done } = serve();
    for (const keep_open of [true, true, false]) {
      expect(await client.ask({ type: CriuReqType.VERSION, keep_open })).toEqual({
        type: CriuReqType.VERSION,
        success: true,
        version: { major_number: 4, minor_number: 2 },
      });
    }
    expect([await client.receive(), await done]).toEqual([undefined, true]);
  });

  test('a client that leaves between two requests has done nothing wrong, one without any has', async () => {
    const first = serve();
    await first.client.ask({ type: CriuReqType.VERSION, keep_open: true });
    first.client.socket.close();
    expect(await first.done).toBe(true);
    const second = serve();
    second.client.socket.close();
    expect(await second.done).toBe(false);
  });

  test('features: those that were asked for, and that this version can use', async () => {
    const names: string[] = [];
    const { client } = serve({
      async *check(asked) {
        names.push(...asked);
        for (const name of asked) yield { feature: FEATURES.find((f) => f.name === name)!, missing: null };
      },
    });
    const ask = (features: object) =>
      client.ask({ type: CriuReqType.FEATURE_CHECK, features, keep_open: true }).then((a) => a?.features);
    expect(await ask({ pidfd_store: true })).toEqual({
      mem_track: false,
      lazy_pages: false,
      pidfd_store: true,
    });
    expect(await ask({ mem_compression: true })).toMatchObject({ mem_compression: true, mem_track: false });
    expect(await ask({ mem_track: true, lazy_pages: true })).toEqual({
      mem_track: true,
      lazy_pages: true,
      pidfd_store: false,
    });
    expect(await ask({ pidfd_store: false })).toEqual({
      mem_track: false,
      lazy_pages: false,
      pidfd_store: false,
    });
    // As `criu check --feature` knows them.
    expect(names).toEqual(['pidfd_store', 'mem_dirty_track', 'uffd-noncoop']);
    expect(await client.ask({ type: CriuReqType.FEATURE_CHECK })).toMatchObject({ success: false });
  });

  test('a check looks at what is required', async () => {
    const checking = (missing: string | null) => ({
      async *check(names: readonly string[]) {
        expect(names.length).toBeGreaterThan(0);
        yield { feature: FEATURES.find((f) => f.name === names[0])!, missing };
      },
    });
    const request = { type: CriuReqType.CHECK };
    expect(await serve(checking(null)).client.ask(request)).toEqual({
      type: CriuReqType.CHECK,
      success: true,
    });
    const bad = await serve(checking('it is too old')).client.ask(request);
    expect([bad!.success, bad!.cr_errmsg?.includes('it is too old')]).toEqual([false, true]);
  });

  test('a check has the log that it is to have, and no other', async () => {
    const check = async function* (names: readonly string[]) {
      yield { feature: FEATURES.find((f) => f.name === names[0])!, missing: 'it is too old' };
    };
    const ask = (opts: Options) =>
      serve({ check }).client.ask({
        type: CriuReqType.CHECK,
        opts: { images_dir_fd: -1, ...privileged, ...opts },
      });
    const { dir, fd } = openDir();
    for (const opts of [{ log_to_stderr: true, log_file: 'l' }, {}]) await ask(opts);
    expect(readdirSync(dir)).toEqual([]);
    await ask({ images_dir_fd: fd, log_file: 'check.log' });
    expect(readFileSync(join(dir, 'check.log'), 'utf8')).toMatch(/Error \(criu\): .*it is too old/);
    await ask({ work_dir_fd: fd, log_file: 'other.log' });
    expect(readdirSync(dir).sort()).toEqual(['check.log', 'other.log']);
    expect(await ask({ log_file: 'check.log' })).toMatchObject({ success: false, cr_errno: 56 });
    expect(await ask({ images_dir_fd: fd, log_file: '/a/b' })).toMatchObject({
      success: false,
      cr_errno: 56,
    });
  });

  test('somebody who is no child cannot be waited for', async () => {
    const { client } = serve();
    expect(await client.ask({ type: CriuReqType.WAIT_PID, pid: 1, keep_open: true })).toMatchObject({
      success: false,
      cr_errno: 10,
    });
    expect(await client.ask({ type: CriuReqType.WAIT_PID })).toMatchObject({ success: false });
  });
});
