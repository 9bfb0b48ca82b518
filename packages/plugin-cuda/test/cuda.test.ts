// The plugin against a stand-in for cuda-checkpoint, which keeps the state of each process in a file, and notes each call.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../criu-cli/src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../../criu-cli/test/dump/victim.js';
import { freshDir } from '../../criu-cli/test/support.js';

const STAND_IN = `#!/bin/sh
dir=$(dirname "$0")/states
[ "$1" = --help ] && { [ -e "$dir/old" ] || echo "--action lock|checkpoint|restore|unlock"; exit 0; }
while [ $# -gt 0 ]; do
  case $1 in
    --pid) pid=$2; shift;;
    --action) action=$2; shift;;
    --timeout) timeout=$2; shift;;
    --get-state) action=get;;
  esac
  shift
done
[ -e "$dir/$pid" ] || { echo "no CUDA there" >&2; exit 1; }
state=$(cat "$dir/$pid")
[ $action = get ] && { echo $state; exit 0; }
echo "$action \${timeout:-}" | sed 's/ $//' >> "$dir/calls"
[ "$(cat "$dir/fails" 2>/dev/null)" = $action ] && { echo "no $action today" >&2; exit 1; }
hangs=$(cat "$dir/hangs" 2>/dev/null)
[ "$hangs" = late ] && [ $action = lock ] && { echo locked > "$dir/$pid"; exec sleep 60; }
[ "$hangs" = $action ] && exec sleep 60
case $state:$action in
  running:lock) new=locked;;
  locked:checkpoint) new=checkpointed;;
  checkpointed:restore) new=locked;;
  locked:unlock) new=running;;
  *) echo "invalid state $state for $action" >&2; exit 1;;
esac
echo $new > "$dir/$pid"
`;

let plugin: string;
let states: string;

beforeAll(async () => {
  const dir = join(scratch(), 'cuda');
  states = join(dir, 'states');
  mkdirSync(states, { recursive: true });
  const standIn = join(dir, 'cuda-checkpoint');
  writeFileSync(standIn, STAND_IN);
  chmodSync(standIn, 0o755);
  plugin = join(dir, 'plugin.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../src/index.ts', import.meta.url))],
    outfile: plugin,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  process.env.CUDA_CHECKPOINT = standIn;
  process.env.CUDA_TIMEOUT = '1000';
});
afterEach(() => {
  for (const name of ['fails', 'hangs', 'old', 'calls']) rmSync(join(states, name), { force: true });
});
afterAll(() => {
  delete process.env.CUDA_CHECKPOINT;
  delete process.env.CUDA_TIMEOUT;
  cleanUp();
});

const stateOf = (pid: number) => readFileSync(join(states, String(pid)), 'utf8').trim();
const set = (name: string | number, value: string) => writeFileSync(join(states, String(name)), value);
const calls = () => {
  const path = join(states, 'calls');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
};

async function start(state: string): Promise<Victim> {
  const source = new URL('../../criu-cli/test/dump/victims/everything.c', import.meta.url);
  const victim = await Victim.start('everything', {}, source);
  if (state) set(victim.pid, state);
  return victim;
}

describe.skipIf(!isRoot)('a process with CUDA (needs root)', () => {
  it('is locked and moved for the dump, and gets its GPUs back after the restore', async () => {
    const victim = await start('running');
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir, plugins: [plugin] });
      await victim.gone();
      expect(calls()).toEqual(['lock 1000', 'checkpoint']);
      expect(stateOf(victim.pid)).toBe('checkpointed');
      await expect(restore({ imagesDir, detached: true })).rejects.toMatchObject({
        code: 'PLUGIN_FAILED',
        message: expect.stringMatching(/needs the plugin cuda_plugin/),
      });
      await restore({ imagesDir, detached: true, plugins: [plugin] });
      expect(calls().slice(2)).toEqual(['restore', 'unlock']);
      expect(stateOf(victim.pid)).toBe('running');
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.each([
    ['running', ['lock 1000', 'checkpoint', 'restore', 'unlock']],
    ['locked', ['checkpoint', 'restore']],
    ['checkpointed', []],
  ])('that runs on after the dump is %s again, as it was', async (state, expected) => {
    const victim = await start(state);
    try {
      await dump({ pid: victim.pid, imagesDir: freshDir(), plugins: [plugin], leaveRunning: true });
      expect(calls()).toEqual(expected);
      expect(stateOf(victim.pid)).toBe(state);
    } finally {
      await victim.end();
    }
  });

  it.each([
    ['lock', 'fails', /cannot lock process \d+: no lock today/],
    ['checkpoint', 'fails', /cannot checkpoint process \d+: no checkpoint today/],
    ['lock', 'hangs', /has not ended after 1 s/],
    ['checkpoint', 'hangs', /has not ended after 1 s/],
    ['late', 'hangs', /has not ended after 1 s/],
  ])('is as it was when it cannot be dumped: %s %s', async (action, how, message) => {
    const victim = await start('running');
    set(how, action);
    try {
      const failure = dump({ pid: victim.pid, imagesDir: freshDir(), plugins: [plugin] });
      await expect(failure).rejects.toMatchObject({
        code: 'PLUGIN_FAILED',
        message: expect.stringMatching(message),
      });
      expect(stateOf(victim.pid)).toBe('running');
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('gets its GPUs back when the dump fails for another reason', async () => {
    const victim = await start('running');
    try {
      const failure = dump({ pid: victim.pid, imagesDir: freshDir(), plugins: [plugin], faults: ['write'] });
      await expect(failure).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(calls()).toEqual(['lock 1000', 'checkpoint', 'restore', 'unlock']);
      expect(stateOf(victim.pid)).toBe('running');
    } finally {
      await victim.end();
    }
  });

  it('is left alone with a driver that is too old, and so is one without CUDA', async () => {
    const [plain, old] = [await start(''), await start('running')];
    try {
      await dump({ pid: plain.pid, imagesDir: freshDir(), plugins: [plugin], leaveRunning: true });
      set('old', '');
      await dump({ pid: old.pid, imagesDir: freshDir(), plugins: [plugin], leaveRunning: true });
      expect(calls()).toEqual([]);
    } finally {
      await plain.end();
      await old.end();
    }
  });
});
