// Files on mounts that the tasks do not have: a path leads to nothing, or to something else.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/index.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

/** Opens as descriptor 9 what a shell says, in a mount namespace of its own, and starts the victim outside of it. */
function elsewhere(setUp: string): string[] {
  const inside = `${setUp}; exec nsenter --mount=/proc/${process.pid}/ns/mnt "$0"`;
  return ['unshare', '--mount', '--propagation', 'private', 'bash', '-c', inside];
}

const canUnshare = isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0;

describe.skipIf(!canUnshare)('a file on a mount of another namespace (needs root and unshare)', () => {
  const start = (wrapper: string[]) =>
    Victim.start('everything', { FOLDER: join(scratch(), 'mounted') }, undefined, wrapper);

  it.each([
    ['that nobody else sees', 'mount -t tmpfs none "$FOLDER"; exec 9>"$FOLDER/file"'],
    // The very same file, by the same name.
    ['whose name leads there all the same', 'exec 9</dev/null'],
  ])('%s is refused, and the task runs on', async (_, setUp) => {
    mkdirSync(join(scratch(), 'mounted'), { recursive: true });
    const victim = await start(elsewhere(setUp));
    try {
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/on mount \d+, which is not in the mount namespace of the tasks/),
        object: { pid: victim.pid, fd: 9 },
        remedy: expect.stringContaining('--external'),
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
