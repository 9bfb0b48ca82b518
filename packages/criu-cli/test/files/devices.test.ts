// A device that is open under a name where another node of the same device stands by now.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRoot } from '../dump/victim.js';

const bin = fileURLToPath(new URL('../../bin/criu', import.meta.url));

/** In mount namespaces of its own: a program has the node open that is then covered by another. */
const SCRIPT = `
set -e
mkdir at
mknod at/null c 1 3
setsid sleep 1000 3<>at/null >/dev/null 2>&1 </dev/null &
pid=$!
until [ "$(readlink /proc/$pid/fd/3)" = "$PWD/at/null" ]; do sleep 0.01; done
mount -t tmpfs none at
mknod at/null c 1 $MINOR
end() { kill -9 $pid 2>/dev/null; }
trap end EXIT
"$CRIU" dump -t $pid -D images $OPTIONS
"$CRIU" restore -D images -d
readlink /proc/$pid/fd/3
stat -L -c %t:%T /proc/$pid/fd/3
`;

describe.skipIf(!isRoot || spawnSync('unshare', ['-m', 'true']).status !== 0)('a device (needs root)', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'criu-device-'));
    mkdirSync(join(folder, 'images'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function run(options: string, minor = 3) {
    const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', SCRIPT], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, CRIU: bin, OPTIONS: options, MINOR: String(minor) },
    });
    return { status, stdout, stderr };
  }

  it('is opened by its other node with --evasive-devices', () => {
    expect(run('--evasive-devices')).toEqual({ status: 0, stdout: `${folder}/at/null\n1:3\n`, stderr: '' });
  });

  it('is refused without, and the error tells of the option', () => {
    const { status, stderr } = run('');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /at\/null: the path of an open file leads to another file now\n.*--evasive-devices/,
    );
  });

  it('is refused where the node is of another device', () => {
    const { status, stderr } = run('--evasive-devices', 5);
    expect(status).toBe(1);
    expect(stderr).toMatch(/leads to another file now/);
  });
});
