// Options of a runtime's checkpoint and restore that runtimes have in common with CRIU, each where this version of the runtime has it:
// sockets of programs outside, names of files that are gone, connections that end, images that are freed.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Bundle, ownDump, withContainer, withPrograms } from './bundle.mjs';
import { attempt, env, freshDir, RUN, skip, test, until } from './kit.mjs';

const { RESTORES } = process.env;
const name = (what) => `box-${what}-${RUN}`;

/** Writes down what is sent to a socket. */
const LISTENER = `use Socket; use IO::Handle; my ($at, $to) = @ARGV;
socket(my $s, PF_UNIX, SOCK_DGRAM, 0); bind($s, pack_sockaddr_un($at)) or die;
open(my $out, ">", $to); $out->autoflush;
while (defined recv($s, my $text, 100, 0)) { seek($out, 0, 0); print $out "$text\\n"; }`;
/** Counts in a file, and tells each number on a socket that it connected to once. */
const TELLER = `use Socket; socket(my $s, PF_UNIX, SOCK_DGRAM, 0);
connect($s, pack_sockaddr_un($ARGV[0])) or die;
for (my $i = 1; ; $i++) {
  open(my $n, ">", "/tmp/m"); print $n "$i\\n"; close($n); rename("/tmp/m", "/tmp/n");
  send($s, "heard $i", 0) or die; select(undef, undef, undef, 0.1);
}`;

async function outsideSocket(runtime) {
  await test(`${runtime}: --ext-unix-sk, a datagram socket that is connected to a program outside`, async () => {
    const outside = freshDir('outside');
    const heard = join(outside, 'heard');
    const listener = spawn('perl', ['-e', LISTENER, join(outside, 'log'), heard], { env, stdio: 'inherit' });
    try {
      await until('the listener is there', () => existsSync(heard));
      const box = new Bundle(runtime, name('extsk'), (spec, self) => {
        withPrograms(spec, self);
        spec.mounts.push({ destination: outside, type: 'bind', source: outside, options: ['bind', 'rw'] });
        spec.process.args = ['/usr/bin/perl', '-e', TELLER, join(outside, 'log')];
        // The socket is connected again by the name that its peer has given to itself.
        // The kernel tells of sockets to whoever is in their network namespace: of another one's CRIU knows no name, either.
        spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'network');
      });
      await withContainer(box, async () => {
        const { ok } = box.attempt(['checkpoint', '--image-path', freshDir(), box.name]);
        if (ok) throw new Error('a socket of a program outside was dumped, and nobody has asked for that');
        await box.cycle('--ext-unix-sk');
        const at = box.at;
        await until(
          'what is sent afterwards is heard',
          () => Number(/heard (\d+)/.exec(readFileSync(heard, 'utf8'))?.[1]) > at,
        );
      });
    } finally {
      listener.kill('SIGKILL');
    }
  });
}

const bytesOf = (dir) =>
  readdirSync(dir)
    .filter((file) => file.startsWith('pages-'))
    .reduce((sum, file) => sum + statSync(join(dir, file)).blocks * 512, 0);

async function deduplication(runtime) {
  await ownDump(
    `${runtime}: --auto-dedup frees pages of the pre-dump, and of the images of a restore`,
    async () => {
      const box = new Bundle(runtime, name('dedup'));
      await withContainer(box, async () => {
        const [parent, full] = [freshDir(), freshDir()];
        box.checkpoint(parent, '--pre-dump');
        await box.goesOn();
        const before = bytesOf(parent);
        box.checkpoint(full, '--parent-path', `../${parent.split('/').at(-1)}`, '--auto-dedup');
        if (bytesOf(parent) >= before) throw new Error(`${before} bytes of the pre-dump are still there`);
        box.restore(full, '--auto-dedup');
        await box.goesOn();
      });
    },
  );
}

async function linkRemap(runtime) {
  await test(`${runtime}: --link-remap, an open file whose name is gone, with another one`, async () => {
    const box = new Bundle(runtime, name('remap'), (spec) => {
      const open = 'echo kept > /tmp/f; exec 3<> /tmp/f; ln /tmp/f /tmp/g; rm /tmp/f';
      spec.process.args = ['/bin/sh', '-c', `${open}; . /bin/count`];
    });
    await withContainer(box, async () => {
      await box.cycle('--link-remap');
      const kept = box.exec('/bin/cat', '/proc/1/fd/3', '/tmp/g');
      if (kept !== 'kept\nkept\n') throw new Error(`the file has ${kept}`);
    });
  });
}

/** A connection of a container with itself: a server that answers each line, and a client. */
const TALK = `nc -l -p 7 -e /bin/cat & sleep 1; (while :; do echo x; sleep 0.2; done) | nc 127.0.0.1 7 > /tmp/echo & . /bin/count`;

async function connections(runtime, option, both) {
  await test(`${runtime}: ${option}, with a connection of the container with itself`, async () => {
    const box = new Bundle(runtime, name('tcp'), (spec) => {
      spec.process.args = ['/bin/sh', '-c', TALK];
      spec.process.capabilities.bounding.push('CAP_NET_BIND_SERVICE');
    });
    await withContainer(box, async () => {
      await until('it is connected', () => /x/.test(readFileSync(join(box.rootfs, 'tmp', 'echo'), 'utf8')));
      const dir = freshDir();
      box.checkpoint(dir, ...both, option);
      const help = attempt(runtime, ['restore', '--help']).text;
      box.restore(dir, ...[...both, option].filter((one) => help.includes(one)));
      await box.goesOn();
    });
  });
}

export async function moreOptions(runtime) {
  const help = attempt(runtime, ['checkpoint', '--help']).text;
  const where = async (option, body) => {
    if (help.includes(option)) await body();
    else skip(`${runtime}: ${option}`, 'this version has no such option');
  };
  await outsideSocket(runtime);
  await where('--auto-dedup', () => deduplication(runtime));
  await where('--link-remap', () => linkRemap(runtime));
  await where('--tcp-skip-in-flight', () =>
    connections(runtime, '--tcp-skip-in-flight', ['--tcp-established']),
  );
  await where('--tcp-close', () => connections(runtime, '--tcp-close', []));
  // CRIU leaves lo of a network namespace down that it makes empty, as runc has it.
  if (RESTORES === 'peer') skip(`${runtime}: a connection over lo`, 'lo stays down with CRIU');
  else await connections(runtime, '--tcp-established', []);
  if (!/--no-pivot/.test(attempt(runtime, ['restore', '--help']).text)) return;
  await test(`${runtime}: restore with --no-pivot and --no-subreaper`, async () => {
    const box = new Bundle(runtime, name('plainly'));
    await withContainer(box, async () => {
      const dir = box.checkpoint(freshDir());
      box.restore(dir, '--no-pivot', '--no-subreaper');
      await box.goesOn();
    });
  });
}
