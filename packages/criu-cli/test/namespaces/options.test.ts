// Options about namespaces on the command line: what they change of what comes back.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program } from '@criu/compel';
import { readImageSync } from '@criu/images';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inChild } from '../../src/features/kit.js';
import { writeList } from '../../src/resources/namespaces/net/sysctls.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { freshDir } from '../support.js';
import { free } from './cycle.js';

afterAll(cleanUp);

const bin = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const OWN = ['unshare', '--mount', '--propagation', 'private'];

function criu(...args: string[]) {
  const { status, stderr } = spawnSync(bin, args, { encoding: 'utf8', timeout: 60_000 });
  return { status, stderr };
}

/** Whether the kernel and programs for the older iptables are there. */
const hasLegacy =
  isRoot && spawnSync('unshare', ['--net', 'iptables-legacy', '-A', 'INPUT', '-j', 'DROP']).status === 0;

const fine = { status: 0, stderr: '' };

describe.skipIf(!isRoot)('mounts (needs root)', () => {
  let victim: Victim | undefined;
  let place = '';
  beforeEach(() => {
    place = mkdtempSync(join(scratch(), 'mounts-'));
    for (const name of ['one', 'two', 'inside', 'outside', 'other']) mkdirSync(join(place, name));
  });
  afterEach(async () => {
    await victim?.end();
    rmSync(place, { recursive: true, force: true });
  });

  async function start(setup: string): Promise<Victim> {
    const source = new URL('victims/own-root.c', import.meta.url);
    victim = await Victim.start('own-root', { SETUP: `cd ${place} && ${setup}` }, source, OWN);
    return victim;
  }
  const mounts = (pid: number) =>
    readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((path) => path.startsWith(place))
      .map((path) => path.slice(place.length + 1));

  it('--external dev[] has a file system on a device mounted again, its binds, too', async ({ skip }) => {
    const disk = join(place, 'disk');
    const made = spawnSync('mkfs.ext4', ['-q', '-F', disk, '8M']).status === 0;
    const loop = made ? spawnSync('losetup', ['--find', '--show', disk], { encoding: 'utf8' }) : undefined;
    const device = loop?.stdout.trim();
    if (loop?.status !== 0 || !device) return skip('no ext4, or no loop device');
    try {
      const { pid } = await start(
        `mount ${device} one && mkdir one/folder && echo kept > one/folder/file && mount --bind one/folder two`,
      );
      const { rdev } = statSync(device);
      const dir = freshDir();
      const without = criu('dump', '-t', String(pid), '-D', dir);
      expect(without.stderr).toMatch(/of the file system ext4, which is not made again/);
      const number = `${rdev >> 8}/${rdev & 0xff}`;
      expect(criu('dump', '-t', String(pid), '-D', dir, '--external', `dev[${number}]:disk`)).toEqual(fine);
      await free([pid]);
      expect(criu('restore', '-d', '-D', dir).stderr).toMatch(/dev\[disk\]:/);
      expect(criu('restore', '-d', '-D', dir, '--external', `dev[disk]:${device}`)).toEqual(fine);
      expect(mounts(pid)).toEqual(['one', 'two']);
      expect(readFileSync(`/proc/${pid}/root${place}/two/file`, 'utf8')).toBe('kept\n');
    } finally {
      await victim?.end();
      spawnSync('losetup', ['-d', device]);
    }
  });

  it('--skip-mnt leaves one out', async () => {
    const { pid } = await start('mount -t tmpfs x one && mount -t tmpfs x two');
    const dir = freshDir();
    expect(criu('dump', '-t', String(pid), '-D', dir, '--skip-mnt', `${place}/one`)).toEqual(fine);
    await free([pid]);
    expect(criu('restore', '-d', '-D', dir)).toEqual(fine);
    expect(mounts(pid)).toEqual(['two']);
  });

  it('--skip-mnt leaves the files that it covers', async () => {
    const setup = 'mount -t tmpfs x one && mkdir one/sub && touch one/sub/below && mount -t tmpfs y one/sub';
    const { pid } = await start(`${setup} && touch one/sub/above`);
    const dir = freshDir();
    expect(criu('dump', '-t', String(pid), '-D', dir, '--skip-mnt', `${place}/one/sub`)).toEqual(fine);
    await free([pid]);
    expect(criu('restore', '-d', '-D', dir)).toEqual(fine);
    expect(mounts(pid)).toEqual(['one']);
    expect(readdirSync(`/proc/${pid}/root${place}/one/sub`)).toEqual(['below']);
  });

  it('--ext-mount-map takes one from elsewhere', async () => {
    const { pid } = await start('mount --bind outside inside');
    const dir = freshDir();
    mkdirSync(join(place, 'other', 'the other'));
    expect(criu('dump', '-t', String(pid), '-D', dir, '-M', `${place}/inside:KEY`)).toEqual(fine);
    await free([pid]);
    const missing = criu('restore', '-d', '-D', dir);
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringMatching(/KEY/)]);
    expect(criu('restore', '-d', '-D', dir, '--ext-mount-map', `KEY:${place}/other`)).toEqual(fine);
    expect(existsSync(`/proc/${pid}/root${place}/inside/the other`)).toBe(true);
  });

  it('--root is where the mounts are put together', async () => {
    const { pid } = await start('true');
    const dir = freshDir();
    expect(criu('dump', '-t', String(pid), '-D', dir)).toEqual(fine);
    await free([pid]);
    const script = `
      mkdir -p one/upper one/work && touch one/upper/marker &&
      mount -t overlay -o lowerdir=/,upperdir=$PWD/one/upper,workdir=$PWD/one/work x two &&
      exec "${bin}" restore -d -D ${dir} --root`;
    const restore = (root: string) => {
      const { status, stderr } = spawnSync(OWN[0] ?? '', [...OWN.slice(1), 'sh', '-c', `${script} ${root}`], {
        cwd: place,
        encoding: 'utf8',
      });
      return { status, stderr };
    };
    expect(restore(`${place}/missing`).stderr).toMatch(/missing/);
    expect(restore(`${place}/two`)).toEqual(fine);
    expect(existsSync(`/proc/${pid}/root/marker`)).toBe(true);
  });

  it('mounts that a user namespace got together and cannot take apart are refused', () => {
    const script = `
      mount -t tmpfs x two && touch two/file && mkdir two/sub && mount -t tmpfs y two/sub || exit 9
      unshare --user --map-root-user --mount setsid sleep 1000 </dev/null >/dev/null 2>&1 & pid=$!
      trap 'kill -9 $pid' EXIT
      until [ "$(cat /proc/$pid/comm)" = sleep ]; do sleep 0.02; done
      mkdir a && "${bin}" dump -t $pid -D a`;
    const options = { cwd: place, encoding: 'utf8', timeout: 60_000 } as const;
    const { status, stderr } = spawnSync('unshare', [...OWN.slice(1), 'sh', '-c', script], options);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/has files of its own below mounts that its user namespace got together with it/),
    ]);
  });

  it('--enable-fs takes file systems that are not known', async () => {
    const { pid } = await start('mount -t ramfs x one');
    const refused = criu('dump', '-t', String(pid), '-D', freshDir());
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/ramfs/)]);
    const dir = freshDir();
    expect(criu('dump', '-t', String(pid), '-D', dir, '--enable-fs', 'other,ramfs')).toEqual(fine);
    await free([pid]);
    expect(criu('restore', '-d', '-D', dir)).toEqual(fine);
    expect(mounts(pid)).toEqual(['one']);
    expect(readFileSync(`/proc/${pid}/mountinfo`, 'utf8')).toMatch(/one .* - ramfs/);
  });

  it.each([
    ['--enable-external-sharing', 'shared'],
    ['--enable-external-masters', 'slave'],
  ])('with %s and -M auto, one that has its %s outside is external', (option, kind) => {
    const script = `
      set -e
      mount -t tmpfs x two && mount --make-shared two
      unshare --mount --propagation unchanged sh -c '
        ${kind === 'slave' ? 'mount --make-slave two;' : ''}
        for at in $(awk "\\$3 == \\"nsfs\\" || \\$3 == \\"tmpfs\\" { print \\$2 }" /proc/mounts); do
          [ "$at" = "$PWD/two" ] || umount -l "$at" 2>/dev/null || :
        done
        exec sleep 1000 </dev/null >/dev/null 2>&1' &
      pid=$!
      trap 'kill -9 $pid' EXIT
      until [ "$(cat /proc/$pid/comm)" = sleep ]; do sleep 0.02; done
      mkdir a b
      "${bin}" dump -t $pid -D a -R --shell-job -M auto 2>a/said || :
      "${bin}" dump -t $pid -D b -R --shell-job -M auto ${option}`;
    const { status, stderr } = spawnSync(
      ...([OWN[0] ?? '', [...OWN.slice(1), 'sh', '-c', script]] as const),
      {
        cwd: place,
        encoding: 'utf8',
        timeout: 60_000,
      },
    );
    expect({ status, stderr }).toEqual(fine);
    const external = (folder: string) => {
      if (!existsSync(join(place, folder, 'inventory.img'))) return undefined;
      const file = readdirSync(join(place, folder)).find((name) => name.startsWith('mountpoints-')) ?? '';
      const found = readImageSync(join(place, folder, file), 'MNTS').find(
        ({ entry }) => entry.mountpoint === `${place}/two`,
      );
      return found?.entry.ext_key;
    };
    expect(external('b')).toBe('CRIU:AUTOGENERATED');
    expect(external('a')).toBeUndefined();
  });
});

