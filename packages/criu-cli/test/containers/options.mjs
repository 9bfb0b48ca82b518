// Options and kinds of containers that runc and crun have in common: mounts, locks, namespaces, consoles.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bundle, withContainer, withPrograms } from './bundle.mjs';
import { Console } from './console.mjs';
import { attempt, freshDir, RUN, run, skip, sleep, test, work } from './kit.mjs';

const name = (what) => `box-${what}-${RUN}`;

export async function options(runtime) {
  await test(`${runtime}: bind mounts, tmpfs, a read-only root`, async () => {
    const outside = freshDir('outside');
    const bundle = new Bundle(runtime, name('mounts'), (spec, { rootfs }) => {
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
      if (attempt(runtime, ['exec', bundle.name, '/bin/sh', '-c', 'echo > /x']).ok)
        throw new Error('the root can be written to');
      const after = bundle.exec('/bin/cat', '/proc/self/mounts');
      // Files that runtimes hide are binds of /dev/null, of the file system that the machine has there.
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

  await test(`${runtime}: --file-locks`, async () => {
    const bundle = new Bundle(runtime, name('locks'), (spec, self) => {
      withPrograms(spec, self);
      spec.process.args = ['/usr/bin/flock', '/tmp/lock', '/bin/count'];
    });
    await withContainer(bundle, async () => {
      const { ok } = bundle.attempt(['checkpoint', '--image-path', freshDir(), bundle.name]);
      if (ok) throw new Error('locks were dumped that nobody has asked for');
      await bundle.cycle('--file-locks');
      if (attempt(runtime, ['exec', bundle.name, '/usr/bin/flock', '-n', '/tmp/lock', '/bin/echo']).ok)
        throw new Error('the lock is gone');
    });
  });

  await test(`${runtime}: an external network namespace`, async () => {
    const netns = `ns-${RUN}`;
    run('ip', ['netns', 'add', netns]);
    try {
      const bundle = new Bundle(runtime, name('netns'), (spec) => {
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

  await test(`${runtime}: a cgroup namespace`, async () => {
    const bundle = new Bundle(runtime, name('cgroupns'), (spec) => {
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

  const ofUsers = `${runtime}: a user namespace`;
  if (runtime === 'crun')
    skip(
      ofUsers,
      'crun binds devices of the machine there, and names none of them, for which CRIU refuses it, too',
    );
  else
    await test(ofUsers, async () => {
      const bundle = new Bundle(runtime, name('userns'), (spec, { rootfs }) => {
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

  await test(`${runtime}: --shell-job with a console socket`, async () => {
    const bundle = new Bundle(runtime, name('console'), (spec) => {
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
}
