// UTS namespaces: host name and domain name.
import { Program } from '@criu/compel';
import { decodeCString } from '@criu/native';
import { utsname } from '@criu/native/uapi';
import type { NamespaceDump } from '../kind.js';

/** The string of struct new_utsname at `offset`; a NUL ends it. */
function nameAt(bytes: Buffer, offset: number): string {
  return decodeCString(bytes.subarray(offset));
}

export const utsDump: NamespaceDump = {
  rehearse: (ctx, { id }) => ctx.images.add('UTSNS', { nodename: '', domainname: '' }, { id }),

  async visit(ctx, { id }, inside) {
    const p = new Program('names of host and domain');
    const names = p.out(utsname.sizeof);
    p.syscall('uname', [names]);
    const bytes = (await inside.run(p)).bytes(names);
    ctx.images.add(
      'UTSNS',
      {
        nodename: nameAt(bytes, utsname.nodename),
        domainname: nameAt(bytes, utsname.domainname),
      },
      { id },
    );
  },
};
