// The schema that this package carries is the schema of CRIU 4.2.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  defaults,
  describeEnum,
  describeMessage,
  enumNames,
  imageKinds,
  kindInfo,
  type MessageName,
  messageNames,
  parseFileName,
} from '../src/index.js';
import { fixtures, hasCorpus, shared } from './support.js';

interface FactField {
  name: string;
  number: number;
  label: string;
  type: string;
  of?: string;
  hint?: object;
  default?: string;
}
interface FactFile {
  messages: Record<string, { fields: FactField[]; enums?: Record<string, Record<string, number>> }>;
  enums: Record<string, Record<string, number>>;
}
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const facts = readJson(join(fixtures, 'facts-schema.json')).files as Record<string, FactFile>;
const imageFacts = readJson(join(fixtures, 'facts-images.json')) as {
  magics: Record<string, string>;
  files: [string, string][];
  handlers: Record<string, { payload: string | null }>;
};

/** Fields with numbers from here on are our own: CRIU skips what it does not know. */
const FIRST_OF_OUR_OWN = 1000;

/** Fields that CRIU has since 4.2. */
const LATER: ReadonlySet<string> = new Set([
  'pagemap_entry.compressed_size',
  'pagemap_entry.total_compressed_size',
  'pagemap_entry.region_pages',
  'inventory_entry.compress',
  'inventory_entry.compress_region_size',
  'criu_opts.compress',
  'criu_opts.compress_acceleration',
  'criu_opts.compress_region_size',
  'criu_opts.decompress_threads',
  'criu_opts.image_io_mode',
  'criu_features.mem_compression',
]);
/** Enumerations of those. */
const LATER_ENUMS: ReadonlySet<string> = new Set(['criu_image_io_mode']);

/** Values of CRIU's enumerations that are our own. */
const OWN_VALUES: ReadonlySet<string> = new Set(['fd_types.POSIX_QUEUE 1000']);

const messagesIn = (type: MessageName, from: number): MessageName[] =>
  describeMessage(type)
    .fields.filter((field) => field.number >= from)
    .flatMap(({ of }) => messageNames.filter((name) => name === of));

/** Messages that only fields of our own consist of, and what those consist of in turn. */
const ownMessages: ReadonlySet<string> = (() => {
  const ofCriu = new Set(Object.values(facts).flatMap(({ messages }) => Object.keys(messages)));
  const found = new Set<MessageName>();
  const visit = (type: MessageName): void => {
    if (found.has(type) || ofCriu.has(describeMessage(type).name)) return;
    found.add(type);
    for (const name of messagesIn(type, 0)) visit(name);
  };
  for (const type of messageNames) for (const name of messagesIn(type, FIRST_OF_OUR_OWN)) visit(name);
  return found;
})();

/** What CRIU has of our schema, in the form of the facts. */
function ours(): Record<string, FactFile> {
  const files: Record<string, FactFile> = {};
  const file = (name: string) => (files[name] ??= { messages: {}, enums: {} });
  const protoNames = new Map<string, string>();
  for (const type of messageNames) protoNames.set(type, describeMessage(type).name);
  for (const name of enumNames) protoNames.set(name, describeEnum(name).name);
  for (const type of messageNames) {
    if (ownMessages.has(type)) continue;
    const message = describeMessage(type);
    file(message.file).messages[message.name] = {
      fields: message.fields
        .filter(({ name, number }) => number < FIRST_OF_OUR_OWN && !LATER.has(`${message.name}.${name}`))
        .map((field) => ({
          name: field.name,
          number: field.number,
          label: field.label,
          type: field.type,
          ...(field.of === undefined ? {} : { of: protoNames.get(field.of)! }),
          ...(Object.keys(field.hint).length === 0 ? {} : { hint: field.hint }),
          ...(field.default === undefined ? {} : { default: field.default }),
        })),
    };
  }
  for (const name of enumNames) {
    const item = describeEnum(name);
    if (LATER_ENUMS.has(item.name)) continue;
    const values = Object.fromEntries(
      [...item.values].filter(([value, number]) => !OWN_VALUES.has(`${item.name}.${value} ${number}`)),
    );
    const [owner, nested] = item.name.split('.') as [string, string?];
    const message = file(item.file).messages[owner];
    if (nested === undefined) file(item.file).enums[owner] = values;
    else message!.enums = { ...message!.enums, [nested]: values };
  }
  return files;
}

