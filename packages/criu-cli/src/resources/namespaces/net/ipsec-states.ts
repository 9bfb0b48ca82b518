// States of IPsec (ip-xfrm(8)): keys, sequence numbers, the window against replays, and how much of their life is used.
import { type Attribute, Attributes, encodeAttributes, type NetlinkSocket, u32 } from '@criu/native/netlink';
import {
  IPPROTO_AH,
  IPPROTO_COMP,
  IPPROTO_ESP,
  IPPROTO_IPIP,
  IPPROTO_IPV6,
  XFRM_MSG_ALLOCSPI,
  XFRM_MSG_GETSA,
  XFRM_MSG_NEWSA,
  XFRMA_ALG_AEAD,
  XFRMA_ALG_AUTH,
  XFRMA_ALG_AUTH_TRUNC,
  XFRMA_ALG_COMP,
  XFRMA_ALG_CRYPT,
  XFRMA_COADDR,
  XFRMA_ENCAP,
  XFRMA_IF_ID,
  XFRMA_IPTFS_DONT_FRAG,
  XFRMA_IPTFS_DROP_TIME,
  XFRMA_IPTFS_INIT_DELAY,
  XFRMA_IPTFS_MAX_QSIZE,
  XFRMA_IPTFS_PKT_SIZE,
  XFRMA_IPTFS_REORDER_WINDOW,
  XFRMA_LASTUSED,
  XFRMA_LTIME_VAL,
  XFRMA_MARK,
  XFRMA_MTIMER_THRESH,
  XFRMA_NAT_KEEPALIVE_INTERVAL,
  XFRMA_OFFLOAD_DEV,
  XFRMA_PAD,
  XFRMA_REPLAY_ESN_VAL,
  XFRMA_REPLAY_VAL,
  XFRMA_SA_DIR,
  XFRMA_SA_EXTRA_FLAGS,
  XFRMA_SA_PCPU,
  XFRMA_SET_MARK,
  XFRMA_SET_MARK_MASK,
  XFRMA_TFCPAD,
  xfrm_algo,
  xfrm_algo_aead,
  xfrm_algo_auth,
  xfrm_lifetime_cur,
  xfrm_usersa_info,
} from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';

/** A message of IPsec that restores something: XFRM_MSG_*, and its body. */
export interface Request {
  readonly type: number;
  readonly body: Buffer;
}

/** Places in the structure of an algorithm: of the length of its key in bits, and of the key. */
interface KeyPlace {
  readonly alg_key_len: number;
  readonly alg_key: number;
}

const ALGORITHMS: ReadonlyMap<number, KeyPlace> = new Map<number, KeyPlace>([
  [XFRMA_ALG_AEAD, xfrm_algo_aead],
  [XFRMA_ALG_AUTH, xfrm_algo],
  [XFRMA_ALG_AUTH_TRUNC, xfrm_algo_auth],
  [XFRMA_ALG_CRYPT, xfrm_algo],
  [XFRMA_ALG_COMP, xfrm_algo],
]);
const KEPT: ReadonlySet<number> = new Set([
  ...ALGORITHMS.keys(),
  XFRMA_COADDR,
  XFRMA_ENCAP,
  XFRMA_IF_ID,
  XFRMA_IPTFS_DONT_FRAG,
  XFRMA_IPTFS_DROP_TIME,
  XFRMA_IPTFS_INIT_DELAY,
  XFRMA_IPTFS_MAX_QSIZE,
  XFRMA_IPTFS_PKT_SIZE,
  XFRMA_IPTFS_REORDER_WINDOW,
  XFRMA_MARK,
  XFRMA_MTIMER_THRESH,
  XFRMA_NAT_KEEPALIVE_INTERVAL,
  XFRMA_REPLAY_ESN_VAL,
  XFRMA_REPLAY_VAL,
  XFRMA_SA_DIR,
  XFRMA_SA_EXTRA_FLAGS,
  XFRMA_SA_PCPU,
  XFRMA_SET_MARK,
  XFRMA_SET_MARK_MASK,
  XFRMA_TFCPAD,
]);
/** Not kept: when a state was last used. */
const FACTS: ReadonlySet<number> = new Set([XFRMA_LASTUSED, XFRMA_PAD]);
/** Attributes by which a state that a daemon has only reserved is found. */
const IDENTITY: ReadonlySet<number> = new Set([XFRMA_MARK, XFRMA_IF_ID, XFRMA_SA_DIR, XFRMA_SA_PCPU]);
/** Protocols of states that have algorithms as soon as a daemon has finished them. */
const NEGOTIATED: ReadonlySet<number> = new Set([IPPROTO_ESP, IPPROTO_AH, IPPROTO_COMP]);
/** Protocols of states that the kernel adds to those for compression in tunnels. */
const TUNNELS: ReadonlySet<number> = new Set([IPPROTO_IPIP, IPPROTO_IPV6]);

