// A network namespace of a restore: the contents of its images, and access to it once it exists.
import type { Agent } from '@criu/compel';
import { Program } from '@criu/compel';
import type { Message, NetlinkSocket } from '@criu/native/netlink';
import type { PlanContext, Slot } from '../../../engine/plan.js';
import type { NetDeviceEntry, NetnsEntry } from '../../../images/types.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
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
  /** Its contents are left to the caller (`--empty-ns net`). */
  readonly empty?: boolean;
}

/** A network namespace that exists. */
export interface OpenNetwork extends Network {
  /** An rtnetlink socket in it. */
  readonly inside: NetlinkSocket;
  /** A descriptor of it. */
  readonly netns: number;
}

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

/** A network namespace of which nothing is restored. */
export function emptyNetwork(ctx: PlanContext, id: number, number: number, slot: Slot): Network {
  const nothing = { conf: undefined, devices: [], addresses: [], routes: [], rules: [] };
  return { ctx, number, id, slot, file: `netdev-${id}.img`, ...nothing, empty: true };
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
