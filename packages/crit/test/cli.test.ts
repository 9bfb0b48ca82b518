// The command as its users call it: options, streams, exit codes.
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectKind, parseFileName, writeImageSync } from '@criu/images';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemsText } from '../src/commands/verify.js';
import { imageFromJson, imageToJson } from '../src/index.js';
import { version } from '../src/version.js';
import { hostile } from './hostile.js';
import {
  bundleCrit,
  defined,
  goldenSets,
  ipcSet,
  msgqueSet,
  pythonCrit,
  run,
  scratch,
  tcpSet,
} from './support.js';

let crit: Awaited<ReturnType<typeof bundleCrit>>;
let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'crit-bundle-'));
  crit = await bundleCrit(home);
});
afterAll(() => rmSync(home, { recursive: true }));

it('is shipped as ASCII, which is read as it is, and writes UTF-8', () => {
  for (const name of ['quick', 'crit', 'version'])
    expect(readFileSync(join(home, 'dist', `${name}.cjs`), 'latin1')).toMatch(/^[\0-\x7f]*$/);
  const { text } = crit(['report', tcpSet.images]);
  expect(text).toContain('✕');
  expect(text).not.toMatch(/[\u0080-\u009f]|Â|â/);
});

const image = join(ipcSet.images, 'core-1.img');
const compact = readFileSync(join(ipcSet.texts, 'core-1.json'), 'utf8');
const pretty = readFileSync(join(ipcSet.texts, 'core-1.pretty.json'), 'utf8');

describe('names that are not UTF-8', () => {
  /** Runs it with arguments as the shell makes them, which node can not pass on. */
  const shell = (words: string) => run('sh', ['-c', `exec "$0" ${words}`, join(home, 'bin', 'crit.cjs')]);
  const odd = `"$(printf '${'$1'}caf\\351')"`;

  it('are those of images and of what is written', () => {
    const dir = scratch();
    const path = odd.replace('$1', `${dir}/`);
    writeFileSync(Buffer.from(`${dir}/caf\xe9`, 'latin1'), readFileSync(image));
    expect(shell(`decode -i ${path}`).text).toBe(compact);
    // The second way is left to the parser.
    expect(shell(`decode --in=${path}`).text).toBe(compact);
    expect(shell(`decode -i ${image} -o ${path}.json`)).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(dir, 'latin1').sort()).toEqual(['caf\xe9', 'caf\xe9.json']);
    expect(shell(`decode -i ${path}.img`).stderr).toContain(`${dir}/caf\\xe9.img: can not open`);
  });

  it('are shown as such, and kept in JSON', () => {
    const dir = scratch();
    const fown = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };
    const entry = { id: 1, flags: 0, pos: 0n, fown, name: '/caf\udce9' };
    const files = join(dir, 'reg-files.img');
    writeImageSync(files, 'REG_FILES', [{ entry }]);
    const { text } = crit(['show', files]);
    expect(text).toContain('"/caf\\udce9"');
    expect(crit(['encode'], text).stdout).toEqual(readFileSync(files));
  });
});

describe('crit decode', () => {
  it('reads a file or standard input and writes standard output', () => {
    expect(crit(['decode', '-i', image]).text).toBe(compact);
    expect(crit(['decode'], readFileSync(image)).text).toBe(compact);
    expect(crit(['decode', '--in', image, '--pretty']).text).toBe(pretty);
    // Written in a way that the short cut for plain command lines leaves to the parser.
    expect(crit(['decode', `--in=${image}`, '--pretty']).text).toBe(pretty);
  });

  it('writes a file, which has no newline at its end', () => {
    const out = join(scratch(), 'core.json');
    expect(crit(['decode', '-i', image, '-o', out])).toMatchObject({ status: 0, text: '' });
    expect(`${readFileSync(out, 'utf8')}\n`).toBe(compact);
  });

  it('says what is wrong with a broken image, and exits with 1', () => {
    const path = join(scratch(), 'core-1.img');
    copyFileSync(image, path);
    truncateSync(path, 100);
    const { status, stderr } = crit(['decode', '-i', path]);
    expect(status).toBe(1);
    expect(stderr).toBe(
      `crit: ${path}: the file ends inside an entry of 2298 bytes, at byte 100\n  the file is damaged or was not written to its end: take a copy that is whole, or dump again [truncated]\n`,
    );
    expect(crit(['decode', '-i', join(home, 'none.img')])).toMatchObject({ status: 1 });
  });

  it('does not make an output file for what is not an image', () => {
    const out = join(scratch(), 'out.json');
    expect(crit(['decode', '-i', __filename, '-o', out]).status).toBe(1);
    expect(() => readFileSync(out)).toThrowError(/ENOENT/);
  });
});

