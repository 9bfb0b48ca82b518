// Signals on their way, and what job control has stopped.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { cycle } from '../namespaces/cycle.js';
import { family, freshDir, until } from '../support.js';

afterAll(cleanUp);

function start(name: string, env: Record<string, string> = {}): Promise<Victim> {
  return Victim.start(name, env, new URL(`victims/${name}.c`, import.meta.url));
}

function stateOf(pid: number): string | undefined {
  return /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}

describe.skipIf(!isRoot)('signals (needs root)', () => {
  it('stopped tasks stay stopped with all that is pending, and their parent hears nothing new', async () => {
    const victim = await start('stopped');
    try {
      const [, ...children] = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true });
      await until('they are as before', () => children.map(stateOf).join('') === 'TTS');
      for (let i = 0; i < 2; i++) {
        await cycle(victim);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });

  it('as many as there are stay pending, in their order, also beyond a limit that came later', async () => {
    const victim = await start('many');
    try {
      await cycle(victim);
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('who waits in a system call waits on, and is still woken by a signal', async () => {
    const victim = await start('waiting');
    try {
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('who waits waits on also if an earlier dump has interrupted it', async () => {
    const victim = await start('waiting');
    try {
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true });
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('a pending SIGTRAP is refused, since CRIU could not restore it, and stays pending', async () => {
    const victim = await start('trap');
    try {
      const refused = dump({ pid: victim.pid, imagesDir: freshDir() });
      await expect(refused).rejects.toMatchObject({ code: 'NOT_DUMPABLE', object: { pid: victim.pid } });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
