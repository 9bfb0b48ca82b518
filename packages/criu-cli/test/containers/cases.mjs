// What runc's own tests of checkpoints ask of a runtime, case by case; crun is asked the same where it can.
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Bundle, ownDump, withContainer } from './bundle.mjs';
import { Console } from './console.mjs';
import {
  attempt,
  criu,
  env,
  freshDir,
  RUN,
  run,
  script,
  skip,
  sleep,
  tail,
  test,
  until,
  work,
} from './kit.mjs';

/** A pipe of which `theirs` is one end, and `ours` both: node makes sockets for the streams of children. */
function makePipe(mode) {
  const helper = spawnSync('sh', ['-c', 'sleep 60 | sleep 60 >/dev/null & echo $!; jobs -p'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [pid, writer] = helper.stdout.trim().split('\n').map(Number);
  try {
    const file = `/proc/${pid}/fd/0`;
    return { ours: openSync(file, 'r+'), theirs: openSync(file, mode) };
  } finally {
    for (const end of [pid, writer]) process.kill(end, 'SIGKILL');
  }
}

/** A container that answers each line on its standard input, which is a pipe, as is its output. */
class Talker {
  constructor(runtime, what) {
    this.bundle = new Bundle(runtime, `box-${what}-${RUN}`, (spec) => {
      spec.process.args = ['/bin/sh', '-c', 'i=0; while read l; do i=$((i+1)); echo "[$i $l]"; done'];
    });
    // Both ends stay open here, so that the container never meets an end or a broken pipe while it is away.
    this.pipes = ['r', 'w', 'w'].map(makePipe);
    this.bundle.stdio = this.pipes.map(({ theirs }) => theirs);
    this.said = 0;
    const [{ ours: input }, { ours: output }] = this.pipes;
    this.reader = spawn('cat', { stdio: [output, 'pipe', 'inherit'] });
    this.text = '';
    this.reader.stdout.on('data', (text) => {
      this.text += text;
    });
    this.input = input;
  }

  /** Says something, and waits for the answer, whose number tells that no line was lost. */
  async answers(word) {
    writeFileSync(this.input, `${word}\n`);
    this.said++;
    await until(`an answer to ${word}: ${this.text}`, () => this.text.includes(`[${this.said} ${word}]`));
  }

  async end() {
    await this.bundle.delete();
    this.reader.kill('SIGKILL');
    for (const fd of this.pipes.flatMap(({ ours, theirs }) => [ours, theirs])) closeSync(fd);
  }
}

async function talking(runtime, what, body) {
  const talker = new Talker(runtime, what);
  try {
    talker.bundle.quietly(['run', '-d', talker.bundle.name]);
    await talker.answers('before');
    await body(talker.bundle, talker);
  } finally {
    await talker.end();
  }
}

/** The container's view, to be compared before and after. */
const look = (box, ...command) => box.exec(...command);

function same(what, before, after) {
  if (before !== after) throw new Error(`${what} was\n${before}\nand is\n${after}`);
}

/** A test of what crun 1.8 does not do, with CRIU as little as here: it names such mounts wrongly, and reads no such file. */
async function where(possible, name, body) {
  if (possible) await test(name, body);
  else skip(name, 'this runtime does not ask for it');
}

async function streams(runtime) {
  await test(`${runtime}: standard streams that are pipes, three cycles`, () =>
    talking(runtime, 'pipes', async (box, talker) => {
      for (let i = 0; i < 3; i++) {
        const dir = box.checkpoint(freshDir());
        box.restore(dir);
        await talker.answers(`cycle ${i}`);
      }
    }));
  await ownDump(`${runtime}: --pre-dump, with pipes`, () =>
    talking(runtime, 'predump', async (box, talker) => {
      const [parent, full] = [freshDir(), freshDir()];
      box.checkpoint(parent, '--pre-dump');
      await talker.answers('between');
      box.checkpoint(full, '--parent-path', `../${parent.split('/').at(-1)}`);
      if (!existsSync(join(full, 'parent'))) throw new Error('the images name no parent');
      box.restore(full);
      await talker.answers('after');
    }),
  );
  await test(`${runtime}: a --parent-path that is not one is refused`, () =>
    talking(runtime, 'parent', async (box, talker) => {
      for (const parent of [join(work, 'nowhere'), './nowhere']) {
        const dir = freshDir();
        const args = ['checkpoint', '--image-path', dir, '--work-path', dir, '--parent-path', parent];
        if (box.attempt([...args, box.name]).ok) throw new Error(`${parent} was taken`);
      }
      await talker.answers('after');
    }));
}

async function lazy(runtime) {
  const name = `${runtime}: --lazy-pages with a page server and --status-fd`;
  if (!/lazy-pages/.test(attempt(runtime, ['checkpoint', '--help']).text)) {
    skip(name, `this ${runtime} has no such option`);
    return;
  }
  await test(name, () =>
    talking(runtime, 'lazy', async (box, talker) => {
      const dir = freshDir();
      const port = 27_277;
      const status = join(dir, 'status');
      run('mkfifo', [status]);
      // runc wants an end that can only be written to.
      const both = openSync(status, 'r+');
      const fd = openSync(status, 'w');
      const ready = spawn('head', ['-c', '1'], { stdio: [both, 'pipe', 'inherit'] });
      const told = new Promise((resolve) => ready.stdout.once('data', resolve));
      const options = ['--lazy-pages', '--page-server', `127.0.0.1:${port}`, '--status-fd', '3'];
      const paths = ['--image-path', dir, '--work-path', dir];
      const out = openSync(join(dir, 'said'), 'w');
      const dump = spawn(box.runtime, [...box.global, 'checkpoint', ...options, ...paths, box.name], {
        cwd: box.dir,
        env,
        stdio: ['ignore', out, out, fd],
      });
      const dumped = new Promise((resolve) => dump.once('exit', resolve));
      const first = await Promise.race([told, dumped, sleep(20_000)]);
      if (!Buffer.isBuffer(first) || first[0] !== 0)
        throw new Error(`the dump said ${first}: ${tail(join(dir, 'said'))}${tail(join(dir, 'dump.log'))}`);
      if (!existsSync(join(dir, 'inventory.img'))) throw new Error('no inventory when pages can be had');
      const serve = ['lazy-pages', '--page-server', '--address', '127.0.0.1', '--port', String(port)];
      const daemon = spawn(criu, [...serve, '-D', dir, '-o', join(dir, 'lazy.log')], {
        env,
        stdio: 'ignore',
      });
      const served = new Promise((resolve) => daemon.once('exit', resolve));
      await until('the daemon listens', () => existsSync(join(dir, 'lazy-pages.socket')));
      // The container that was dumped is there until the last page has gone.
      const restored = Object.create(box, { name: { value: `${box.name}-restored` } });
      try {
        restored.restore(dir, '--lazy-pages');
        await talker.answers('lazily');
        if ((await dumped) !== 0) throw new Error(`the dump failed: ${tail(join(dir, 'said'))}`);
        if ((await served) !== 0) throw new Error(`the daemon failed: ${tail(join(dir, 'lazy.log'))}`);
        await talker.answers('afterwards');
      } finally {
        await restored.delete();
        for (const used of [both, fd, out]) closeSync(used);
        for (const child of [ready, dump, daemon]) child.kill('SIGKILL');
        // With cgroup v2 alone, runc leaves the group of the container that was dumped, with CRIU as well.
        const group = join('/sys/fs/cgroup', box.name);
        if (process.env.CGROUP2 && existsSync(group)) rmdirSync(group);
      }
    }),
  );
}

async function mounts(runtime) {
  await where(
    runtime === 'runc',
    `${runtime}: a bind mount whose destination is a symbolic link`,
    async () => {
      const source = freshDir('source');
      writeFileSync(join(source, 'file'), 'outside');
      const box = new Bundle(runtime, `box-link-${RUN}`, (spec, { rootfs }) => {
        mkdirSync(join(rootfs, 'real', 'conf'), { recursive: true });
        symlinkSync('/real/conf', join(rootfs, 'conf'));
        spec.mounts.push({ destination: '/conf', source, options: ['bind'] });
      });
      await withContainer(box, async () => {
        for (let i = 0; i < 2; i++) {
          await box.cycle();
          same('the file', 'outside', look(box, '/bin/cat', '/conf/file'));
        }
      });
    },
  );
  await where(runtime === 'runc', `${runtime}: nested bind mounts whose mount points have gone`, async () => {
    const [outer, inner] = [freshDir('outer'), freshDir('inner')];
    writeFileSync(join(inner, 'file'), 'nested');
    const box = new Bundle(runtime, `box-nested-${RUN}`, (spec) => {
      for (const [source, destination] of [
        [outer, '/nested'],
        [inner, '/nested/for/it'],
      ])
        spec.mounts.push({ type: 'bind', source, destination, options: ['rw', 'bind'] });
    });
    await withContainer(box, async () => {
      const dir = box.checkpoint(freshDir());
      rmSync(join(outer, 'for'), { recursive: true });
      box.restore(dir);
      await box.goesOn();
      same('the file', 'nested', look(box, '/bin/cat', '/nested/for/it/file'));
    });
  });
  await test(`${runtime}: mounts that were made inside`, async () => {
    const box = new Bundle(runtime, `box-inside-${RUN}`, (spec) => {
      for (const set of ['bounding', 'effective', 'permitted'])
        spec.process.capabilities[set].push('CAP_SYS_ADMIN');
    });
    await withContainer(box, async () => {
      box.exec(
        '/bin/sh',
        '-c',
        [
          'mkdir /data/a /data/b /data/c',
          'mount -t tmpfs -o size=2m,mode=700 inside /data/a',
          'echo kept > /data/a/f',
          'mount -o bind /data/a /data/b',
          'mount -o bind /etc /data/c',
          'mount -o remount,bind,ro /data/c',
        ].join(' && '),
      );
      const before = look(box, '/bin/cat', '/proc/1/mountinfo');
      await box.cycle();
      const after = look(box, '/bin/cat', '/proc/1/mountinfo');
      // Without numbers of mounts, devices and peer groups. Cgroups of v1 are binds that runc names, of other groups for a
      // restore than for a start; what runc hides is a bind of /dev/null, on whichever file system that is.
      const shape = (text) =>
        text
          .trim()
          .split('\n')
          .filter((line) => !/ .proc.(keys|timer_list) | .sys.fs.cgroup/.test(line))
          .map((line) =>
            line
              .split(' ')
              .slice(3)
              .join(' ')
              .replace(/(shared|master):\d+ /g, ''),
          )
          .sort()
          .join('\n');
      same('mounts', shape(before), shape(after));
      same('the file', 'kept', look(box, '/bin/cat', '/data/b/f').trim());
      box.exec('/bin/sh', '-c', 'echo more > /data/b/g');
      same('the other bind', 'more', look(box, '/bin/cat', '/data/a/g').trim());
    });
  });
}

async function namespaces(runtime) {
  await test(`${runtime}: a device that was given to the network namespace, with a console`, async () => {
    const netns = `ns-device-${RUN}`;
    run('ip', ['netns', 'add', netns]);
    const terminal = await Console.listen();
    const box = new Bundle(runtime, `box-device-${RUN}`, (spec) => {
      spec.linux.namespaces.find(({ type }) => type === 'network').path = `/run/netns/${netns}`;
      spec.process.terminal = true;
      spec.process.args = ['/bin/sh'];
    });
    try {
      const device = ['given0', 'address', '00:11:22:33:44:55', 'mtu', '1489', 'type', 'veth'];
      run('ip', ['-n', netns, 'link', 'add', ...device, 'peer', 'name', 'other0']);
      run('ip', ['-n', netns, 'address', 'add', '169.254.169.77/32', 'dev', 'given0']);
      box.begin(['run', '-d', '--console-socket', terminal.socket, box.name]);
      const net = () => box.exec('/bin/busybox', 'readlink', '/proc/1/ns/net');
      const before = [net(), look(box, '/bin/busybox', 'ip', 'address', 'show', 'dev', 'given0')];
      for (let i = 0; i < 2; i++) {
        const dir = box.checkpoint(freshDir());
        box.restore(dir, '--console-socket', terminal.socket);
        same('the network', before[0], net());
        same('the device', before[1], look(box, '/bin/busybox', 'ip', 'address', 'show', 'dev', 'given0'));
      }
    } finally {
      await box.delete();
      terminal.end();
      run('ip', ['netns', 'del', netns]);
    }
  });
  await test(`${runtime}: a pid namespace that is joined`, async () => {
    const host = new Bundle(runtime, `box-pidhost-${RUN}`);
    await withContainer(host, async () => {
      const box = new Bundle(runtime, `box-pidns-${RUN}`, (spec) => {
        spec.linux.namespaces.find(({ type }) => type === 'pid').path = `/proc/${host.state.pid}/ns/pid`;
      });
      await withContainer(box, async () => {
        const pid = () => attempt('readlink', [`/proc/${box.state.pid}/ns/pid`]).text;
        const before = pid();
        await box.cycle();
        same('the pid namespace', before, pid());
        await host.goesOn();
      });
    });
  });
  if (/--empty-ns/.test(attempt(runtime, ['checkpoint', '--help']).text))
    await test(`${runtime}: --empty-ns network: somebody else sets it up again`, async () => {
      const box = new Bundle(runtime, `box-emptyns-${RUN}`, (spec) => {
        spec.process.capabilities.effective.push('CAP_NET_ADMIN');
        spec.process.capabilities.permitted.push('CAP_NET_ADMIN');
        spec.process.capabilities.bounding.push('CAP_NET_ADMIN');
      });
      await withContainer(box, async () => {
        box.exec('/bin/busybox', 'ip', 'link', 'add', 'gone0', 'type', 'veth');
        await box.cycle('--empty-ns', 'network');
        const links = look(box, '/bin/busybox', 'ip', 'link');
        if (/gone0/.test(links)) throw new Error('the network was filled');
        // CRIU leaves it down, and its images do not tell of it.
        const { DUMPS, RESTORES } = process.env;
        if (!/lo: <[^>]*\bUP\b/.test(links) && DUMPS !== 'peer' && RESTORES !== 'peer')
          throw new Error(`lo is down: ${links}`);
      });
    });
}

async function configuration(runtime) {
  await where(
    runtime === 'runc',
    `${runtime}: a configuration file for one container goes before the default one`,
    async () => {
      const [mine, others] = ['of-the-container.log', 'of-the-machine.log'];
      const file = join(freshDir('conf'), 'box.conf');
      writeFileSync(file, `log-file=${mine}\n`);
      mkdirSync('/etc/criu', { recursive: true });
      // The mount is in the mount namespace of these tests only.
      run('mount', ['-t', 'tmpfs', 'none', '/etc/criu']);
      try {
        writeFileSync('/etc/criu/default.conf', `log-file=${others}\n`);
        const box = new Bundle(runtime, `box-conf-${RUN}`, (spec) => {
          spec.annotations = { ...spec.annotations, 'org.criu.config': file };
        });
        await withContainer(box, async () => {
          for (const step of ['checkpoint', 'restore']) {
            const log = freshDir('log');
            const images = join(box.dir, 'images');
            const paths = ['--image-path', images, '--work-path', log];
            if (step === 'checkpoint') box.begin(['checkpoint', ...paths, box.name]);
            else box.quietly(['restore', '-d', ...paths, box.name]);
            if (!existsSync(join(log, mine)) || existsSync(join(log, others)))
              throw new Error(`${step} wrote ${attempt('ls', [log]).text}`);
          }
          await box.goesOn();
        });
      } finally {
        run('umount', ['/etc/criu']);
      }
    },
  );
  await test(`${runtime}: hooks are called, and told the restored container`, async () => {
    const dir = freshDir('hooks');
    const stages = ['createRuntime', 'poststart', 'poststop'];
    for (const stage of stages)
      script(join(dir, stage), `cat >> ${dir}/${stage}.said; echo >> ${dir}/${stage}.said`);
    const box = new Bundle(runtime, `box-hooks-${RUN}`, (spec) => {
      spec.hooks = Object.fromEntries(stages.map((stage) => [stage, [{ path: join(dir, stage) }]]));
    });
    const times = (stage) =>
      tail(join(dir, `${stage}.said`), 100)
        .trim()
        .split('\n')
        .filter(Boolean);
    await withContainer(box, async () => {
      const before = times('createRuntime').length;
      if (before !== 1) throw new Error(`createRuntime was called ${before} times`);
      await box.cycle();
      const after = times('createRuntime');
      if (runtime === 'runc' && after.length !== 2)
        throw new Error(`createRuntime was called ${after.length} times`);
      const { pid } = JSON.parse(after.at(-1));
      if (runtime === 'runc' && pid !== box.state.pid)
        throw new Error(`the hook was told pid ${pid}, the container is ${box.state.pid}`);
    });
  });
  await test(`${runtime}: a seccomp profile stays in force`, async () => {
    const box = new Bundle(runtime, `box-seccomp-${RUN}`, (spec) => {
      const syscalls = [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }];
      spec.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64'], syscalls };
      const trial = 'mkdir /tmp/x 2>/dev/null && echo made > /tmp/broken';
      spec.process.args = [
        '/bin/sh',
        '-c',
        `while :; do ${trial}; echo $((++i)) > /tmp/m; mv /tmp/m /tmp/n; sleep 0.1; done`,
      ];
      spec.process.noNewPrivileges = true;
    });
    await withContainer(box, async () => {
      const mode = () => /Seccomp:\s*(\d)/.exec(readFileSync(`/proc/${box.state.pid}/status`, 'utf8'))[1];
      if (mode() !== '2') throw new Error(`there is no filter: ${mode()}`);
      await box.cycle();
      same('the mode of seccomp', '2', mode());
      await sleep(300);
      if (existsSync(join(box.rootfs, 'tmp', 'broken'))) throw new Error('the filter is gone');
    });
  });
}

async function others(runtime) {
  await test(`${runtime}: processes of exec are part of it`, async () => {
    const box = new Bundle(runtime, `box-exec-${RUN}`);
    await withContainer(box, async () => {
      const job = 'sleep 1000 < /dev/null > /dev/null 2>&1 & echo $!';
      const pids = [];
      // Those of the second round were started in a container whose clocks are its own, which runc 1.1 does not join.
      for (let i = 0; i < 3; i++) {
        // crun leaves them in the session of whoever called it.
        pids.push(box.exec('/bin/busybox', 'setsid', 'sh', '-c', job).trim());
        await box.cycle();
        for (const pid of pids) look(box, '/bin/ls', '-ld', `/proc/${pid}`);
      }
    });
  });
  await ownDump(`${runtime}: a process of exec that is not below the init is said to end`, async () => {
    const box = new Bundle(runtime, `box-beside-${RUN}`);
    await withContainer(box, async () => {
      const there = () =>
        look(box, '/bin/sh', '-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null; true').includes(
          '/bin/sleep\x001234',
        );
      box.quietly(['exec', '-d', box.name, '/bin/sleep', '1234']);
      const dir = freshDir();
      box.checkpoint(dir, '--leave-running');
      same('the process', true, there());
      if (/not below its init/.test(readFileSync(join(dir, 'dump.log'), 'utf8')))
        throw new Error('said of one that goes on');
      const images = box.checkpoint(freshDir());
      if (!/not below its init/.test(readFileSync(join(images, 'dump.log'), 'utf8')))
        throw new Error(`nothing is said: ${tail(join(images, 'dump.log'))}`);
      await until('the container is gone', () => box.state.status === 'gone');
      box.restore(images);
      await box.goesOn();
      same('the process', false, there());
    });
  });
  await test(`${runtime}: --debug, --work-path apart from the images, --pid-file`, async () => {
    const box = new Bundle(runtime, `box-debug-${RUN}`);
    await withContainer(box, async () => {
      const [images, log] = [freshDir(), freshDir('log')];
      const paths = ['--image-path', images, '--work-path', log];
      box.begin(['--debug', 'checkpoint', ...paths, box.name]);
      if (!existsSync(join(log, 'dump.log'))) throw new Error(`no log: ${attempt('ls', [log]).text}`);
      const pidFile = join(log, 'pid');
      box.quietly(['--debug', 'restore', '-d', '--pid-file', pidFile, ...paths, box.name]);
      if (!existsSync(join(log, 'restore.log'))) throw new Error('no log of the restore');
      same('the pid', String(box.state.pid), readFileSync(pidFile, 'utf8'));
      await box.goesOn();
    });
  });
}

export async function cases(runtime) {
  await streams(runtime);
  await lazy(runtime);
  await mounts(runtime);
  await namespaces(runtime);
  await configuration(runtime);
  await others(runtime);
}
