// A crun with checkpoints: Debian's package is built without CRIU, but its source finds libcriu where that is installed.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, install, run } from './kit.mjs';

/** Stays for the next run: building takes a minute. */
const home = join(tmpdir(), 'criu-containers-crun');
const NEEDED = [
  ['gcc', 'gcc'],
  ['make', 'make'],
  ['gperf', 'gperf'],
  ['pkg-config', 'pkg-config'],
  // With libcriu and its header.
  ['criu', 'criu'],
];
const HEADERS = ['libseccomp-dev', 'libyajl-dev', 'libcap-dev'];

/** The limit of locked memory counts for BPF programs before Linux 5.11 only, and not everybody's root may raise it. */
const LENIENT = `#define _GNU_SOURCE
#include <errno.h>
#include <sys/resource.h>
static inline int limit_if_allowed(int resource, const struct rlimit *limit)
{
	int r = setrlimit(resource, limit);

	return r < 0 && errno == EPERM && resource == RLIMIT_MEMLOCK ? 0 : r;
}
#define setrlimit limit_if_allowed
`;

/** Debian's source of the package, into `home`; apt's own lists and sources stay as they are. */
function fetch() {
  const sources = join(home, 'sources.list');
  writeFileSync(sources, 'deb-src http://deb.debian.org/debian bookworm main\n');
  const lists = join(home, 'lists');
  mkdirSync(lists, { recursive: true });
  const own = ['-o', `Dir::Etc::sourcelist=${sources}`, '-o', 'Dir::Etc::sourceparts=/dev/null'];
  const apt = ['-qq', ...own, '-o', `Dir::State::lists=${lists}`, '-o', 'APT::Sandbox::User=root'];
  run('apt-get', [...apt, 'update'], { stdio: 'ignore' });
  run('apt-get', [...apt, 'source', '--download-only', 'crun'], { stdio: 'ignore', cwd: home });
}

/** Whether the installed one has checkpoints, as Debian's has from version 13 on. */
export function crunHasCheckpoints() {
  return attempt('crun', ['checkpoint', '--help']).ok;
}

/** Builds it, where that was not done yet, with the network of the machine. @throws Error saying what could not be done */
export function buildCrun() {
  const program = join(home, 'crun');
  if (existsSync(program)) return;
  mkdirSync(home, { recursive: true });
  for (const [command, name] of NEEDED) install(command, name);
  install('/nonexistent/headers', ...HEADERS);
  fetch();
  const archive = readdirSync(home).find((name) => /^crun_.*\.orig\.tar\.[a-z]+$/.test(name));
  const source = join(home, 'source');
  run('rm', ['-rf', source]);
  mkdirSync(source);
  run('tar', ['-C', source, '--strip-components=1', '-xf', join(home, archive)]);
  run('./configure', ['--disable-systemd'], { cwd: source, timeout: 300_000 });
  const lenient = join(home, 'lenient.h');
  writeFileSync(lenient, LENIENT);
  // Only `make all` would see to this one by itself, and build the tests as well.
  run('make', ['git-version.h'], { cwd: source });
  run('make', ['-j2', `CFLAGS=-O2 -include ${lenient}`, 'crun'], { cwd: source, timeout: 500_000 });
  run('cp', [join(source, 'crun'), `${program}.new`]);
  run('mv', [`${program}.new`, program]);
}

/** The program that was built; undefined where there is none. */
export function builtCrun() {
  const program = join(home, 'crun');
  return existsSync(program) ? program : undefined;
}
