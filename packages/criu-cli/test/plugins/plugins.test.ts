// Plugins take on what nobody else can, in C and as modules; one that fails, hangs or crashes harms nobody.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { dump, preDump, restore } from '../../src/operations.js';
import type { CommonOptions } from '../../src/options.js';
import { cleanUp, isRoot, leaveOthers, scratch, Victim } from '../dump/victim.js';
import { freshDir, until } from '../support.js';
import { echoServer } from './echo-server.js';

afterAll(cleanUp);
afterEach(() => {
  for (const name of [
    'CALLS',
    'HOOK',
    'MODE',
    'ONLY',
    'LISTED',
    'FORGETFUL',
    'VERSION',
    'API',
    'WRONG',
    'SOURCE',
    'CRIU_LIBS_DIR',
  ])
    delete process.env[name];
});

const kit = fileURLToPath(new URL('kit', import.meta.url));
const moduleFile = join(kit, 'hooks.mjs');

function compile(name: string, ...flags: string[]): string {
  const path = join(scratch(), `${name}.so`);
  if (!existsSync(path))
    execFileSync('cc', ['-shared', '-fPIC', '-w', '-o', path, ...flags, join(kit, 'hooks.c')]);
  return path;
}
const inC = () => compile('hooks');

function startOutsider(env: Record<string, string>): Promise<Victim> {
  return Victim.start('outsider', env, new URL('victims/outsider.c', import.meta.url));
}

/** What hooks of the plugin were called since the last time. */
function calls(): string[] {
  const path = process.env.CALLS ?? '';
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  rmSync(path, { force: true });
  return lines.map((line) => line.split(' ')[0] ?? '');
}

