// What cannot be dumped is refused by its name, with what can be done about it; the program runs on.
import { afterAll, expect, it } from 'vitest';
import { dump } from '../../src/index.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

it.skipIf(!isRoot).each([
  ['io_uring', /an io_uring/, /epoll/],
  ['vsock', /AF_VSOCK/, /open it again/],
  ['userfaultfd', /a userfaultfd/, /page faults/],
  ['perf_event', /perf_event_open/, /profiler/],
  ['bpf', /a BPF map/, /outside of the program/],
  ['dnotify', /dnotify/, /inotify/],
  ['keyring', /the keyring of a process/, /session/],
])('%s is refused with its name and a remedy (needs root)', async (kind, message, remedy) => {
  const victim = await Victim.start('unkept', { KIND: kind }, new URL('victims/unkept.c', import.meta.url));
  try {
    // Not every kernel has all of them.
    if ((await victim.verify()) === 'not here') return;
    await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    });
    expect(await victim.verify()).toBe('ok');
  } finally {
    await victim.end();
  }
});

it.skipIf(!isRoot)('segments of its own are refused (needs root)', async () => {
  const victim = await Victim.start(
    'unkept',
    { KIND: 'segments' },
    new URL('victims/unkept.c', import.meta.url),
  );
  try {
    if ((await victim.verify()) === 'not here') return;
    await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/modify_ldt/),
    });
    expect(await victim.verify()).toBe('ok');
  } finally {
    await victim.end();
  }
});

it.skipIf(!isRoot)(
  'what is in flight is named as such, not by a descriptor of criu (needs root)',
  async () => {
    const source = new URL('victims/unkept.c', import.meta.url);
    const victim = await Victim.start('unkept', { KIND: 'in flight' }, source);
    try {
      const refused = dump({ pid: victim.pid, imagesDir: freshDir() });
      await expect(refused).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/a pidfd of process \d+.*in flight in the queue of a socket/),
      });
      await refused.catch(({ object }) => expect(object).toEqual({ pid: victim.pid }));
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  },
);
