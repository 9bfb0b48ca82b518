// What the Debian package has beside the commands: systemd understands the units, and shells the scripts.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './pack/packages.mjs';

const has = (tool: string) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined;

describe.skipIf(!has('systemd-analyze'))('units', () => {
  const verify = (change: (text: string) => string) => {
    const dir = mkdtempSync(join(tmpdir(), 'units-'));
    try {
      cpSync(join(root, 'tools/deb'), dir, { recursive: true });
      const service = join(dir, 'criu.service');
      // The command is where the package puts it, not here.
      const text = readFileSync(service, 'utf8').replace('/usr/sbin/criu', process.execPath);
      writeFileSync(service, change(text));
      const files = readdirSync(dir).map((name) => join(dir, name));
      const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' });
      return stderr.split('\n').filter((line) => line.includes('criu.'));
    } finally {
      rmSync(dir, { recursive: true });
    }
  };

  it('say nothing that systemd does not understand', () => expect(verify((text) => text)).toEqual([]));

  it('that are wrong are told', () =>
    expect(verify((text) => text.replace('KillMode=process', 'KillMood=process'))).toContainEqual(
      expect.stringContaining('KillMood'),
    ));
});

it.each(['tools/newcomer/enter.sh', 'tools/newcomer/path.sh'])('%s is a script of sh', (file) =>
  expect(spawnSync('sh', ['-n', join(root, file)]).status).toBe(0),
);
