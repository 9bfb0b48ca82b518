// What we print is what crit 4.2 prints, byte by byte, and what it printed becomes the same image again.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { detectKind, ImageSet } from '@criu/images';
import { describe, expect, it } from 'vitest';
import {
  descriptorsText,
  Explorer,
  imageFromJson,
  imageToJson,
  mappingsText,
  processesText,
  residentText,
} from '../src/index.js';
import { goldenSets, hasCorpus } from './support.js';

const topics = { ps: processesText, fds: descriptorsText, mems: mappingsText, rss: residentText };

describe(`crit's words on golden images${hasCorpus ? '' : ' (of the fixtures only: no corpus beside the repository)'}`, () => {
  for (const { name, images, texts } of goldenSets) {
    it(`are ours too, for ${name}`, () => {
      let compared = 0;
      for (const file of readdirSync(images)) {
        const image = readFileSync(join(images, file));
        if (detectKind(image) === undefined) continue;
        for (const pretty of [false, true]) {
          const path = join(texts, `${file.replace(/\.img$/, '')}${pretty ? '.pretty' : ''}.json`);
          if (!existsSync(path)) continue;
          const text = readFileSync(path, 'utf8');
          // Not toBe: a difference in a large text would take minutes to be displayed.
          if (`${imageToJson(image, { pretty })}\n` !== text)
            expect.fail(`${file} reads differently, pretty: ${pretty}`);
          if (!imageFromJson(text).equals(image))
            expect.fail(`${file} is another image afterwards, pretty: ${pretty}`);
          compared++;
        }
      }
      expect(compared).toBeGreaterThan(20);
      for (const [topic, text] of Object.entries(topics)) {
        const path = join(texts, `x-${topic}.txt`);
        if (!existsSync(path)) continue;
        expect(text(new Explorer(new ImageSet(images))), topic).toBe(readFileSync(path, 'utf8'));
      }
    });
  }
});