function refuse(what: string, remedy: string): CriuError {
  return new CriuError(
    'UNSUPPORTED',
    `its network namespace has a state of IPsec ${what}, which cannot be restored`,
    {},
    remedy,
  );
}

const FLUSH = 'flush it before the dump (ip xfrm state flush), and have it negotiated again';

/** Whether all keys of algorithms are zero, as they are shown while the kernel is locked down for confidentiality. */
function hidesKeys(all: Attributes): boolean {
  const keys = [...ALGORITHMS].flatMap(([type, at]) => {
    const bytes = all.bytes(type);
    if (!bytes || bytes.readUInt32LE(at.alg_key_len) === 0) return [];
    return [bytes.subarray(at.alg_key)];
  });
  return keys.length > 0 && keys.every((key) => key.every((byte) => byte === 0));
}

/** A listed state as a request; undefined for what the kernel adds itself. */
function asked(body: Buffer, lockedDown: () => boolean): Request | undefined {
  const head = body.subarray(0, xfrm_usersa_info.sizeof);
  const all = Attributes.parse(body.subarray(head.length), 'state of IPsec');
  const proto = head[xfrm_usersa_info.proto] ?? 0;
  if (TUNNELS.has(proto)) return undefined;
  if (NEGOTIATED.has(proto) && ![...ALGORITHMS.keys()].some((type) => all.has(type))) {
    const index = head.readUInt32BE(xfrm_usersa_info.spi);
    // The kernel has asked a daemon for a state, and asks again with the next packet.
    if (index === 0) return undefined;
    const identity = all.entries.filter(([type]) => IDENTITY.has(type));
    return {
      type: XFRM_MSG_ALLOCSPI,
      body: Buffer.concat([head, u32(index), u32(index), encodeAttributes(identity)]),
    };
  }
  if (all.has(XFRMA_OFFLOAD_DEV))
    throw refuse(
      'that a device handles (offload)',
      'have it handled by the kernel, or flush it before the dump',
    );
  const other = all.types.find((type) => !KEPT.has(type) && !FACTS.has(type));
  if (other !== undefined) throw refuse(`with the attribute ${other}`, FLUSH);
  if (hidesKeys(all) && lockedDown())
    throw refuse('whose keys the kernel hides, as it is locked down for confidentiality', FLUSH);
  const used = body.subarray(xfrm_usersa_info.curlft, xfrm_usersa_info.curlft + xfrm_lifetime_cur.sizeof);
  const entries: Attribute[] = all.entries.filter(([type]) => KEPT.has(type));
  return {
    type: XFRM_MSG_NEWSA,
    body: Buffer.concat([head, encodeAttributes([...entries, [XFRMA_LTIME_VAL, used]])]),
  };
}

/**
 * States of a namespace, in the order of their creation.
 * @param socket for NETLINK_XFRM
 * @param lockedDown whether the kernel hides keys
 * @throws NetlinkError, CriuError
 */
export function listStates(socket: NetlinkSocket, lockedDown: () => boolean): Request[] {
  const all = socket.dump({ type: XFRM_MSG_GETSA, flags: 0, body: Buffer.alloc(0) }, 'list states of IPsec');
  // The kernel lists the latest first.
  return all.reverse().flatMap(({ body }) => asked(body, lockedDown) ?? []);
}