/** Processes that hold plugins and are children of ours. */
const hosts = () =>
  spawnSync('ps', ['-o', 'args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => /plugin-host|hooks\.mjs/.test(line) && !/defunct/.test(line));

describe.skipIf(!isRoot)('a plugin (needs root)', () => {
  it.each(['C', 'module'])('in %s keeps a file of a kind that nobody knows', async (language) => {
    const victim = await startOutsider({ UNKNOWN: '1', GIVEN: '1' });
    process.env.CALLS = join(scratch(), 'calls');
    const plugins = [language === 'C' ? inC() : moduleFile];
    try {
      const without = dump({ pid: victim.pid, imagesDir: freshDir() });
      await expect(without).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir, plugins });
      await victim.gone();
      const common = ['init', 'PAUSE_DEVICES', 'CHECKPOINT_DEVICES', 'DUMP_EXT_FILE'];
      expect(calls()).toEqual([...common, ...(language === 'C' ? [] : ['DUMP_DEVICES_LATE']), 'exit']);
      await expect(restore({ imagesDir, detached: true })).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
      await restore({ imagesDir, detached: true, plugins });
      expect(calls()).toEqual([
        'init',
        ...(language === 'C' ? [] : ['RESTORE_INIT']),
        'RESTORE_EXT_FILE',
        'POST_FORKING',
        'RESUME_DEVICES_LATE',
        'exit',
      ]);
      expect(await victim.verify()).toBe('ok');
      const fds = readdirSync(`/proc/${victim.pid}/fd`);
      expect(fds).toContain('3');
      await until('the hosts of plugins are gone', () => hosts().length === 0);
    } finally {
      await victim.end();
    }
  });

  it('connects a socket again whose peer was not dumped', async () => {
    const peer = join(scratch(), 'peer.sock');
    using server = echoServer(peer);
    await server.ready;
    const victim = await startOutsider({ PEER: peer });
    try {
      expect(await victim.verify()).toBe('ok');
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir, plugins: [inC()] });
      await victim.gone();
      await expect(restore({ imagesDir, detached: true })).rejects.toMatchObject({
        code: 'PLUGIN_FAILED',
        message: expect.stringMatching(/Unix socket \d+ belongs to a plugin/),
      });
      await restore({ imagesDir, detached: true, plugins: [inC()] });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.each(['fail', 'hang', 'crash'])(
    'RESTORE_UNIX_SK: %s leaves nothing of a restore behind',
    async (mode) => {
      const peer = join(scratch(), `peer-${mode}.sock`);
      using server = echoServer(peer);
      await server.ready;
      const victim = await startOutsider({ PEER: peer });
      try {
        expect(await victim.verify()).toBe('ok');
        const imagesDir = freshDir();
        await dump({ pid: victim.pid, imagesDir, plugins: [inC()] });
        await victim.gone();
        Object.assign(process.env, { HOOK: 'RESTORE_UNIX_SK', MODE: mode });
        const failing = restore({ imagesDir, detached: true, plugins: [inC()], pluginTimeout: 1 });
        await expect(failing).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
        expect(existsSync(`/proc/${victim.pid}`)).toBe(false);
        await until('the hosts of plugins are gone', () => hosts().length === 0);
        delete process.env.HOOK;
        await restore({ imagesDir, detached: true, plugins: [inC()] });
        expect(await victim.verify()).toBe('ok');
      } finally {
        await victim.end();
      }
    },
  );

  it('is found in the directory of the environment, and in that of --libdir before it', async () => {
    const victim = await startOutsider({});
    process.env.CALLS = join(scratch(), 'found');
    const dirs = ['one', 'two'].map((name) => join(scratch(), name));
    try {
      for (const dir of dirs) mkdirSync(dir);
      const [one = '', two = ''] = dirs;
      cpSync(inC(), join(one, 'hooks.so'));
      writeFileSync(join(one, 'README'), 'no plugin');
      process.env.CRIU_LIBS_DIR = one;
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true });
      expect(calls()).toEqual(['init', 'PAUSE_DEVICES', 'CHECKPOINT_DEVICES', 'exit']);
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true, libdir: two });
      expect(calls()).toEqual([]);
      await preDump({ pid: victim.pid, imagesDir: freshDir() });
      expect(calls()).toEqual(['init', 'PAUSE_DEVICES', 'exit']);
      const missing = dump({ pid: victim.pid, imagesDir: freshDir(), libdir: join(two, 'none') });
      await expect(missing).rejects.toMatchObject({ code: 'BAD_OPTION' });
    } finally {
      await victim.end();
    }
  });

  it('is found by the name of its package', async () => {
    const victim = await startOutsider({});
    process.env.CALLS = join(scratch(), 'package-calls');
    const home = mkdtempSync(join(scratch(), 'package-'));
    const before = process.cwd();
    try {
      const place = join(home, 'node_modules', '@somebody', 'plugin-hooks');
      mkdirSync(place, { recursive: true });
      cpSync(moduleFile, join(place, 'hooks.mjs'));
      writeFileSync(
        join(place, 'package.json'),
        JSON.stringify({ name: '@somebody/plugin-hooks', exports: { '.': { import: './hooks.mjs' } } }),
      );
      process.chdir(home);
      const options = { pid: victim.pid, leaveRunning: true } as const;
      await dump({ ...options, imagesDir: freshDir(), plugins: ['@somebody/plugin-hooks'] });
      expect(calls()).toContain('CHECKPOINT_DEVICES');
      const none = dump({ ...options, imagesDir: freshDir(), plugins: ['@somebody/nothing'] });
      await expect(none).rejects.toMatchObject({ code: 'BAD_OPTION' });
    } finally {
      process.chdir(before);
      await victim.end();
    }
  });

  it('is listed in the inventory, and a restore without it, or with another version, is refused', async () => {
    const victim = await startOutsider({});
    try {
      const imagesDir = freshDir();
      process.env.LISTED = 'gpu';
      await dump({ pid: victim.pid, imagesDir, plugins: [moduleFile, inC()], leaveRunning: false });
      await victim.gone();
      const refused = async (plugins: string[], message: RegExp) =>
        await expect(restore({ imagesDir, detached: true, plugins })).rejects.toMatchObject({
          code: 'PLUGIN_FAILED',
          message: expect.stringMatching(message),
        });
      await refused([inC()], /needs the plugin hooks-module/);
      process.env.VERSION = '1.2.2';
      await refused([moduleFile, inC()], /is of version 1\.2\.2, and the checkpoint needs 1\.2\.3/);
      process.env.VERSION = '2.0.0';
      await refused([moduleFile, inC()], /is of version 2\.0\.0/);
      process.env.VERSION = '1.10.0';
      process.env.FORGETFUL = '1';
      delete process.env.FORGETFUL;
      await restore({ imagesDir, detached: true, plugins: [moduleFile, inC()] });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('of a later version, of none, or of another interface is refused', async () => {
    const victim = await startOutsider({});
    try {
      const refused = async (plugin: string, message: RegExp) =>
        await expect(
          dump({ pid: victim.pid, imagesDir: freshDir(), plugins: [plugin] }),
        ).rejects.toMatchObject({
          code: 'PLUGIN_FAILED',
          message: expect.stringMatching(message),
        });
      await refused(compile('later', '-DVERSION=0x000300'), /of version 0\.3\.0 with 13 hooks, and 0\.2\.0/);
      const broken = join(scratch(), 'broken.so');
      writeFileSync(broken, 'no ELF file');
      await refused(broken, /cannot be used in load: .*(too short|invalid ELF)/);
      const empty = join(scratch(), 'empty.mjs');
      writeFileSync(empty, 'export const nothing = 1;');
      await refused(empty, /default export is no plugin/);
      process.env.API = '7';
      await refused(moduleFile, /version 7 of the interface/);
      process.env.API = '1';
      process.env.WRONG = 'dumpEverything';
      await refused(moduleFile, /there is no hook dumpEverything/);
      const inner = join(scratch(), 'inner.c');
      writeFileSync(inner, 'extern int opts[]; int *CR_PLUGIN_DESC = opts;');
      execFileSync('cc', ['-shared', '-fPIC', '-w', '-o', join(scratch(), 'inner.so'), inner]);
      await refused(join(scratch(), 'inner.so'), /needs the inside of CRIU/);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});

/** A block device that is always there, and that can be mapped. */
const device = '/dev/loop0';
const canMap = existsSync(device);

/** Folders in which plugins make mounts. */
const places = () => readdirSync('/tmp').filter((name) => name.startsWith('criu-plugin-'));

/** In a mount namespace of its own, with a bind of a folder whose file system is not there as a whole. */
async function startBound(env: Record<string, string> = {}): Promise<{ victim: Victim; point: string }> {
  const base = mkdtempSync(join(scratch(), 'mounts-'));
  const point = join(base, 'point');
  const script = `${leaveOthers()}
    cd ${base} && mkdir whole point && mount -t tmpfs whole whole && mkdir whole/part &&
    echo before > whole/part/file && mount --bind whole/part point && umount -l whole && cd / && exec "$0" </dev/null >/dev/null 2>&1`;
  const wrapper = ['unshare', '-m', '--propagation', 'private', '/bin/sh', '-c', script];
  const source = new URL('victims/outsider.c', import.meta.url);
  return { victim: await Victim.start('outsider', env, source, wrapper), point };
}

describe.skipIf(!isRoot)('what a plugin restores (needs root)', () => {
  it.each(['C', 'module'])('a mount, in %s', async (language) => {
    const { victim, point } = await startBound();
    const others = places();
    const plugins = [language === 'C' ? inC() : moduleFile];
    process.env.SOURCE = mkdtempSync(join(scratch(), 'source-'));
    writeFileSync(join(process.env.SOURCE, 'file'), 'after');
    try {
      expect(readFileSync(`/proc/${victim.pid}/root${point}/file`, 'utf8')).toBe('before\n');
      const without = dump({ pid: victim.pid, imagesDir: freshDir() });
      await expect(without).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir, plugins });
      await victim.gone();
      await restore({ imagesDir, detached: true, plugins });
      expect(readFileSync(`/proc/${victim.pid}/root${point}/file`, 'utf8')).toBe('after');
      expect(await victim.verify()).toBe('ok');
      // Nothing is mounted in our own namespace, and no folder is left.
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(point);
      expect(places()).toEqual(others);
    } finally {
      await victim.end();
    }
  });

  it.skipIf(!canMap).each(['C', 'module'])('a mapping of a device, in %s', async (language) => {
    const victim = await startOutsider({ DEVICE: device });
    const plugins = [language === 'C' ? inC() : moduleFile];
    process.env.CALLS = join(scratch(), 'device-calls');
    try {
      const without = dump({ pid: victim.pid, imagesDir: freshDir() });
      await expect(without).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir, plugins });
      await victim.gone();
      expect(calls()).toContain('HANDLE_DEVICE_VMA');
      await restore({ imagesDir, detached: true, plugins });
      expect(calls()).toContain('UPDATE_VMA_MAP');
      expect(await victim.verify()).toBe('ok');
      expect(readFileSync(`/proc/${victim.pid}/maps`, 'utf8')).toContain(device);
    } finally {
      await victim.end();
    }
  });

  it.each([
    ['DUMP_EXT_MOUNT', 'fail'],
    ['DUMP_EXT_MOUNT', 'hang'],
    ['DUMP_EXT_MOUNT', 'crash'],
    ...(canMap
      ? [
          ['HANDLE_DEVICE_VMA', 'fail'],
          ['HANDLE_DEVICE_VMA', 'hang'],
          ['HANDLE_DEVICE_VMA', 'crash'],
        ]
      : []),
  ])('%s: %s leaves the tasks of a dump unharmed', async (hook, mode) => {
    const { victim } = await startBound(canMap ? { DEVICE: device } : {});
    Object.assign(process.env, { HOOK: hook, MODE: mode });
    try {
      const failure = dump({ pid: victim.pid, imagesDir: freshDir(), plugins: [inC()], pluginTimeout: 1 });
      await expect(failure).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
      expect(victim.tracer).toBe(0);
      expect(await victim.verify()).toBe('ok');
      await until('the hosts of plugins are gone', () => hosts().length === 0);
    } finally {
      await victim.end();
    }
  });

  it.each([
    ['RESTORE_EXT_MOUNT', 'fail'],
    ['RESTORE_EXT_MOUNT', 'hang'],
    ['RESTORE_EXT_MOUNT', 'crash'],
    ...(canMap
      ? [
          ['UPDATE_VMA_MAP', 'fail'],
          ['UPDATE_VMA_MAP', 'hang'],
          ['UPDATE_VMA_MAP', 'crash'],
        ]
      : []),
  ])('%s: %s leaves nothing of a restore behind', async (hook, mode) => {
    const { victim, point } = await startBound(canMap ? { DEVICE: device } : {});
    const others = places();
    process.env.SOURCE = scratch();
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir, plugins: [inC()] });
      await victim.gone();
      Object.assign(process.env, { HOOK: hook, MODE: mode });
      const failure = restore({ imagesDir, detached: true, plugins: [inC()], pluginTimeout: 1 });
      await expect(failure).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
      expect(existsSync(`/proc/${victim.pid}`)).toBe(false);
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(point);
      expect(places()).toEqual(others);
      await until('the hosts of plugins are gone', () => hosts().length === 0);
    } finally {
      await victim.end();
    }
  });
});

