// What tests of incremental dumps have in common.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../src/log.js';
import { type ServePagesOptions, servePages } from '../../src/pages/server/serve.js';
import { peer, scratch, Victim } from '../dump/victim.js';

let made = 0;

/** Directories beside each other, for a chain of dumps. */
export function chain(count: number): string[] {
  made += 1;
  const root = join(scratch(), `chain-${made}`);
  return Array.from({ length: count }, (_, i) => {
    const dir = join(root, String(i + 1));
    mkdirSync(dir, { recursive: true });
    return dir;
  });
}

export const modelVictim = () => Victim.start('model', {}, new URL('victims/model.c', import.meta.url));

export function criu(...args: string[]): void {
  execFileSync(peer!, args, { stdio: 'pipe' });
}

export interface RecordedLog extends Logger {
  readonly lines: string[];
}

export function recordedLog(): RecordedLog {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  return { level: 4, lines, error: write, warn: write, info: write, debug: write };
}

/** Bytes of a file that take room. */
export function room(dir: string): number {
  return Number(execFileSync('du', ['-sk', dir], { encoding: 'utf8' }).split('\t')[0]) * 1024;
}

export const LOCAL = '127.0.0.1';

/** A server, and the port it has chosen. */
export function server(imagesDir: string, more: Partial<ServePagesOptions> = {}) {
  let listening!: (port: number) => void;
  const port = new Promise<number>((resolve) => {
    listening = resolve;
  });
  const done = servePages({ imagesDir, address: LOCAL, port: 0, onListening: listening, ...more });
  // Whoever awaits it hears of a failure.
  done.catch(() => undefined);
  return { port, done };
}
