// Damaged images: always an ImageError that says where, never a crash, a hang or memory beyond the input's size.
// IMAGES_FUZZ=1000000 asks for another number of images than the 10,000 of each run; IMAGES_FUZZ_SEED repeats one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeImage, detectKind, ImageError, imageKinds } from '../src/index.js';
import { goldenSets } from './support.js';

const rounds = Number(process.env.IMAGES_FUZZ ?? 10_000);
const seed = Number(process.env.IMAGES_FUZZ_SEED ?? Date.now() % 2 ** 31);

/** A small generator of our own, so that a seed gives the same images on each machine (mulberry32). */
function randomFrom(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function damage(source: Buffer, random: (below: number) => number): Buffer {
  let image = Buffer.from(source);
  for (let change = random(4); change >= 0; change--) {
    const at = random(image.length || 1);
    switch (random(6)) {
      case 0:
        image[at] = random(256);
        break;
      case 1:
        image[at] = (image[at] ?? 0) ^ (1 << random(8));
        break;
      case 2:
        image = image.subarray(0, at);
        break;
      case 3:
        image = Buffer.concat([image.subarray(0, at), Buffer.alloc(random(8), 0xff), image.subarray(at)]);
        break;
      case 4:
        image = Buffer.concat([image.subarray(0, at), image.subarray(at + random(16))]);
        break;
      default:
        if (at + 4 <= image.length) image.writeUInt32LE([0x7fffffff, 0xffffffff, 0, 0x10000][random(4)]!, at);
    }
  }
  return image;
}

it(`${rounds} damaged images give errors and nothing worse (seed ${seed})`, { timeout: 3_600_000 }, () => {
  const random = randomFrom(seed);
  const sources = goldenSets().flatMap(({ images }) =>
    readdirSync(images)
      .map((name) => readFileSync(join(images, name)))
      .filter((image) => detectKind(image) !== undefined),
  );
  let errors = 0;
  let slowest = 0;
  for (let round = 0; round < rounds; round++) {
    const image = damage(sources[random(sources.length)]!, random);
    const kind = detectKind(image) ?? imageKinds[random(imageKinds.length)]!;
    const start = performance.now();
    try {
      decodeImage(kind, image, 'fuzz.img');
    } catch (error) {
      errors++;
      if (!(error instanceof ImageError)) throw error;
      if (
        error.file !== 'fuzz.img' ||
        error.reason === '' ||
        !(error.offset >= 0 && error.offset <= image.length)
      ) {
        expect.fail(`a poor error for ${image.toString('base64')}: ${error.message}`);
      }
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  expect(errors).toBeGreaterThan(rounds / 10);
  // An image here has a few kilobytes; a second means that something grows without bounds.
  expect(slowest).toBeLessThan(1000);
});

it('an image that promises much does not take memory for it', () => {
  const huge: [string, Buffer][] = [
    ['an entry of 2 GB', Buffer.from('1943565447380555ffffff7f00', 'hex')],
    ['a payload of 4 GB', Buffer.from('194356540937455608000000080110ffffffff0f', 'hex')],
  ];
  for (const [what, image] of huge) {
    const before = process.memoryUsage();
    expect(() => decodeImage(detectKind(image)!, image), what).toThrowError(ImageError);
    const after = process.memoryUsage();
    expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(1 << 20);
  }
});
