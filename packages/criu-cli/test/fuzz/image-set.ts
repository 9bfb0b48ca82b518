// The images of a directory in memory, to be changed there and read as a checkpoint.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeImage,
  describeMessage,
  detectKind,
  encodeImage,
  type ImageKind,
  kinds,
  type MessageDescriptor,
} from '@criu/images';

export type Message = Record<string, unknown>;

export interface Item {
  entry: Message;
  payload?: Buffer;
}

export interface Image {
  readonly name: string;
  readonly kind: ImageKind;
  readonly bytes: Buffer;
}

const described = new Map<string, MessageDescriptor>();

/** The schema of a message, parsed once. */
export function schemaOf(type: string): MessageDescriptor {
  let found = described.get(type);
  if (!found) {
    found = describeMessage(type as Parameters<typeof describeMessage>[0]);
    described.set(type, found);
  }
  return found;
}

/** Type of the entry at a position of an image. */
export function entryType(kind: ImageKind, index: number): string {
  const info: { type: string; later?: string } = kinds[kind];
  return index > 0 && info.later ? info.later : info.type;
}

/** What nobody reads. */
const UNREAD = /^(stats-|pages-|.*\.log$|irmap-cache)/;

export class ImageSetCopy {
  readonly images: readonly Image[];
  /** Numbers of the set by the name of the field they were in: what a field may be confused with. */
  readonly numbers: ReadonlyMap<string, readonly (number | bigint)[]>;
  readonly all: readonly (number | bigint)[];

  /**
   * @param complete false for one of elsewhere: it has no network namespace, so that more of it is looked at, and neither its
   * pages nor the files it names need be there
   */
  constructor(
    readonly name: string,
    readonly dir: string,
    readonly complete: boolean,
  ) {
    this.images = readdirSync(dir)
      .filter((file) => !UNREAD.test(file) && statSync(join(dir, file)).isFile())
      .sort()
      .flatMap((file) => {
        const bytes = readFileSync(join(dir, file));
        const kind = detectKind(bytes);
        if (!kind) return [];
        return [
          { name: file, kind, bytes: !complete && kind === 'INVENTORY' ? withoutNetwork(bytes, dir) : bytes },
        ];
      });
    const numbers = new Map<string, (number | bigint)[]>();
    for (const image of this.images)
      for (const [index, item] of this.items(image).entries())
        collect(item.entry, entryType(image.kind, index), numbers);
    this.numbers = numbers;
    this.all = [...numbers.values()].flat();
  }

  /** The entries of an image, made anew at each call. */
  items({ kind, bytes, name }: Image): Item[] {
    return decodeImage(kind, bytes, name) as unknown as Item[];
  }

  image(name: string): Image | undefined {
    return this.images.find((image) => image.name === name);
  }
}

/** An inventory that says that the tasks are in the network namespace of the host. */
function withoutNetwork(inventory: Buffer, dir: string): Buffer {
  const items = decodeImage('INVENTORY', inventory);
  const name = readdirSync(dir).find((file) => /^ids-\d+\.img$/.test(file));
  const own = name && decodeImage('IDS', readFileSync(join(dir, name)))[0]?.entry;
  for (const { entry } of items)
    if (entry.root_ids) entry.root_ids.net_ns_id = own ? own.net_ns_id : undefined;
  return encodeImage('INVENTORY', items);
}

const MOST_NUMBERS = 64;

function collect(message: Message, type: string, into: Map<string, (number | bigint)[]>): void {
  for (const field of schemaOf(type).fields) {
    const values = [message[field.name]].flat();
    for (const value of values) {
      if (value === undefined) continue;
      if (field.type === 'message') collect(value as Message, field.of ?? '', into);
      else if (typeof value === 'number' || typeof value === 'bigint') {
        const list = into.get(field.name) ?? [];
        if (list.length < MOST_NUMBERS && !list.includes(value)) list.push(value);
        into.set(field.name, list);
      }
    }
  }
}