describe('crit encode', () => {
  it('is the reverse of decode', () => {
    const out = join(scratch(), 'core.img');
    expect(crit(['encode'], compact).stdout.equals(readFileSync(image))).toBe(true);
    expect(crit(['encode', '-i', join(ipcSet.texts, 'core-1.pretty.json'), '-o', out]).status).toBe(0);
    expect(readFileSync(out).equals(readFileSync(image))).toBe(true);
  });

  it('says where broken JSON is wrong, and exits with 1', () => {
    const { status, stderr } = crit(['encode'], '{"magic": "PSTREE", "entries": [{"pid": "x"}]}');
    expect(status).toBe(1);
    expect(stderr).toMatch(/entries\[0\]\.pid must be an integer, not "x"/);
  });
});

describe('crit info and show', () => {
  it('say what an image is', () => {
    expect(crit(['info', image]).text).toBe('{\n    "magic": "CORE",\n    "count": 1\n}\n');
    expect(JSON.parse(crit(['info', join(ipcSet.images, 'pagemap-1.img')]).text)).toEqual({
      magic: 'PAGEMAP',
      count: 12,
    });
    expect(crit(['info', image, '--json']).text).toBe(crit(['info', image]).text);
    expect(crit(['show', image]).text).toBe(pretty);
  });

  it('leave payloads out when asked', () => {
    const queue = defined(readdirSync(msgqueSet.images).find((name) => name.startsWith('ipcns-msg')));
    expect(crit(['show', '--nopl', join(msgqueSet.images, queue)]).text).toMatch(/"extra": "\.\.\. <\d+B>"/);
  });
});

describe('crit x', () => {
  it('prints what crit prints', () => {
    for (const topic of ['ps', 'fds', 'mems', 'rss']) {
      expect(crit(['x', ipcSet.images, topic]).text).toBe(
        readFileSync(join(ipcSet.texts, `x-${topic}.txt`), 'utf8'),
      );
    }
  });

  it('prints data as JSON', () => {
    const rows = JSON.parse(crit(['x', ipcSet.images, 'ps', '--json']).text);
    expect(rows[2]).toEqual({ pid: 6, pgid: 5, sid: 5, depth: 2, comm: 'ipc' });
    const [first] = JSON.parse(crit(['x', ipcSet.images, 'mems', '--json']).text);
    expect(first.rows[0]).toMatchObject({
      start: expect.stringMatching(/^0x[0-9a-f]+$/),
      prot: 'r--',
      regular: true,
    });
  });

  it('lists sockets with addresses and queues', () => {
    const rows = JSON.parse(crit(['x', tcpSet.images, 'sk', '--json']).text);
    const listener = rows.find((row: { state: string }) => row.state === 'LISTEN');
    expect(listener).toMatchObject({
      pid: 5,
      fds: [6],
      family: 'INET6',
      type: 'TCP',
      local: '[::]:8880',
      remote: '',
    });
    expect(crit(['x', tcpSet.images, 'sk']).text.split('\n')[0]).toMatch(/^PID +FD +FAMILY +TYPE +STATE/);
  });
});

describe('crit verify', () => {
  it('finds nothing but the missing pages in golden images', () => {
    const result = JSON.parse(crit(['verify', ipcSet.images, '--json']).text);
    expect(result.problems.filter(({ file }: { file: string }) => !file.startsWith('pages-'))).toEqual([]);
  });

  it('finds what is missing, broken or dangling, and exits with 1', () => {
    const dir = scratch();
    for (const name of readdirSync(ipcSet.images)) copyFileSync(join(ipcSet.images, name), join(dir, name));
    rmSync(join(dir, 'core-7.img'));
    truncateSync(join(dir, 'memfd.img'), 20);
    writeImageSync(join(dir, 'fdinfo-3.img'), 'FDINFO', [{ entry: { id: 999, flags: 0, type: 1, fd: 0 } }]);
    const { status, text } = crit(['verify', dir]);
    expect(status).toBe(1);
    expect(text).toMatch(/^error: memfd\.img: the file ends inside an entry of 34 bytes \(offset 20\)$/m);
    expect(text).toMatch(/^error: core-7\.img: can not read: no such file or directory \(ENOENT\)/m);
    expect(text).toMatch(/^error: fdinfo-3\.img: descriptor 0 refers to file 999, which is not there$/m);
    expect(text).toMatch(/errors, \d+ warnings: it cannot be restored like this: .*\n$/);
    expect(text).not.toContain('(offset 0)');
  });

  it('says in words whether all is there, and counts one as one', () => {
    expect(problemsText([], 3)).toBe('3 files, 0 errors, 0 warnings: the checkpoint is complete\n');
    const lack = { level: 'error', file: 'pstree.img', reason: 'lacks', offset: 0 } as const;
    expect(problemsText([lack], 1)).toBe(
      'error: pstree.img: lacks\n1 file, 1 error, 0 warnings: it cannot be restored like this: take a copy that is whole, or dump again\n',
    );
  });
});

