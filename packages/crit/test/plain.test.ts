// JSON straight to the wire format must be what JSON.parse and the codec make of it, whatever the text.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeImage, ImageEncoder, ImageError, type ImageKind, imageKinds, kindInfo } from '@criu/images';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyMessage } from '../../images/test/support.js';
import { parseJson } from '../src/entry-splitter.js';
import { ImageJson, imageFromJson, imageToJson } from '../src/index.js';
import { MessageJson } from '../src/message-json.js';
import { PlainJson } from '../src/plain-json.js';
import { defined, goldenSets } from './support.js';

interface Text {
  readonly magic: ImageKind;
  readonly entries: readonly unknown[];
}

/** The way of text that is not plain. */
function slow(text: string): Buffer {
  const { magic, entries } = parseJson(text) as Text;
  const { type, later } = kindInfo(magic);
  const messages = new MessageJson();
  const encoder = new ImageEncoder(magic);
  for (const [index, value] of entries.entries()) {
    encoder.item(messages.parse(index === 0 ? type : (later ?? type), value) as never);
  }
  return encoder.take();
}

const outcome = (make: () => Buffer): string => {
  try {
    return make().toString('hex');
  } catch (error) {
    expect(error).toBeInstanceOf(ImageError);
    return 'an error';
  }
};

const plainKinds = imageKinds.filter((kind) => kindInfo(kind).payload === undefined);

describe('plain JSON of an image', () => {
  for (const kind of plainKinds) {
    it(`of kind ${kind} is the image again`, () => {
      const { type, later } = kindInfo(kind);
      const items = fc.tuple(anyMessage(type), fc.array(anyMessage(later ?? type), { maxLength: 2 }));
      fc.assert(
        fc.property(items, ([first, rest]) => {
          const image = encodeImage(
            kind,
            [first, ...rest].map((entry) => ({ entry: entry as never })),
          );
          expect(imageFromJson(imageToJson(image)).equals(image)).toBe(true);
        }),
        { numRuns: 20 },
      );
    });
  }

  it('may come in pieces of any size', () => {
    const [set] = goldenSets;
    const image = readFileSync(join(defined(set).images, 'core-1.img'));
    const text = Buffer.from(imageToJson(image));
    for (const size of [1, 2, 3, 7, 100, 1000]) {
      const pieces: Buffer[] = [];
      const json = new ImageJson((piece) => pieces.push(piece));
      for (let at = 0; at < text.length; at += size) json.push(text.subarray(at, at + size));
      json.end();
      expect(Buffer.concat(pieces).equals(image)).toBe(true);
    }
  });

  it('is taken without JSON.parse', () => {
    const text = Buffer.from('{"vaddr": 139637976727552, "compat_nr_pages": 1, "flags": 4, "nr_pages": 1}, ');
    const encoder = new ImageEncoder('PAGEMAP');
    encoder.item({ pages_id: 1 } as never);
    let end = 0;
    encoder.encoded((writer, type) => {
      end = new PlainJson().message(type, text, 0, writer);
      return end >= 0;
    });
    expect(end).toBe(text.length - 2);
  });

  it('with anything odd in it is what JSON.parse and the codec say', () => {
    const odd = [
      '{"vaddr": 4096, "flags": 4}',
      '{"vaddr": 4096, "compat_nr_pages": 1, "flags": 4, "nr_pages": 18446744073709551615}',
      '{"vaddr": 4096, "compat_nr_pages": 1, "flags": 4, "nr_pages": 18446744073709551616}',
      '{"vaddr": 4096, "compat_nr_pages": 4294967296, "flags": 4}',
      '{"vaddr": -1, "compat_nr_pages": 1, "flags": 4}',
      '{"vaddr": -0, "compat_nr_pages": 1, "flags": 4}',
      '{"vaddr": 04096, "compat_nr_pages": 1, "flags": 4}',
      '{"vaddr": 1.0, "compat_nr_pages": 1, "flags": 4}',
      '{"vaddr": 1e3, "compat_nr_pages": 1, "flags": 4}',
      '{"vaddr": 1.5, "compat_nr_pages": 1, "flags": 4}',
      '{"vaddr": "0x1000", "compat_nr_pages": 1, "flags": "PE_PRESENT"}',
      '{"compat_nr_pages": 1, "vaddr": 4096, "flags": 4}',
      '{"vaddr": 4096, "vaddr": 8192, "compat_nr_pages": 1, "flags": 4}',
      '{"vaddr": 4096, "compat_nr_pages": 1, "flags": 4, "other": 7}',
      '{"vaddr": 4096, "compat_nr_pages": 1, "flags": null}',
      '{"vaddr": true, "compat_nr_pages": 1}',
      '{"vaddr": , "compat_nr_pages": 1}',
      '{"vaddr": 4096 "compat_nr_pages": 1}',
      '{"vaddr": 4096, "compat_nr_pages": 1,}',
      '{"vaddr"\t:\r\n4096\n,"compat_nr_pages" : 1 }',
      '{}',
    ];
    for (const entry of odd) {
      const text = `{"magic": "PAGEMAP", "entries": [{"pages_id": 1}, ${entry}]}`;
      expect(
        outcome(() => imageFromJson(text)),
        entry,
      ).toBe(outcome(() => slow(text)));
    }
  });

  it('with a fault anywhere in it is what JSON.parse and the codec say', () => {
    const [set] = goldenSets;
    const texts = readdirSync(defined(set).images)
      .filter((name) => /^(core|files|fdinfo|mm|pagemap|pstree|ids)\b.*\.img$/.test(name))
      .map((name) => imageToJson(readFileSync(join(defined(set).images, name))))
      .filter((text) => text.length < 20_000);
    expect(texts.length).toBeGreaterThan(4);
    const bytes = Array.from('0123456789-+.eE"\\{}[]:, \n\u0001é');
    const fault = fc.record({
      text: fc.constantFrom(...texts),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.integer({ min: 0, max: 3 }),
      insert: fc.array(fc.constantFrom(...bytes), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fault, ({ text, at, remove, insert }) => {
        // Inside of the entries: what is around them has rules of its own.
        const from = text.indexOf('[{') + 2;
        const start = from + Math.floor(at * (text.length - 3 - from));
        const harmed = text.slice(0, start) + insert.join('') + text.slice(start + remove);
        expect(outcome(() => imageFromJson(harmed))).toBe(outcome(() => slow(harmed)));
      }),
      { numRuns: 3000 },
    );
  });
});
