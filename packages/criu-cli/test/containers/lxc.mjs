// LXC: lxc-checkpoint calls the command line (--ext-mount-map auto, --external veth[…], --cgroup-root, --freeze-cgroup).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  attempt,
  begin,
  crossed,
  freshDir,
  goesOn,
  makeRoot,
  number,
  RUN,
  run,
  sleep,
  stands,
  tail,
  test,
  until,
  useCriu,
  work,
} from './kit.mjs';

const NAME = `box-${RUN}`;

export default async function lxc() {
  const home = join(work, 'lxc');
  const box = join(home, NAME);
  mkdirSync(box, { recursive: true });
  const rootfs = makeRoot(join(box, 'rootfs'));
  const count = () => readFileSync(join(rootfs, 'tmp', 'n'), 'utf8');
  const configure = (...lines) =>
    writeFileSync(
      join(box, 'config'),
      [
        `lxc.uts.name = ${NAME}`,
        `lxc.rootfs.path = dir:${rootfs}`,
        'lxc.init.cmd = /bin/count',
        'lxc.tty.max = 0',
        'lxc.pty.max = 16',
        ...lines,
        '',
      ].join('\n'),
    );
  const QUIET = ['lxc.net.0.type = empty', 'lxc.console.path = none', 'lxc.mount.auto = proc:mixed sys:ro'];
  const of = ['-P', home, '-n', NAME];
  const log = join(home, 'log');
  const state = () =>
    run('lxc-info', [...of, '-s'])
      .trim()
      .split(/\s+/)
      .at(-1);
  const checkpoint = (dir, ...how) => {
    const { ok, text } = attempt('lxc-checkpoint', [...of, '-D', dir, '-v', ...how, '-o', log]);
    if (!ok)
      throw new Error(
        `lxc-checkpoint ${how.join(' ')}: ${text}\n${tail(join(dir, how.includes('-r') ? 'restore.log' : 'dump.log'))}`,
      );
  };
  const start = async () => {
    begin('lxc-start', [...of, '-o', log]);
    await until('it runs', () => state() === 'RUNNING');
    return number(count);
  };
  const stop = async () => {
    attempt('lxc-stop', [...of, '-k']);
    await until('it has stopped', () => state() === 'STOPPED');
  };

  configure(...QUIET);
  let at = await start();
  await test('lxc: five cycles of lxc-checkpoint and restore', async () => {
    for (let i = 0; i < 5; i++) {
      const dir = freshDir();
      checkpoint(dir, '-s');
      await until('it has stopped', () => state() === 'STOPPED');
      checkpoint(dir, '-r');
      at = await goesOn(count, at);
    }
    if (run('lxc-attach', [...of, '--', '/bin/cat', '/tmp/n']).trim() === '') throw new Error('no answer');
  });
  await test('lxc: pre-dump, and a dump that builds on it', async () => {
    const dir = freshDir();
    checkpoint(join(dir), '-p');
    at = await goesOn(count, at);
    const full = freshDir();
    checkpoint(full, '-s', '--predump-dir', `../${dir.split('/').at(-1)}`);
    checkpoint(full, '-r');
    at = await goesOn(count, at);
  });
  await test('lxc: a container that was frozen is dumped', async () => {
    run('lxc-freeze', of);
    await stands(count);
    const dir = freshDir();
    checkpoint(dir, '-s');
    checkpoint(dir, '-r');
    // As with CRIU, it is frozen again where cgroup v1 froze it; LXC takes a restored container for a running one.
    const freezer = `/sys/fs/cgroup/freezer/lxc.payload.${NAME}/freezer.state`;
    if (existsSync(freezer)) writeFileSync(freezer, 'THAWED');
    at = await goesOn(count, at);
  });
  await crossed('lxc', async (dumper, restorer) => {
    const dir = freshDir();
    useCriu(dumper);
    checkpoint(dir, '-s');
    useCriu(restorer);
    checkpoint(dir, '-r');
    at = await goesOn(count, at);
  });
  await stop();

  await test('lxc: a veth device with its address', async () => {
    run('ip', ['link', 'add', 'br-box', 'type', 'bridge']);
    run('ip', ['addr', 'add', '10.31.0.1/24', 'dev', 'br-box']);
    run('ip', ['link', 'set', 'br-box', 'up']);
    try {
      configure(
        'lxc.console.path = none',
        'lxc.net.0.type = veth',
        'lxc.net.0.link = br-box',
        'lxc.net.0.flags = up',
        'lxc.net.0.ipv4.address = 10.31.0.2/24',
        'lxc.mount.auto = proc:mixed sys:ro',
      );
      at = await start();
      const dir = freshDir();
      checkpoint(dir, '-s');
      checkpoint(dir, '-r');
      at = await goesOn(count, at);
      await sleep(200);
      run('busybox', ['ping', '-c', '1', '-W', '2', '10.31.0.2']);
    } finally {
      await stop();
      run('ip', ['link', 'del', 'br-box']);
    }
  });
}
