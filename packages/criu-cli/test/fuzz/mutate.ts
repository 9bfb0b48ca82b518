// Damaged image sets: one to three changes each, in fields, entries, whole images or single bytes, told in words.
import { inspect } from 'node:util';
import { encodeImage, type FieldDescriptor, ImageError, type ImageKind } from '@criu/images';
import { entryType, type Image, type ImageSetCopy, type Item, type Message, schemaOf } from './image-set.js';
import type { Random } from './random.js';
import { fresh, otherValue } from './values.js';

/** What is different from the set that it was made of. */
export interface Mutant {
  /** Images by name; undefined for one that is gone. */
  readonly changed: ReadonlyMap<string, Buffer | undefined>;
  readonly what: readonly string[];
}

const brief = (value: unknown) =>
  inspect(value, { breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 4, maxStringLength: 60, depth: 1 });

class Change {
  readonly changed = new Map<string, Buffer | undefined>();
  readonly what: string[] = [];
  private readonly open = new Map<string, Item[]>();

  constructor(
    readonly set: ImageSetCopy,
    readonly random: Random,
  ) {}

  items(image: Image): Item[] {
    let items = this.open.get(image.name);
    if (!items) {
      items = this.set.items(image);
      this.open.set(image.name, items);
    }
    return items;
  }

  /** All images again as bytes. */
  finish(): Mutant {
    for (const [name, items] of this.open) {
      if (this.changed.has(name)) continue;
      const image = this.set.image(name);
      if (!image) continue;
      try {
        this.changed.set(name, encodeImage(image.kind, items as never));
      } catch (error) {
        // What no image can say: other damage instead.
        if (!(error instanceof ImageError)) throw error;
        this.note('which cannot be written');
        this.raw(image);
      }
    }
    return { changed: this.changed, what: this.what };
  }

  private note(text: string): void {
    this.what.push(text);
  }

  /** Changes one field of one entry, however deep. */
  field(image: Image): void {
    const items = this.items(image);
    if (items.length === 0) return void this.raw(image);
    const index = this.random.below(items.length);
    const item = items[index];
    if (item) this.within(item.entry, entryType(image.kind, index), `${image.name}[${index}]`);
  }

  private within(message: Message, type: string, path: string): void {
    const { fields } = schemaOf(type);
    const present = fields.filter(({ name }) => [message[name]].flat().some((value) => value !== undefined));
    const field = this.random.pick(present.length > 0 && this.random.chance(90) ? present : fields);
    const where = `${path}.${field.name}`;
    if (field.label === 'repeated') return void this.list(message, field, where);
    const before = message[field.name];
    if (before !== undefined && field.label === 'optional' && this.random.chance(15)) {
      message[field.name] = undefined;
      return void this.note(`${where}: left out`);
    }
    if (field.type === 'message' && before !== undefined && this.random.chance(95))
      return void this.within(before as Message, field.of ?? '', where);
    message[field.name] = otherValue(this.set, field, before, this.random);
    this.note(`${where}: ${brief(before)} → ${brief(message[field.name])}`);
  }

  private list(message: Message, field: FieldDescriptor, where: string): void {
    const { random } = this;
    const list = [...(message[field.name] as unknown[])];
    message[field.name] = list;
    const index = random.below(Math.max(list.length, 1));
    const one = list[index];
    switch (list.length === 0 ? 0 : random.below(10)) {
      case 0:
        list.push(
          field.type === 'message'
            ? fresh(this.set, field.of ?? '', random)
            : otherValue(this.set, field, undefined, random),
        );
        return void this.note(`${where}: one more, ${brief(list.at(-1))}`);
      case 1:
        list.splice(index, 1);
        return void this.note(`${where}[${index}]: removed`);
      case 2:
        list.splice(index, 0, ...Array(random.pick([1, 1, 1, 300])).fill(one));
        return void this.note(`${where}[${index}]: repeated`);
      case 3:
        list.length = 0;
        return void this.note(`${where}: emptied`);
      case 4:
        list.reverse();
        return void this.note(`${where}: reversed`);
      default:
        if (field.type === 'message')
          return void this.within(one as Message, field.of ?? '', `${where}[${index}]`);
        list[index] = otherValue(this.set, field, one, random);
        return void this.note(`${where}[${index}]: ${brief(one)} → ${brief(list[index])}`);
    }
  }