describe.skipIf(!isRoot)('a plugin that goes wrong (needs root)', () => {
  const cases = (language: string, hooks: readonly string[], modes: readonly string[]) =>
    hooks.flatMap((hook) => modes.map((mode) => [language, hook, mode] as const));
  const pluginOf = (language: string) => (language === 'C' ? inC() : moduleFile);
  const common: Pick<CommonOptions, 'pluginTimeout'> = { pluginTimeout: 1 };

  it.each([
    ...cases(
      'C',
      ['init', 'PAUSE_DEVICES', 'CHECKPOINT_DEVICES', 'DUMP_EXT_FILE', 'DUMP_UNIX_SK'],
      ['fail', 'hang', 'crash'],
    ),
    ...cases(
      'module',
      ['init', 'PAUSE_DEVICES', 'DUMP_EXT_FILE'],
      ['fail', 'hang', 'never', 'crash', 'exit'],
    ),
    ...cases('module', ['CHECKPOINT_DEVICES', 'DUMP_DEVICES_LATE'], ['fail', 'hang']),
  ])('in %s, in %s: %s leaves the tasks of a dump unharmed', async (language, hook, mode) => {
    const peer = join(scratch(), `${language}-${hook}-${mode}.sock`);
    using server = echoServer(peer);
    await server.ready;
    const victim = await startOutsider({ UNKNOWN: '1', ...(language === 'C' ? { PEER: peer } : {}) });
    Object.assign(process.env, { HOOK: hook, MODE: mode, CALLS: join(scratch(), 'wrong-calls') });
    calls();
    try {
      const imagesDir = freshDir();
      const failure = dump({ pid: victim.pid, imagesDir, plugins: [pluginOf(language)], ...common });
      await expect(failure).rejects.toMatchObject({
        code: 'PLUGIN_FAILED',
        message: expect.stringMatching(
          { fail: /has failed|has returned -1/, hang: /has not answered for 1 s/, never: /has not answered/ }[
            mode
          ] ?? /was ended by (signal 11|SIGSEGV)|exit code 3/,
        ),
      });
      expect(existsSync(join(imagesDir, 'inventory.img'))).toBe(false);
      expect(victim.tracer).toBe(0);
      expect(await victim.verify()).toBe('ok');
      // One that can still hear it is told that nothing came of it.
      if (mode === 'fail' && hook !== 'init') expect(calls()).toContain('exit');
      await until('the hosts of plugins are gone', () => hosts().length === 0);
    } finally {
      await victim.end();
    }
  });

  it.each([
    ...cases(
      'C',
      ['init', 'RESTORE_EXT_FILE', 'POST_FORKING', 'RESUME_DEVICES_LATE'],
      ['fail', 'hang', 'crash'],
    ),
    ...cases(
      'module',
      ['RESTORE_INIT', 'RESTORE_EXT_FILE', 'RESUME_DEVICES_LATE'],
      ['fail', 'hang', 'crash'],
    ),
  ])('in %s, in %s: %s leaves nothing of a restore behind', async (language, hook, mode) => {
    const victim = await startOutsider({ UNKNOWN: '1' });
    process.env.CALLS = join(scratch(), 'wrong-calls');
    const plugins = [pluginOf(language)];
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir, plugins });
      await victim.gone();
      calls();
      const before = readdirSync(imagesDir).sort();
      Object.assign(process.env, { HOOK: hook, MODE: mode });
      const failure = restore({ imagesDir, detached: true, plugins, ...common });
      await expect(failure).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
      expect(existsSync(`/proc/${victim.pid}`)).toBe(false);
      expect(
        readdirSync(imagesDir).filter((name) => !before.includes(name) && !name.startsWith('stats')),
      ).toEqual([]);
      if (mode === 'fail' && hook !== 'init') expect(calls()).toContain('exit');
      await until('the hosts of plugins are gone', () => hosts().length === 0);
      delete process.env.HOOK;
      await restore({ imagesDir, detached: true, plugins });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('at its end makes the command fail, but not the dump', async () => {
    const victim = await startOutsider({});
    Object.assign(process.env, { HOOK: 'exit', MODE: 'fail' });
    try {
      const imagesDir = freshDir();
      const failure = dump({ pid: victim.pid, imagesDir, plugins: [moduleFile], leaveRunning: true });
      await expect(failure).rejects.toMatchObject({
        code: 'PLUGIN_FAILED',
        message: expect.stringMatching(/no exit today/),
      });
      expect(existsSync(join(imagesDir, 'inventory.img'))).toBe(true);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
