// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newAaPolicy(): T.AaPolicy {
  return { name: undefined as never, blob: undefined as never };
}
export function readAaPolicy(r: Reader, m: T.AaPolicy): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.str();
        break;
      case 18:
        m.blob = r.bytes();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.name === undefined) r.missing('aa_policy.name');
  if (m.blob === undefined) r.missing('aa_policy.blob');
}
export function writeAaPolicy(w: Writer, m: Encodable<T.AaPolicy>): void {
  w.str(10, m.name, 'aa_policy.name');
  w.bytes(18, m.blob, 'aa_policy.blob');
  w.unknown(m);
}
export const AaPolicyCodec: Codec<T.AaPolicy> = { create: newAaPolicy, read: readAaPolicy, write: writeAaPolicy };

export function newAaNamespace(): T.AaNamespace {
  return { name: undefined as never, policies: [], namespaces: [] };
}
export function readAaNamespace(r: Reader, m: T.AaNamespace): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.str();
        break;
      case 18: {
        const outer = r.enter();
        const v = newAaPolicy();
        readAaPolicy(r, v);
        m.policies.push(v);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        const v = newAaNamespace();
        readAaNamespace(r, v);
        m.namespaces.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
  if (m.name === undefined) r.missing('aa_namespace.name');
}
export function writeAaNamespace(w: Writer, m: Encodable<T.AaNamespace>): void {
  w.str(10, m.name, 'aa_namespace.name');
  if (m.policies != null) for (const v of m.policies) { const start = w.begin(18, v, 'aa_namespace.policies'); writeAaPolicy(w, v); w.end(start); }
  if (m.namespaces != null) for (const v of m.namespaces) { const start = w.begin(26, v, 'aa_namespace.namespaces'); writeAaNamespace(w, v); w.end(start); }
  w.unknown(m);
}
export const AaNamespaceCodec: Codec<T.AaNamespace> = { create: newAaNamespace, read: readAaNamespace, write: writeAaNamespace };

export function newApparmorEntry(): T.ApparmorEntry {
  return { namespaces: [] };
}
export function readApparmorEntry(r: Reader, m: T.ApparmorEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const v = newAaNamespace();
        readAaNamespace(r, v);
        m.namespaces.push(v);
        r.leave(outer);
        break;
      }
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeApparmorEntry(w: Writer, m: Encodable<T.ApparmorEntry>): void {
  if (m.namespaces != null) for (const v of m.namespaces) { const start = w.begin(10, v, 'apparmor_entry.namespaces'); writeAaNamespace(w, v); w.end(start); }
  w.unknown(m);
}
export const ApparmorEntryCodec: Codec<T.ApparmorEntry> = { create: newApparmorEntry, read: readApparmorEntry, write: writeApparmorEntry };
