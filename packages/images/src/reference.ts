// Generates docs/image-files.md, the reference of all images and messages, from the schema.
import {
  describeEnum,
  describeMessage,
  enumNames,
  type FieldDescriptor,
  messageNames,
} from './descriptor.js';
import { IMG_COMMON, IMG_SERVICE, imageKinds, kindInfo, rawFiles } from './kinds.js';

const PAYLOADS: Readonly<Record<string, string>> = {
  pipe: 'bytes of a pipe',
  packet: 'bytes of a packet',
  tcp: 'receive and send queue',
  shm: 'content of the segment',
  sem: 'values of the semaphores',
  messages: 'messages of the queue',
  bpf: 'keys and values',
  ghost: 'content of the file',
};

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
const code = (text: string): string => `\`${text}\``;
const anchor = (name: string): string => `[${code(name)}](#${name.toLowerCase().replaceAll('.', '')})`;

/** The whole text. */
export function imageReferenceText(): string {
  return `${[head(), kindTable(), raw(), messages(), enums()].join('\n\n')}\n`;
}

function head(): string {
  return `# Files of a checkpoint, field by field

<!-- Made by \`npm run docs\` from packages/images/proto and packages/images/src/kinds.ts; change it there. -->

How files are built is told in [image-format.md](image-format.md). Fields with numbers from 1000 up are our own, and CRIU skips them:
[what they are for](../packages/images/README.md#fields-of-our-own).`;
}

function kindTable(): string {
  const rows = imageKinds.map((kind) => {
    const { magic, type, later, payload, header, files } = kindInfo(kind);
    const first = header === 'none' ? '' : hex(header === 'service' ? IMG_SERVICE : IMG_COMMON);
    const types = [type, later]
      .filter((name) => name !== undefined)
      .map((name) => anchor(describeMessage(name).name));
    return `| ${files.map(code).join(', ')} | ${code(kind)} | ${[first, hex(magic)].filter(Boolean).map(code).join(' ')} | ${types.join(', then ')} | ${payload === undefined ? '' : (PAYLOADS[payload] ?? payload)} |`;
  });
  return `## Images

| file | kind | magic | entries | behind an entry |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`;
}

function raw(): string {
  return `## Files without entries

${rawFiles.map((name) => `- ${code(name)}`).join('\n')}`;
}

function messages(): string {
  const parts = messageNames
    .map(describeMessage)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, file, fields }) => {
      const rows = fields.map(
        (field) => `| ${field.number} | ${code(field.name)} | ${typeText(field)} | ${labelText(field)} |`,
      );
      const table =
        rows.length === 0
          ? 'It has no fields.'
          : `| number | field | type | |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
      return `### ${name}\n\nFrom ${code(file)}.\n\n${table}`;
    });
  return `## Messages\n\n${parts.join('\n\n')}`;
}

function typeText({ type, of }: FieldDescriptor): string {
  if (of === undefined) return type;
  return anchor(
    type === 'enum' ? describeEnum(of).name : describeMessage(of as (typeof messageNames)[number]).name,
  );
}

function labelText({ label, default: value, number }: FieldDescriptor): string {
  return [label, value === undefined ? '' : `else ${value}`, number >= 1000 ? 'ours' : '']
    .filter(Boolean)
    .join(', ');
}

function enums(): string {
  const parts = enumNames
    .map(describeEnum)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, values }) => {
      const rows = [...values].map(([word, value]) => `| ${value} | ${code(word)} |`);
      return `### ${name}\n\n| value | name |\n| --- | --- |\n${rows.join('\n')}`;
    });
  return `## Enums\n\n${parts.join('\n\n')}`;
}
