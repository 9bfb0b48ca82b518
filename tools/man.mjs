// Writes manual pages: `node tools/man.mjs [NAME...]`, each into dist/man of the package that has the command. Part of each
// build and of `npm run docs`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { criuPage } from './man/criu.mjs';
import { declaredPage } from './man/declared-page.mjs';
import { readJson, root } from './pack/packages.mjs';

const DECLARED = {
  crit: {
    package: 'packages/crit',
    source: 'packages/crit/src/cli.ts',
    summary: 'look into the images of checkpoints, and change them',
    description: [
      '`crit` shows what is in the images that criu(8) writes, checks them, and turns them into JSON and back. A directory of images may be an archive of a container engine, which is unpacked for the time of the command.',
    ],
    noShortHelp: true,
    status: [
      ['0', 'Done.'],
      ['1', 'An image is broken, differs, or the command line is wrong.'],
    ],
    examples: [
      ['Who is in a checkpoint, and one page on it:', 'crit x images ps\ncrit report images -o report.html'],
      [
        'An image is changed by hand:',
        'crit decode -i core-1.img --pretty -o core.json\ncrit encode -i core.json -o core-1.img',
      ],
      ['Is all of it there?', 'crit verify images'],
    ],
    seeAlso: ['criu(8)', 'core(5)', 'gdb(1)'],
  },
  compel: {
    package: 'packages/compel',
    source: 'packages/compel/src/cli/main.ts',
    summary: 'run code inside of other processes',
    description: [
      '`compel` stops a process, runs system calls or code of yours in it, and takes everything out again, so that the process does not notice. It also compiles C files into parasites, blobs of code without a libc that are put into processes.',
      'It needs the right to trace the process (CAP_SYS_PTRACE for those of somebody else), and an x86_64 machine.',
    ],
    noShortHelp: true,
    status: [
      ['0', 'Done.'],
      ['1', 'It failed; the process goes on as it was.'],
      ['2', 'The command line is wrong.'],
    ],
    examples: [
      [
        'The umask of a process, which is 0 for a moment, is set again:',
        'compel syscall PID umask 0\ncompel syscall PID umask 022',
      ],
      ['Code of your own:', 'compel build example.c -o example.blob\ncompel inject PID example.blob'],
    ],
    seeAlso: ['criu(8)', 'ptrace(2)', 'proc(5)'],
  },
  soccr: {
    package: 'packages/soccr',
    source: 'packages/soccr/src/cli.ts',
    summary: 'save and restore a live TCP connection',
    description: [
      '`soccr` takes a TCP connection from a running process, as it is, and restores it in another one, which may be on another machine that has the address. The peer notices nothing.',
      'The process that loses a connection finds its socket unconnected (ECONNABORTED). Needs CAP_NET_ADMIN, and CAP_SYS_PTRACE for a process of somebody else.',
    ],
    status: [
      ['0', 'Done; or that of the command after `--`.'],
      ['1', 'It failed; the process keeps the connection.'],
      ['2', 'The command line is wrong.'],
    ],
    examples: [
      [
        'Another program goes on with a connection, which it finds as descriptor 3:',
        'soccr handover PID FD -- ./successor',
      ],
      [
        'To another machine:',
        'soccr save PID FD -o connection.json\nsoccr restore --unlocked connection.json -- ./program',
      ],
    ],
    seeAlso: ['criu(8)', 'tcp(7)', 'nft(8)'],
  },
};

/** Writes one page. @returns its path */
export async function writeManual(name) {
  const home = join(root, DECLARED[name]?.package ?? 'packages/criu-cli');
  const { version } = readJson(join(home, 'package.json'));
  // That of the release, so that a build of the same sources is the same.
  const date = process.env.SOURCE_DATE_EPOCH ? new Date(1000 * process.env.SOURCE_DATE_EPOCH) : new Date();
  const about = { version, date: date.toISOString().slice(0, 10) };
  const text = name === 'criu' ? await criuPage(about) : await declaredPage(name, DECLARED[name], about);
  mkdirSync(join(home, 'dist', 'man'), { recursive: true });
  const file = join(home, 'dist', 'man', `${name}.${name === 'criu' ? 8 : 1}`);
  writeFileSync(file, text);
  return file;
}

export const MANUALS = ['criu', ...Object.keys(DECLARED)];

if (process.argv[1] === import.meta.filename) {
  const names = process.argv.slice(2);
  for (const name of names.length ? names : MANUALS) console.log(await writeManual(name));
}
