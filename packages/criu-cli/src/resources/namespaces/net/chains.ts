// Chains of filters (tc(8)) that are there without filters, or have a template that their filters have to fit.
import {
  Attributes,
  encodeAttributes,
  NetlinkError,
  type NetlinkSocket,
  routeMessage,
  u32,
} from '@criu/native/netlink';
import {
  EINVAL,
  EOPNOTSUPP,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_GETCHAIN,
  RTM_NEWCHAIN,
  TCA_CHAIN,
  TCA_KIND,
  TCA_OPTIONS,
  tcmsg,
} from '@criu/native/uapi';
import type { NetlinkObject } from '../../../images/types.js';

/** Attributes of a chain that its request has, too: number, and the kind and the keys of its template. */
const KEPT: ReadonlySet<number> = new Set([TCA_CHAIN, TCA_KIND, TCA_OPTIONS]);

function list(socket: NetlinkSocket, header: Buffer): Buffer[] {
  try {
    return socket
      .dump(routeMessage(RTM_GETCHAIN, 0, header), 'list chains of filters')
      .map(({ body }) => body);
  } catch (error) {
    // Before Linux 4.19.
    if (error instanceof NetlinkError && [EINVAL, EOPNOTSUPP].includes(error.errno)) return [];
    throw error;
  }
}

/**
 * Chains to which filters alone do not lead, as requests.
 * @param header struct tcmsg with the device, and to what the filters are attached
 * @param used numbers of chains with filters
 * @throws NetlinkError
 */
export function listChains(
  socket: NetlinkSocket,
  header: Buffer,
  used: ReadonlySet<number>,
): NetlinkObject[] {
  return list(socket, header).flatMap((body): NetlinkObject[] => {
    const attributes = Attributes.parse(body.subarray(tcmsg.sizeof), 'chain');
    const number = attributes.u32(TCA_CHAIN) ?? 0;
    if (!attributes.has(TCA_KIND) && (number === 0 || used.has(number))) return [];
    const kept = attributes.entries.filter(([type]) => KEPT.has(type) && type !== TCA_CHAIN);
    const content = encodeAttributes([[TCA_CHAIN, u32(number)], ...kept]);
    // The kernel lists chains of a hook with the discipline alone.
    return [{ type: RTM_NEWCHAIN, body: Buffer.concat([header, content]) }];
  });
}

/** Creates chains, before their filters. @throws NetlinkError */
export function makeChains(socket: NetlinkSocket, objects: readonly NetlinkObject[]): void {
  const chains = objects.filter(({ type }) => type === RTM_NEWCHAIN);
  const flags = NLM_F_CREATE | NLM_F_EXCL;
  socket.all(chains.map(({ type, body }) => ({ type, flags, body, what: 'chain of filters' })));
}
