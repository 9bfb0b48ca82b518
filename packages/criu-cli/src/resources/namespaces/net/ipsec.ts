// IPsec (ip-xfrm(8)) of a network namespace: states (`ipsec-states.ts`), policies, what happens to packets without a policy, and
// the lengths of prefixes from which on policies are found by hash tables.
import { readFileSync } from '@criu/native/fs';
import { Attributes, encodeAttributes, NetlinkError, NetlinkSocket, u32 } from '@criu/native/netlink';
import {
  EINVAL,
  EOPNOTSUPP,
  EPROTONOSUPPORT,
  NETLINK_XFRM,
  XFRM_MSG_GETDEFAULT,
  XFRM_MSG_GETPOLICY,
  XFRM_MSG_GETSPDINFO,
  XFRM_MSG_NEWPOLICY,
  XFRM_MSG_NEWSPDINFO,
  XFRM_MSG_SETDEFAULT,
  XFRM_POLICY_MAX,
  XFRM_USERPOLICY_ACCEPT,
  XFRMA_IF_ID,
  XFRMA_MARK,
  XFRMA_POLICY_TYPE,
  XFRMA_SPD_IPV4_HTHRESH,
  XFRMA_SPD_IPV6_HTHRESH,
  XFRMA_TMPL,
  xfrm_lifetime_cfg,
  xfrm_userpolicy_default,
  xfrm_userpolicy_info,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { NetlinkObject } from '../../../images/types.js';
import type { Namespace } from '../../../views/namespaces.js';
import { netlinkIn } from '../../../views/networks.js';
import { listStates } from './ipsec-states.js';
import { ask } from './refused.js';

/** Object type in images; netlink types are lower numbers. The body: a message type of IPsec, and its message. */
const OBJECT = 0x10002;
const KEPT: ReadonlySet<number> = new Set([XFRMA_TMPL, XFRMA_POLICY_TYPE, XFRMA_MARK, XFRMA_IF_ID]);
const NO_LIMIT = 0xff;
/** Bits of both prefixes from which on policies are in hash tables (struct xfrmu_spdhthresh), of a new namespace. */
const THRESHOLDS = [
  { type: XFRMA_SPD_IPV4_HTHRESH, usual: 32 },
  { type: XFRMA_SPD_IPV6_HTHRESH, usual: 128 },
] as const;

function object(type: number, body: Buffer): NetlinkObject {
  return { type: OBJECT, body: Buffer.concat([u32(type), body]) };
}

function refuse(what: string): CriuError {
  return new CriuError(
    'UNSUPPORTED',
    `its network namespace has a policy of IPsec ${what}, which cannot be restored`,
    {},
    'take it away before the dump (ip xfrm policy flush), and add it again afterwards',
  );
}

/** A listed policy as a request. @throws CriuError for one that cannot be restored */
function policy(body: Buffer): NetlinkObject {
  const head = body.subarray(0, xfrm_userpolicy_info.sizeof);
  const limits = head.subarray(xfrm_userpolicy_info.lft, xfrm_userpolicy_info.lft + xfrm_lifetime_cfg.sizeof);
  const amounts = limits.subarray(
    xfrm_lifetime_cfg.soft_byte_limit,
    xfrm_lifetime_cfg.soft_add_expires_seconds,
  );
  const times = limits.subarray(xfrm_lifetime_cfg.soft_add_expires_seconds);
  if (amounts.some((byte) => byte !== NO_LIMIT) || times.some((byte) => byte !== 0))
    throw refuse('that ends after a time or an amount of data');
  const { entries } = Attributes.parse(body.subarray(head.length), 'policy of IPsec');
  const other = entries.find(([type]) => !KEPT.has(type));
  if (other) throw refuse(`with the attribute ${other[0]}`);
  return object(XFRM_MSG_NEWPOLICY, Buffer.concat([head, encodeAttributes(entries)]));
}

/** Whether the kernel is locked down for confidentiality (kernel_lockdown(7)). */
function isLockedDown(): boolean {
  try {
    return readFileSync('/sys/kernel/security/lockdown', 'latin1').includes('[confidentiality]');
  } catch {
    return false;
  }
}

/** The answer to a request that older kernels do not know. */
function answerTo(socket: NetlinkSocket, type: number, body: Buffer, what: string): Buffer | undefined {
  try {
    const [answer] = socket.request({ type, flags: 0, body }, what);
    return answer?.body;
  } catch (error) {
    if (error instanceof NetlinkError && [EINVAL, EOPNOTSUPP, EPROTONOSUPPORT].includes(error.errno))
      return undefined;
    throw error;
  }
}

function defaults(socket: NetlinkSocket): NetlinkObject[] {
  const size = xfrm_userpolicy_default.sizeof;
  const answer = answerTo(socket, XFRM_MSG_GETDEFAULT, Buffer.alloc(size), 'default policies of IPsec');
  const found = answer?.subarray(0, size);
  if (!found || found.every((action) => action === XFRM_USERPOLICY_ACCEPT)) return [];
  return [object(XFRM_MSG_SETDEFAULT, Buffer.from(found))];
}

function thresholds(socket: NetlinkSocket): NetlinkObject[] {
  const answer = answerTo(socket, XFRM_MSG_GETSPDINFO, Buffer.alloc(4), 'hash tables of IPsec');
  if (!answer) return [];
  const found = Attributes.parse(answer.subarray(4), 'hash tables of IPsec');
  const changed = THRESHOLDS.flatMap(({ type, usual }): [number, Buffer][] => {
    const bits = found.bytes(type);
    return bits?.some((length) => length !== usual) ? [[type, bits]] : [];
  });
  return changed.length === 0
    ? []
    : [object(XFRM_MSG_NEWSPDINFO, Buffer.concat([Buffer.alloc(4), encodeAttributes(changed)]))];
}

/** What a namespace has of IPsec. @throws CriuError */
export function listIpsec(ctx: DumpContext, namespace: Namespace): readonly NetlinkObject[] {
  return ask('states and policies of IPsec', () => {
    const socket = netlinkIn(ctx, NETLINK_XFRM, namespace);
    const all = { type: XFRM_MSG_GETPOLICY, flags: 0, body: Buffer.alloc(0) };
    // Those of sockets have other directions.
    const policies = socket
      .dump(all, 'list policies of IPsec')
      .filter(({ body }) => (body[xfrm_userpolicy_info.dir] ?? 0) < XFRM_POLICY_MAX);
    // The kernel lists the latest first.
    return [
      ...thresholds(socket),
      ...listStates(socket, isLockedDown).map(({ type, body }) => object(type, body)),
      ...policies.reverse().map(({ body }) => policy(body)),
      ...defaults(socket),
    ];
  });
}

/** Restores it, through a descriptor of the namespace. @throws NetlinkError, SysError */
export function makeIpsec(netns: number, objects: readonly NetlinkObject[]): void {
  const wanted = objects.filter(({ type }) => type === OBJECT).map(({ body }) => Buffer.from(body));
  if (wanted.length === 0) return;
  using socket = NetlinkSocket.open(NETLINK_XFRM, netns);
  socket.all(
    wanted.map((body) => ({
      type: body.readUInt32LE(),
      flags: 0,
      body: body.subarray(4),
      what: 'states and policies of IPsec',
    })),
  );
}
