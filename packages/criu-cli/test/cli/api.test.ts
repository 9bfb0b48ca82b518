// The API as the README shows it: progress, a plan, a restore that is waited for. Needs root.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CriuError, dump, type ProgressEvent, planRestore, restore } from '@criu/cli';
import { describe, expect, test } from 'vitest';

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('api.test.ts: skipped: needs root');

describe.skipIf(!isRoot)('the API', () => {
  test('dumps with progress, plans, restores, and waits for the end', async () => {
    const imagesDir = mkdtempSync(join(tmpdir(), 'criu-api-'));
    const victim = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
    try {
      await once(victim, 'spawn');
      const gone = once(victim, 'exit');
      const events: ProgressEvent[] = [];
      const result = await dump({ pid: victim.pid!, imagesDir, onProgress: (e) => events.push(e) });
      await gone;
      expect([result.pid, result.tasks]).toEqual([victim.pid, 1]);
      expect(result.stats.pagesWritten).toBeGreaterThan(0);
      expect(new Set(events.map((e) => e.phase))).toContain('freeze');
      expect((await planRestore({ imagesDir })).toText()).toContain(`task ${victim.pid} (sleep)`);
      const restored = await restore({ imagesDir });
      expect(restored.pid).toBe(victim.pid);
      process.kill(restored.pid, 'SIGTERM');
      expect(await restored.exit).toBe(15);
    } finally {
      spawnSync('kill', ['-9', String(victim.pid)], { stdio: 'ignore' });
      rmSync(imagesDir, { recursive: true, force: true });
    }
  });

  test('an abort signal calls a dump off and the task lives on', async () => {
    const imagesDir = mkdtempSync(join(tmpdir(), 'criu-api-'));
    const victim = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
    try {
      await once(victim, 'spawn');
      const abort = new AbortController();
      const failed = await dump({
        pid: victim.pid!,
        imagesDir,
        signal: abort.signal,
        onProgress: ({ phase }) => phase === 'collect' && abort.abort(),
      }).catch((e: unknown) => e);
      expect(failed).toBeInstanceOf(CriuError);
      expect((failed as CriuError).code).toBe('ABORTED');
      expect(victim.exitCode).toBeNull();
      expect(() => process.kill(victim.pid!, 0)).not.toThrow();
    } finally {
      victim.kill('SIGKILL');
      rmSync(imagesDir, { recursive: true, force: true });
    }
  });
});