describe.skipIf(!isRoot || spawnSync('ip', ['-V']).status !== 0)('networks (needs root and ip)', () => {
  const script = (setup: string, dump: string, restore: string, look: string) => `
    set -e
    ip link add v0 type veth peer name e0
    unshare --net sh -c 'exec setsid sleep 1000 </dev/null >/dev/null 2>&1' &
    pid=$!
    trap 'kill -9 $pid' EXIT
    until [ "$(cat /proc/$pid/comm)" = sleep ]; do sleep 0.02; done
    ip link set e0 netns $pid
    nsenter --net=/proc/$pid/ns/net sh -c '${setup}'
    mkdir images
    "${bin}" dump -t $pid -D images ${dump}
    wait $pid || :
    ip link del v0 2>/dev/null || :
    "${bin}" restore -d -D images ${restore}
    ${look}`;
  function run(text: string) {
    const cwd = mkdtempSync(join(scratch(), 'net-'));
    const { status, stdout, stderr } = spawnSync('unshare', ['--net', 'sh', '-c', text], {
      cwd,
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { status, stderr, links: [...stdout.matchAll(/^\d+: ([^:@]+)/gm)].map(([, name]) => name) };
  }

  it('--veth-pair gives the name of the end outside', () => {
    expect(
      run(
        script(
          'ip link set lo up',
          '--veth-pair e0=x',
          '--veth-pair e0=given',
          'ip link show; nsenter --net=/proc/$pid/ns/net ip link',
        ),
      ),
    ).toEqual({ status: 0, stderr: '', links: ['lo', 'given', 'lo', 'e0'] });
  });

  it('--empty-ns leaves the namespace empty', () => {
    expect(
      run(
        script(
          'ip link set lo up',
          '--empty-ns net',
          '--empty-ns net',
          'nsenter --net=/proc/$pid/ns/net ip link',
        ),
      ),
    ).toEqual({ status: 0, stderr: '', links: ['lo'] });
  });

  it.skipIf(!hasLegacy)('CR_IPTABLES is the command that saves and loads rules of the older iptables', () => {
    const text = script(
      'iptables-legacy -A INPUT -p tcp --dport 25 -j DROP',
      '',
      '',
      'cat heard; nsenter --net=/proc/$pid/ns/net iptables-legacy-save | grep -c "dport 25 -j DROP"',
    )
      .replace('ip link set e0 netns $pid', 'ip link del v0')
      .replace(
        `"${bin}" dump`,
        `export CR_IPTABLES="echo 9: saved: >> $PWD/heard; iptables-legacy-save"\n"${bin}" dump`,
      )
      .replace(
        `"${bin}" restore`,
        `export CR_IPTABLES="echo 9: loaded: >> $PWD/heard; iptables-legacy-restore"\n"${bin}" restore`,
      );
    expect(run(text)).toEqual({ status: 0, stderr: '', links: ['saved', 'loaded'] });
  });

  it('--weak-sysctls passes over tunables that this kernel has not', async () => {
    const list = { names: ['no_such_tunable'], path: (name: string) => `net/ipv4/${name}` };
    const write = (weak: boolean) =>
      inChild((child) => {
        const program = new Program('tunables');
        writeList(() => program, list, [{ type: 5, sarg: '1' } as never], { weak });
        return child.run(program);
      });
    await expect(write(false)).rejects.toThrow(/no_such_tunable/);
    await expect(write(true)).resolves.toBeDefined();
  });
});
