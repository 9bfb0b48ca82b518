// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newCredsEntry(): T.CredsEntry {
  return { uid: undefined as never, gid: undefined as never, euid: undefined as never, egid: undefined as never, suid: undefined as never, sgid: undefined as never, fsuid: undefined as never, fsgid: undefined as never, cap_inh: [], cap_prm: [], cap_eff: [], cap_bnd: [], secbits: undefined as never, groups: [], cap_amb: [] };
}
export function readCredsEntry(r: Reader, m: T.CredsEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.uid = r.u32();
        break;
      case 16:
        m.gid = r.u32();
        break;
      case 24:
        m.euid = r.u32();
        break;
      case 32:
        m.egid = r.u32();
        break;
      case 40:
        m.suid = r.u32();
        break;
      case 48:
        m.sgid = r.u32();
        break;
      case 56:
        m.fsuid = r.u32();
        break;
      case 64:
        m.fsgid = r.u32();
        break;
      case 72:
        m.cap_inh.push(r.u32());
        break;
      case 74: {
        const outer = r.enter();
        r.u32s(m.cap_inh);
        r.leave(outer);
        break;
      }
      case 80:
        m.cap_prm.push(r.u32());
        break;
      case 82: {
        const outer = r.enter();
        r.u32s(m.cap_prm);
        r.leave(outer);
        break;
      }
      case 88:
        m.cap_eff.push(r.u32());
        break;
      case 90: {
        const outer = r.enter();
        r.u32s(m.cap_eff);
        r.leave(outer);
        break;
      }
      case 96:
        m.cap_bnd.push(r.u32());
        break;
      case 98: {
        const outer = r.enter();
        r.u32s(m.cap_bnd);
        r.leave(outer);
        break;
      }
      case 104:
        m.secbits = r.u32();
        break;
      case 112:
        m.groups.push(r.u32());
        break;
      case 114: {
        const outer = r.enter();
        r.u32s(m.groups);
        r.leave(outer);
        break;
      }
      case 122:
        m.lsm_profile = r.str();
        break;
      case 130:
        m.lsm_sockcreate = r.str();
        break;
      case 138:
        m.apparmor_data = r.bytes();
        break;
      case 144:
        m.no_new_privs = r.u32();
        break;
      case 152:
        m.cap_amb.push(r.u32());
        break;
      case 154: {
        const outer = r.enter();
        r.u32s(m.cap_amb);
        r.leave(outer);
        break;
      }
      case 8002:
        m.lsm_exec = r.str();
        break;
      case 8010:
        m.lsm_fscreate = r.str();
        break;
      case 8018:
        m.lsm_keycreate = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.uid === undefined) r.missing('creds_entry.uid');
  if (m.gid === undefined) r.missing('creds_entry.gid');
  if (m.euid === undefined) r.missing('creds_entry.euid');
  if (m.egid === undefined) r.missing('creds_entry.egid');
  if (m.suid === undefined) r.missing('creds_entry.suid');
  if (m.sgid === undefined) r.missing('creds_entry.sgid');
  if (m.fsuid === undefined) r.missing('creds_entry.fsuid');
  if (m.fsgid === undefined) r.missing('creds_entry.fsgid');
  if (m.secbits === undefined) r.missing('creds_entry.secbits');
}
export function writeCredsEntry(w: Writer, m: Encodable<T.CredsEntry>): void {
  w.u32(8, m.uid, 'creds_entry.uid');
  w.u32(16, m.gid, 'creds_entry.gid');
  w.u32(24, m.euid, 'creds_entry.euid');
  w.u32(32, m.egid, 'creds_entry.egid');
  w.u32(40, m.suid, 'creds_entry.suid');
  w.u32(48, m.sgid, 'creds_entry.sgid');
  w.u32(56, m.fsuid, 'creds_entry.fsuid');
  w.u32(64, m.fsgid, 'creds_entry.fsgid');
  if (m.cap_inh != null) for (const v of m.cap_inh) w.u32(72, v, 'creds_entry.cap_inh');
  if (m.cap_prm != null) for (const v of m.cap_prm) w.u32(80, v, 'creds_entry.cap_prm');
  if (m.cap_eff != null) for (const v of m.cap_eff) w.u32(88, v, 'creds_entry.cap_eff');
  if (m.cap_bnd != null) for (const v of m.cap_bnd) w.u32(96, v, 'creds_entry.cap_bnd');
  w.u32(104, m.secbits, 'creds_entry.secbits');
  if (m.groups != null) for (const v of m.groups) w.u32(112, v, 'creds_entry.groups');
  if (m.lsm_profile != null) w.str(122, m.lsm_profile, 'creds_entry.lsm_profile');
  if (m.lsm_sockcreate != null) w.str(130, m.lsm_sockcreate, 'creds_entry.lsm_sockcreate');
  if (m.apparmor_data != null) w.bytes(138, m.apparmor_data, 'creds_entry.apparmor_data');
  if (m.no_new_privs != null) w.u32(144, m.no_new_privs, 'creds_entry.no_new_privs');
  if (m.cap_amb != null) for (const v of m.cap_amb) w.u32(152, v, 'creds_entry.cap_amb');
  if (m.lsm_exec != null) w.str(8002, m.lsm_exec, 'creds_entry.lsm_exec');
  if (m.lsm_fscreate != null) w.str(8010, m.lsm_fscreate, 'creds_entry.lsm_fscreate');
  if (m.lsm_keycreate != null) w.str(8018, m.lsm_keycreate, 'creds_entry.lsm_keycreate');
  w.unknown(m);
}
export const CredsEntryCodec: Codec<T.CredsEntry> = { create: newCredsEntry, read: readCredsEntry, write: writeCredsEntry };
