// Values of `--lsm-profile`: the label of a security module.
import { CriuError } from '../../errors.js';

/** enum lsmtype of inventory.proto. */
export const LSM = { NONE: 0, SELINUX: 1, APPARMOR: 2 } as const;
export type Lsm = (typeof LSM)[keyof typeof LSM];

/** Parses a value of `--lsm-profile`. @throws CriuError BAD_OPTION */
export function parseProfile(value: string): { module: Lsm; label: string | undefined } {
  const [, type = '', label = ''] = /^(none|apparmor|selinux)(?::(.*))?$/s.exec(value) ?? [];
  if (type === 'none' && label === '') return { module: LSM.NONE, label: undefined };
  if (type !== '' && type !== 'none' && label !== '')
    return { module: type === 'apparmor' ? LSM.APPARMOR : LSM.SELINUX, label };
  throw new CriuError(
    'BAD_OPTION',
    `bad value for --lsm-profile: ${value}`,
    {},
    'it is apparmor:PROFILE, selinux:CONTEXT or none',
  );
}
