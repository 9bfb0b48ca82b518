// Containers of a user who is not root: runc asks criu as that user, who may not; root may, unless the container shows mounts that
// nobody can take apart again.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownDump } from './bundle.mjs';
import {
  attempt,
  criu,
  env,
  freshDir,
  goesOn,
  makeRoot,
  number,
  RUN,
  run,
  skip,
  tail,
  work,
} from './kit.mjs';

const USER = '12345';
const AS_USER = ['setpriv', '--reuid', USER, '--regid', USER, '--clear-groups'];

class Rootless {
  /** @param keep whether a mount of the default configuration stays in it, by its destination */
  constructor(keep) {
    this.name = `box-rootless-${RUN}`;
    this.dir = freshDir('rootless');
    this.rootfs = makeRoot(join(this.dir, 'rootfs'));
    run('runc', ['spec', '--rootless'], { cwd: this.dir });
    const file = join(this.dir, 'config.json');
    const spec = JSON.parse(readFileSync(file, 'utf8'));
    Object.assign(spec.process, { terminal: false, args: ['/bin/count'], rlimits: undefined });
    spec.root.readonly = false;
    spec.mounts = spec.mounts.filter(({ destination }) => keep(destination));
    for (const map of ['uidMappings', 'gidMappings']) spec.linux[map][0].hostID = Number(USER);
    writeFileSync(file, JSON.stringify(spec));
    this.count = () => readFileSync(join(this.rootfs, 'tmp', 'n'), 'utf8');
    run('chown', ['-R', `${USER}:${USER}`, this.dir]);
    run('chmod', ['755', work]);
  }

  /** Arguments for runc, which keeps its state in a folder of the user. */
  of(...args) {
    return [
      'runc',
      '--log',
      join(this.dir, 'runc.log'),
      '--root',
      join(this.dir, 'state'),
      '--criu',
      criu,
      ...args,
    ];
  }

  /** Runs a command that gives its standard streams to the container. */
  quietly([program, ...args]) {
    const home = { ...env, HOME: this.dir, XDG_RUNTIME_DIR: this.dir };
    const { status } = spawnSync(program, args, {
      cwd: this.dir,
      env: home,
      stdio: 'ignore',
      timeout: 60_000,
    });
    if (status !== 0) throw new Error(`${args.join(' ')}: ${tail(join(this.dir, 'runc.log'))}`);
  }

  /** A checkpoint by a user or root. @returns whether it went well, and what the log says */
  checkpoint(dir, prefix = []) {
    const [program, ...args] = [
      ...prefix,
      ...this.of('checkpoint', '--image-path', dir, '--work-path', dir, this.name),
    ];
    const { ok } = attempt(program, args);
    const log = [join(dir, 'dump.log'), join(this.dir, 'runc.log')].map((file) => tail(file, 100)).join('');
    return { ok, log };
  }

  async started(body) {
    try {
      this.quietly([...AS_USER, ...this.of('run', '-d', this.name)]);
      await body(await number(this.count));
    } finally {
      attempt('runc', this.of('delete', '-f', this.name).slice(1));
    }
  }
}

function refused({ ok, log }, dir, why) {
  if (ok || existsSync(join(dir, 'inventory.img'))) throw new Error('it was dumped');
  if (!why.test(log)) throw new Error(`it does not say ${why}: ${log}`);
}

export async function rootless() {
  if (process.env.CGROUP2) {
    skip('runc: a container without root', 'runc names a group of cgroup v2 that its user could not make');
    return;
  }
  await ownDump(
    'runc: a container without root is refused to its user, and dumped and restored by root',
    async () => {
      const box = new Rootless((at) => !at.startsWith('/sys'));
      await box.started(async (at) => {
        const [theirs, dir] = [freshDir(), freshDir()];
        run('chown', [`${USER}:${USER}`, theirs]);
        refused(box.checkpoint(theirs, AS_USER), theirs, /dump needs root/);
        at = await goesOn(box.count, at);
        const { ok, log } = box.checkpoint(dir);
        if (!ok) throw new Error(log);
        box.quietly(box.of('restore', '-d', '--image-path', dir, '--work-path', dir, box.name));
        await goesOn(box.count, at);
      });
    },
  );
  await ownDump("runc: one with the machine's /sys in it is refused, and runs on", async () => {
    const box = new Rootless(() => true);
    await box.started(async (at) => {
      const dir = freshDir();
      refused(box.checkpoint(dir), dir, /below mounts that its user namespace got together with it/);
      await goesOn(box.count, at);
    });
  });
}
