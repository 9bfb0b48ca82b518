// Made from include/abi.h and the kernel's headers by tools/print_abi.c; do not edit.
export const AGENT_ABI_VERSION = 0xa;
export const AGENT_MAGIC = 0x50474131;
export const AGENT_TEXT_OFFSET = 0x1000;
export const AGENT_TEXT_SIZE = 0x5000;
export const AGENT_STACK_OFFSET = 0x6000;
export const AGENT_STACK_SIZE = 0x4000;
export const AGENT_BUFFER_OFFSET = 0xa000;
export const AGENT_MAX_FDS = 0xfa;
export const AGENT_ENTRY_BREAK = 0x0;
export const AGENT_ENTRY_SYSCALL = 0x10;
export const AGENT_ENTRY_MARK = 0x20;
export const AGENT_MARK = 0x6d61726b;
export const AGENT_IMM = 0x0;
export const AGENT_DATA = 0x1;
export const AGENT_RESULT = 0x2;
export const AGENT_LOAD64 = 0x3;
export const AGENT_LOAD32 = 0x4;
export const AGENT_SELF = 0x5;
export const AGENT_OP_SYSCALL = 0x0;
export const AGENT_OP_RW_FULL = 0x1;
export const AGENT_OP_COPY = 0x2;
export const AGENT_OP_PEEK = 0x3;
export const AGENT_OP_POKE = 0x4;
export const AGENT_OP_SEND_FD = 0x5;
export const AGENT_OP_SPAWN = 0x6;
export const AGENT_OP_THREAD = 0x7;
export const AGENT_OP_WAIT = 0x8;
export const AGENT_OP_TRAP_RUN = 0x9;
export const AGENT_OP_ADD = 0xa;
export const AGENT_OP_SLEEP_POLL = 0xb;
export const AGENT_OP_CHECKSUM = 0xc;
export const AGENT_OP_STOP = 0xd;
export const AGENT_OP_ARM = 0xe;
export const AGENT_OP_CALL = 0xf;
export const AGENT_OP_PAGES = 0x10;
export const AGENT_PAGES_READ = 0x0;
export const AGENT_PAGES_POPULATE = 0x1;
export const AGENT_PAGES_COLLAPSE = 0x2;
export const AGENT_PAGES_HUGE = 0x3;
export const AGENT_PAGES_FILE = 0x4;
export const AGENT_PAGES_SCATTER = 0x5;
export const AGENT_HELPER_STACK = 0x1000;
export const AGENT_ANY = 0x0;
export const AGENT_OK = 0x1;
export const AGENT_EQ = 0x2;
export const AGENT_MSG_RUN = 0x1;
export const AGENT_MSG_HANGUP = 0x2;
export const AGENT_MSG_EXIT = 0x3;
export const AGENT_MSG_RELOCATE = 0x4;
export const AGENT_TRAP_BREAK = 0x0;
export const AGENT_TRAP_SYSCALL = 0x1;
export const AGENT_TRAP_MARK = 0x2;
export const AGENT_TRAP_RUNNING = 0x1;
export const AGENT_TRAP_LEAVE = 0x2;
export const AGENT_KEEP_DISARMED = 0x1;
export const AGENT_KEEP_QUIET = 0x2;
export const AGENT_KEEP_FIRST = 0x4;
export const AGENT_KEEP_LAST = 0x8;
export const AGENT_DISARM = 0x0;
export const AGENT_ARM = 0x1;
export const AGENT_FORGET = 0x2;
export const AGENT_STOP_SEIZED = 0x0;
export const AGENT_STOP_ANY = 0x1;
export const PAGER_MAGIC = 0x52474150;
export const PAGER_LOG = 0x1;
export const PAGER_FILE = 0x2;
export const PAGER_SERVER = 0x3;
export const PAGER_MEMORY = 0x4;
export const PAGER_GO = 0x5;
export const PAGER_STOP = 0x6;
export const PAGER_TOKEN = 0x7;
export const PAGER_STARTED = 0x4;
export const PAGER_GOING = 0x1;
export const PAGER_DONE = 0x2;
export const PAGER_FAILED = 0x3;
export const DESCRIPTOR_LOCAL = 0x0;
export const DESCRIPTOR_FAILED = 0x1;
export const DESCRIPTOR_ERRNO = 0x2;
export const DESCRIPTOR_FLAGS = 0x3;
export const DESCRIPTOR_MOUNT = 0x4;
export const DESCRIPTOR_SIGNAL = 0x5;
export const DESCRIPTOR_OWNER_TYPE = 0x6;
export const DESCRIPTOR_OWNER = 0x7;
export const DESCRIPTOR_OWNER_UID = 0x8;
export const DESCRIPTOR_OWNER_EUID = 0x9;
export const DESCRIPTOR_FAMILY = 0xa;
export const DESCRIPTOR_TYPE = 0xb;
export const DESCRIPTOR_PROTOCOL = 0xc;
export const DESCRIPTOR_HAS_INO = 0xd;
export const DESCRIPTOR_EVENTS = 0xe;
export const DESCRIPTOR_CONNECTED = 0xf;
export const DESCRIPTOR_DESCRIPTION = 0x10;
export const DESCRIPTOR_OPTIONS = 0x11;
export const DESCRIPTOR_PEER = 0x12;
export const DESCRIPTOR_SMALL = 0x13;
export const DESCRIPTOR_DEV = 0x0;
export const DESCRIPTOR_INO = 0x1;
export const DESCRIPTOR_MODE = 0x2;
export const DESCRIPTOR_NLINK = 0x3;
export const DESCRIPTOR_UID = 0x4;
export const DESCRIPTOR_GID = 0x5;
export const DESCRIPTOR_RDEV = 0x6;
export const DESCRIPTOR_SIZE = 0x7;
export const DESCRIPTOR_BLOCKS = 0x8;
export const DESCRIPTOR_ATIME = 0x9;
export const DESCRIPTOR_MTIME = 0xa;
export const DESCRIPTOR_POS = 0xb;
export const DESCRIPTOR_INFO_INO = 0xc;
export const DESCRIPTOR_NETNS = 0xd;
export const DESCRIPTOR_LARGE = 0xe;
export const DESCRIPTOR_NO_COPY = 0x1;
export const DESCRIPTOR_NO_STAT = 0x2;
export const DESCRIPTOR_NO_LINK = 0x3;
export const DESCRIPTOR_NO_INFO = 0x4;
export const MAPPING_PROT = 0x0;
export const MAPPING_SHARED = 0x1;
export const MAPPING_MAJOR = 0x2;
export const MAPPING_MINOR = 0x3;
export const MAPPING_PATH = 0x4;
export const MAPPING_FLAGS = 0x5;
export const MAPPING_KEY = 0x6;
export const MAPPING_SMALL = 0x7;
export const MAPPING_START = 0x0;
export const MAPPING_END = 0x1;
export const MAPPING_OFFSET = 0x2;
export const MAPPING_INO = 0x3;
export const MAPPING_LARGE = 0x4;
export const TREE_MODE = 0x0;
export const TREE_UID = 0x1;
export const TREE_GID = 0x2;
export const TREE_NLINK = 0x3;
export const TREE_MAJOR = 0x4;
export const TREE_MINOR = 0x5;
export const TREE_FLAGS = 0x6;
export const TREE_ABOUT = 0x7;
export const TREE_ERRNO = 0x8;
export const TREE_PATH = 0x9;
export const TREE_CONTENT = 0xa;
export const TREE_SMALL = 0xb;
export const TREE_SIZE = 0x0;
export const TREE_BLOCKS = 0x1;
export const TREE_INO = 0x2;
export const TREE_MTIME = 0x3;
export const TREE_LARGE = 0x4;
export const TREE_IS_FOREIGN = 0x1;
export const TREE_HAS_XATTRS = 0x2;
export const TREE_HAS_FLAGS = 0x4;
export const TREE_HAS_CONTENT = 0x8;
export const PagerHead = {
  size: 24,
  magic: 0,
  type: 4,
  count: 8,
  pad: 12,
  arg: 16,
} as const;
export const PagerRange = {
  size: 32,
  start: 0,
  end: 8,
  source: 16,
  offset: 24,
} as const;
export const PagerReply = {
  size: 24,
  magic: 0,
  type: 4,
  length: 8,
  arg: 16,
} as const;
export const AgentOp = {
  size: 72,
  code: 0,
  expect: 2,
  nr: 4,
  kinds: 8,
  skip: 12,
  expected: 16,
  arg: 24,
} as const;
export const AgentProg = {
  size: 72,
  magic: 0,
  version: 4,
  type: 8,
  tag: 12,
  nr_ops: 16,
  nr_fds: 20,
  data_size: 24,
  fds_offset: 28,
  reply_offset: 32,
  reply_size: 36,
  failed_at: 40,
  steps: 44,
  target: 48,
  chain: 56,
  seq: 60,
  quiet: 64,
} as const;
export const AgentReply = {
  size: 40,
  magic: 0,
  tag: 4,
  nr_ops: 8,
  nr_fds: 12,
  reply_size: 16,
  failed_at: 20,
  steps: 24,
  error: 28,
  seq: 32,
} as const;
export const AgentCtx = {
  size: 1064,
  self: 0,
  region_size: 8,
  buffer: 16,
  buffer_size: 24,
  control: 32,
  nr_out_fds: 36,
  out_fds: 40,
  hangups: 1040,
  spare: 1048,
  broken: 1056,
} as const;
export const AgentTrap = {
  size: 48,
  mode: 0,
  timeout_ms: 4,
  flags: 8,
  other_stops: 12,
  fault: 16,
  held: 24,
  regs: 32,
  siginfo: 40,
} as const;
export const AgentPages = {
  size: 40,
  address: 0,
  length: 8,
  offset: 16,
  fd: 24,
  how: 28,
  target: 32,
} as const;
export const UserRegs = {
  size: 216,
  r15: 0,
  r14: 8,
  r13: 16,
  r12: 24,
  rbp: 32,
  rbx: 40,
  r11: 48,
  r10: 56,
  r9: 64,
  r8: 72,
  rax: 80,
  rcx: 88,
  rdx: 96,
  rsi: 104,
  rdi: 112,
  orig_rax: 120,
  rip: 128,
  cs: 136,
  eflags: 144,
  rsp: 152,
  ss: 160,
  fs_base: 168,
  gs_base: 176,
  ds: 184,
  es: 192,
  fs: 200,
  gs: 208,
} as const;
