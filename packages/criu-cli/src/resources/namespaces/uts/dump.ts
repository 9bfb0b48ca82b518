// UTS namespaces: host name and domain name.
import { Program } from '@criu/compel';
import { decodeCString } from '@criu/native';
import type { NamespaceDump } from '../kind.js';

/** struct new_utsname: six strings of 64 characters and a NUL. */
const FIELD = 65;
const NODENAME = FIELD;
const DOMAINNAME = 5 * FIELD;
const UTSNAME_SIZE = 6 * FIELD;

/** The field of struct new_utsname at `offset`. */
function nameAt(bytes: Buffer, offset: number): string {
  return decodeCString(bytes.subarray(offset, offset + FIELD));
}

export const utsDump: NamespaceDump = {
  async visit(ctx, { id }, inside) {
    const p = new Program('names of host and domain');
    const names = p.out(UTSNAME_SIZE);
    p.syscall('uname', [names]);
    const bytes = (await inside.run(p)).bytes(names);
    ctx.images.add(
      'UTSNS',
      {
        nodename: nameAt(bytes, NODENAME),
        domainname: nameAt(bytes, DOMAINNAME),
      },
      { id },
    );
  },
};
