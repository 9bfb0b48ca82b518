// CRIU's own test of plugins (test/others/unix-callback of its source tree), with its plugin in C: sockets of a daemon that is
// restarted between dump and restore. The files are taken from the tree of CRIU_PEER; only names and places are changed.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, isRoot, peer, scratch } from '../dump/victim.js';

afterAll(cleanUp);

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const tree = peer === undefined ? '' : resolve(dirname(peer), '..');
const source = join(tree, 'test/others/unix-callback');
const works = (command: string) => spawnSync(command, ['--version']).status === 0;
const ready = peer !== undefined && existsSync(source) && works('protoc-c') && works('make');

function prepare(name: string): string {
  const dir = join(scratch(), name);
  cpSync(source, dir, { recursive: true, verbatimSymlinks: true });
  for (const file of readdirSync(dir)) {
    if (!/\.c$|^Makefile$|^run\.sh$/.test(file)) continue;
    const text = readFileSync(join(dir, file), 'utf8')
      // Others may run the same test on this machine.
      .replaceAll('/tmp/criu.unix.callback.test', join(dir, 'socket'))
      .replaceAll('-iquote ../../../criu/include', `-iquote ${tree}/criu/include -iquote ${tree}/include`)
      .replace(/^source .*$/m, '')
      .replace(/\$\{CRIU\} dump/, '$$DUMP dump')
      .replace(/\$\{CRIU\} restore/, '$$RESTORE restore');
    writeFileSync(join(dir, file), text);
  }
  execFileSync('make', ['-C', dir], { stdio: 'pipe' });
  return dir;
}

describe.skipIf(!isRoot || !ready)(
  'unix-callback of CRIU (needs root, CRIU_PEER in its source tree, protoc-c)',
  () => {
    it.each([
      ['ours', criu, criu],
      ["CRIU's dump", peer ?? '', criu],
      ["CRIU's restore", criu, peer ?? ''],
    ])('passes: %s', (name, dumps, restores) => {
      const dir = prepare(name.replace(/\W/g, ''));
      const { status, stdout, stderr } = spawnSync('bash', ['./run.sh'], {
        cwd: dir,
        encoding: 'utf8',
        timeout: 50_000,
        killSignal: 'SIGKILL',
        env: { ...process.env, DUMP: dumps, RESTORE: restores },
      });
      for (const program of ['unix-server', 'unix-client']) {
        const found = spawnSync('pgrep', ['-x', '-f', `./${program}`], { encoding: 'utf8' }).stdout.split(
          '\n',
        );
        for (const pid of found.filter(Boolean)) {
          // Of this test alone.
          if (spawnSync('readlink', [`/proc/${pid}/exe`], { encoding: 'utf8' }).stdout.startsWith(dir))
            process.kill(Number(pid), 'SIGKILL');
        }
      }
      expect(stdout, stderr.slice(-2000)).toMatch(/^PASS$/m);
      expect(status).toBe(0);
    });
  },
);
