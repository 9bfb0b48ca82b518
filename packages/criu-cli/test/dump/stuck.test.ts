// A dump that waits for a task that it has stopped: it ends, and the task runs on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { freshDir, until } from '../support.js';
import { cleanUp, isRoot, Victim } from './victim.js';

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));

afterAll(cleanUp);

describe.skipIf(!isRoot)('a task that has to permit what its dump opens (needs root)', () => {
  it('runs on, and the dump says why it ends', async () => {
    const victim = await Victim.start('guarded');
    try {
      const args = ['dump', '-t', `${victim.pid}`, '-D', freshDir(), '--timeout', '2', '-o', 'dump.log'];
      const command = spawn(criu, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      command.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      expect(await once(command, 'close')).toEqual([null, 'SIGKILL']);
      expect(said).toContain('a system call of the dump has not returned for 3 s');
      await until('it is let go', () => victim.tracer === 0 && victim.state !== 't');
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