describe('the schema', () => {
  it('equals the facts in every file, message, field, number, type, default and hint', () => {
    expect(ours()).toEqual(facts);
    expect(Object.keys(facts)).toHaveLength(76);
    expect(messageNames.length - ownMessages.size).toBe(173);
  });

  it('has fields of its own only where the README lists them, and none that must be there', () => {
    const own = messageNames.flatMap((type) => {
      const { name, fields } = describeMessage(type);
      const ofOurs = fields.filter((field) => field.number >= FIRST_OF_OUR_OWN);
      expect(ofOurs.filter((field) => field.label === 'required')).toEqual([]);
      return ofOurs.map((field) => `${name}.${field.name} ${field.number}`);
    });
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const section = /^## Fields of our own$(.*?)^## /ms.exec(`${readme}\n## `)?.[1] ?? '';
    const listed = [...section.matchAll(/^\| `([\w.]+)` +\| (\d+) /gm)].map(
      ([, name, number]) => `${name} ${number}`,
    );
    expect(listed.sort()).toEqual([...own, ...OWN_VALUES].sort());
  });

  it.skipIf(!hasCorpus)('has fixtures that equal the facts beside the repository', () => {
    expect(facts).toEqual(readJson(join(shared, 'facts', 'schema.json')).files);
  });

  it('has generated code that is up to date with the .proto files', async () => {
    const proto = fileURLToPath(new URL('../proto', import.meta.url));
    const [{ default: protobuf }, { loadSchema }] = await Promise.all([
      import('protobufjs'),
      import('../tools/schema.mjs'),
    ]);
    const schema = loadSchema(protobuf, proto, readdirSync(proto).sort());
    expect(
      schema.messages.map(({ file, name, tsName }: { file: string; name: string; tsName: string }) => ({
        file,
        name,
        tsName,
      })),
    ).toEqual(
      messageNames.map((type) => {
        const { file, name, tsName } = describeMessage(type);
        return { file, name, tsName };
      }),
    );
  });

  it('has the defaults of the schema as values', () => {
    expect(defaults.CriuOpts.cpu_cap).toBe(0xffffffff);
    expect(defaults.UserX86RegsEntry.mode).toBe(1);
    expect(defaults.RegFileEntry.mnt_id).toBe(-1);
  });
});

describe('the kinds of images', () => {
  const noImages = new Set(['CRTOOLS_IMAGES_V1_1', 'IMG_COMMON', 'IMG_SERVICE', 'KDAT']);

  it('have the magics of the facts', () => {
    const expected = Object.entries(imageFacts.magics).filter(([name]) => !noImages.has(name));
    const actual = imageKinds.map((kind) => [kind, `0x${kindInfo(kind).magic.toString(16)}`]);
    expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected));
  });

  it('have the messages of the facts', () => {
    for (const [kind, { payload }] of Object.entries(imageFacts.handlers)) {
      const known = imageKinds.find((item) => item === kind);
      if (known === undefined)
        expect(kind).toBe('MEMFD_FILE'); // a message without a magic
      else if (payload !== null) expect(describeMessage(kindInfo(known).type).name).toBe(payload);
    }
  });

  it('know every file name of the facts', () => {
    for (const [, template] of imageFacts.files) {
      const name = template.replace(/%l?[udx]/, '7').replace(/\.gz$/, '.gz.img');
      expect(parseFileName(name), name).not.toEqual({ is: 'other' });
    }
  });
});
