// Credentials and environment of a process.
import { type CoreEntry, decodeName, type MmEntry, SeccompMode } from '@criu/images';
import type { AddressSpace } from '../memory/address-space.js';

export interface Credentials {
  /** Real, effective, saved and file system ids in the user namespace of the process. */
  readonly uids: readonly [number, number, number, number];
  readonly gids: readonly [number, number, number, number];
  readonly groups: readonly number[];
  /** Names of capabilities(7) in lower case without `cap_`; `all` for all that the kernel of the dump had. */
  readonly effective: readonly string[];
  readonly permitted: readonly string[];
  readonly bounding: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly seccomp: 'off' | 'strict' | 'filter';
  readonly lsmProfile?: string;
}

/** Names of capabilities(7) by number. */
const CAPABILITIES =
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'.split(
    ' ',
  );

export function capabilityNames(words: readonly number[]): string[] {
  const names: string[] = [];
  for (const [index, word] of words.entries()) {
    for (let bit = 0; bit < 32; bit++) {
      if ((word >>> bit) & 1) names.push(CAPABILITIES[index * 32 + bit] ?? `number ${index * 32 + bit}`);
    }
  }
  return names.length >= CAPABILITIES.length ? ['all'] : names;
}

export function credentialsOf(core: CoreEntry | undefined): Credentials | undefined {
  const thread = core?.thread_core;
  const creds = thread?.creds;
  if (creds === undefined) return undefined;
  const mode = thread?.seccomp_mode ?? core?.tc?.old_seccomp_mode;
  return {
    uids: [creds.uid, creds.euid, creds.suid, creds.fsuid],
    gids: [creds.gid, creds.egid, creds.sgid, creds.fsgid],
    groups: creds.groups,
    effective: capabilityNames(creds.cap_eff),
    permitted: capabilityNames(creds.cap_prm),
    bounding: capabilityNames(creds.cap_bnd),
    noNewPrivileges: creds.no_new_privs === 1,
    seccomp: mode === SeccompMode.filter ? 'filter' : mode === SeccompMode.strict ? 'strict' : 'off',
    ...(creds.lsm_profile ? { lsmProfile: creds.lsm_profile } : {}),
  };
}

export interface Variable {
  readonly name: string;
  /** Undefined if left out because the name suggests a secret. */
  readonly value?: string;
}

/** Limit of an environment in bytes; a longer one is cut. */
const ENVIRONMENT = 256n * 1024n;

/** Names of variables whose values should not be in a file that is passed on. */
const SECRET =
  /pass(w|ph|$|_)|pwd$|secret|token|api_?key|access_?key|private|credential|auth|cookie|session|signature|dsn$|encryption|salt/i;
/** Passwords in URLs: `scheme://user:password@host`. */
const PASSWORD_IN_URL = /^([a-z][\w+.-]*:\/\/[^/@:\s]*:)[^@\s]+(@)/i;

/** @param secrets whether to include all values, whatever their names */
export function environmentOf(space: AddressSpace, mm: MmEntry, secrets: boolean): Variable[] {
  const size = mm.mm_env_end - mm.mm_env_start;
  if (size <= 0n || space.memory === undefined) return [];
  const bytes = space.memory.read(mm.mm_env_start, Number(size < ENVIRONMENT ? size : ENVIRONMENT));
  return decodeName(bytes)
    .split('\0')
    .filter((text) => text !== '')
    .map((text) => {
      const at = text.indexOf('=');
      if (at < 1) return { name: text, value: '' };
      const [name, value] = [text.slice(0, at), text.slice(at + 1)];
      // PWD and OLDPWD are directories.
      if (!secrets && SECRET.test(name) && !/^(OLD)?PWD$/.test(name)) return { name };
      return { name, value: secrets ? value : value.replace(PASSWORD_IN_URL, '$1…$2') };
    });
}