  /** Removes, repeats or exchanges whole entries. */
  entries(image: Image): void {
    const { random } = this;
    const items = this.items(image);
    if (items.length === 0) return void this.raw(image);
    const [a, b] = [random.below(items.length), random.below(items.length)];
    const [first, second] = [items[a], items[b]];
    if (!first || !second) return;
    switch (random.below(20)) {
      case 0:
        items.length = 0;
        return void this.note(`${image.name}: emptied`);
      case 1:
      case 2:
      case 3:
      case 4:
        items.splice(a, 1);
        return void this.note(`${image.name}[${a}]: removed`);
      case 5:
      case 6:
      case 7:
        items.splice(b, 0, first);
        return void this.note(`${image.name}[${a}]: repeated at ${b}`);
      case 8:
      case 9:
      case 10:
        items[a] = second;
        items[b] = first;
        return void this.note(`${image.name}: [${a}] and [${b}] exchanged`);
      default:
        return void this.part(image, first, second, `${image.name}[${a}]`, `[${b}]`);
    }
  }

  /** One entry gets a field of another. */
  private part(image: Image, to: Item, from: Item, where: string, whence: string): void {
    const { fields } = schemaOf(entryType(image.kind, 1));
    const field = this.random.pick(fields);
    const taken = from.entry[field.name];
    if (taken === undefined && field.label === 'required') return;
    to.entry[field.name] = taken ?? (field.label === 'repeated' ? [] : undefined);
    this.note(`${where}.${field.name}: that of ${whence}, ${brief(taken)}`);
  }

  /** Takes an image away, or gives it the name of another of its kind. */
  whole(image: Image): void {
    const others = this.set.images.filter((other) => other.kind === image.kind && other !== image);
    if (others.length > 0 && this.random.chance(60)) {
      const other = this.random.pick(others);
      this.changed.set(image.name, other.bytes);
      return void this.note(`${image.name}: that of ${other.name}`);
    }
    this.changed.set(image.name, undefined);
    this.note(`${image.name}: removed`);
  }

  /** Changes the bytes of an image without regard to what they mean. */
  raw({ name, bytes }: Image): void {
    const { random } = this;
    const changed = Buffer.from(bytes);
    const at = random.below(Math.max(changed.length, 1));
    if (random.chance(30)) {
      this.changed.set(name, changed.subarray(0, at));
      return void this.note(`${name}: cut at ${at}`);
    }
    if (changed.length > 0) changed[at] = random.below(256);
    this.changed.set(name, changed);
    this.note(`${name}: byte ${at} is ${changed[at]}`);
  }
}

/** Images that are worth more attempts than their number. */
const RICH: ReadonlySet<ImageKind> = new Set([
  'FILES',
  'FDINFO',
  'PSTREE',
  'MM',
  'CORE',
  'SK_QUEUES',
  'PAGEMAP',
]);

export function mutate(set: ImageSetCopy, random: Random): Mutant {
  const change = new Change(set, random);
  const rich = set.images.filter(({ kind }) => RICH.has(kind));
  for (let left = random.pick([1, 1, 1, 1, 2, 3]); left > 0; left--) {
    const image = random.pick(random.chance(50) && rich.length > 0 ? rich : set.images);
    if (change.changed.has(image.name)) continue;
    const dice = random.below(100);
    if (dice < 82) change.field(image);
    else if (dice < 95) change.entries(image);
    else if (dice < 98) change.whole(image);
    else change.raw(image);
  }
  return change.finish();
}
