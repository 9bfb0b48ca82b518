// The `soccr` command on a connection of another process.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../native/test/own-network.js';
import { clearLocks, stateFromJson } from '../src/index.js';
import { bundle } from './bundle.js';
import { isRoot, lockedConnections, needsRoot, until } from './tools.js';

enterOwnNetwork();

describe.skipIf(!isRoot)(`soccr${needsRoot}`, () => {
  let script: Awaited<ReturnType<typeof bundle>>;
  let folder: string;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'soccr-cli-'));
    script = await bundle('test/workers/cli.ts');
  });
  afterAll(() => {
    script.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    clearLocks();
  });

  function start(args: string[], program = process.execPath) {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    children.push(child);
    const run = { child, out: '', err: '', code: undefined as number | null | undefined };
    child.stdout.on('data', (data) => {
      run.out += data;
    });
    child.stderr.on('data', (data) => {
      run.err += data;
    });
    child.on('exit', (code) => {
      run.code = code;
    });
    return run;
  }
  const soccr = async (...args: string[]) => {
    const run = start([script.path, ...args]);
    await until(() => run.code !== undefined, `soccr ${args[0]} ends`, 10_000);
    return run;
  };

  /** A process with a connection to us. */
  async function owner() {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const run = start([
      '-e',
      `const s = require('net').connect(${port}, '127.0.0.1', () => console.log(s._handle.fd));
       s.on('data', (d) => console.log('got ' + d)); s.on('error', (e) => console.log(e.code));`,
    ]);
    const peer = await accepted;
    server.close();
    await until(() => run.out.includes('\n'), 'the descriptor');
    const got = { text: '' };
    peer.on('data', (data) => {
      got.text += data;
    });
    return { run, peer, got, pid: `${run.child.pid}`, fd: `${Number.parseInt(run.out, 10)}`, port };
  }

  it('shows a connection, to people and to programs', async () => {
    const { pid, fd, port, peer } = await owner();
    const text = await soccr('show', pid, fd);
    expect(text.out).toContain(`→ 127.0.0.1:${port}`);
    expect(text.out).toContain('established');
    const json = JSON.parse((await soccr('show', pid, fd, '--json')).out);
    expect(json).toMatchObject({ state: 'established', remote: { port }, unread: 0, repair: false });
    peer.destroy();
  });

  it('saves and restores; the new command owns the connection', async () => {
    const { pid, fd, peer, got, run } = await owner();
    const file = join(folder, 'state.json');
    const saved = await soccr('save', pid, fd, '-o', file, '--json');
    expect(saved.code).toBe(0);
    expect(JSON.parse(saved.out)).toMatchObject({ state: 'established', kept: false });
    expect(stateFromJson(readFileSync(file, 'utf8')).state).toBe('established');
    expect(lockedConnections()).toHaveLength(1);
    await until(() => run.out.includes('ECONNABORTED'), 'the owner knows');
    peer.write('still there?\n');
    const next = start([
      script.path,
      'restore',
      file,
      '--',
      'sh',
      '-c',
      'read line <&3; echo "answer to $line" >&3',
    ]);
    await until(() => got.text.includes('answer to still there?'), 'the command answers');
    await until(() => next.code === 0, 'it ends');
    expect(lockedConnections()).toEqual([]);
    peer.destroy();
  });

  it('saves a copy and leaves the owner alone', async () => {
    const { pid, fd, peer, run } = await owner();
    const file = join(folder, 'copy.json');
    expect((await soccr('save', pid, fd, '-o', file, '--keep')).code).toBe(0);
    peer.write('hello');
    await until(() => run.out.includes('got hello'), 'it goes on');
    // A full disk, or no folder: the connection is not lost.
    const failed = await soccr('save', pid, fd, '-o', join(folder, 'none', 'x'));
    expect(failed.code).toBe(1);
    peer.write('again');
    await until(() => run.out.includes('got again'), 'it goes on');
    expect(lockedConnections()).toEqual([]);
    peer.destroy();
  });

  it('hands over to a command, or relays to its own input and output', async () => {
    const { pid, fd, peer, got } = await owner();
    const taken = start([script.path, 'handover', pid, fd, '--', 'sh', '-c', 'echo taken >&3; sleep 60']);
    await until(() => got.text.includes('taken'), 'the command has it');
    const file = join(folder, 'relay.json');
    const shell = readFileSync(`/proc/${taken.child.pid}/task/${taken.child.pid}/children`, 'utf8').trim();
    expect((await soccr('save', shell, '3', '-o', file)).code).toBe(0);
    const relay = start([script.path, 'restore', file]);
    relay.child.stdin!.write('typed');
    await until(() => got.text.includes('typed'), 'typed');
    peer.write('printed');
    await until(() => relay.out.includes('printed'), 'printed');
    peer.destroy();
    process.kill(Number(shell), 'SIGKILL');
  });

  it('names the capability that is missing, and changes nothing', async () => {
    const { pid, fd, peer, run } = await owner();
    const denied = start(
      ['--bounding-set=-net_admin', process.execPath, script.path, 'save', pid, fd, '--json'],
      'setpriv',
    );
    await until(() => denied.code !== undefined, 'it ends', 10_000);
    expect(JSON.parse(denied.err)).toMatchObject({ error: { code: 'NO_PERMISSION' } });
    expect(denied.err).toContain('CAP_NET_ADMIN');
    peer.write('hello');
    await until(() => run.out.includes('got hello'), 'it goes on');
    peer.destroy();
  });

  it('says what is wrong and with which code', async () => {
    const { pid, peer } = await owner();
    expect((await soccr('save', pid)).err).toContain('soccr: FD missing\n');
    expect((await soccr('foo', pid)).err).toContain('soccr: there is no command foo\n');
    expect((await soccr('show', '4000000', '3')).err).toContain('there is no such process');
    expect((await soccr('show', pid, '999')).err).toContain('the process has no such descriptor');
    expect((await soccr('restore', '/nonexistent')).err).toContain('/nonexistent: cannot be read (ENOENT)');
    expect((await soccr('save', pid)).code).toBe(2);
    const mistyped = await soccr('shw', pid, '1');
    expect([mistyped.code, mistyped.err]).toEqual([2, expect.stringContaining('Did you mean show?')]);
    expect((await soccr('save', pid, '1', '--frob')).err).toContain('there is no command or option frob');
    const help = await soccr('save', '--help');
    expect([help.code, help.out]).toEqual([0, expect.stringContaining('-o, --output')]);
    const none = await soccr('show', pid, '1', '--json');
    expect(none.code).toBe(1);
    expect(JSON.parse(none.err)).toMatchObject({ error: { code: 'NOT_TCP' } });
    const file = join(folder, 'bad.json');
    writeFileSync(file, '{"version":1}');
    expect((await soccr('restore', file)).err).toContain('saved state: state must be one of');
    expect((await soccr('unlock', '--json')).out).toBe('{"cleared":false}\n');
    peer.destroy();
  });
});