describe('crit mem', () => {
  it('lists, searches and dumps the memory of a process', () => {
    const { dir } = hostile();
    expect(crit(['mem', dir, '--pid', '1']).text).toMatch(/^000000010000-000000018000 +rw- +32 KiB +4 KiB$/m);
    const found = crit(['mem', dir, '--pid', '1', '--search', 'hacked']);
    expect(found.text).toMatch(/^00000001000b {2}anonymous\n {4}.*«hacked»/m);
    expect(found.text).toMatch(/^2 places$/m);
    const limited = crit(['mem', dir, '--pid=1', '--regex', 'x{3,}', '--limit', '1', '--json']);
    expect(JSON.parse(limited.text)).toEqual([
      expect.objectContaining({
        address: expect.stringMatching(/^0x10/),
        bytes: Buffer.from('x'.repeat(300)).toString('base64'),
      }),
    ]);
    expect(crit(['mem', dir, '--pid', '1', '--dump', '0x10004:8']).text).toBe(
      '000000010004  73 63 72 69 70 74 3e 68                           |script>h|\n',
    );
    expect(crit(['mem', dir, '--pid', '1', '--dump', '0x10004:6', '--raw']).text).toBe('script');
    const out = join(scratch(), 'memory');
    expect(crit(['mem', dir, '--pid', '1', '--dump', '0x10000:32k', '--raw', '-o', out]).status).toBe(0);
    expect(readFileSync(out)).toHaveLength(32768);
    expect(JSON.parse(crit(['mem', dir, '--pid', '1', '--json']).text)[0]).toMatchObject({
      size: 32768,
      stored: 4096,
    });
  });

  it('says what can not be, without an output file', () => {
    const { dir } = hostile();
    const out = join(scratch(), 'out');
    for (const [args, reason] of [
      [['--pid', '77'], /there is no process 77/],
      [['--pid', 'x'], /--pid must be a number/],
      [['--pid', '1', '--dump', '1'], /ADDR:LEN/],
      [['--pid', '1', '--dump', '0:1'], /nothing is mapped at 0x0/],
      [['--pid', '1', '--regex', '('], /Invalid regular expression/],
      [['--pid', '1', '--search', 'a', '--dump', '1:1'], /mutually exclusive/],
    ] as const) {
      const { status, stderr } = crit(['mem', dir, ...args, '-o', out]);
      expect(status, args.join(' ')).toBe(1);
      expect(stderr).toMatch(reason);
    }
    expect(() => readFileSync(out)).toThrowError(/ENOENT/);
  });
});

describe('crit diff', () => {
  it('exits with 0, 1 or 2, as diff does', () => {
    const one = hostile(2).dir;
    const other = hostile(3).dir;
    expect(crit(['diff', one, one])).toMatchObject({ status: 0, text: '' });
    const changed = crit(['diff', one, other]);
    expect(changed.status).toBe(1);
    expect(changed.text).toMatch(/^\+ process 3 /m);
    expect(JSON.parse(crit(['diff', one, other, '--json']).text)).toMatchObject({ same: false });
    expect(crit(['diff', join(one, 'pstree.img'), join(other, 'pstree.img')]).text).toBe(
      '+ [pid=3]: {"pid": 3, "ppid": 2, "pgid": 1, "sid": 1, "threads": [3]}\n',
    );
    expect(crit(['diff', one, join(one, 'none')])).toMatchObject({ status: 2, text: '' });
    expect(crit(['diff', one, join(one, 'pstree.img')]).stderr).toMatch(/two images or two directories/);
  });
});

describe('crit report', () => {
  it('writes a page, or what is on it as JSON', () => {
    const out = join(scratch(), 'report.html');
    expect(crit(['report', tcpSet.images, '-o', out])).toMatchObject({ status: 0, text: '' });
    expect(readFileSync(out, 'utf8')).toMatch(/^<!doctype html>\n/);
    const data = JSON.parse(crit(['report', tcpSet.images, '--json']).text);
    expect(data.processes).toHaveLength(3);
  });
});

describe('the command line', () => {
  it('has a version and help, and exits with 1 when it is wrong', () => {
    expect(crit(['--version']).text).toBe(`${version}\n`);
    expect(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version).toBe(
      version,
    );
    expect(crit(['--help']).text).toMatch(/crit decode/);
    for (const args of [
      [],
      ['nonsense'],
      ['decode', '--nonsense'],
      ['x', ipcSet.images, 'nonsense'],
      ['info'],
    ]) {
      const { status, stderr } = crit(args);
      expect(status, args.join(' ')).toBe(1);
      expect(stderr).toMatch(/crit: /);
    }
  });
});

