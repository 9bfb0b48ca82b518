// podman with runc, or crun: container checkpoint and restore, exported and imported, by steps, with volumes and in a pod.
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  attempt,
  begin,
  crossed,
  goesOn,
  makeRoot,
  number,
  run,
  skip,
  test,
  until,
  useCriu,
  work,
} from './kit.mjs';

export default () => podman('runc');

/** @param runtime name or path of the runtime that podman uses */
export async function podman(runtime) {
  const home = join(work, `podman-${basename(runtime)}`);
  const title = (what) => `podman with ${basename(runtime)}: ${what}`;
  mkdirSync(home);
  const rootfs = makeRoot(join(home, 'rootfs'));
  const base = ['--root', join(home, 'storage'), '--runroot', join(home, 'run'), '--storage-driver=vfs']
    .concat(['--tmpdir', join(home, 'tmp'), '--runtime', runtime, '--cgroup-manager', 'cgroupfs'])
    .concat(['--volumepath', join(home, 'volumes')]);
  const cli = (...args) => begin('podman', [...base, ...args]);
  const tar = join(home, 'rootfs.tar');
  run('tar', ['-C', rootfs, '-cf', tar, '.']);
  cli('import', '-q', tar, 'localhost/box');
  const count = (name) => () => begin('podman', [...base, 'exec', name, '/bin/cat', '/tmp/n']);
  const start = (name, ...more) =>
    cli(
      'run',
      '-d',
      '--name',
      name,
      '--network',
      'none',
      '--pids-limit',
      '-1',
      ...more,
      'localhost/box',
      '/bin/count',
    );
  const remove = (...names) => attempt('podman', [...base, 'rm', '-f', '-t', '0', ...names]);
  const archive = (name) => join(home, name);
  try {
    // Nothing can be tried without it.
    try {
      start('one');
    } catch (error) {
      await test(title('a container starts'), () => Promise.reject(error));
      return;
    }
    let at = await number(count('one'));
    await test(title('five cycles of checkpoint and restore'), async () => {
      for (let i = 0; i < 5; i++) {
        cli('container', 'checkpoint', 'one');
        cli('container', 'restore', 'one');
        at = await goesOn(count('one'), at);
      }
    });
    await test(title('--keep --leave-running, --print-stats'), async () => {
      const said = cli('container', 'checkpoint', '--keep', '--leave-running', '--print-stats', 'one');
      if (!said.includes('frozen_time')) throw new Error(said);
      at = await goesOn(count('one'), at);
      cli('container', 'checkpoint', '--keep', 'one');
      const back = cli('container', 'restore', '--keep', '--print-stats', 'one');
      if (!back.includes('restore_time')) throw new Error(back);
      at = await goesOn(count('one'), at);
    });
    for (const compression of ['none', 'gzip', 'zstd'])
      await test(
        title(`--export (${compression}) with --leave-running, --import under another name`),
        async () => {
          const file = archive(`one.${compression}`);
          cli(
            'container',
            'checkpoint',
            '--leave-running',
            '--export',
            file,
            '--compress',
            compression,
            'one',
          );
          at = await goesOn(count('one'), at);
          cli('container', 'restore', '--import', file, '--name', `two-${compression}`);
          await goesOn(count(`two-${compression}`), 1);
          remove(`two-${compression}`);
        },
      );
    await test(title('--pre-checkpoint, --with-previous'), async () => {
      const [pre, full] = [archive('pre.tar'), archive('full.tar')];
      start('three');
      const before = await number(count('three'));
      cli('container', 'checkpoint', '--pre-checkpoint', '--export', pre, 'three');
      await goesOn(count('three'), before);
      cli('container', 'checkpoint', '--with-previous', '--export', full, 'three');
      remove('three');
      cli('container', 'restore', '--import-previous', pre, '--import', full);
      await goesOn(count('three'), before);
      remove('three');
    });
    await test(title('what has changed in the root comes along, unless it is left out'), async () => {
      for (const [option, there] of [
        [[], true],
        [['--ignore-rootfs'], false],
      ]) {
        cli('exec', 'one', '/bin/sh', '-c', 'echo changed > /data/file');
        const file = archive('root.tar');
        cli('container', 'checkpoint', '--leave-running', '--export', file, ...option, 'one');
        cli('container', 'restore', '--import', file, '--name', 'four', ...option);
        const { ok, text } = attempt('podman', [...base, 'exec', 'four', '/bin/cat', '/data/file']);
        if (ok !== there) throw new Error(`${option}: ${text}`);
        remove('four');
      }
    });
    await test(title('a volume comes along, and a tmpfs'), async () => {
      start('five', '-v', 'kept:/data', '--tmpfs', '/scratch');
      await number(count('five'));
      cli('exec', 'five', '/bin/sh', '-c', 'echo kept > /data/f; echo kept > /scratch/f');
      const file = archive('volume.tar');
      cli('container', 'checkpoint', '--export', file, 'five');
      remove('five');
      cli('volume', 'rm', 'kept');
      cli('container', 'restore', '--import', file);
      for (const path of ['/data/f', '/scratch/f'])
        if (cli('exec', 'five', '/bin/cat', path).trim() !== 'kept') throw new Error(`${path} is another`);
      remove('five');
      cli('volume', 'rm', 'kept');
    });
    await test(title('--ignore-volumes: a volume that is there stays as it is'), async () => {
      start('seven', '-v', 'there:/data');
      const before = await number(count('seven'));
      cli('exec', 'seven', '/bin/sh', '-c', 'echo then > /data/f');
      const file = archive('volumes.tar');
      cli('container', 'checkpoint', '--export', file, '--ignore-volumes', '--leave-running', 'seven');
      cli('exec', 'seven', '/bin/sh', '-c', 'echo now > /data/f');
      remove('seven');
      cli('container', 'restore', '--import', file, '--ignore-volumes');
      await goesOn(count('seven'), before);
      const now = cli('exec', 'seven', '/bin/cat', '/data/f').trim();
      if (now !== 'now') throw new Error(`the volume has ${now}`);
      remove('seven');
      cli('volume', 'rm', 'there');
    });
    await test(title('--create-image, and containers restored from that image'), async () => {
      start('eight');
      const before = await number(count('eight'));
      cli('container', 'checkpoint', '--create-image', 'localhost/saved', 'eight');
      remove('eight');
      cli('container', 'restore', 'localhost/saved');
      await goesOn(count('eight'), before);
      cli('container', 'restore', '--name', 'nine', 'localhost/saved');
      await goesOn(count('nine'), before);
      remove('eight', 'nine');
      cli('rmi', 'localhost/saved');
    });
    await test(title('--tcp-established, --file-locks'), async () => {
      const how = ['--tcp-established', '--file-locks'];
      cli('container', 'checkpoint', ...how, 'one');
      cli('container', 'restore', ...how, 'one');
      at = await goesOn(count('one'), at);
    });
    const ofPod = title('a container of a pod');
    // Not by itself either: it may not make /dev/null there.
    if (basename(runtime) === 'crun')
      skip(ofPod, 'crun 1.8 starts no container of a pod with cgroup v2 alone');
    else
      await test(ofPod, async () => {
        const infra = [
          '--infra-image',
          'localhost/box',
          '--infra-command',
          '/bin/count',
          '--network',
          'none',
        ];
        cli('pod', 'create', '--name', 'pod', ...infra);
        cli(
          'run',
          '-d',
          '--name',
          'six',
          '--pod',
          'pod',
          '--pids-limit',
          '-1',
          'localhost/box',
          '/bin/count',
        );
        await number(count('six'));
        const file = archive('pod.tar');
        cli('container', 'checkpoint', '--export', file, 'six');
        remove('six');
        const pod = cli('pod', 'inspect', '--format', '{{.Id}}', 'pod').trim();
        cli('container', 'restore', '--import', file, '--pod', pod);
        await goesOn(count('six'), 1);
        attempt('podman', [...base, 'pod', 'rm', '-f', '-t', '0', 'pod']);
      });
    await crossed(`podman with ${basename(runtime)}`, async (dumper, restorer) => {
      useCriu(dumper);
      cli('container', 'checkpoint', 'one');
      useCriu(restorer);
      cli('container', 'restore', 'one');
      at = await goesOn(count('one'), at);
    });
  } finally {
    attempt('podman', [...base, 'rm', '-f', '-t', '0', '-a']);
    attempt('podman', [...base, 'pod', 'rm', '-f', '-a']);
    await until(
      'its containers are gone',
      () => attempt('podman', [...base, 'ps', '-aq']).text.trim() === '',
    );
    attempt('umount', ['-R', '-l', join(home, 'storage')]);
    attempt('umount', ['-R', '-l', join(home, 'run')]);
  }
}
