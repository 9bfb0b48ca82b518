// containerd: `ctr task checkpoint`, `ctr container checkpoint` and `restore`, through its shim and runc.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  attempt,
  begin,
  criu,
  crossed,
  daemon,
  freshDir,
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

/** An archive as `docker save` makes it. */
function imageOf(rootfs, folder) {
  mkdirSync(folder);
  run('tar', ['-C', rootfs, '-cf', join(folder, 'layer.tar'), '.']);
  const digest = createHash('sha256')
    .update(readFileSync(join(folder, 'layer.tar')))
    .digest('hex');
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['/bin/count'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const manifest = [{ Config: 'config.json', RepoTags: ['localhost/box:1'], Layers: ['layer.tar'] }];
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const tar = `${folder}.tar`;
  run('tar', ['-C', folder, '-cf', tar, 'manifest.json', 'config.json', 'layer.tar']);
  return tar;
}

let daemons = 0;

/** A daemon with one container, for one restore: ctr of containerd 1.6 mixes up a second checkpoint with the first. */
async function withContainer(name, tar, body) {
  const home = join(work, `containerd-${daemons++}`);
  mkdirSync(home);
  const config = join(home, 'config.toml');
  const socket = join(home, 'sock');
  const lines = ['version = 2', `root = "${home}/data"`, `state = "${home}/state"`];
  lines.push('disabled_plugins = ["io.containerd.grpc.v1.cri"]', '[grpc]', `  address = "${socket}"`);
  writeFileSync(config, lines.join('\n'));
  const containerd = daemon('containerd', ['-c', config], join(home, 'log'));
  const container = new Container(name, socket);
  try {
    await until('containerd answers', () => container.try('version').ok, 30_000);
    // From containerd 2 on, the daemon would unpack it, for which this snapshotter has to be configured.
    const local = /--local/.test(run('ctr', ['image', 'import', '--help'])) ? ['--local'] : [];
    container.ctr('image', 'import', ...local, '--snapshotter', 'native', tar);
    container.ctr('run', '-d', '--snapshotter', 'native', '--null-io', 'localhost/box:1', name, '/bin/count');
    await body(container, await number(container.count));
  } finally {
    await container.end();
    await containerd.end();
    await sleep(300);
    attempt('umount', ['-R', '-l', join(home, 'state')]);
  }
}

class Container {
  execs = 0;
  count = () => this.ctr('task', 'exec', '--exec-id', `x${this.execs++}`, this.name, '/bin/cat', '/tmp/n');

  constructor(name, socket) {
    this.name = name;
    this.socket = socket;
  }

  ctr(...args) {
    return begin('ctr', ['-a', this.socket, ...args]);
  }

  try(...args) {
    return attempt('ctr', ['-a', this.socket, ...args]);
  }

  checkpoint() {
    const args = [
      'container',
      'checkpoint',
      '--image',
      '--rw',
      '--task',
      this.name,
      'localhost/checkpoint:1',
    ];
    const { ok, text } = this.try(...args);
    if (ok) return;
    const [log = ''] = /\/\S+criu-dump\.log/.exec(text) ?? [];
    throw new Error(`${text}\n${tail(log)}`);
  }

  restore() {
    this.ctr('container', 'restore', '--rw', '--live', this.name, 'localhost/checkpoint:1');
  }

  async end() {
    if (!this.try('container', 'info', this.name).ok) return;
    this.try('task', 'kill', '-s', '9', this.name);
    for (let i = 0; i < 50 && !this.try('task', 'rm', this.name).ok; i++) await sleep(100);
    this.try('container', 'rm', this.name);
  }
}

export default async function containerd() {
  const tar = imageOf(makeRoot(join(work, 'containerd-rootfs')), join(work, 'containerd-image'));
  const both = async (box, at, dumper, restorer) => {
    useCriu(dumper);
    box.checkpoint();
    await goesOn(box.count, at);
    await box.end();
    useCriu(restorer);
    box.restore();
    await goesOn(box.count, at);
  };
  await test('containerd: task checkpoint, which leaves it running or ends it', () =>
    withContainer('one', tar, async (box, at) => {
      const dir = freshDir();
      box.ctr('task', 'checkpoint', '--image-path', dir, 'one');
      readFileSync(join(dir, 'inventory.img'));
      await goesOn(box.count, at);
      box.ctr('task', 'checkpoint', '--exit', '--image-path', freshDir(), 'one');
      await until('it has stopped', () => /one\s.*STOPPED/.test(box.ctr('task', 'ls')));
    }));
  await test('containerd: container checkpoint, removal and restore', () =>
    withContainer('two', tar, (box, at) => both(box, at, criu, criu)));
  await crossed('containerd', (dumper, restorer) =>
    withContainer(dumper === criu ? 'three' : 'four', tar, (box, at) => both(box, at, dumper, restorer)),
  );
}
