// The forms of values that golden images do not have.
import { encodeImage, ImageError } from '@criu/images';
import { describe, expect, it } from 'vitest';
import { devText, devValue, flagNames, flagsText, flagsValue, ipText, ipWords } from '../src/hints.js';
import { imageFromJson, imageToJson } from '../src/index.js';
import { fromQuotedPrintable, humanSize, jsonString, quotedPrintable } from '../src/python-text.js';
import { defined, run } from './support.js';

const fown = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };

function python(program: string, input: string): string | undefined {
  try {
    const { status, text } = run('/usr/bin/python3', ['-c', program], input);
    return status === 0 ? text : undefined;
  } catch {
    return undefined;
  }
}
const hasPython = python('print(1)', '') !== undefined;

/** Bytes that reach every rule: line ends, blanks before them, dots, long lines, what is not ASCII. */
const awkward = Array.from({ length: 400 }, (_, seed) => {
  const alphabet = [10, 13, 32, 9, 46, 61, 65, 97, 0, 255, 126, 127, 95];
  const narrow = seed % 2 === 0 ? alphabet : [65, 66, 46, 32];
  return Buffer.from(
    Array.from({ length: seed }, (_, at) =>
      defined(narrow[((at * 7919 + seed * 104729) >>> 3) % narrow.length]),
    ),
  );
});

describe('text as Python makes it', () => {
  it.skipIf(!hasPython)('is quoted-printable to the byte (skipped without /usr/bin/python3)', () => {
    const program =
      'import sys,binascii\nfor l in sys.stdin: sys.stdout.write(binascii.b2a_qp(bytes.fromhex(l.strip())).hex()+"\\n")';
    const answer = defined(
      python(program, awkward.map((bytes) => `${bytes.toString('hex')}\n`).join('')),
    ).split('\n');
    for (const [index, bytes] of awkward.entries()) {
      expect(Buffer.from(quotedPrintable(bytes), 'latin1').toString('hex')).toBe(answer[index]);
    }
  });

  it.skipIf(!hasPython)('is JSON to the byte (skipped without /usr/bin/python3)', () => {
    const texts = ['plain', 'q"\\/', '\u0000\u001f\u007f\n\r\t\b\f', 'ä€😀', '\udc80'];
    const answer = python(
      'import sys,json\nfor l in sys.stdin: print(json.dumps(json.loads(l)))',
      texts.map((text) => `${JSON.stringify(text)}\n`).join(''),
    );
    expect(texts.map(jsonString).join('\n')).toBe(answer?.trimEnd());
  });

  it('comes back out of quoted-printable', () => {
    for (const bytes of awkward) {
      if (bytes.includes(13) || bytes.includes(10)) continue;
      expect(fromQuotedPrintable(quotedPrintable(bytes))).toEqual(bytes);
    }
  });

  it('has sizes for people', () => {
    expect([0, 1023, 1024, 1536, 5 << 20].map(humanSize)).toEqual(['0B', '1023B', '1KB', '1.5KB', '5MB']);
  });
});

describe('display hints', () => {
  it('show and read addresses', () => {
    const cases: [number[], string][] = [
      [[0x0100007f], '127.0.0.1'],
      [[0, 0, 0, 0], '::'],
      [[0, 0, 0, 0x01000000], '::1'],
      [[0xb80d0120, 0, 0, 0x01000000], '2001:db8::1'],
      [[0x000080fe, 0, 0x01000000, 0], 'fe80::1:0:0'],
      [[0x01000000, 0x00000100, 0x01000000, 0x00000100], '0:1:1::1:1:0'],
    ];
    for (const [words, text] of cases) {
      expect(ipText(words)).toBe(text);
      expect(ipWords(text)).toEqual(words);
    }
    expect(ipWords('::ffff:1.2.3.4')).toEqual([0, 0, 0xffff0000, 0x04030201]);
    for (const bad of ['', '1.2.3', '1.2.3.256', '1::2::3', '12345::', '1:2:3:4:5:6:7:8:9', 'x']) {
      expect(ipWords(bad)).toBeUndefined();
    }
  });

  it('show and read devices and flags', () => {
    expect(devText(0xfe00003, false)).toBe('254:3');
    expect(devText(0x0801, true)).toBe('8:1');
    for (const value of [0, 0x801, 0x12345678, 0xffffffff]) {
      expect(devValue(devText(value, false), false)).toBe(value);
      expect(devValue(devText(value, true), true)).toBe(value);
    }
    const names = defined(flagNames['mmap.status']);
    for (const value of [0, 1, 0x80000001, 0x40000010, 0xffffffff]) {
      expect(flagsValue(flagsText(value, names), names)).toBe(value);
    }
    expect(flagsValue('VMA_AREA_REGULAR | NOSUCH', names)).toBeUndefined();
  });
});

