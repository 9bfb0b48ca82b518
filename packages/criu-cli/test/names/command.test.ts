// The command with directories, files and scripts whose names are not UTF-8, from a working directory that has such a name.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CriuReqType } from '@criu/images';
import { decodeName, startable } from '@criu/native';
import { closeSync, openSync, readdirSync } from '@criu/native/fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp, isRoot, scratch } from '../dump/victim.js';
import { restoreRequest } from '../rpc/client.js';
import { prepare, swrk } from '../rpc/real.js';
import { free } from '../support.js';

afterAll(cleanUp);
if (!isRoot) console.log('command.test.ts: skipped: needs root');

const bin = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const bytes = (name: string) => Buffer.from(name, 'latin1');

describe.skipIf(!isRoot)('names that are not UTF-8 (needs root)', () => {
  beforeAll(prepare);
  const here = () => join(scratch(), 'here\udce9');
  const inside = (name: string) => Buffer.concat([bytes(`${scratch()}/here\xe9/`), bytes(name)]);

  /** Runs it there, with names as {@link decodeName} has them. */
  function criu(...args: string[]) {
    const {
      command,
      args: words,
      cwd,
      env,
    } = startable({ command: bin, args, env: process.env, cwd: here() });
    const { status, stderr, stdout } = spawnSync(command, words, { cwd, env, timeout: 30_000 });
    return { status, stderr: stderr.toString(), stdout: stdout.toString() };
  }

  it('are those of images, logs, pid files and parents, and what scripts are told', async () => {
    for (const name of ['', 'images\xff', 'before\xfe', 'work\xfd']) mkdirSync(inside(name));
    writeFileSync(
      inside('script\xfc'),
      `#!/bin/sh\necho "$CRTOOLS_SCRIPT_ACTION $CRTOOLS_IMAGE_DIR" >> script.log\n`,
    );
    chmodSync(inside('script\xfc'), 0o755);
    const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    const tree = ['-t', String(child.pid)];
    const images = ['-D', 'images\udcff', '-W', 'work\udcfd', '-v4'];
    const script = ['--action-script', `${here()}/script\udcfc`];
    try {
      expect(criu('pre-dump', ...tree, '-D', 'before\udcfe')).toMatchObject({ status: 0, stderr: '' });
      const parent = ['--prev-images-dir', '../before\udcfe'];
      expect(criu('dump', ...tree, ...images, ...parent, ...script, '-o', 'dump\udcfb.log').stderr).toBe('');
      await free([child.pid!]);
      expect(criu('restore', ...images, '--dry-run').stdout).toContain('(sleep)');
      const pidfile = ['--pidfile', 'pid\udcfa'];
      expect(criu('restore', ...images, ...script, ...pidfile, '-d', '-o', 'restore.log').stderr).toBe('');
      expect(readFileSync(inside('work\xfd/pid\xfa'), 'utf8')).toBe(String(child.pid));
      expect(readdirSync(`${here()}/work\udcfd`)).toEqual(
        expect.arrayContaining(['dump\udcfb.log', 'script.log']),
      );
      const told = decodeName(readFileSync(inside('work\xfd/script.log'))).split('\n');
      expect(told.slice(0, 2)).toEqual([
        `pre-dump ${here()}/images\udcff`,
        `post-dump ${here()}/images\udcff`,
      ]);
      expect(told).toContain(`post-resume ${here()}/images\udcff`);
      expect(readFileSync(inside('work\xfd/restore.log'), 'utf8')).toContain('/here\\xe9/images\\xff');
    } finally {
      process.kill(child.pid!, 'SIGKILL');
    }
  });

  it('are shown in errors, never as bytes that are none', () => {
    const { status, stderr } = criu('dump', '-t', '1', '-D', 'none\udce9\udc9b');
    expect(status).toBe(1);
    expect(stderr).toContain(`${scratch()}/here\\xe9/none\\xe9\\x9b: the images directory does not exist`);
  });

  it('are those of directories that a client has open', async () => {
    mkdirSync(inside('rpc\xf9'));
    const fd = openSync(`${here()}/rpc\udcf9`, 'r');
    const { client, ended } = swrk();
    const answer = await client.ask(restoreRequest({ images_dir_fd: fd }));
    expect(answer).toMatchObject({ type: CriuReqType.RESTORE, success: false });
    expect(answer?.cr_errmsg).toContain('here\\xe9/rpc\\xf9: there is no complete checkpoint');
    expect(readdirSync(`${here()}/rpc\udcf9`)).toEqual(['criu.log']);
    await ended;
    closeSync(fd);
  });
});
