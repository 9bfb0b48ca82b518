// runc: its checkpoint and restore with all their options, as its own tests have them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bundle, withContainer, withPrograms } from './bundle.mjs';
import { cases } from './cases.mjs';
import { Console } from './console.mjs';
import { groups } from './groups.mjs';
import { attempt, criu, crossed, env, freshDir, run, sleep, stands, test, work } from './kit.mjs';
import { workloads } from './workloads.mjs';

const name = (what) => `box-${what}-${process.pid}`;

export default async function runc() {
  const box = new Bundle('runc', name('plain'));
  await withContainer(box, async () => {
    await test('runc: ten cycles of checkpoint and restore', async () => {
      for (let i = 0; i < 10; i++) await box.cycle();
    });
    await test('runc: exec in a restored container, pause and resume', async () => {
      if (!/^\d+$/.test(box.exec('/bin/cat', '/tmp/n').trim())) throw new Error('no answer');
      box.begin(['pause', box.name]);
      await stands(box.count);
      box.begin(['resume', box.name]);
      await box.goesOn();
    });
    await test('runc: --leave-running', async () => {
      box.checkpoint(freshDir(), '--leave-running');
      await box.goesOn();
    });
    await test('runc: two --pre-dump, and a dump that builds on them', async () => {
      const [first, second, full] = [freshDir(), freshDir(), freshDir()];
      box.checkpoint(first, '--pre-dump');
      box.checkpoint(second, '--pre-dump', '--parent-path', `../${first.split('/').at(-1)}`);
      box.checkpoint(full, '--parent-path', `../${second.split('/').at(-1)}`);
      box.restore(full);
      await box.goesOn();
    });
    await test('runc: a dump that fails leaves the container as it was', async () => {
      const dir = freshDir();
      writeFileSync(join(dir, 'inventory.img'), '');
      const { ok, text } = attempt(
        'runc',
        ['--criu', '/bin/false', 'checkpoint', '--image-path', dir, '--work-path', dir, box.name],
        { cwd: box.dir },
      );
      if (ok) throw new Error(`it did not fail: ${text}`);
      await box.goesOn();
    });
    await test('runc: a restore that fails leaves nothing, and can be done again', async () => {
      const dir = box.checkpoint(freshDir());
      const core = readdirSync(dir).find((file) => /^core-\d+\.img$/.test(file));
      const image = readFileSync(join(dir, core));
      writeFileSync(join(dir, core), image.subarray(0, 30));
      const args = ['--criu', criu, 'restore', '-d', '--image-path', dir, '--work-path', dir, box.name];
      if (spawnSync('runc', args, { cwd: box.dir, env, stdio: 'ignore' }).status === 0)
        throw new Error('a broken image was restored');
      attempt('runc', ['delete', '-f', box.name]);
      writeFileSync(join(dir, core), image);
      box.restore(dir);
      await box.goesOn();
    });
    await crossed('runc', async (dumper, restorer) => {
      try {
        box.criu = dumper;
        const dir = box.checkpoint(freshDir());
        box.criu = restorer;
        box.restore(dir);
        await box.goesOn();
      } finally {
        box.criu = criu;
      }
    });
  });

  await test('runc: bind mounts, tmpfs, a read-only root', async () => {
    const outside = freshDir('outside');
    const bundle = new Bundle('runc', name('mounts'), (spec, { rootfs }) => {
      spec.root.readonly = true;
      mkdirSync(join(rootfs, 'scratch'));
      writeFileSync(join(outside, 'file'), 'outside');
      spec.mounts.push({ destination: '/tmp', type: 'bind', source: outside, options: ['bind', 'rw'] });
      spec.mounts.push({ destination: '/data', type: 'bind', source: outside, options: ['bind', 'ro'] });
      spec.mounts.push({ destination: '/scratch', type: 'tmpfs', source: 'tmpfs', options: ['size=1m'] });
    }).countBy(() => readFileSync(join(outside, 'n'), 'utf8'));
    await withContainer(bundle, async () => {
      bundle.exec('/bin/sh', '-c', 'echo kept > /scratch/f');
      const before = bundle.exec('/bin/cat', '/proc/self/mounts');
      await bundle.cycle();
      if (bundle.exec('/bin/cat', '/scratch/f').trim() !== 'kept') throw new Error('the tmpfs is empty');
      if (bundle.exec('/bin/cat', '/data/file') !== 'outside') throw new Error('the bind is another');
      if (attempt('runc', ['exec', bundle.name, '/bin/sh', '-c', 'echo > /x']).ok)
        throw new Error('the root can be written to');
      const after = bundle.exec('/bin/cat', '/proc/self/mounts');
      // Files that runc hides are binds of /dev/null, of the file system that the machine has there.
      const sorted = (text) =>
        text
          .trim()
          .split('\n')
          .filter((line) => !/ .proc.(keys|timer_list) /.test(line))
          .sort()
          .join('\n');
      if (sorted(before) !== sorted(after)) throw new Error(`mounts were\n${before}\nand are\n${after}`);
    });
  });

  await test('runc: --file-locks', async () => {
    const bundle = new Bundle('runc', name('locks'), (spec, self) => {
      withPrograms(spec, self);
      spec.process.args = ['/usr/bin/flock', '/tmp/lock', '/bin/count'];
    });
    await withContainer(bundle, async () => {
      const { ok } = attempt(
        'runc',
        ['--criu', criu, 'checkpoint', '--image-path', freshDir(), bundle.name],
        {
          cwd: bundle.dir,
        },
      );
      if (ok) throw new Error('locks were dumped that nobody has asked for');
      await bundle.cycle('--file-locks');
      if (attempt('runc', ['exec', bundle.name, '/usr/bin/flock', '-n', '/tmp/lock', '/bin/echo']).ok)
        throw new Error('the lock is gone');
    });
  });

  await test('runc: an external network namespace', async () => {
    const netns = `ns-${process.pid}`;
    run('ip', ['netns', 'add', netns]);
    try {
      const bundle = new Bundle('runc', name('netns'), (spec) => {
        spec.linux.namespaces.find(({ type }) => type === 'network').path = `/run/netns/${netns}`;
      });
      await withContainer(bundle, async () => {
        const inode = () => bundle.exec('/bin/busybox', 'readlink', '/proc/1/ns/net');
        const before = inode();
        await bundle.cycle();
        if (inode() !== before) throw new Error('it is in another network');
      });
    } finally {
      run('ip', ['netns', 'del', netns]);
    }
  });

  await test('runc: a cgroup namespace', async () => {
    const bundle = new Bundle('runc', name('cgroupns'), (spec) => {
      if (!spec.linux.namespaces.some(({ type }) => type === 'cgroup'))
        spec.linux.namespaces.push({ type: 'cgroup' });
    });
    await withContainer(bundle, async () => {
      const look = () => [
        bundle.exec('/bin/cat', '/proc/1/cgroup').replace(/^.*name=zdtm.*$/gm, ''),
        bundle.exec('/bin/ls', '/sys/fs/cgroup'),
      ];
      const before = look();
      if (!before[0].includes(':/\n')) throw new Error(`it has no root of its own: ${before[0]}`);
      await bundle.cycle();
      const after = look();
      if (before.join() !== after.join()) throw new Error(`it saw\n${before}\nand sees\n${after}`);
    });
  });

  await test('runc: a user namespace', async () => {
    const bundle = new Bundle('runc', name('userns'), (spec, { rootfs }) => {
      spec.linux.namespaces.push({ type: 'user' });
      const map = [{ containerID: 0, hostID: 100000, size: 65536 }];
      spec.linux.uidMappings = map;
      spec.linux.gidMappings = map;
      run('chown', ['-R', '100000:100000', rootfs]);
      run('chmod', ['755', work, join(rootfs, '..'), rootfs]);
    });
    await withContainer(bundle, async () => {
      const owner = () => bundle.exec('/bin/cat', '/proc/1/uid_map');
      const before = owner();
      await bundle.cycle();
      if (owner() !== before) throw new Error(`the map was ${before} and is ${owner()}`);
    });
  });

  await test('runc: --shell-job with a console socket', async () => {
    const bundle = new Bundle('runc', name('console'), (spec) => {
      spec.process.terminal = true;
      spec.process.args = ['/bin/sh', '-c', 'while read l; do echo "[$l]"; echo $l > /tmp/n; done'];
    });
    const terminal = await Console.listen();
    try {
      bundle.begin(['run', '-d', '--console-socket', terminal.socket, bundle.name]);
      await terminal.hears('1');
      const dir = bundle.checkpoint(freshDir(), '--shell-job');
      bundle.restore(dir, '--shell-job', '--console-socket', terminal.socket);
      await sleep(300);
      await terminal.hears('2');
    } finally {
      await bundle.delete();
      terminal.end();
    }
  });
  await groups('runc');
  await cases('runc');
  await workloads();
}
