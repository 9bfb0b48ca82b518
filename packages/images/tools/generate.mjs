// Makes src/*.generated.ts from proto/*.proto. Run it after a change of the schema: `npm run generate -w @criu/images`.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { loadSchema } from './schema.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const schema = loadSchema(protobuf, join(root, 'proto'), readdirSync(join(root, 'proto')).sort());

const HEAD = '// Generated from proto/*.proto by tools/generate.mjs. Do not edit.\n';
const TS_TYPE = {
  uint32: 'number',
  int32: 'number',
  sint32: 'number',
  enum: 'number',
  bool: 'boolean',
  string: 'string',
  bytes: 'Buffer',
  uint64: 'bigint',
  int64: 'bigint',
  sint64: 'bigint',
  fixed64: 'bigint',
};
/** Method of Reader and Writer, and wire type. */
const WIRE = {
  uint32: ['u32', 0],
  int32: ['i32', 0],
  sint32: ['s32', 0],
  enum: ['i32', 0],
  bool: ['bool', 0],
  uint64: ['u64', 0],
  int64: ['i64', 0],
  sint64: ['s64', 0],
  fixed64: ['fixed64', 1],
  string: ['str', 2],
  bytes: ['bytes', 2],
};
const LABEL = { required: 'r', optional: 'o', repeated: '*' };
const byNumber = (fields) => [...fields].sort((a, b) => a.number - b.number);
const tsType = (field) => (field.type === 'message' ? field.of : TS_TYPE[field.type]);

function types() {
  let out = `${HEAD}import type { Buffer } from 'node:buffer';\n`;
  for (const item of schema.enums) {
    out += `\n/** \`${item.name}\` of ${item.file}; an image may hold numbers that are not listed. */\n`;
    out += `export const ${item.tsName} = {\n`;
    for (const [key, value] of Object.entries(item.values)) out += `  ${key}: ${value},\n`;
    out += '} as const;\n';
  }
  for (const message of schema.messages) {
    out += `\n/** \`${message.name}\` of ${message.file}. */\nexport interface ${message.tsName} {\n`;
    for (const field of message.fields) {
      const notes = [];
      if (field.type === 'enum') notes.push(`{@link ${field.of}}`);
      if (field.default !== undefined) notes.push(`absent means ${field.default}`);
      if (notes.length > 0) out += `  /** ${notes.join('; ')} */\n`;
      const optional = field.label === 'optional' ? '?' : '';
      out += `  ${field.name}${optional}: ${tsType(field)}${field.label === 'repeated' ? '[]' : ''};\n`;
    }
    out += '}\n';
  }
  out += '\n/** All messages by the name of their type. */\nexport interface MessageTypes {\n';
  for (const message of schema.messages) out += `  ${message.tsName}: ${message.tsName};\n`;
  return `${out}}\n`;
}

/** Methods of Reader that have one for all values of a packed field, too. */
const PACKED = new Set(['u32', 'u64']);

/** Messages of which the entries of an image mostly have the same: owners of files, options of sockets. */
const ALIKE = new Set(['FownEntry', 'SkOptsEntry']);

