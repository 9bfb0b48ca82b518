// Reads .proto files with protobufjs' parser into flat lists of messages and enums, in the order of the files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** thread_info_x86 → ThreadInfoX86; letters that are already upper case stay so. */
export function tsName(protoName) {
  return protoName
    .split(/[._]/)
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join('');
}

const SCALARS = new Set('uint32 int32 sint32 bool string bytes uint64 int64 sint64 fixed64'.split(' '));

export function loadSchema(protobuf, folder, files) {
  const messages = [];
  const enums = [];
  const pending = [];

  for (const file of files) {
    const root = new protobuf.Root();
    protobuf.parse(readFileSync(join(folder, file), 'utf8'), root, { keepCase: true });
    const visit = (space, prefix) => {
      for (const item of space.nestedArray) {
        const name = prefix + item.name;
        if (item instanceof protobuf.Enum) {
          enums.push({ file, name, tsName: tsName(name), values: { ...item.values } });
        } else if (item instanceof protobuf.Type) {
          const message = { file, name, tsName: tsName(name), fields: [] };
          messages.push(message);
          for (const field of item.fieldsArray) pending.push({ message, field, name });
          visit(item, `${name}.`);
        }
      }
    };
    visit(root, '');
  }

  const kinds = new Map();
  for (const item of messages) kinds.set(item.name, ['message', item.tsName]);
  for (const item of enums) kinds.set(item.name, ['enum', item.tsName]);
  const names = [...messages, ...enums].map((item) => item.tsName);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) throw new Error(`two items share a TypeScript name: ${twice}`);

  for (const { message, field, name } of pending) {
    const scalar = SCALARS.has(field.type);
    const [type, of] = scalar
      ? [field.type]
      : (kinds.get(`${name}.${field.type}`) ?? kinds.get(field.type) ?? []);
    if (type === undefined) throw new Error(`${name}.${field.name}: no such type: ${field.type}`);
    const options = field.options ?? {};
    // The format has no packed fields; the generated writers could not make them.
    if (options.packed === true) throw new Error(`${name}.${field.name}: packed is not supported`);
    const hint = {};
    for (const [key, value] of Object.entries(options)) {
      if (key.startsWith('(criu).')) hint[key.slice('(criu).'.length)] = value;
    }
    message.fields.push({
      name: field.name,
      number: field.id,
      label: field.rule ?? 'optional',
      type,
      of,
      default: options.default === undefined ? undefined : String(options.default),
      hint: Object.keys(hint).length > 0 ? hint : undefined,
    });
  }
  return { messages, enums };
}
