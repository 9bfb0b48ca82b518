// Names of the files in an images directory, with the kind of image and the id.
import { type ImageKind, imageKinds, kindInfo, rawFiles } from './kinds.js';

/** A parsed file name. `raw` files have no entries. */
export type FileName =
  | { readonly is: 'image'; readonly kind: ImageKind; readonly id: string; readonly template: string }
  | { readonly is: 'raw'; readonly template: string; readonly id: string }
  | { readonly is: 'other' };

const PLACE = /%(l?[udx]|s)/;

function matcher(template: string): RegExp {
  const digits = (_: string, place: string) =>
    place === 's' ? '([a-z]+)' : place === 'x' ? '([0-9a-f]+)' : '(-?[0-9]+)';
  return new RegExp(`^${template.replace(/\./g, '\\.').replace(PLACE, digits)}$`);
}

function makeMatchers() {
  return {
    images: imageKinds.flatMap((kind) =>
      kindInfo(kind).files.map((template) => ({ kind, template, regex: matcher(template) })),
    ),
    // tar has a suffix of its own before the suffix of images.
    raw: rawFiles.map((template) => ({ template, regex: matcher(template.replace(/\.gz$/, '.gz.img')) })),
  };
}

/** Made when the first name is parsed: a dump only makes names. */
let matchers: ReturnType<typeof makeMatchers> | undefined;

export function parseFileName(name: string): FileName {
  matchers ??= makeMatchers();
  for (const { kind, template, regex } of matchers.images) {
    const match = regex.exec(name);
    if (match !== null) return { is: 'image', kind, id: match[1] ?? '', template };
  }
  for (const { template, regex } of matchers.raw) {
    const match = regex.exec(name);
    if (match !== null) return { is: 'raw', template, id: match[1] ?? '' };
  }
  return { is: 'other' };
}

/** The parts of a template before and after the number. Cached, since names are built several times for each task. */
const templateParts = new Map<string, { before: string; place: string | undefined; after: string }>();

/**
 * Name of the file of an image.
 * @param id a number, printed as in the template of the kind, or the word in a name such as `stats-dump`
 * @param variant index of the template for kinds with several
 */
export function imageFileName(kind: ImageKind, id: number | bigint | string = '', variant = 0): string {
  const template = kindInfo(kind).files[variant];
  if (template === undefined) throw new TypeError(`${kind} has no file name ${variant}`);
  let parts = templateParts.get(template);
  if (!parts) {
    const [before = '', place, after = ''] = template.split(PLACE);
    parts = { before, place, after };
    templateParts.set(template, parts);
  }
  const { before, place, after } = parts;
  if (place === undefined) return before;
  return before + (typeof id !== 'string' && place === 'x' ? id.toString(16) : String(id)) + after;
}