function reader(message) {
  let out = `function read${message.tsName}(r: Reader, m: ${message.tsName}): void {\n`;
  out += '  while (r.pos < r.end) {\n    const tag = r.tag();\n    switch (tag) {\n';
  for (const field of message.fields) {
    const tag = (wire) => (field.number << 3) | wire;
    const at = `m.${field.name}`;
    if (field.type === 'message' && field.label !== 'repeated' && ALIKE.has(field.of)) {
      out += `      case ${tag(2)}:\n        ${at} = r.alike(${field.of}Codec, ${at});\n        break;\n`;
      continue;
    }
    if (field.type === 'message') {
      const target = field.label === 'repeated' ? 'v' : at;
      out += `      case ${tag(2)}: {\n        const outer = r.enter();\n`;
      if (field.label === 'repeated') out += `        const v = new${field.of}();\n`;
      else out += `        ${at} ??= new${field.of}();\n`;
      out += `        read${field.of}(r, ${target});\n`;
      if (field.label === 'repeated') out += `        ${at}.push(v);\n`;
      out += '        r.leave(outer);\n        break;\n      }\n';
      continue;
    }
    const [method, wire] = WIRE[field.type];
    if (field.label !== 'repeated') {
      out += `      case ${tag(wire)}:\n        ${at} = r.${method}();\n        break;\n`;
      continue;
    }
    out += `      case ${tag(wire)}:\n        ${at}.push(r.${method}());\n        break;\n`;
    // Numbers may come packed, whatever the schema says.
    if (wire !== 2) {
      out += `      case ${tag(2)}: {\n        const outer = r.enter();\n`;
      out += PACKED.has(method)
        ? `        r.${method}s(${at});\n`
        : `        while (r.pos < r.end) ${at}.push(r.${method}());\n`;
      out += '        r.leave(outer);\n        break;\n      }\n';
    }
  }
  out += '      default:\n        r.unknown(tag, m);\n    }\n  }\n';
  for (const field of message.fields) {
    if (field.label === 'required') {
      out += `  if (m.${field.name} === undefined) r.missing('${message.name}.${field.name}');\n`;
    }
  }
  return `${out}}\n`;
}

function writer(message) {
  let out = `function write${message.tsName}(w: Writer, m: Encodable<${message.tsName}>): void {\n`;
  for (const field of byNumber(message.fields)) {
    const name = `'${message.name}.${field.name}'`;
    const value = field.label === 'repeated' ? 'v' : `m.${field.name}`;
    let line;
    if (field.type === 'message' && field.label !== 'repeated' && ALIKE.has(field.of)) {
      line = `w.alike(${(field.number << 3) | 2}, ${value}, ${name}, write${field.of});`;
    } else if (field.type === 'message') {
      line = `{ const start = w.begin(${(field.number << 3) | 2}, ${value}, ${name}); write${field.of}(w, ${value}); w.end(start); }`;
    } else {
      const [method, wire] = WIRE[field.type];
      line = `w.${method}(${((field.number << 3) | wire) >>> 0}, ${value}, ${name});`;
    }
    if (field.label === 'repeated')
      out += `  if (m.${field.name} != null) for (const v of m.${field.name}) ${line}\n`;
    else if (field.label === 'optional') out += `  if (m.${field.name} != null) ${line}\n`;
    else out += `  ${line}\n`;
  }
  return `${out}  w.unknown(m);\n}\n`;
}

/** Where the codecs of a schema file are, relative to src. */
const moduleOf = (file) => `codec/${file.replace(/\.proto$/, '')}.generated`;
const fileOf = new Map(schema.messages.map((message) => [message.tsName, message.file]));

/** Functions for one message. */
function functions(message) {
  let out = `\nexport function new${message.tsName}(): ${message.tsName} {\n  return {`;
  const start = byNumber(message.fields).filter((field) => field.label !== 'optional');
  out += start
    .map((field) => ` ${field.name}: ${field.label === 'repeated' ? '[]' : 'undefined as never'}`)
    .join(',');
  out += `${start.length > 0 ? ' ' : ''}};\n}\nexport ${reader(message)}export ${writer(message)}`;
  out += `export const ${message.tsName}Codec: Codec<${message.tsName}> = { create: new${message.tsName}, `;
  return `${out}read: read${message.tsName}, write: write${message.tsName} };\n`;
}

/** The codecs of one schema file: a run needs few of them, and whoever bundles may leave others out, or for later. */
function codecsOf(file, messages) {
  const body = messages
    .map(functions)
    .join('')
    .replace(/(?<=[:<] ?)([A-Z]\w+)(?=[>)]| \{)/g, (name) => (fileOf.has(name) ? `T.${name}` : name));
  const elsewhere = new Map();
  for (const [name, message] of body.matchAll(
    /\b(?:new|read|write)([A-Z]\w+)(?=[(,)])|\b([A-Z]\w+)Codec\b(?=,)/g,
  )) {
    const of = fileOf.get(message ?? name.replace(/Codec$/, ''));
    if (of === file) continue;
    if (!elsewhere.has(of)) elsewhere.set(of, new Set());
    elsewhere.get(of).add(name);
  }
  let out = `${HEAD}import type { Codec, Encodable } from '../codec-with.js';\nimport type { Reader } from '../reader.js';\n`;
  out += `import type * as T from '../types.generated.js';\nimport type { Writer } from '../writer.js';\n`;
  for (const [of, names] of [...elsewhere].sort())
    out += `import { ${[...names].sort().join(', ')} } from '${moduleOf(of).replace('codec/', './')}.js';\n`;
  return out + body;
}

