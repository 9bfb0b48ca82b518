// Checkpoints in archives: read as the folder that is in them would be, and what they tell of their container.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleCrit, run, scratch, tcpSet } from './support.js';

let crit: Awaited<ReturnType<typeof bundleCrit>>;
let home: string;
let folder: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'crit-bundle-'));
  crit = await bundleCrit(home);
  folder = join(home, 'export');
  mkdirSync(folder);
  cpSync(tcpSet.images, join(folder, 'checkpoint'), { recursive: true });
  write('config.dump', {
    id: 'abc123',
    name: 'web',
    rootfsImageName: 'localhost/web:latest',
    ociRuntime: 'runc',
    createdTime: '2026-01-02T03:04:05Z',
    checkpointedTime: '2026-01-02T03:05:06Z',
  });
  write('spec.dump', {
    hostname: 'webhost',
    annotations: { 'io.container.manager': 'libpod', note: '<b>"&' },
    process: { args: ['/bin/server', '--port', '80'] },
    mounts: [{ destination: '/data', type: 'bind', source: '/srv/data' }],
  });
  const device = { subnets: [{ ipnet: '10.88.0.5/16' }], mac_address: '0a:58:0a:58:00:05' };
  write('network.status', { podman: { interfaces: { eth0: device } } });
  writeFileSync(join(folder, 'rootfs-diff.tar'), Buffer.alloc(2048));
});
afterAll(() => rmSync(home, { recursive: true }));

function write(name: string, value: unknown): void {
  writeFileSync(join(folder, name), JSON.stringify(value));
}

function pack(name: string, ...how: string[]): string {
  const path = join(scratch(), name);
  execFileSync('tar', ['-C', folder, ...how, '-cf', path, '.']);
  return path;
}

const zstd = spawnSync('zstd', ['--version']).status === 0;
const KINDS: [string, string[]][] = [
  ['plain, with pax headers', ['--format=pax']],
  ['plain, as GNU has it', ['--format=gnu']],
  ['gzip', ['-z']],
  ...(zstd ? [['zstd', ['--zstd']] satisfies [string, string[]]] : []),
];

const ROOT_DIFF = '\0'.repeat(1024);
const IMAGE = 'registry.example/web:1';
/** What CRI-O and containerd write for the kubelet's checkpoints, by their own metadata packages. */
const KUBERNETES = [
  {
    engine: 'CRI-O',
    files: {
      'config.dump': {
        id: 'f00d',
        name: 'k8s_web_pod_default_0',
        rootfsImage: IMAGE,
        rootfsImageRef: `${IMAGE}@sha256:12ab`,
        rootfsImageName: IMAGE,
        runtime: 'runc',
        createdTime: '2026-01-02T03:04:05.000000006Z',
        checkpointedTime: '2026-01-02T03:05:06Z',
        restoredTime: '0001-01-01T00:00:00Z',
        restored: false,
      },
      'spec.dump': {
        ociVersion: '1.0.2-dev',
        hostname: 'pod',
        process: { args: ['/bin/web'] },
        annotations: {
          'io.container.manager': 'cri-o',
          'io.kubernetes.container.name': 'web',
          'io.kubernetes.pod.name': 'pod',
          'io.kubernetes.pod.namespace': 'default',
          'io.kubernetes.cri-o.IP.0': '10.85.0.7',
          'io.kubernetes.cri-o.IP.1': '1100:200::7',
          'io.kubernetes.cri-o.SandboxID': 'beef',
        },
        mounts: [{ destination: '/etc/hosts', type: 'bind', source: '/var/lib/kubelet/pods/1/etc-hosts' }],
      },
      'bind.mounts': [
        {
          source: '/var/lib/kubelet/pods/1/etc-hosts',
          destination: '/etc/hosts',
          file_type: 'file',
          permissions: 420,
        },
      ],
      'io.kubernetes.cri-o.LogPath': '',
      'dump.log': '',
      'rootfs-diff.tar': ROOT_DIFF,
    },
    told: {
      id: 'f00d',
      image: IMAGE,
      imageId: `${IMAGE}@sha256:12ab`,
      runtime: 'runc',
      checkpointed: '2026-01-02T03:05:06Z',
      addresses: ['10.85.0.7', '1100:200::7'],
      annotations: { 'io.kubernetes.pod.namespace': 'default' },
    },
  },
  {
    engine: 'containerd',
    files: {
      'config.dump': {
        id: 'f00d',
        name: 'web_pod_default_0a1b_0',
        rootfsImageName: IMAGE,
        rootfsImageRef: 'sha256:34cd',
        runtime: 'io.containerd.runc.v2',
        createdTime: '2026-01-02T03:04:05Z',
        checkpointedTime: '0001-01-01T00:00:00Z',
      },
      'spec.dump': {
        process: { args: ['/bin/web'] },
        annotations: {
          'io.kubernetes.cri.container-name': 'web',
          'io.kubernetes.cri.container-type': 'container',
          'io.kubernetes.cri.image-name': IMAGE,
          'io.kubernetes.cri.sandbox-name': 'pod',
          'io.kubernetes.cri.sandbox-namespace': 'default',
        },
      },
      status: { Version: 'v1', Pid: 42, CreatedAt: 1767323045000000000 },
      'container.log': '',
      'rootfs-diff.tar': ROOT_DIFF,
    },
    told: { image: IMAGE, imageId: 'sha256:34cd', runtime: 'io.containerd.runc.v2', checkpointed: '' },
  },
];

