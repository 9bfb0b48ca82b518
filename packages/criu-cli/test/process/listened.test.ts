// A seccomp filter that has a listener decide on system calls is refused: restored tasks would have none, and get ENOSYS.
import { afterAll, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

it.skipIf(!isRoot)('a filter with a listener is refused, and its task runs on (needs root)', async () => {
  const victim = await Victim.start('listened', {}, new URL('victims/listened.c', import.meta.url));
  try {
    expect(await victim.verify()).toBe('ok');
    await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/SECCOMP_RET_USER_NOTIF/),
      object: { pid: victim.pid },
    });
    expect(await victim.verify()).toBe('ok');
  } finally {
    await victim.end();
  }
});
