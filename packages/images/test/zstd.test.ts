// Zstandard frames: those of libzstd are understood, and broken ones are refused, whatever they say of themselves.
import { describe, expect, it } from 'vitest';
import { ImageError, PageMemory, PagemapFlags, unpackZstd } from '../src/index.js';

const text = Buffer.from(
  Array.from({ length: 600 }, (_, i) => `key ${i % 97}: value ${i * 7};`).join(''),
).subarray(0, 4096);
/** The text above, packed by libzstd 1.5.4. */
const packed = Buffer.from(
  'KLUv/WAADwUVACY8cBWwJYUOANA7IhOG89a2lFKmlKTO6ERqAG0AaQDrZ7wsLguWBcvKMrKMLBvLxDKx7P7sr/7qj/7CX/gL/apf9aN6U0/qSb3Xcz3Xaz3WY71oF9gVu2JH7IbdsBN2Z3d2JldyJEdyQWGdDOarJDKInjBSgfoRS531WeJAbBAAAIGACcQGDAoCvUjpb9y12ykbGC0DJapYgcgwfAmJziDTU46Q4cE+iKtK7JxC8QiyQ1ccxWjCZsJkwmTCPmGeME9Yp8apxdRiakFqJbWSGkltpDZSE6FdaBaahVahUWgUWggtnBZOq8/os/lsPpPP/tk/82f9BGNJY0mLkhZIWiBpRdKIpA1JG3Im5Ozk7OTM5KzkrOSM5CzIWQjOQlBWQRkFZRSUTVAmQZkEZQ/KHJQ1KGvwY/CL4BfB+YOc6o/yTf0MHyReCZaXy2R6/IqJd9B2hHoCHSrcChWq1lA5EyP0RtiJsLuwu7CzsKuwo7CjsAthF84unFydHJ0cndycnJzcT+4n55PrSfbhfFGcIj4Olik/kF1yN+bEMTHDbobZDLMZVjOMZliYYWHWQlmrslZljcralLUpa1LWXtZc1lzSWlKBwqghGLP3N5ErKbkGESCEofEBHUcAlI6Kq04EdQb/APX94vvq2/PH07ODp6s396c4/v/v/dvb37tg8d5OFJLOCOi3hKQ5AvktIGmWQHsLRJox0NcCiWZE9LMAgp+AvH/4fHj0OPH87/Tp5JDzhKMWmdSmAAmtUgckslGg/BATWzElY9l2624mQuRekh1AVjNCJLUiQGIbAiS6ISCiGwEi2hEgoR0BEtoUIKGN0Q1nw9fwNNxML/NiGpZ5JVfWSqxklVTWktp8OmiMiLXNPVFlRplRSx+zY1ZfLAGmKg==',
  'base64',
);

describe('Zstandard frames', () => {
  it('of libzstd are understood', () => {
    expect(Buffer.from(unpackZstd(packed, text.length)).equals(text)).toBe(true);
  });
  it('that are broken are refused, wherever they are cut or changed', () => {
    for (let at = 0; at < packed.length; at += 7)
      expect(() => unpackZstd(packed.subarray(0, at), text.length)).toThrow(ImageError);
    for (let i = 0; i < 500; i++) {
      const changed = Buffer.from(packed);
      changed[(i * 31) % changed.length] = i & 255;
      try {
        expect(unpackZstd(changed, text.length)).toHaveLength(text.length);
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError);
      }
    }
  });
  it('have to hold just what is expected: nobody takes memory for what a frame says', () => {
    expect(() => unpackZstd(packed, text.length - 1)).toThrow(/has 4096 bytes, not 4095/);
    const huge = Buffer.from(packed);
    // Eight bytes of content size, all ones.
    const head = Buffer.concat([huge.subarray(0, 4), Buffer.from([0xe0]), Buffer.alloc(8, 255)]);
    expect(() => unpackZstd(Buffer.concat([head, huge.subarray(7)]), text.length)).toThrow(ImageError);
    expect(() => unpackZstd(Buffer.concat([packed, packed]), text.length)).toThrow(ImageError);
  });
});

describe('packed pages', () => {
  const entry = {
    vaddr: 0x1000n,
    compat_nr_pages: 0,
    flags: PagemapFlags.PRESENT,
    nr_pages: 1n,
    compressed_size: [100],
  };
  it('of a codec that is not known are refused', () => {
    const pagemap = { head: { pages_id: 1, page_codec: 7 }, entries: [entry] };
    expect(() => new PageMemory({ file: 'pages-1.img', mapFile: 'pagemap-5.img', pagemap })).toThrow(
      /codec 7/,
    );
  });
});
