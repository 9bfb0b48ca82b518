// External resources (`--external KIND[KEY]`): objects outside of the dumped tree that images only name, and that a
// restore gets from the caller.
import { CriuError } from '../errors.js';
import type { CommonOptions } from '../options.js';

const KINDS = ['mnt', 'dev', 'file', 'tty', 'unix', 'net', 'pid', 'veth', 'macvlan', 'netdev'] as const;
export type ExternalKind = (typeof KINDS)[number];

/** Checks the form of a value of `--external`. @throws CriuError BAD_OPTION */
export function checkExternal(value: string): void {
  // LXC passes the console of a container a second time without a kind; the first time is --ext-mount-map.
  if (value.startsWith('console:')) return;
  const kind = /^([a-z]+)\[.*\](:.*)?$/s.exec(value)?.[1];
  if (!KINDS.some((k) => k === kind))
    throw new CriuError(
      'BAD_OPTION',
      `bad value for --external: ${value}`,
      {},
      `it has the form KIND[KEY]:VALUE, where KIND is one of ${KINDS.join(', ')}`,
    );
}

/** The ids of resources as in CRIU: numbers are hexadecimal, except for the inode of a socket. */
export const externalId = {
  file: (mountId: number, ino: bigint) => `file[${mountId.toString(16)}:${ino.toString(16)}]`,
  tty: (rdev: bigint | number, dev: bigint | number) => `tty[${rdev.toString(16)}:${dev.toString(16)}]`,
  unix: (ino: number) => `unix[${ino}]`,
  pid: (ino: bigint) => `pid[${ino}]`,
};

type Holder = { readonly options: Pick<CommonOptions & { external?: readonly string[] }, 'external'> };

/** Whether a resource was declared as external. */
export function isExternal({ options }: Holder, id: string): boolean {
  return options.external?.includes(id) ?? false;
}

/** Whether any resource of a kind was declared as external. */
export function hasExternals({ options }: Holder, kind: ExternalKind): boolean {
  return options.external?.some((value) => value.startsWith(`${kind}[`)) ?? false;
}

/**
 * The value of an external resource (`--external KIND[KEY]:VALUE`): its name in images, or what a restore uses for it.
 */
export function externalName({ options }: Holder, id: string): string | undefined {
  return options.external?.find((value) => value.startsWith(`${id}:`))?.slice(id.length + 1);
}