describe('an archive of a checkpoint', () => {
  it.each(KINDS)('is read as its folder is (%s)', (_name, how) => {
    const archive = pack('one', ...how);
    for (const words of [['fds'], ['mounts', '--json']])
      expect(crit(['x', archive, ...words])).toMatchObject({
        status: 0,
        text: crit(['x', tcpSet.images, ...words]).text,
      });
  });

  it('is what criu-coredump and a report take as well', () => {
    const archive = pack('one', '-z');
    const out = scratch();
    const made = run(join(home, 'bin', 'criu-coredump.cjs'), ['-i', archive, '-p', '1', '-o', out]);
    // The fixture has no pages: what is said of that is the same.
    const same = run(join(home, 'bin', 'criu-coredump.cjs'), ['-i', tcpSet.images, '-p', '1', '-o', out]);
    expect(made.status).toBe(same.status);
    const page = crit(['report', archive]).text;
    for (const words of ['localhost/web:latest', '2026-01-02 03:05:06 UTC', 'Podman, runc', 'webhost'])
      expect(page).toContain(words);
  });

  it('is verified, compared and searched as its folder is', () => {
    const archive = pack('one', '-z');
    const { images } = tcpSet;
    expect(crit(['verify', archive]).text).toBe(crit(['verify', images]).text);
    expect(crit(['diff', archive, images]).text).toBe(crit(['diff', images, images]).text);
    const pid = JSON.parse(crit(['x', archive, 'ps', '--json']).text)[0].pid;
    expect(crit(['mem', archive, '--pid', `${pid}`]).text).toBe(
      crit(['mem', images, '--pid', `${pid}`]).text,
    );
  });

  it('tells of its container', () => {
    const text = crit(['show-container', pack('one')]).text;
    for (const line of [
      /^Container: +web$/m,
      /^ID: +abc123$/m,
      /^Image: +localhost\/web:latest$/m,
      /^Engine: +Podman$/m,
      /^Runtime: +runc$/m,
      /^Checkpointed: +2026-01-02T03:05:06Z$/m,
      /^Host name: +webhost$/m,
      /^Command: +\/bin\/server --port 80$/m,
      /^IP: +10\.88\.0\.5$/m,
      /^MAC: +0a:58:0a:58:00:05$/m,
      /^Memory pages size: +\d+(\.\d+)? KiB$/m,
      /^Root fs diff size: +2 KiB$/m,
      /^ {2}\/data +bind +\/srv\/data$/m,
    ])
      expect(text).toMatch(line);
    const data = JSON.parse(crit(['show-container', pack('one'), '--json']).text);
    expect(data).toMatchObject({ name: 'web', pod: '', addresses: ['10.88.0.5'], rootfsDiffSize: 2048 });
    const pages = readdirSync(tcpSet.images).filter((file) => file.startsWith('pages-'));
    const bytes = pages.reduce((sum, file) => sum + statSync(join(tcpSet.images, file)).size, 0);
    expect(data.pagesSize).toBe(bytes);
    // The same of the folder that an archive was unpacked into.
    expect(crit(['show-container', folder]).text).toBe(text);
  });

  it.each(KUBERNETES)(
    'tells of a container of Kubernetes, as $engine archives it',
    ({ engine, files, told }) => {
      const from = scratch();
      cpSync(tcpSet.images, join(from, 'checkpoint'), { recursive: true });
      for (const [name, content] of Object.entries(files))
        writeFileSync(join(from, name), typeof content === 'string' ? content : JSON.stringify(content));
      // Of all that engines put beside the images, statistics are images, too.
      renameSync(join(from, 'checkpoint', 'stats-dump'), join(from, 'stats-dump'));
      const archive = join(scratch(), 'checkpoint-pod_default-web-2026-01-02T03:05:06Z.tar');
      execFileSync('tar', ['-C', from, '-cf', archive, ...readdirSync(from)]);
      const info = JSON.parse(crit(['show-container', archive, '--json']).text);
      const where = { pod: 'pod', namespace: 'default' };
      expect(info).toMatchObject({ ...told, ...where, engine, name: 'web', rootfsDiffSize: 1024 });
      expect(info.statistics.frozen_time).toBeGreaterThan(0);
      expect(crit(['x', archive, 'ps']).text).toBe(crit(['x', tcpSet.images, 'ps']).text);
      expect(crit(['report', archive]).text).toContain('registry.example/web:1');
    },
  );

  it('has a section of the report, with nothing unescaped', () => {
    const page = crit(['report', pack('one')]).text;
    expect(page).toContain('<section id="container">');
    expect(page).toContain('localhost/web:latest');
    expect(page).toContain('&lt;b&gt;&quot;&amp;');
    expect(crit(['report', tcpSet.images]).text).not.toContain('id="container"');
  });

  it('that has none, is cut or damaged is an error, and nothing is left of it', () => {
    const before = readdirSync(tmpdir()).filter((name) => /^crit-\w{6}$/.test(name));
    const whole = readFileSync(pack('one'));
    const cut = join(scratch(), 'cut');
    writeFileSync(cut, whole.subarray(0, 5000));
    expect(crit(['x', cut, 'ps'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/ends in the middle/),
    });
    const packed = readFileSync(pack('one', '-z'));
    writeFileSync(cut, packed.subarray(0, packed.length / 2));
    expect(crit(['x', cut, 'ps'])).toMatchObject({ status: 1, stderr: expect.stringMatching(/damaged/) });
    const empty = join(scratch(), 'empty.tar');
    writeFileSync(join(scratch(), 'file'), 'x');
    execFileSync('tar', ['-C', scratch(), '-cf', empty, '--files-from', '/dev/null']);
    expect(crit(['x', empty, 'ps']).status).toBe(1);
    expect(crit(['show-container', tcpSet.images])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/nothing tells of a container/),
    });
    const after = readdirSync(tmpdir()).filter((name) => /^crit-\w{6}$/.test(name));
    expect(
      after.filter((name) => !before.includes(name) && existsSync(join(tmpdir(), name, 'checkpoint'))),
    ).toEqual([]);
  });

  it('writes nothing outside of its folder, whatever names it has', () => {
    const evil = scratch();
    mkdirSync(join(evil, 'checkpoint'));
    cpSync(tcpSet.images, join(evil, 'checkpoint'), { recursive: true });
    symlinkSync('/etc/passwd', join(evil, 'checkpoint', 'link.img'));
    const target = join(tmpdir(), `crit-evil-${process.pid}`);
    writeFileSync(join(evil, 'planted'), 'x');
    const archive = join(scratch(), 'evil.tar');
    const names = `s,^planted$,checkpoint/../../../../../../../..${target},`;
    execFileSync('tar', ['-C', evil, '-P', '-cf', archive, '--transform', names, 'checkpoint', 'planted']);
    expect(crit(['x', archive, 'ps']).text).toBe(crit(['x', tcpSet.images, 'ps']).text);
    expect(existsSync(target)).toBe(false);
  });
});
