// Kubernetes' way to a checkpoint: the container runtime interface (CRI) of containerd 2 and of CRI-O, asked as the kubelet asks it.
// Archives are read by crit, and by checkpointctl where that is installed; containers are restored from them in another pod.
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArchive } from './cri-archive.mjs';
import { Cri } from './cri-client.mjs';
import {
  attempt,
  criu,
  crossed,
  daemon,
  goesOn,
  have,
  makeRoot,
  number,
  run,
  skip,
  sleep,
  tail,
  test,
  useCriu,
  work,
} from './kit.mjs';
import { serveImage } from './registry.mjs';

/** Starts containerd with its CRI; nothing of the machine's is used. */
function containerd(home, image) {
  const config = `version = 3
root = "${home}/data"
state = "${home}/state"
[grpc]
  address = "${home}/sock"
[plugins.'io.containerd.cri.v1.images']
  snapshotter = 'native'
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = '${image}'
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    conf_dir = '${home}/cni'
[[plugins.'io.containerd.transfer.v1.local'.unpack_config]]
  platform = 'linux/amd64'
  snapshotter = 'native'
`;
  writeFileSync(join(home, 'config'), config);
  return daemon('containerd', ['-c', join(home, 'config')], join(home, 'log'));
}

/** Where CRI-O looks for the policy on signatures. */
const POLICIES = '/etc/containers';

/** The same for CRI-O. */
function crio(home, image) {
  const path = (name) => run('sh', ['-c', `command -v ${name}`]).trim();
  const registries = join(home, 'registries.conf');
  writeFileSync(registries, `[[registry]]\nlocation = "${image.split('/')[0]}"\ninsecure = true\n`);
  // One that its configuration names would have it want a signature of archives, too.
  writeFileSync(join(POLICIES, 'policy.json'), '{ "default": [{ "type": "insecureAcceptAnything" }] }');
  const config = `[crio]
root = "${home}/data"
runroot = "${home}/run"
storage_driver = "vfs"
log_dir = "${home}/logs"
version_file = "${home}/version"
version_file_persist = "${home}/version-kept"
clean_shutdown_file = "${home}/clean"
[crio.api]
listen = "${home}/sock"
[crio.runtime]
cgroup_manager = "cgroupfs"
conmon_cgroup = "pod"
enable_criu_support = true
default_runtime = "runc"
namespaces_dir = "${home}/namespaces"
container_exits_dir = "${home}/exits"
container_attach_socket_dir = "${home}/attach"
hooks_dir = []
apparmor_profile = "unconfined"
[crio.runtime.runtimes.runc]
runtime_path = "${path('runc')}"
runtime_root = "${home}/runc"
monitor_path = "${path('conmon')}"
monitor_cgroup = "pod"
[crio.image]
pause_image = "${image}"
pause_command = "/bin/count"
[crio.network]
network_dir = "${home}/cni"
plugin_dirs = ["${home}/cni"]
[crio.nri]
enable_nri = false
`;
  writeFileSync(join(home, 'config'), config);
  mkdirSync(join(home, 'conf.d'));
  const args = ['--config', join(home, 'config'), '--config-dir', join(home, 'conf.d')];
  return daemon('crio', args, join(home, 'log'), { CONTAINER_REGISTRIES_CONF: registries });
}

/** Why a runtime cannot be tried here; undefined where it can. */
function missing(name) {
  if (!have(name)) return `there is no ${name}`;
  if (name === 'crio') return undefined;
  const version = /v?(\d+)\.\d+\.\d+/.exec(run(name, ['--version']))?.[1];
  return Number(version) >= 2 ? undefined : `containerd ${version} has no checkpoints in its CRI`;
}

class Runtime {
  pods = [];

  constructor(home, cri, image) {
    Object.assign(this, { home, cri, image });
  }

