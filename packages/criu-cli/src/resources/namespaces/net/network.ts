// A network namespace of a restore: the contents of its images, and access to it once it exists.
import type { Agent } from '@criu/compel';
import { Program } from '@criu/compel';
import { NdType } from '@criu/images';
import type { Message, NetlinkSocket } from '@criu/native/netlink';
import { AF_INET6, IFF_UP } from '@criu/native/uapi';
import type { PlanContext, Slot } from '../../../engine/plan.js';
import type { InetSkEntry, NetDeviceEntry, NetnsEntry } from '../../../images/types.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { plannedNamespaces } from '../../../views/planned.js';
import { addressOfWords } from '../../files/inet/address.js';
import { decodeSaved, readRaw, SAVED } from './saved.js';

export interface Network {
  readonly ctx: PlanContext;
  /** Its id in image entries, and in the names of its images. */
  readonly number: number;
  readonly id: number;
  readonly slot: Slot;
  readonly conf: NetnsEntry | undefined;
  readonly devices: readonly NetDeviceEntry[];
  /** Name of the image of devices, for messages. */
  readonly file: string;
  readonly addresses: readonly Message[];
  readonly routes: readonly Message[];
  readonly rules: readonly Message[];
  /** Its contents are left to the caller (`--empty-ns net`), except that `lo` goes up if it was up. */
  readonly empty?: boolean;
  readonly loopback?: boolean;
}

/** A network namespace that exists. */
export interface OpenNetwork extends Network {
  /** An rtnetlink socket in it. */
  readonly inside: NetlinkSocket;
  /** A descriptor of it. */
  readonly netns: number;
}

/** ::1, and what is before an address of IPv4 in one of IPv6 (RFC 4291). */
const LOCAL6 = Buffer.from([...Array(15).fill(0), 1]);
const MAPPED = Buffer.from([...Array(10).fill(0), 0xff, 0xff]);

function saved(ctx: PlanContext, magic: number, file: string): Message[] {
  const bytes = readRaw(ctx, file);
  return bytes ? decodeSaved(magic, bytes, file) : [];
}

/** Reads the images of a network namespace. @throws CriuError BAD_IMAGE */
export function readNetwork(ctx: PlanContext, id: number, number: number, slot: Slot): Network {
  const file = `netdev-${id}.img`;
  return {
    ctx,
    number,
    id,
    slot,
    conf: ctx.checkpoint.images.optional('NETNS', id)[0]?.entry,
    devices: ctx.checkpoint.images.optional('NETDEV', id).map(({ entry }) => entry),
    file,
    addresses: saved(ctx, SAVED.ADDRESSES, `ifaddr-${id}.img`),
    routes: [...saved(ctx, SAVED.ROUTES, `route-${id}.img`), ...saved(ctx, SAVED.ROUTES, `route6-${id}.img`)],
    rules: saved(ctx, SAVED.RULES, `rule-${id}.img`),
  };
}

/** Whether an internet socket has an address of `lo` at one of its ends. */
function isLocal({ family, src_addr, dst_addr }: InetSkEntry): boolean {
  return [src_addr, dst_addr].some((words) => {
    const address = addressOfWords(family, words);
    const v4 = family === AF_INET6 && address.subarray(0, 12).equals(MAPPED) ? address.subarray(12) : address;
    return v4.length === 4 ? v4[0] === 127 : v4.equals(LOCAL6);
  });
}

/**
 * Whether `lo` of a namespace was up. CRIU's images of a namespace that is to be left empty do not say so: then sockets tell, which
 * could not be connected again otherwise.
 */
function hadLoopback(ctx: PlanContext, id: number, number: number): boolean {
  const { checkpoint, root } = ctx;
  const devices = checkpoint.images.optional('NETDEV', id);
  if (devices.length > 0)
    return devices.some(({ entry: { type, flags } }) => type === NdType.LOOPBACK && (flags & IFF_UP) !== 0);
  const own = plannedNamespaces(ctx).of(root, 'net')?.number === number;
  return [...checkpoint.files.values()].some(
    ({ isk }) => isk && (isk.ns_id ? isk.ns_id === number : own) && isLocal(isk),
  );
}

/** A network namespace whose contents are not restored. */
export function emptyNetwork(ctx: PlanContext, id: number, number: number, slot: Slot): Network {
  const nothing = { conf: undefined, devices: [], addresses: [], routes: [], rules: [] };
  const loopback = hadLoopback(ctx, id, number);
  return { ctx, number, id, slot, file: `netdev-${id}.img`, ...nothing, empty: true, loopback };
}

/** Bytes; programs are split at about this size. */
const PROGRAM_LIMIT = 128 * 1024;

/** A process of ours that enters network namespaces one after the other to make calls there. */
export class Insider {
  /** Descriptor of its current namespace; undefined before it has entered one. */
  private current: number | undefined;

  constructor(readonly agent: Agent) {}

  private enter(p: Program, { netns, number }: Pick<OpenNetwork, 'netns' | 'number'>): void {
    if (this.current === netns) return;
    p.syscall('setns', [p.fd(netns), CLONE_NEW.net], { label: `network namespace ${number}` });
    this.current = netns;
  }

  /** Makes calls in a namespace, in as few programs as possible. @throws ProgramError */
  async run(network: Pick<OpenNetwork, 'netns' | 'number'>, add: (p: () => Program) => void): Promise<void> {
    const name = `network namespace ${network.number}`;
    let open = new Program(name);
    const programs = [open];
    this.enter(open, network);
    add(() => {
      if (open.size > PROGRAM_LIMIT) {
        open = new Program(name);
        programs.push(open);
      }
      return open;
    });
    for (const program of programs) if (program.length > 0) await this.agent.run(program);
  }
}