describe('an image as JSON', () => {
  const decode = (...args: Parameters<typeof imageToJson>) => JSON.parse(imageToJson(...args));

  it('leaves out enum numbers without a name', () => {
    const image = encodeImage('FDINFO', [{ entry: { id: 1, flags: 0, type: 4711, fd: 3 } }]);
    expect(decode(image).entries).toEqual([{ id: 1, flags: 0, fd: 3 }]);
  });

  it('is the same image again with every payload, in both forms', () => {
    const desc = { key: 1, uid: 2, gid: 3, cuid: 4, cgid: 5, mode: 6, id: 7 };
    const data = Buffer.from(Array.from({ length: 300 }, (_, at) => at & 255));
    const images = [
      encodeImage('PIPES_DATA', [
        { entry: { pipe_id: 1, bytes: 300 }, payload: data },
        { entry: { pipe_id: 2, bytes: 0 } },
      ]),
      encodeImage('IPCNS_SEM', [{ entry: { desc, nsems: 3 }, payload: data.subarray(0, 6) }]),
      encodeImage('IPCNS_SHM', [{ entry: { desc, size: 57n }, payload: data.subarray(0, 57) }]),
      encodeImage('BPFMAP_DATA', [
        { entry: { map_id: 1, keys_bytes: 4, values_bytes: 6, count: 2 }, payload: data.subarray(0, 10) },
      ]),
      encodeImage('GHOST_FILE', [
        { entry: { uid: 0, gid: 0, mode: 1, dev: 0x801, rdev: 0x801 }, payload: data },
      ]),
      encodeImage('GHOST_FILE', [
        { entry: { uid: 0, gid: 0, mode: 1, chunks: true } },
        { entry: { len: 3n, off: 0n }, payload: data.subarray(0, 3) },
      ]),
      encodeImage('CORE', []),
      encodeImage('PAGEMAP', []),
    ];
    for (const image of images) {
      for (const pretty of [false, true]) {
        expect(imageFromJson(imageToJson(image, { pretty }))).toEqual(image);
        expect(() => JSON.parse(imageToJson(image, { pretty, noPayload: true }))).not.toThrow();
      }
    }
    expect(decode(defined(images[0]), { noPayload: true }).entries[0].extra).toBe('... <300B>');
    const elsewhere = encodeImage('IPCNS_SHM', [{ entry: { desc, size: 40960n, in_pagemaps: true } }]);
    expect(decode(elsewhere, { noPayload: true }).entries[0].extra).toBe('... <40KB>');
    expect(decode(defined(images[4]), { noPayload: true }).entries[0]).not.toHaveProperty('extra');
  });

  it('keeps numbers of 64 bits and strings that are not UTF-8', () => {
    const entry = {
      id: 1,
      flags: 0,
      pos: 0xffff_ffff_ffff_fff1n,
      fown,
      name: 'a\udcffb',
      size: 9007199254740993n,
    };
    const image = encodeImage('REG_FILES', [{ entry }]);
    for (const pretty of [false, true]) expect(imageFromJson(imageToJson(image, { pretty }))).toEqual(image);
    expect(imageToJson(image)).toContain('18446744073709551601');
  });

  it('is read in any order of keys, with any white space, and without what is unknown', () => {
    const image = imageFromJson(
      ' { "entries" : [ {"pages_id":1,"foo":[{"a":"]}"}]} ,\n{"vaddr":"0x1000","compat_nr_pages":2}],"x":{"y":[1]}, "z":null, "magic":"PAGEMAP"}\n',
    );
    expect(decode(image).entries).toEqual([{ pages_id: 1 }, { vaddr: 4096, compat_nr_pages: 2 }]);
  });

  const broken: [what: string, text: string, reason: RegExp][] = [
    ['nothing', '', /too early/],
    ['no object', '[]', /where it can not be/],
    ['an end that is missing', '{"magic": "CORE", "entries": [', /too early/],
    ['a comma too many', '{"magic": "CORE", "entries": [],}', /where it can not be/],
    ['no magic', '{"entries": []}', /names no magic/],
    ['an unknown magic', '{"magic": "FOO", "entries": []}', /no image has the magic/],
    ['entries that are no list', '{"magic": "CORE", "entries": 5}', /must be a list/],
    ['an entry that is no JSON', '{"magic": "PSTREE", "entries": [{"pid": nope}]}', /not JSON/],
    [
      'a field of the wrong type',
      '{"magic": "PAGEMAP", "entries": [{"pages_id": "x"}]}',
      /entries\[0\].pages_id must be an integer/,
    ],
    [
      'a number that is too large',
      '{"magic": "PAGEMAP", "entries": [{"pages_id": "0x100000000"}]}',
      /from 0 to 4294967295/,
    ],
    [
      'an unknown enum name',
      '{"magic": "FDINFO", "entries": [{"id": 1, "flags": 0, "type": "X", "fd": 1}]}',
      /type must be one of/,
    ],
    ['a required field missing', '{"magic": "PAGEMAP", "entries": [{}]}', /pages_id is absent/],
    [
      'a payload of the wrong size',
      '{"magic": "PIPES_DATA", "entries": [{"pipe_id": 1, "bytes": 3, "extra": "YQ==\\n"}]}',
      /3 bytes of payload got 1/,
    ],
  ];
  for (const [what, text, reason] of broken) {
    it(`with ${what} is an error`, () => {
      expect(() => imageFromJson(text)).toThrowError(ImageError);
      expect(() => imageFromJson(text)).toThrowError(reason);
    });
  }
});