  /** Runs a body with a container that counts, in a pod of its own, from an image or an archive. */
  async within(name, image, body) {
    const { cri, home } = this;
    const pod = await cri.makePod(name, join(home, 'logs'));
    const hosts = join(home, 'hosts');
    writeFileSync(hosts, '127.0.0.1 localhost\n');
    let id = '';
    try {
      id = await cri.startContainer(pod, name, image, hosts, ['/bin/count']);
      let said = '';
      const look = async () => {
        said = await cri.exec(id, '/bin/cat', '/tmp/n');
      };
      await look();
      // A reading by gRPC takes its time: the kit's functions read what came last, and ask for the next.
      const count = () => {
        const now = said;
        look().catch(() => undefined);
        return now;
      };
      await body({ id, count, at: await number(count) });
    } catch (error) {
      throw new Error(`${error.message}\n${this.logs()}`);
    } finally {
      if (id) await cri.stopContainer(id);
      await cri.removePod(pod);
    }
  }

  logs() {
    const found = attempt('find', [this.home, '-name', 'dump.log', '-o', '-name', 'restore.log']).text.trim();
    return [join(this.home, 'log'), ...found.split('\n')].map((file) => tail(file)).join('\n');
  }
}

const STARTERS = { containerd, crio };
/** What archives say that they come from. */
const ENGINES = { containerd: 'containerd', crio: 'CRI-O' };

async function checkpoints(name, start, image) {
  const home = join(work, `cri-${name}`);
  for (const folder of ['', 'logs', 'cni']) mkdirSync(join(home, folder));
  const engine = start(home, image);
  const runtime = new Runtime(home, new Cri(join(home, 'sock')), image);
  const { cri } = runtime;
  const archive = (what) => join(home, `${what}.tar`);
  const save = async ({ id, count, at }, file) => {
    await cri.checkpoint(id, file);
    await goesOn(count, at);
  };
  const back = (what, file, at) =>
    runtime.within(what, file, async (box) => {
      await goesOn(box.count, at);
    });
  const known = { image, engine: ENGINES[name] };
  const title = (what) => `cri: ${name}: ${what}`;
  try {
    const answers = async () => {
      for (const end = Date.now() + 30_000; ; await sleep(200))
        try {
          return await cri.version();
        } catch (error) {
          if (Date.now() > end) throw new Error(`${error.message}\n${tail(join(home, 'log'))}`);
        }
    };
    let at = 0;
    await test(
      title('a checkpoint, while the container runs on; crit and checkpointctl read it'),
      async () => {
        console.log(`      ${await answers()}`);
        await cri.pull(image);
        await runtime.within('one', image, async (box) => {
          at = box.at;
          await save(box, archive('one'));
          readArchive(archive('one'), { ...known, name: 'one', pod: 'one', id: box.id });
          // Once more, to the same name.
          rmSync(archive('one'));
          await save(box, archive('one'));
          if (statSync(archive('one')).mode & 0o077) throw new Error('others may read the archive');
        });
      },
    );
    await test(title('a container that is made of the archive goes on in another pod'), () =>
      back('two', archive('one'), at),
    );
    await crossed(`cri: ${name}`, async (dumper, restorer) => {
      const what = dumper === criu ? 'to-criu' : 'from-criu';
      useCriu(dumper);
      await runtime.within(`${what}-1`, image, async (box) => {
        at = box.at;
        await save(box, archive(what));
        const its = { name: `${what}-1`, pod: `${what}-1`, id: box.id };
        readArchive(archive(what), { ...known, ...its });
      });
      useCriu(restorer);
      await back(`${what}-2`, archive(what), at);
    });
  } finally {
    await engine.end();
    await sleep(300);
    for (const folder of ['state', 'data', 'run', 'namespaces'])
      attempt('umount', ['-R', '-l', join(home, folder)]);
  }
}

export default async function cri() {
  const { image, end } = await serveImage(makeRoot(join(work, 'cri-rootfs')));
  // The mount is in the mount namespace of these tests only.
  mkdirSync(POLICIES, { recursive: true });
  run('mount', ['-t', 'tmpfs', 'none', POLICIES]);
  try {
    for (const [name, start] of Object.entries(STARTERS)) {
      const why = missing(name);
      if (why) skip(`cri: ${name}`, why);
      else await checkpoints(name, start, image);
    }
  } finally {
    end();
    run('umount', [POLICIES]);
  }
}
