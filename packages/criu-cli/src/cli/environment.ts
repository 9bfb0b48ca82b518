// Environment variables that criu reads, and those of CRIU 4.2 that have no effect here.

export interface VariableRecord {
  readonly name: string;
  readonly help: string;
  /** `always`: the behaviour it asks for is the only one; `refused`: a warning says that it has no effect. */
  readonly support: 'yes' | 'always' | 'refused';
  /** Not in CRIU 4.2. */
  readonly ours?: boolean;
}

export const VARIABLES: readonly VariableRecord[] = [
  { name: 'CRIU_CONFIG_FILE', help: 'one more configuration file, which has to be there', support: 'yes' },
  { name: 'HOME', help: 'where `.criu/default.conf` is looked for', support: 'yes' },
  { name: 'CRIU_LIBS_DIR', help: 'directory of plugins, where --libdir does not name one', support: 'yes' },
  {
    name: 'CR_IPTABLES',
    help: 'shell command that saves and loads the rules of the older iptables, instead of iptables-save and iptables-restore',
    support: 'yes',
  },
  {
    name: 'CR_IP_TOOL',
    help: 'addresses, routes and rules are read and made by netlink: no ip(8) is run',
    support: 'refused',
  },
  { name: 'CRIU_DEPRECATED', help: 'images of older versions are read', support: 'always' },
  { name: 'CRIU_PMC_OFF', help: 'what /proc/PID/pagemap says is not kept for later', support: 'always' },
  {
    name: 'CRIU_TRACK_SHMEM',
    help: 'increments have changed pages only, of shared memory too',
    support: 'always',
  },
  {
    name: 'XDG_RUNTIME_DIR',
    help: 'where CRIU keeps what it has found out about the kernel; nothing is kept here',
    support: 'always',
  },
  {
    name: 'CRIU_FAULT',
    help: 'points of failure, for tests: names of this version, not numbers of CRIU',
    support: 'yes',
  },
  { name: 'NO_COLOR', help: 'no colours on terminals', support: 'yes', ours: true },
];

/** The environment variables that commands read. */
export interface Environment {
  readonly HOME?: string | undefined;
  readonly CRIU_CONFIG_FILE?: string | undefined;
  readonly CR_IP_TOOL?: string | undefined;
  readonly NO_COLOR?: string | undefined;
  readonly TERM?: string | undefined;
  /** Names of fault points, separated by commas; for tests. */
  readonly CRIU_FAULT?: string | undefined;
  /**
   * Set by `criu service` for its background process: descriptors of the listening socket, and of the pipe on which the
   * foreground process waits.
   */
  readonly CRIU_SERVICE_SOCKET?: string | undefined;
  readonly CRIU_SERVICE_READY?: string | undefined;
  /** Set for a page server in the background: descriptor of the listening socket. */
  readonly CRIU_PAGE_SERVER_LISTENER?: string | undefined;
  /** Set for a lazy-pages daemon in the background: descriptor of the listening socket. */
  readonly CRIU_LAZY_PAGES_LISTENER?: string | undefined;
  /** Set by a service manager: pid that the sockets are for, and their number (sd_listen_fds(3)). */
  readonly LISTEN_PID?: string | undefined;
  readonly LISTEN_FDS?: string | undefined;
}

/** Variables that are set and ask for unsupported behaviour. */
export function refusedVariables(env: Readonly<Record<string, string | undefined>>): VariableRecord[] {
  return VARIABLES.filter(({ name, support }) => support === 'refused' && env[name] !== undefined);
}