describe('what goes wrong', () => {
  const errors = (...args: string[]) => {
    const { status, stderr, text } = crit(args);
    expect([status, text]).toEqual([1, '']);
    return stderr;
  };

  it('is said with its subject, the reason, what to do, and a code', () => {
    const dir = scratch();
    const none = join(dir, 'none.img');
    expect(errors('show', none)).toBe(
      `crit: ${none}: can not open: no such file or directory (ENOENT)\n  name an image, or the directory of a dump that has finished [io]\n`,
    );
    expect(errors('show', dir)).toMatch(/: can not read: .*\(EISDIR\)\n {2}name one image in it.*\[io\]\n$/);
    expect(errors('mem', ipcSet.images, '--pid', '77')).toBe(
      'crit: there is no process 77 in the checkpoint\n  `crit x DIR ps` lists them [usage]\n',
    );
    expect(errors('x', ipcSet.images, 'nonsense')).toBe(
      'crit: what cannot be nonsense, only ps, fds, mems, rss, mounts, sk\n  `crit x --help` tells what can be given [usage]\n',
    );
    expect(errors('verify')).toBe(
      'crit: DIR is missing\n  `crit verify --help` tells what can be given [usage]\n',
    );
    const nowhere = join(dir, 'no/file.json');
    expect(errors('decode', image, '-o', nowhere)).toBe(
      `crit: ${nowhere}: can not be written to: no such file or directory (ENOENT)\n  name a file to write to with -o, in a directory that is there and that you may write to [usage]\n`,
    );
    const empty = join(dir, 'empty.img');
    writeFileSync(empty, '');
    expect(errors('info', empty)).toContain(`crit: ${empty}: the file is empty\n`);
    expect(errors('decode', image, '--bogus')).toMatch(/^crit: there is no command or option bogus\n/);
  });

  it('is the same for every command that takes a checkpoint and gets none', () => {
    const file = join(scratch(), 'notes.txt');
    writeFileSync(file, 'no checkpoint at all');
    for (const [command = '', ...more] of [
      ['x', 'ps'],
      ['verify'],
      ['mem', '--pid', '1'],
      ['report'],
      ['core'],
      ['show-container'],
    ]) {
      expect(errors(command, file, ...more), command).toMatch(/neither a directory of images nor an archive/);
      expect(errors(command, `${file}.not`, ...more), command).toMatch(/there is no such file or directory/);
    }
    for (const command of ['compress', 'decompress'])
      expect(errors(command, file)).toMatch(/only be packed in a directory of images/);
  });

  it('tells what a file is that is no image with entries', () => {
    const dir = scratch();
    const say = (name: string, bytes: Buffer | string) => {
      writeFileSync(join(dir, name), bytes);
      return errors('decode', join(dir, name))
        .split('\n')[0]
        ?.slice(`crit: ${join(dir, name)}: `.length);
    };
    expect(say('pages-1.img', Buffer.alloc(8192, 'x'))).toBe(
      'this is no image with entries: it is the contents of memory pages, one behind the other and nothing else',
    );
    expect(errors('info', join(dir, 'pages-1.img'))).toContain('crit mem DIR --pid N');
    expect(errors('show', join(dir, 'pages-1.img'))).toContain('memory pages');
    expect(say('tmpfs-dev-5.tar.gz.img', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]))).toMatch(/of a tmpfs$/);
    expect(say('core.5', '\x7fELF............')).toMatch(/core file \(ELF\)$/);
    expect(say('core.json', '{"magic": "CORE"}')).toMatch(/it is JSON$/);
  });
});

it('takes the image to decode also without an option', () => {
  expect(crit(['decode', image])).toMatchObject({ status: 0, text: compact });
});

describe.skipIf(pythonCrit === undefined)("Debian's crit (skipped where it is not installed)", () => {
  // On a busy machine each of some forty starts of Python may take seconds.
  it('reads what we encode, and says the same of it as of the original', { timeout: 400_000 }, () => {
    const dir = scratch();
    const seen = new Set<string>();
    for (const { images } of goldenSets) {
      for (const name of readdirSync(images)) {
        const original = join(images, name);
        const bytes = readFileSync(original);
        const kind = detectKind(bytes);
        // One image of each kind: starting Python takes most of the time.
        if (kind === undefined || seen.has(kind) || parseFileName(name).is !== 'image') continue;
        seen.add(kind);
        const json = run(defined(pythonCrit), ['decode', '-i', original]);
        const ours = join(dir, name);
        writeFileSync(ours, imageFromJson(imageToJson(bytes, { pretty: true })));
        const again = run(defined(pythonCrit), ['decode', '-i', ours]);
        expect(again.status, name).toBe(json.status);
        expect(again.text, name).toBe(json.text);
      }
    }
    expect(seen.size).toBeGreaterThan(15);
  });
});
