// Who is told what, in which order, and what comes of it when somebody says no.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { actionScripts } from '../../src/action-scripts.js';
import type { CriuError } from '../../src/errors.js';
import { Notifier, NotifyError, type NotifyListener } from '../../src/notify.js';
import { scratch as cliScratch, criu } from '../cli/fake-shell.js';

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'criu-notify-'));
  dirs.push(dir);
  return dir;
}

function script(dir: string, name: string, body: string): string {
  const path = join(dir, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const notifier = (...notify: NotifyListener[]) => new Notifier({ imagesDir: '/i', notify });

test('without listeners nothing happens', async () => {
  const nobody = new Notifier({ imagesDir: '/i' });
  expect([nobody.wanted, await nobody.tell('pre-dump')]).toEqual([false, { external: [], taken: false }]);
});

test('listeners are told one after the other, and what they know is put together', async () => {
  const heard: unknown[] = [];
  const listen =
    (name: string): NotifyListener =>
    async (event) => {
      heard.push([name, event]);
      return { external: [name] };
    };
  const answer = await notifier(listen('a'), listen('b')).tell('query-ext-files', { pid: 7 });
  const event = { action: 'query-ext-files', imagesDir: '/i', pid: 7 };
  expect(heard).toEqual([
    ['a', event],
    ['b', event],
  ]);
  expect(answer.external).toEqual(['a', 'b']);
});

test('all hear of it when one says no, and the error says who and when', async () => {
  let heard = false;
  const failing = notifier(
    () => {
      throw new Error('not today');
    },
    () => {
      heard = true;
    },
  );
  const error = await failing.tell('post-restore').catch((e: unknown) => e);
  expect(error).toBeInstanceOf(NotifyError);
  expect(error).toMatchObject({ code: 'NOTIFY_FAILED', action: 'post-restore', exitCode: 1 });
  expect((error as NotifyError).explain()).toBe('stopped at post-restore (not today)');
  expect(heard).toBe(true);
});

test('a listener that never answers does not hold up who calls it off', async () => {
  const abort = new AbortController();
  const never = new Notifier({
    imagesDir: '/i',
    notify: () => new Promise<undefined>(() => {}),
    signal: abort.signal,
  });
  const told = never.tell('pre-dump');
  abort.abort();
  await expect(told).rejects.toMatchObject({ code: 'ABORTED' });
});

test('scripts run in the work directory, the last one first, and learn what happens', async () => {
  const dir = scratch();
  const what = 'echo "$0 $# $CRTOOLS_SCRIPT_ACTION $CRTOOLS_IMAGE_DIR $CRTOOLS_INIT_PID." >> heard';
  const scripts = [script(dir, 'one', what), script(dir, 'two', what)];
  const tell = notifier(...actionScripts(scripts, dir));
  await tell.tell('pre-restore');
  await tell.tell('post-restore', { pid: 42 });
  // Only who listens by RPC can answer these.
  await tell.tell('query-ext-files');
  expect(readFileSync(join(dir, 'heard'), 'utf8').split('\n')).toEqual([
    `${scripts[1]} 0 pre-restore /i .`,
    `${scripts[0]} 0 pre-restore /i .`,
    `${scripts[1]} 0 post-restore /i 42.`,
    `${scripts[0]} 0 post-restore /i 42.`,
    '',
  ]);
});

test.each([
  ['exit 3', 3, 'ended with exit code 3'],
  ['kill -9 $$', 137, 'was ended by SIGKILL'],
])('a script that does `%s` fails with exit code %i', async (body, exitCode, why) => {
  const dir = scratch();
  const error = await notifier(...actionScripts([script(dir, 'one', body)], dir))
    .tell('post-dump')
    .catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'NOTIFY_FAILED', exitCode });
  expect((error as CriuError).explain()).toContain(`the script ${join(dir, 'one')} ${why}`);
});

test('no shell looks at the name of a script', async () => {
  const dir = scratch();
  const odd = 'touch made; true';
  const failed = notifier(...actionScripts([odd], dir)).tell('pre-dump');
  await expect(failed).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
  expect(existsSync(join(dir, 'made'))).toBe(false);
});

test('a script that was begun is ended when the operation is called off', async () => {
  const dir = scratch();
  const abort = new AbortController();
  const [listener] = actionScripts([script(dir, 'slow', 'echo $$ > pid; exec sleep 60')], dir);
  const tell = new Notifier({ imagesDir: '/i', notify: listener!, signal: abort.signal });
  const told = tell.tell('pre-dump');
  while (!existsSync(join(dir, 'pid')) || readFileSync(join(dir, 'pid'), 'utf8') === '')
    await new Promise((resolve) => setTimeout(resolve, 5));
  const pid = Number(readFileSync(join(dir, 'pid'), 'utf8'));
  abort.abort();
  await expect(told).rejects.toMatchObject({ code: 'ABORTED' });
  const alive = () => existsSync(`/proc/${pid}`);
  for (let i = 0; i < 1500 && alive(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(alive()).toBe(false);
});

test('--action-script gives the engine a listener for each, and a post-dump script has the last word', async () => {
  const dir = cliScratch();
  const scripts = [script(dir, 'a', 'true'), script(dir, 'b', 'exit 7')];
  const r = await criu(['dump', '-t', '1', '-D', 'DIR', ...scripts.flatMap((s) => ['--action-script', s])], {
    engine: {
      async dump(options) {
        const tell = new Notifier(options);
        await tell.tell('pre-dump', { pid: 1 }).catch(() => undefined);
        await tell.tell('post-dump', { pid: 1 });
        throw new Error('not reached');
      },
    },
  });
  expect([r.code, r.dumped[0]!.notify]).toMatchObject([7, [expect.any(Function), expect.any(Function)]]);
  expect(r.err).toContain('stopped at post-dump');
});
