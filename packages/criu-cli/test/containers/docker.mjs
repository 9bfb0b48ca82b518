// Docker with experimental on: `docker checkpoint create`, `docker start --checkpoint`. The daemon is one of our own.
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dockerOptions } from './docker-options.mjs';
import {
  attempt,
  criu,
  crossed,
  daemon,
  goesOn,
  makeRoot,
  number,
  run,
  sleep,
  tail,
  test,
  until,
  useCriu,
  work,
} from './kit.mjs';

export default async function docker() {
  const home = join(work, 'docker');
  mkdirSync(home);
  const rootfs = makeRoot(join(home, 'rootfs'));
  const tar = join(home, 'rootfs.tar');
  run('tar', ['-C', rootfs, '-cf', tar, '.']);
  const config = join(home, 'daemon.json');
  writeFileSync(config, JSON.stringify({ experimental: true }));
  const data = join(home, 'data');
  const host = `unix://${join(home, 'sock')}`;
  const dockerd = daemon(
    'dockerd',
    ['--config-file', config, '--data-root', data, '--exec-root', join(home, 'exec'), '-H', host]
      .concat(['--iptables=false', '--bridge=none', '--storage-driver=vfs', '--pidfile', join(home, 'pid')])
      .concat(['--exec-opt', 'native.cgroupdriver=cgroupfs']),
    join(home, 'log'),
  );
  const of = (args) => ['-H', host, ...args];
  const cli = (...args) => run('docker', of(args));
  const running = (name) => cli('inspect', '-f', '{{.State.Running}}', name).trim() === 'true';
  const count = (name) => () => cli('exec', name, '/bin/cat', '/tmp/n');
  const criuLog = () => {
    const found = attempt('find', [home, '-name', 'criu*.log']).text.trim().split('\n');
    return found.map((file) => tail(file)).join('\n');
  };
  const start = (name, ...more) => cli('run', '-d', '--name', name, '--network', 'none', ...more);
  const checkpoint = (name, what, ...more) => {
    try {
      cli('checkpoint', 'create', ...more, name, what);
    } catch (error) {
      throw new Error(`${error.message}\n${criuLog()}`);
    }
  };
  const id = (name) => cli('inspect', '-f', '{{.Id}}', name).trim();
  const restore = async (name, what) => {
    await until('it has stopped', () => !running(name));
    // Docker 20.10 fails where containerd has just the same archive still: a folder that looks newer makes another one.
    const folder = join(data, 'containers', id(name), 'checkpoints', what);
    for (const file of readdirSync(folder)) utimesSync(join(folder, file), 1e9, 1e9);
    const { ok, text } = attempt('docker', of(['start', '--checkpoint', what, name]));
    if (!ok) throw new Error(`docker start --checkpoint: ${text}\n${criuLog()}`);
  };
  try {
    await until('the daemon answers', () => attempt('docker', of(['version'])).ok, 60_000);
    cli('import', tar, 'box');
    await dockerOptions({ of, cli, start, checkpoint, restore });
    start('one', 'box', '/bin/count');
    let at = await number(count('one'));
    await test('docker: ten cycles of checkpoint and start --checkpoint', async () => {
      for (let i = 0; i < 10; i++) {
        checkpoint('one', `c${i}`);
        await restore('one', `c${i}`);
        at = await goesOn(count('one'), at);
      }
      const list = cli('checkpoint', 'ls', 'one');
      if (!list.includes('c9')) throw new Error(list);
    });
    await test('docker: ten of checkpoint --leave-running, and a start from the last', async () => {
      for (let i = 0; i < 10; i++) {
        checkpoint('one', `running${i}`, '--leave-running');
        at = await goesOn(count('one'), at);
      }
      cli('kill', 'one');
      await restore('one', 'running9');
      at = await goesOn(count('one'), 1);
    });
    await test('docker: the output goes on, a volume, limits and an environment stay', async () => {
      const volume = join(home, 'volume');
      mkdirSync(volume);
      const more = ['-v', `${volume}:/data`, '--tmpfs', '/scratch', '--pids-limit', '100', '-e', 'WHO=box'];
      const say = 'echo kept > /scratch/f; while :; do cat /scratch/f; echo $WHO; sleep 0.2; done';
      start('two', ...more, 'box', '/bin/sh', '-c', `${say} & ${'exec /bin/count'}`);
      await until('it speaks', () => cli('logs', 'two').includes('box'));
      checkpoint('two', 'first');
      await restore('two', 'first');
      const before = cli('logs', 'two').length;
      await until('it speaks again', () => cli('logs', 'two').length > before);
      if (!cli('logs', 'two').trim().endsWith('kept') && !cli('logs', 'two').trim().endsWith('box'))
        throw new Error(cli('logs', 'two'));
      cli('rm', '-f', 'two');
    });
    await test('docker: --checkpoint-dir, a checkpoint in a folder of its own', async () => {
      const folder = join(home, 'elsewhere');
      checkpoint('one', 'apart', '--leave-running', '--checkpoint-dir', folder);
      at = await goesOn(count('one'), at);
      if (!cli('checkpoint', 'ls', '--checkpoint-dir', folder, 'one').includes('apart'))
        throw new Error('it is not in the list');
      const elsewhere = join(folder, id('one'), 'checkpoints', 'apart');
      const images = [elsewhere, join(folder, 'apart')].find(existsSync);
      cli('kill', 'one');
      await until('it has stopped', () => !running('one'));
      const { ok, text } = attempt(
        'docker',
        of(['start', '--checkpoint', 'apart', '--checkpoint-dir', folder, 'one']),
      );
      // Docker takes such a folder for no start (moby/moby#37344), with CRIU as well: the images are moved to where it looks.
      if (!ok) {
        if (!/custom checkpointdir is not supported/.test(text)) throw new Error(text);
        run('cp', ['-a', images, join(data, 'containers', id('one'), 'checkpoints', 'apart')]);
        await restore('one', 'apart');
      }
      at = await goesOn(count('one'), 1);
    });
    await test('docker: a container runs on whose checkpoint is refused', async () => {
      const { ok } = attempt('docker', of(['checkpoint', 'create', 'one', 'running9']));
      if (ok) throw new Error('a checkpoint of a name that is taken was made');
      at = await goesOn(count('one'), at);
    });
    await test('docker: a paused container stays paused', async () => {
      cli('pause', 'one');
      const { ok } = attempt('docker', of(['checkpoint', 'create', '--leave-running', 'one', 'paused']));
      // Docker itself refuses it, or takes it: it must not run afterwards.
      const state = cli('inspect', '-f', '{{.State.Status}}', 'one').trim();
      if (state !== 'paused') throw new Error(`${ok ? 'dumped' : 'refused'}, and then ${state}`);
      cli('unpause', 'one');
      at = await goesOn(count('one'), at);
    });
    await crossed('docker', async (dumper, restorer) => {
      const what = dumper === criu ? 'to-criu' : 'from-criu';
      useCriu(dumper);
      checkpoint('one', what);
      useCriu(restorer);
      await restore('one', what);
      at = await goesOn(count('one'), at);
    });
  } finally {
    attempt('docker', of(['rm', '-f', 'one', 'two']));
    await dockerd.end();
    await until('containerd has ended', () => !existsSync(join(home, 'pid')));
    await sleep(300);
    attempt('umount', ['-R', '-l', data]);
    attempt('umount', ['-R', '-l', join(home, 'exec')]);
  }
}
