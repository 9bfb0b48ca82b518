// Converts items for encoding to the form that decoding their bytes would give, without encoding them.
import { Buffer } from 'node:buffer';
import { codecs } from './codec.generated.js';
import type { MessageName } from './codec.js';
import { describeMessage } from './descriptor.js';
import type { EncodableItem, ImageItem } from './image.js';
import { type ImageKind, type ImageMessages, kindInfo } from './kinds.js';
import { planPayload } from './payload.js';

type Message = Record<string, unknown>;
/** Returns a value as the decoder would give it; the same object if nothing has to change. */
type Complete = (value: unknown) => unknown;

/**
 * Up to this number of such fields in a type, each of these fields is looked up; beyond it, the present fields of the
 * message are iterated.
 */
const FEW = 6;

/** The conversion for messages of a type; undefined if decoding gives them unchanged. */
const completers = new Map<MessageName, Complete | undefined>();

/** Decoding gives `bytes` fields as a Buffer. */
function asBuffer(value: unknown): unknown {
  if (Buffer.isBuffer(value) || !(value instanceof Uint8Array)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function each(complete: Complete, value: unknown): unknown {
  if (!Array.isArray(value)) return complete(value);
  let out: unknown[] = value;
  for (let i = 0; i < value.length; i++) {
    const done = complete(value[i]);
    if (done === value[i]) continue;
    if (out === value) out = [...value];
    out[i] = done;
  }
  return out;
}

function completerOf(type: MessageName): Complete | undefined {
  if (completers.has(type)) return completers.get(type);
  const lists: string[] = [];
  const inner = new Map<string, Complete>();
  for (const { name, label, type: of, of: message } of describeMessage(type).fields) {
    if (label === 'repeated') lists.push(name);
    if (of === 'bytes') inner.set(name, asBuffer);
    // Resolved when the first such message comes: a `file_entry` has fields for dozens of kinds.
    if (of === 'message') inner.set(name, (value) => completerOf(message as MessageName)?.(value) ?? value);
  }
  const complete = lists.length + inner.size > 0 ? completer(type, lists, inner) : undefined;
  completers.set(type, complete);
  return complete;
}

function completer(
  type: MessageName,
  lists: readonly string[],
  inner: ReadonlyMap<string, Complete>,
): Complete {
  const few = inner.size <= FEW ? [...inner] : undefined;
  return (value) => {
    let message = value as Message;
    const set = (name: string, to: unknown) => {
      if (Object.isFrozen(message)) message = { ...codecs[type].create(), ...message };
      message[name] = to;
    };
    for (const name of lists) if (message[name] === undefined) set(name, []);
    const look = (name: string, complete: Complete) => {
      const before = message[name];
      if (before === undefined) return;
      const after = each(complete, before);
      if (after !== before) set(name, after);
    };
    if (few) for (const [name, complete] of few) look(name, complete);
    else
      for (const name in message) {
        const complete = inner.get(name);
        if (complete) look(name, complete);
      }
    return message;
  };
}

/**
 * The result that `decodeImage` would give for the bytes that `encodeImage` makes of these items. Values are copied
 * only if necessary; missing empty lists and Buffers for bytes are added to the given items.
 */
export function itemsAsRead<K extends ImageKind>(
  kind: K,
  items: readonly EncodableItem<ImageMessages[K]>[],
): ImageItem<ImageMessages[K]>[] {
  const { type, later = type, payload: rule } = kindInfo(kind);
  return items.map(({ entry, payload }, index) => {
    const complete = completerOf(index === 0 ? type : later);
    const read = (complete ? complete(entry) : entry) as object;
    const item = { entry: read } as ImageItem<ImageMessages[K]>;
    const plan = rule === undefined ? undefined : planPayload(rule, read, index === 0);
    if (plan !== undefined && plan.is !== 'none')
      item.payload = asBuffer(payload ?? Buffer.alloc(0)) as Buffer;
    return item;
  });
}
