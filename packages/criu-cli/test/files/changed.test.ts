// Files that changed since the dump: what is refused, what is not, and which way out there is.
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import type { RestoreOptions } from '../../src/options.js';
import { cleanUp, isRoot, scratch } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

describe.skipIf(!isRoot)('a file that changed since the dump (needs root)', () => {
  let pid = 0;
  let images = '';
  const path = () => join(scratch(), 'file');

  /** Dumps a program that has a file open. */
  async function open(flags: string, mode = 0o644): Promise<void> {
    const fd = openSync(path(), flags, mode);
    const child = spawn('sleep', ['1000'], { detached: true, stdio: ['ignore', 'ignore', 'ignore', fd] });
    closeSync(fd);
    pid = child.pid ?? 0;
    images = freshDir();
    await dump({ pid, imagesDir: images });
    await free([pid]);
  }
  const attempt = (more: Partial<RestoreOptions> = {}) =>
    restore({ imagesDir: images, detached: true, ...more });
  async function refused(message: RegExp, remedy: RegExp, more: Partial<RestoreOptions> = {}): Promise<void> {
    await expect(attempt(more)).rejects.toMatchObject({
      code: 'FILE_CHANGED',
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
      object: { file: path() },
    });
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  }
  afterEach(() => {
    if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
    rmSync(path(), { recursive: true, force: true });
  });

  it('comes back when what was added is cut off again', async () => {
    writeFileSync(path(), 'abc');
    await open('r+');
    appendFileSync(path(), 'def');
    await refused(/size is 6, was 3/, /truncate -s 3 .*file/);
    truncateSync(path(), 3);
    await attempt();
    expect(statSync(`/proc/${pid}/fd/3`).ino).toBe(statSync(path()).ino);
  });

  it('can be handed over as it is now, by the words of the error', async () => {
    writeFileSync(path(), 'abc');
    await open('r+');
    appendFileSync(path(), 'def');
    const error = (await attempt().catch((e: unknown) => e)) as { remedy: string };
    const key = /fd\[N\]:(\S+)'/.exec(error.remedy)?.[1];
    const fd = openSync(path(), 'r+');
    try {
      await attempt({ inheritFd: [`fd[${fd}]:${key}`] });
    } finally {
      closeSync(fd);
    }
    expect(statSync(`/proc/${pid}/fd/3`).size).toBe(6);
  });

  it('may have grown if it is a log that is only appended to, but not if it can be read', async () => {
    await open('a');
    appendFileSync(path(), 'by somebody else');
    await attempt();
    process.kill(pid, 'SIGKILL');
    await free([pid]);
    await open('a+');
    appendFileSync(path(), 'and more');
    await refused(/size is 24, was 16/, /truncate/);
  });

  it('may have other permissions with --skip-file-rwx-check, but is of the same type and set-id bits', async () => {
    writeFileSync(path(), 'abc');
    chmodSync(path(), 0o644);
    await open('r');
    chmodSync(path(), 0o600);
    await refused(/mode is 100600, was 100644/, /--skip-file-rwx-check/);
    await attempt({ skipFileRwxCheck: true });
    process.kill(pid, 'SIGKILL');
    await free([pid]);
    chmodSync(path(), 0o4644);
    await refused(/mode is 104644, was 100644/, /bring it back/, { skipFileRwxCheck: true });
    rmSync(path());
    mkdirSync(path(), 0o644);
    await refused(/another kind of file/, /bring it back/, { skipFileRwxCheck: true });
  });

  it('is known by its build id, unless sizes are enough (--file-validation)', async () => {
    const [source, one, other] = ['id.c', 'one', 'other'].map((name) => join(scratch(), name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(source, 'int main(void) { return 0; }');
    execFileSync('cc', ['-o', one, `-Wl,--build-id=0x${'11'.repeat(20)}`, source]);
    execFileSync('cc', ['-o', other, `-Wl,--build-id=0x${'22'.repeat(20)}`, source]);
    expect(statSync(one).size).toBe(statSync(other).size);
    copyFileSync(one, path());
    await open('r');
    copyFileSync(other, path());
    await refused(/build id is 2222.*, was 1111/, /--file-validation filesize/);
    await refused(/build id is/, /filesize/, { fileValidation: 'buildid' });
    await attempt({ fileValidation: 'filesize' });
    process.kill(pid, 'SIGKILL');
    await free([pid]);
    // What is no program any more has no build id to compare.
    writeFileSync(path(), Buffer.alloc(readFileSync(one).length));
    await attempt();
  });
});