function codecs() {
  const files = new Map(
    schema.messages.map(({ file }) => [file, schema.messages.filter((one) => one.file === file)]),
  );
  const texts = Object.fromEntries(
    [...files].map(([file, messages]) => [moduleOf(file), codecsOf(file, messages)]),
  );
  let index = `${HEAD}import type { Codec } from './codec-with.js';\nimport type * as T from './types.generated.js';\n`;
  for (const [file, messages] of files)
    index += `import { ${messages.map(({ tsName }) => `${tsName}Codec`).join(', ')} } from './${moduleOf(file)}.js';\n`;
  index += '\nexport {\n';
  for (const { tsName } of schema.messages) index += `  ${tsName}Codec,\n`;
  index += '};\n\n/** Every codec by the name of its message type. */\n';
  index += 'export const codecs: { readonly [K in keyof T.MessageTypes]: Codec<T.MessageTypes[K]> } = {\n';
  for (const { tsName } of schema.messages) index += `  ${tsName}: ${tsName}Codec,\n`;
  return { ...texts, 'codec.generated': `${index}};\n` };
}

function hintText(hint) {
  return Object.entries(hint ?? {})
    .map(([key, value]) => (value === true ? key : `${key}=${value}`))
    .join('+');
}

function literal(field, enums) {
  if (field.type === 'bool') return field.default;
  if (field.type === 'string') return JSON.stringify(field.default);
  if (field.type === 'enum') return String(enums.get(field.of).values[field.default]);
  return TS_TYPE[field.type] === 'bigint' ? `${field.default}n` : field.default;
}

function descriptors() {
  const enums = new Map(schema.enums.map((item) => [item.tsName, item]));
  let out = `${HEAD}import type { MessageTypes } from './types.generated.js';\n`;
  out +=
    '\n// One line a message: "file name field;field;…", a field is "name:number:label:type:of:hints:default".\n';
  out += '// They are text so that loading them costs nothing until one is asked for.\n';
  out += 'export const messageLines: { readonly [K in keyof MessageTypes]: string } = {\n';
  for (const message of schema.messages) {
    const fields = message.fields.map((field) =>
      [
        field.name,
        field.number,
        LABEL[field.label],
        field.type,
        field.of ?? '',
        hintText(field.hint),
        field.default ?? '',
      ]
        .join(':')
        .replace(/:+$/, ''),
    );
    out += `  ${message.tsName}: '${message.file} ${message.name} ${fields.join(';')}',\n`;
  }
  out += '};\n\nexport const enumLines: Readonly<Record<string, string>> = {\n';
  for (const item of schema.enums) {
    const values = Object.entries(item.values).map(([key, value]) => `${key}:${value}`);
    out += `  ${item.tsName}: '${item.file} ${item.name} ${values.join(';')}',\n`;
  }
  out += '};\n\n/** What an absent optional field stands for, where the schema says so. */\n';
  out += 'export const defaults = {\n';
  for (const message of schema.messages) {
    const fields = message.fields.filter((field) => field.default !== undefined);
    if (fields.length === 0) continue;
    out += `  ${message.tsName}: { ${fields.map((field) => `${field.name}: ${literal(field, enums)}`).join(', ')} },\n`;
  }
  return `${out}} as const satisfies { readonly [K in keyof MessageTypes]?: Partial<MessageTypes[K]> };\n`;
}

const made = { 'types.generated': types(), ...codecs(), 'descriptors.generated': descriptors() };
rmSync(join(root, 'src/codec'), { recursive: true, force: true });
mkdirSync(join(root, 'src/codec'));
for (const [name, text] of Object.entries(made)) writeFileSync(join(root, 'src', `${name}.ts`), text);
