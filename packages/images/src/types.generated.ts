// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Buffer } from 'node:buffer';

/** `user_x86_regs_mode` of core-x86.proto; an image may hold numbers that are not listed. */
export const UserX86RegsMode = {
  NATIVE: 1,
  COMPAT: 2,
} as const;

/** `seccomp_mode` of core.proto; an image may hold numbers that are not listed. */
export const SeccompMode = {
  disabled: 0,
  strict: 1,
  filter: 2,
} as const;

/** `core_entry.march` of core.proto; an image may hold numbers that are not listed. */
export const CoreEntryMarch = {
  UNKNOWN: 0,
  X86_64: 1,
  ARM: 2,
  AARCH64: 3,
  PPC64: 4,
  S390: 5,
  MIPS: 6,
  LOONGARCH64: 7,
  RISCV64: 8,
} as const;

/** `cpuinfo_x86_entry.vendor` of cpuinfo.proto; an image may hold numbers that are not listed. */
export const CpuinfoX86EntryVendor = {
  UNKNOWN: 0,
  INTEL: 1,
  AMD: 2,
} as const;

/** `cpuinfo_ppc64_entry.endianness` of cpuinfo.proto; an image may hold numbers that are not listed. */
export const CpuinfoPpc64EntryEndianness = {
  BIGENDIAN: 0,
  LITTLEENDIAN: 1,
} as const;

/** `fd_types` of fdinfo.proto; an image may hold numbers that are not listed. */
export const FdTypes = {
  UND: 0,
  REG: 1,
  PIPE: 2,
  FIFO: 3,
  INETSK: 4,
  UNIXSK: 5,
  EVENTFD: 6,
  EVENTPOLL: 7,
  INOTIFY: 8,
  SIGNALFD: 9,
  PACKETSK: 10,
  TTY: 11,
  FANOTIFY: 12,
  NETLINKSK: 13,
  NS: 14,
  TUNF: 15,
  EXT: 16,
  TIMERFD: 17,
  MEMFD: 18,
  BPFMAP: 19,
  PIDFD: 20,
  POSIX_QUEUE: 1000,
  CTL_TTY: 65534,
  AUTOFS_PIPE: 65535,
} as const;

/** `fh_entry_sizes` of fh.proto; an image may hold numbers that are not listed. */
export const FhEntrySizes = {
  min_entries: 16,
} as const;

/** `mark_type` of fsnotify.proto; an image may hold numbers that are not listed. */
export const MarkType = {
  INODE: 1,
  MOUNT: 2,
} as const;

/** `lsmtype` of inventory.proto; an image may hold numbers that are not listed. */
export const Lsmtype = {
  NO_LSM: 0,
  SELINUX: 1,
  APPARMOR: 2,
} as const;

/** `fstype` of mnt.proto; an image may hold numbers that are not listed. */
export const Fstype = {
  UNSUPPORTED: 0,
  PROC: 1,
  SYSFS: 2,
  DEVTMPFS: 3,
  BINFMT_MISC: 4,
  TMPFS: 5,
  DEVPTS: 6,
  SIMFS: 7,
  PSTORE: 8,
  SECURITYFS: 9,
  FUSECTL: 10,
  DEBUGFS: 11,
  CGROUP: 12,
  AUFS: 13,
  MQUEUE: 14,
  FUSE: 15,
  AUTO: 16,
  OVERLAYFS: 17,
  AUTOFS: 18,
  TRACEFS: 19,
  CGROUP2: 23,
} as const;

/** `nd_type` of netdev.proto; an image may hold numbers that are not listed. */
export const NdType = {
  LOOPBACK: 1,
  VETH: 2,
  TUN: 3,
  EXTLINK: 4,
  VENET: 5,
  BRIDGE: 6,
  MACVLAN: 7,
  SIT: 8,
} as const;

/** `remap_type` of remap-file-path.proto; an image may hold numbers that are not listed. */
export const RemapType = {
  LINKED: 0,
  GHOST: 1,
  PROCFS: 2,
} as const;

/** `criu_cg_mode` of rpc.proto; an image may hold numbers that are not listed. */
export const CriuCgMode = {
  IGNORE: 0,
  CG_NONE: 1,
  PROPS: 2,
  SOFT: 3,
  FULL: 4,
  STRICT: 5,
  DEFAULT: 6,
} as const;

/** `criu_network_lock_method` of rpc.proto; an image may hold numbers that are not listed. */
export const CriuNetworkLockMethod = {
  IPTABLES: 1,
  NFTABLES: 2,
  SKIP: 3,
} as const;

/** `criu_image_io_mode` of rpc.proto; an image may hold numbers that are not listed. */
export const CriuImageIoMode = {
  IMAGE_IO_WRITEBACK: 0,
  IMAGE_IO_DIRECT: 1,
} as const;

/** `criu_pre_dump_mode` of rpc.proto; an image may hold numbers that are not listed. */
export const CriuPreDumpMode = {
  SPLICE: 1,
  VM_READ: 2,
} as const;

/** `criu_req_type` of rpc.proto; an image may hold numbers that are not listed. */
export const CriuReqType = {
  EMPTY: 0,
  DUMP: 1,
  RESTORE: 2,
  CHECK: 3,
  PRE_DUMP: 4,
  PAGE_SERVER: 5,
  NOTIFY: 6,
  CPUINFO_DUMP: 7,
  CPUINFO_CHECK: 8,
  FEATURE_CHECK: 9,
  VERSION: 10,
  WAIT_PID: 11,
  PAGE_SERVER_CHLD: 12,
  SINGLE_PRE_DUMP: 13,
} as const;

/** `sk_shutdown` of sk-opts.proto; an image may hold numbers that are not listed. */
export const SkShutdown = {
  NONE: 0,
  READ: 1,
  WRITE: 2,
  BOTH: 3,
} as const;

/** `SysctlType` of sysctl.proto; an image may hold numbers that are not listed. */
export const SysctlType = {
  CTL_STR: 5,
  CTL_32: 6,
} as const;

/** `TtyType` of tty.proto; an image may hold numbers that are not listed. */
export const TtyType = {
  UNKNOWN: 0,
  PTY: 1,
  CONSOLE: 2,
  VT: 3,
  CTTY: 4,
  EXT_TTY: 5,
  SERIAL: 6,
} as const;

/** `aa_policy` of apparmor.proto. */
export interface AaPolicy {
  name: string;
  blob: Buffer;
}

/** `aa_namespace` of apparmor.proto. */
export interface AaNamespace {
  name: string;
  policies: AaPolicy[];
  namespaces: AaNamespace[];
}

/** `apparmor_entry` of apparmor.proto. */
export interface ApparmorEntry {
  namespaces: AaNamespace[];
}

/** `autofs_name` of autofs.proto. */
export interface AutofsName {
  path: string;
  mode: number;
  uid: number;
  gid: number;
  target?: string;
}

/** `autofs_entry` of autofs.proto. */
export interface AutofsEntry {
  fd: number;
  pgrp: number;
  timeout: number;
  minproto: number;
  maxproto: number;
  mode: number;
  uid?: number;
  gid?: number;
  read_fd?: number;
  names: AutofsName[];
}

/** `binfmt_misc_entry` of binfmt-misc.proto. */
export interface BinfmtMiscEntry {
  name: string;
  enabled: boolean;
  interpreter: string;
  flags?: string;
  extension?: string;
  magic?: string;
  mask?: string;
  offset?: number;
}

/** `bpfmap_data_entry` of bpfmap-data.proto. */
export interface BpfmapDataEntry {
  map_id: number;
  keys_bytes: number;
  values_bytes: number;
  count: number;
}

/** `bpfmap_file_entry` of bpfmap-file.proto. */
export interface BpfmapFileEntry {
  id: number;
  flags: number;
  pos: bigint;
  fown: FownEntry;
  map_type: number;
  key_size: number;
  value_size: number;
  map_id: number;
  max_entries: number;
  map_flags: number;
  memlock: bigint;
  /** absent means false */
  frozen: boolean;
  map_name: string;
  /** absent means 0 */
  ifindex: number;
  /** absent means -1 */
  mnt_id?: number;
  map_extra?: bigint;
}

/** `cgroup_perms` of cgroup.proto. */
export interface CgroupPerms {
  mode: number;
  uid: number;
  gid: number;
}

/** `cgroup_prop_entry` of cgroup.proto. */
export interface CgroupPropEntry {
  name: string;
  value: string;
  perms?: CgroupPerms;
}

/** `cgroup_dir_entry` of cgroup.proto. */
export interface CgroupDirEntry {
  dir_name: string;
  children: CgroupDirEntry[];
  properties: CgroupPropEntry[];
  dir_perms?: CgroupPerms;
}

/** `cg_controller_entry` of cgroup.proto. */
export interface CgControllerEntry {
  cnames: string[];
  dirs: CgroupDirEntry[];
  is_threaded?: boolean;
}

/** `cg_member_entry` of cgroup.proto. */
export interface CgMemberEntry {
  name: string;
  path: string;
  cgns_prefix?: number;
}

/** `cg_set_entry` of cgroup.proto. */
export interface CgSetEntry {
  id: number;
  ctls: CgMemberEntry[];
}

/** `cgroup_entry` of cgroup.proto. */
export interface CgroupEntry {
  sets: CgSetEntry[];
  controllers: CgControllerEntry[];
}

/** `user_aarch64_regs_entry` of core-aarch64.proto. */
export interface UserAarch64RegsEntry {
  regs: bigint[];
  sp: bigint;
  pc: bigint;
  pstate: bigint;
}

/** `user_aarch64_fpsimd_context_entry` of core-aarch64.proto. */
export interface UserAarch64FpsimdContextEntry {
  vregs: bigint[];
  fpsr: number;
  fpcr: number;
}

/** `pac_address_keys` of core-aarch64.proto. */
export interface PacAddressKeys {
  apiakey_lo: bigint;
  apiakey_hi: bigint;
  apibkey_lo: bigint;
  apibkey_hi: bigint;
  apdakey_lo: bigint;
  apdakey_hi: bigint;
  apdbkey_lo: bigint;
  apdbkey_hi: bigint;
  pac_enabled_key: bigint;
}

/** `pac_generic_keys` of core-aarch64.proto. */
export interface PacGenericKeys {
  apgakey_lo: bigint;
  apgakey_hi: bigint;
}

/** `pac_keys` of core-aarch64.proto. */
export interface PacKeys {
  pac_address_keys?: PacAddressKeys;
  pac_generic_keys?: PacGenericKeys;
}

/** `thread_info_aarch64` of core-aarch64.proto. */
export interface ThreadInfoAarch64 {
  clear_tid_addr: bigint;
  tls: bigint;
  gpregs: UserAarch64RegsEntry;
  fpsimd: UserAarch64FpsimdContextEntry;
  pac_keys?: PacKeys;
}

/** `user_arm_regs_entry` of core-arm.proto. */
export interface UserArmRegsEntry {
  r0: number;
  r1: number;
  r2: number;
  r3: number;
  r4: number;
  r5: number;
  r6: number;
  r7: number;
  r8: number;
  r9: number;
  r10: number;
  fp: number;
  ip: number;
  sp: number;
  lr: number;
  pc: number;
  cpsr: number;
  orig_r0: number;
}

/** `user_arm_vfpstate_entry` of core-arm.proto. */
export interface UserArmVfpstateEntry {
  vfp_regs: bigint[];
  fpscr: number;
  fpexc: number;
  fpinst: number;
  fpinst2: number;
}

/** `thread_info_arm` of core-arm.proto. */
export interface ThreadInfoArm {
  clear_tid_addr: bigint;
  tls: number;
  gpregs: UserArmRegsEntry;
  fpstate: UserArmVfpstateEntry;
}

/** `user_loongarch64_gpregs_entry` of core-loongarch64.proto. */
export interface UserLoongarch64GpregsEntry {
  regs: bigint[];
  pc: bigint;
}

/** `user_loongarch64_fpregs_entry` of core-loongarch64.proto. */
export interface UserLoongarch64FpregsEntry {
  regs: bigint[];
  fcc: bigint;
  fcsr: number;
}

/** `thread_info_loongarch64` of core-loongarch64.proto. */
export interface ThreadInfoLoongarch64 {
  clear_tid_addr: bigint;
  tls: bigint;
  gpregs: UserLoongarch64GpregsEntry;
  fpregs: UserLoongarch64FpregsEntry;
}

/** `user_mips_regs_entry` of core-mips.proto. */
export interface UserMipsRegsEntry {
  r0: bigint;
  r1: bigint;
  r2: bigint;
  r3: bigint;
  r4: bigint;
  r5: bigint;
  r6: bigint;
  r7: bigint;
  r8: bigint;
  r9: bigint;
  r10: bigint;
  r11: bigint;
  r12: bigint;
  r13: bigint;
  r14: bigint;
  r15: bigint;
  r16: bigint;
  r17: bigint;
  r18: bigint;
  r19: bigint;
  r20: bigint;
  r21: bigint;
  r22: bigint;
  r23: bigint;
  r24: bigint;
  r25: bigint;
  r26: bigint;
  r27: bigint;
  r28: bigint;
  r29: bigint;
  r30: bigint;
  r31: bigint;
  lo: bigint;
  hi: bigint;
  cp0_epc: bigint;
  cp0_badvaddr: bigint;
  cp0_status: bigint;
  cp0_cause: bigint;
}

/** `user_mips_fpregs_entry` of core-mips.proto. */
export interface UserMipsFpregsEntry {
  r0: bigint;
  r1: bigint;
  r2: bigint;
  r3: bigint;
  r4: bigint;
  r5: bigint;
  r6: bigint;
  r7: bigint;
  r8: bigint;
  r9: bigint;
  r10: bigint;
  r11: bigint;
  r12: bigint;
  r13: bigint;
  r14: bigint;
  r15: bigint;
  r16: bigint;
  r17: bigint;
  r18: bigint;
  r19: bigint;
  r20: bigint;
  r21: bigint;
  r22: bigint;
  r23: bigint;
  r24: bigint;
  r25: bigint;
  r26: bigint;
  r27: bigint;
  r28: bigint;
  r29: bigint;
  r30: bigint;
  r31: bigint;
  lo: bigint;
  hi: bigint;
  fpu_fcr31: number;
  fpu_id: number;
}

/** `thread_info_mips` of core-mips.proto. */
export interface ThreadInfoMips {
  clear_tid_addr: bigint;
  tls: bigint;
  gpregs: UserMipsRegsEntry;
  fpregs: UserMipsFpregsEntry;
}

/** `user_ppc64_regs_entry` of core-ppc64.proto. */
export interface UserPpc64RegsEntry {
  gpr: bigint[];
  nip: bigint;
  msr: bigint;
  orig_gpr3: bigint;
  ctr: bigint;
  link: bigint;
  xer: bigint;
  ccr: bigint;
  trap: bigint;
  texasr?: bigint;
  tfhar?: bigint;
  tfiar?: bigint;
}

/** `user_ppc64_fpstate_entry` of core-ppc64.proto. */
export interface UserPpc64FpstateEntry {
  fpregs: bigint[];
}

/** `user_ppc64_vrstate_entry` of core-ppc64.proto. */
export interface UserPpc64VrstateEntry {
  vrregs: bigint[];
  vrsave: number;
}

/** `user_ppc64_vsxstate_entry` of core-ppc64.proto. */
export interface UserPpc64VsxstateEntry {
  vsxregs: bigint[];
}

/** `user_ppc64_tm_regs_entry` of core-ppc64.proto. */
export interface UserPpc64TmRegsEntry {
  gpregs: UserPpc64RegsEntry;
  fpstate?: UserPpc64FpstateEntry;
  vrstate?: UserPpc64VrstateEntry;
  vsxstate?: UserPpc64VsxstateEntry;
}

/** `thread_info_ppc64` of core-ppc64.proto. */
export interface ThreadInfoPpc64 {
  clear_tid_addr: bigint;
  gpregs: UserPpc64RegsEntry;
  fpstate?: UserPpc64FpstateEntry;
  vrstate?: UserPpc64VrstateEntry;
  vsxstate?: UserPpc64VsxstateEntry;
  tmstate?: UserPpc64TmRegsEntry;
}

/** `user_riscv64_regs_entry` of core-riscv64.proto. */
export interface UserRiscv64RegsEntry {
  pc: bigint;
  ra: bigint;
  sp: bigint;
  gp: bigint;
  tp: bigint;
  t0: bigint;
  t1: bigint;
  t2: bigint;
  s0: bigint;
  s1: bigint;
  a0: bigint;
  a1: bigint;
  a2: bigint;
  a3: bigint;
  a4: bigint;
  a5: bigint;
  a6: bigint;
  a7: bigint;
  s2: bigint;
  s3: bigint;
  s4: bigint;
  s5: bigint;
  s6: bigint;
  s7: bigint;
  s8: bigint;
  s9: bigint;
  s10: bigint;
  s11: bigint;
  t3: bigint;
  t4: bigint;
  t5: bigint;
  t6: bigint;
}

/** `user_riscv64_d_ext_entry` of core-riscv64.proto. */
export interface UserRiscv64DExtEntry {
  f: bigint[];
  fcsr: number;
}

/** `thread_info_riscv64` of core-riscv64.proto. */
export interface ThreadInfoRiscv64 {
  clear_tid_addr: bigint;
  tls: bigint;
  gpregs: UserRiscv64RegsEntry;
  fpsimd: UserRiscv64DExtEntry;
}

/** `user_s390_regs_entry` of core-s390.proto. */
export interface UserS390RegsEntry {
  psw_mask: bigint;
  psw_addr: bigint;
  gprs: bigint[];
  acrs: number[];
  orig_gpr2: bigint;
  system_call: number;
}

/** `user_s390_vxrs_low_entry` of core-s390.proto. */
export interface UserS390VxrsLowEntry {
  regs: bigint[];
}

/** `user_s390_vxrs_high_entry` of core-s390.proto. */
export interface UserS390VxrsHighEntry {
  regs: bigint[];
}

/** `user_s390_fpregs_entry` of core-s390.proto. */
export interface UserS390FpregsEntry {
  fpc: number;
  fprs: bigint[];
}

/** `user_s390_gs_cb_entry` of core-s390.proto. */
export interface UserS390GsCbEntry {
  regs: bigint[];
}

/** `user_s390_ri_entry` of core-s390.proto. */
export interface UserS390RiEntry {
  ri_on: number;
  regs: bigint[];
}

/** `thread_info_s390` of core-s390.proto. */
export interface ThreadInfoS390 {
  clear_tid_addr: bigint;
  gpregs: UserS390RegsEntry;
  fpregs: UserS390FpregsEntry;
  vxrs_low?: UserS390VxrsLowEntry;
  vxrs_high?: UserS390VxrsHighEntry;
  gs_cb?: UserS390GsCbEntry;
  gs_bc?: UserS390GsCbEntry;
  ri_cb?: UserS390RiEntry;
}

/** `user_x86_regs_entry` of core-x86.proto. */
export interface UserX86RegsEntry {
  r15: bigint;
  r14: bigint;
  r13: bigint;
  r12: bigint;
  bp: bigint;
  bx: bigint;
  r11: bigint;
  r10: bigint;
  r9: bigint;
  r8: bigint;
  ax: bigint;
  cx: bigint;
  dx: bigint;
  si: bigint;
  di: bigint;
  orig_ax: bigint;
  ip: bigint;
  cs: bigint;
  flags: bigint;
  sp: bigint;
  ss: bigint;
  fs_base: bigint;
  gs_base: bigint;
  ds: bigint;
  es: bigint;
  fs: bigint;
  gs: bigint;
  /** {@link UserX86RegsMode}; absent means NATIVE */
  mode?: number;
}

/** `user_x86_cet_entry` of core-x86.proto. */
export interface UserX86CetEntry {
  cet: bigint;
  ssp: bigint;
}

/** `user_x86_xsave_entry` of core-x86.proto. */
export interface UserX86XsaveEntry {
  xstate_bv: bigint;
  ymmh_space: number[];
  bndreg_state: bigint[];
  bndcsr_state: bigint[];
  opmask_reg: bigint[];
  zmm_upper: bigint[];
  hi16_zmm: bigint[];
  pkru: number[];
  cet?: UserX86CetEntry;
}

/** `user_x86_fpregs_entry` of core-x86.proto. */
export interface UserX86FpregsEntry {
  cwd: number;
  swd: number;
  twd: number;
  fop: number;
  rip: bigint;
  rdp: bigint;
  mxcsr: number;
  mxcsr_mask: number;
  st_space: number[];
  xmm_space: number[];
  padding: number[];
  xsave?: UserX86XsaveEntry;
}

/** `user_desc_t` of core-x86.proto. */
export interface UserDescT {
  entry_number: number;
  base_addr: number;
  limit: number;
  seg_32bit: boolean;
  contents_h: boolean;
  contents_l: boolean;
  /** absent means true */
  read_exec_only: boolean;
  limit_in_pages: boolean;
  /** absent means true */
  seg_not_present: boolean;
  usable: boolean;
}

/** `thread_info_x86` of core-x86.proto. */
export interface ThreadInfoX86 {
  clear_tid_addr: bigint;
  gpregs: UserX86RegsEntry;
  fpregs: UserX86FpregsEntry;
  tls: UserDescT[];
}

/** `task_core_entry` of core.proto. */
export interface TaskCoreEntry {
  task_state: number;
  exit_code: number;
  personality: number;
  flags: number;
  blk_sigset: bigint;
  comm: string;
  timers?: TaskTimersEntry;
  rlimits?: TaskRlimitsEntry;
  cg_set?: number;
  signals_s?: SignalQueueEntry;
  /** {@link SeccompMode} */
  old_seccomp_mode?: number;
  old_seccomp_filter?: number;
  loginuid?: number;
  oom_score_adj?: number;
  sigactions: SaEntry[];
  child_subreaper?: boolean;
  blk_sigset_extended?: bigint;
  stop_signo?: number;
  membarrier_registration_mask?: number;
  stop_told?: boolean;
  continued?: boolean;
  exit_signal?: number;
  sem_undos: SemUndoEntry[];
  autogroup_nice?: number;
  exit_uid?: number;
}

/** `sem_undo_entry` of core.proto. */
export interface SemUndoEntry {
  sem_id: number;
  sem_num: number;
  adjustment: number;
}

/** `task_kobj_ids_entry` of core.proto. */
export interface TaskKobjIdsEntry {
  vm_id: number;
  files_id: number;
  fs_id: number;
  sighand_id: number;
  pid_ns_id?: number;
  net_ns_id?: number;
  ipc_ns_id?: number;
  uts_ns_id?: number;
  mnt_ns_id?: number;
  user_ns_id?: number;
  cgroup_ns_id?: number;
  time_ns_id?: number;
  own_time_ns_id?: number;
}

/** `thread_sas_entry` of core.proto. */
export interface ThreadSasEntry {
  ss_sp: bigint;
  ss_size: bigint;
  ss_flags: number;
}

/** `thread_core_entry` of core.proto. */
export interface ThreadCoreEntry {
  futex_rla: bigint;
  futex_rla_len: number;
  sched_nice?: number;
  sched_policy?: number;
  sched_prio?: number;
  blk_sigset?: bigint;
  sas?: ThreadSasEntry;
  pdeath_sig?: number;
  signals_p?: SignalQueueEntry;
  creds?: CredsEntry;
  /** {@link SeccompMode} */
  seccomp_mode?: number;
  seccomp_filter?: number;
  comm?: string;
  blk_sigset_extended?: bigint;
  rseq_entry?: RseqEntry;
  cg_set?: number;
  timer_slack_ns?: bigint;
  io_priority?: number;
  cpus_allowed?: string;
  sched_slice_ns?: bigint;
  sched_util_min?: number;
  sched_util_max?: number;
  tsc_faults?: boolean;
  cpuid_faults?: boolean;
  mce_kill?: number;
  spec_store_bypass?: number;
  spec_indirect_branch?: number;
  spec_l1d_flush?: number;
  io_flusher?: boolean;
  dispatch_mode?: bigint;
  dispatch_selector?: bigint;
  dispatch_offset?: bigint;
  dispatch_length?: bigint;
  personality?: number;
  mempolicy_mode?: number;
  mempolicy_nodes?: string;
}

/** `task_rlimits_entry` of core.proto. */
export interface TaskRlimitsEntry {
  rlimits: RlimitEntry[];
}

/** `core_entry` of core.proto. */
export interface CoreEntry {
  /** {@link CoreEntryMarch} */
  mtype: number;
  thread_info?: ThreadInfoX86;
  ti_arm?: ThreadInfoArm;
  ti_aarch64?: ThreadInfoAarch64;
  ti_ppc64?: ThreadInfoPpc64;
  ti_s390?: ThreadInfoS390;
  ti_mips?: ThreadInfoMips;
  ti_loongarch64?: ThreadInfoLoongarch64;
  ti_riscv64?: ThreadInfoRiscv64;
  tc?: TaskCoreEntry;
  ids?: TaskKobjIdsEntry;
  thread_core?: ThreadCoreEntry;
}

/** `cpuinfo_x86_entry` of cpuinfo.proto. */
export interface CpuinfoX86Entry {
  /** {@link CpuinfoX86EntryVendor} */
  vendor_id: number;
  cpu_family: number;
  model: number;
  stepping: number;
  capability_ver: number;
  capability: number[];
  model_id?: string;
  xfeatures_mask?: bigint;
  xsave_size?: number;
  xsave_size_max?: number;
}

/** `cpuinfo_ppc64_entry` of cpuinfo.proto. */
export interface CpuinfoPpc64Entry {
  /** {@link CpuinfoPpc64EntryEndianness} */
  endian: number;
  hwcap: bigint[];
}

/** `cpuinfo_s390_entry` of cpuinfo.proto. */
export interface CpuinfoS390Entry {
  hwcap: bigint[];
}

/** `cpuinfo_entry` of cpuinfo.proto. */
export interface CpuinfoEntry {
  x86_entry: CpuinfoX86Entry[];
  ppc64_entry: CpuinfoPpc64Entry[];
  s390_entry: CpuinfoS390Entry[];
}

/** `creds_entry` of creds.proto. */
export interface CredsEntry {
  uid: number;
  gid: number;
  euid: number;
  egid: number;
  suid: number;
  sgid: number;
  fsuid: number;
  fsgid: number;
  cap_inh: number[];
  cap_prm: number[];
  cap_eff: number[];
  cap_bnd: number[];
  secbits: number;
  groups: number[];
  lsm_profile?: string;
  lsm_sockcreate?: string;
  apparmor_data?: Buffer;
  no_new_privs?: number;
  cap_amb: number[];
  lsm_exec?: string;
  lsm_fscreate?: string;
  lsm_keycreate?: string;
}

/** `eventfd_file_entry` of eventfd.proto. */
export interface EventfdFileEntry {
  id: number;
  flags: number;
  fown: FownEntry;
  counter: bigint;
  semaphore?: boolean;
}

/** `eventpoll_tfd_entry` of eventpoll.proto. */
export interface EventpollTfdEntry {
  id: number;
  tfd: number;
  events: number;
  data: bigint;
  dev?: number;
  inode?: bigint;
  pos?: bigint;
  added_as?: number;
}

/** `eventpoll_file_entry` of eventpoll.proto. */
export interface EventpollFileEntry {
  id: number;
  flags: number;
  fown: FownEntry;
  tfd: EventpollTfdEntry[];
  busy_poll_usecs?: number;
  busy_poll_budget?: number;
  prefer_busy_poll?: boolean;
}

/** `ext_file_entry` of ext-file.proto. */
export interface ExtFileEntry {
  id: number;
  fown: FownEntry;
}

/** `fdinfo_entry` of fdinfo.proto. */
export interface FdinfoEntry {
  id: number;
  flags: number;
  /** {@link FdTypes} */
  type: number;
  fd: number;
  xattr_security_selinux?: string;
}

/** `file_entry` of fdinfo.proto. */
export interface FileEntry {
  /** {@link FdTypes} */
  type: number;
  id: number;
  reg?: RegFileEntry;
  isk?: InetSkEntry;
  nsf?: NsFileEntry;
  psk?: PacketSockEntry;
  nlsk?: NetlinkSkEntry;
  efd?: EventfdFileEntry;
  epfd?: EventpollFileEntry;
  sgfd?: SignalfdEntry;
  tunf?: TunfileEntry;
  tfd?: TimerfdEntry;
  ify?: InotifyFileEntry;
  ffy?: FanotifyFileEntry;
  ext?: ExtFileEntry;
  usk?: UnixSkEntry;
  fifo?: FifoEntry;
  pipe?: PipeEntry;
  tty?: TtyFileEntry;
  memfd?: MemfdFileEntry;
  bpf?: BpfmapFileEntry;
  pidfd?: PidfdEntry;
  posix_queue?: PosixQueueFileEntry;
}

/** `fh_entry` of fh.proto. */
export interface FhEntry {
  bytes: number;
  type: number;
  handle: bigint[];
  path?: string;
  mnt_id?: number;
  link_path?: string;
}

/** `irmap_cache_entry` of fh.proto. */
export interface IrmapCacheEntry {
  dev: number;
  inode: bigint;
  path: string;
}

/** `fifo_entry` of fifo.proto. */
export interface FifoEntry {
  id: number;
  pipe_id: number;
  regf_id?: number;
}

/** `file_lock_entry` of file-lock.proto. */
export interface FileLockEntry {
  flag: number;
  type: number;
  pid: number;
  fd: number;
  start: bigint;
  len: bigint;
}

/** `fown_entry` of fown.proto. */
export interface FownEntry {
  uid: number;
  euid: number;
  signum: number;
  pid_type: number;
  pid: number;
}

/** `fs_entry` of fs.proto. */
export interface FsEntry {
  cwd_id: number;
  root_id: number;
  umask?: number;
}

/** `inotify_wd_entry` of fsnotify.proto. */
export interface InotifyWdEntry {
  id: number;
  i_ino: bigint;
  mask: number;
  ignored_mask: number;
  s_dev: number;
  wd: number;
  f_handle: FhEntry;
}

/** `inotify_file_entry` of fsnotify.proto. */
export interface InotifyFileEntry {
  id: number;
  flags: number;
  fown: FownEntry;
  wd: InotifyWdEntry[];
  events_lost?: boolean;
}

/** `fanotify_inode_mark_entry` of fsnotify.proto. */
export interface FanotifyInodeMarkEntry {
  i_ino: bigint;
  f_handle: FhEntry;
}

/** `fanotify_mount_mark_entry` of fsnotify.proto. */
export interface FanotifyMountMarkEntry {
  mnt_id: number;
  path?: string;
}

/** `fanotify_mark_entry` of fsnotify.proto. */
export interface FanotifyMarkEntry {
  id: number;
  /** {@link MarkType} */
  type: number;
  mflags: number;
  mask: number;
  ignored_mask: number;
  s_dev: number;
  ie?: FanotifyInodeMarkEntry;
  me?: FanotifyMountMarkEntry;
}

/** `fanotify_file_entry` of fsnotify.proto. */
export interface FanotifyFileEntry {
  id: number;
  flags: number;
  fown: FownEntry;
  faflags: number;
  evflags: number;
  mark: FanotifyMarkEntry[];
}

/** `ghost_file_entry` of ghost-file.proto. */
export interface GhostFileEntry {
  uid: number;
  gid: number;
  mode: number;
  dev?: number;
  ino?: bigint;
  rdev?: number;
  atim?: Timeval;
  mtim?: Timeval;
  chunks?: boolean;
  size?: bigint;
  symlnk_target?: string;
  xattr_names: string[];
  xattr_values: Buffer[];
  atim_nsec?: number;
  mtim_nsec?: number;
  inode_flags?: number;
  content_size?: bigint;
}

/** `ghost_chunk_entry` of ghost-file.proto. */
export interface GhostChunkEntry {
  len: bigint;
  off: bigint;
}

/** `img_streamer_request_entry` of img-streamer.proto. */
export interface ImgStreamerRequestEntry {
  filename: string;
}

/** `img_streamer_reply_entry` of img-streamer.proto. */
export interface ImgStreamerReplyEntry {
  exists: boolean;
}

/** `plugins_entry` of inventory.proto. */
export interface PluginsEntry {
  plugins: string[];
  versions: string[];
}

/** `inventory_entry` of inventory.proto. */
export interface InventoryEntry {
  img_version: number;
  fdinfo_per_id?: boolean;
  root_ids?: TaskKobjIdsEntry;
  ns_per_id?: boolean;
  root_cg_set?: number;
  /** {@link Lsmtype} */
  lsmtype?: number;
  dump_uptime?: bigint;
  pre_dump_mode?: number;
  tcp_close?: boolean;
  network_lock_method?: number;
  plugins_entry?: PluginsEntry;
  dump_criu_run_id?: string;
  allow_uprobes?: boolean;
  compress?: number;
  compress_region_size?: number;
  page_codec?: number;
}

/** `ipc_desc_entry` of ipc-desc.proto. */
export interface IpcDescEntry {
  key: number;
  uid: number;
  gid: number;
  cuid: number;
  cgid: number;
  mode: number;
  id: number;
}

/** `ipc_msg` of ipc-msg.proto. */
export interface IpcMsg {
  mtype: bigint;
  msize: number;
}

/** `ipc_msg_entry` of ipc-msg.proto. */
export interface IpcMsgEntry {
  desc: IpcDescEntry;
  qbytes: number;
  qnum: number;
}

/** `ipc_sem_entry` of ipc-sem.proto. */
export interface IpcSemEntry {
  desc: IpcDescEntry;
  nsems: number;
}

/** `ipc_shm_entry` of ipc-shm.proto. */
export interface IpcShmEntry {
  desc: IpcDescEntry;
  size: bigint;
  in_pagemaps?: boolean;
  hugetlb_flag?: number;
}

/** `ipc_var_entry` of ipc-var.proto. */
export interface IpcVarEntry {
  sem_ctls: number[];
  msg_ctlmax: number;
  msg_ctlmnb: number;
  msg_ctlmni: number;
  auto_msgmni: number;
  shm_ctlmax: bigint;
  shm_ctlall: bigint;
  shm_ctlmni: number;
  shm_rmid_forced: number;
  mq_queues_max: number;
  mq_msg_max: number;
  mq_msgsize_max: number;
  mq_msg_default?: number;
  mq_msgsize_default?: number;
  msg_next_id?: number;
  sem_next_id?: number;
  shm_next_id?: number;
  posix_queues: PosixQueueEntry[];
}

/** `macvlan_link_entry` of macvlan.proto. */
export interface MacvlanLinkEntry {
  mode: number;
  flags?: number;
}

/** `memfd_file_entry` of memfd.proto. */
export interface MemfdFileEntry {
  id: number;
  flags: number;
  pos: bigint;
  fown: FownEntry;
  inode_id: number;
}

/** `memfd_inode_entry` of memfd.proto. */
export interface MemfdInodeEntry {
  name: string;
  uid: number;
  gid: number;
  size: bigint;
  shmid: number;
  seals: number;
  inode_id: bigint;
  hugetlb_flag?: number;
  mode?: number;
  atim_ns?: bigint;
  mtim_ns?: bigint;
  xattr_names: string[];
  xattr_values: Buffer[];
}

/** `aio_ring_entry` of mm.proto. */
export interface AioRingEntry {
  id: bigint;
  nr_req: number;
  ring_len: number;
}

/** `mm_entry` of mm.proto. */
export interface MmEntry {
  mm_start_code: bigint;
  mm_end_code: bigint;
  mm_start_data: bigint;
  mm_end_data: bigint;
  mm_start_stack: bigint;
  mm_start_brk: bigint;
  mm_brk: bigint;
  mm_arg_start: bigint;
  mm_arg_end: bigint;
  mm_env_start: bigint;
  mm_env_end: bigint;
  exe_file_id: number;
  mm_saved_auxv: bigint[];
  vmas: VmaEntry[];
  dumpable?: number;
  aios: AioRingEntry[];
  thp_disabled?: boolean;
  lock_future?: number;
  mdwe?: number;
  merge_any?: boolean;
  thp_except_advised?: boolean;
  coredump_filter?: number;
}

/** `mnt_entry` of mnt.proto. */
export interface MntEntry {
  fstype: number;
  mnt_id: number;
  root_dev: number;
  parent_mnt_id: number;
  flags: number;
  root: string;
  mountpoint: string;
  source: string;
  options: string;
  shared_id?: number;
  master_id?: number;
  with_plugin?: boolean;
  ext_mount?: boolean;
  fsname?: string;
  internal_sharing?: boolean;
  deleted?: boolean;
  sb_flags?: number;
  ext_key?: string;
  removed_ghost?: number;
  namespace_binds: NamespaceBind[];
  flagged_files: FlaggedFile[];
  sockets: SocketFile[];
  ids?: MountIds;
  cgroup?: ShownCgroup;
}

/** `shown_cgroup` of mnt.proto. */
export interface ShownCgroup {
  hierarchy: string;
  path: string;
}

/** `mount_ids` of mnt.proto. */
export interface MountIds {
  users: UidGidExtent[];
  groups: UidGidExtent[];
}

/** `socket_file` of mnt.proto. */
export interface SocketFile {
  path: string;
  mode: number;
  uid: number;
  gid: number;
  mtime: bigint;
  link_to?: string;
}

/** `flagged_file` of mnt.proto. */
export interface FlaggedFile {
  path: string;
  flags: number;
}

/** `namespace_bind` of mnt.proto. */
export interface NamespaceBind {
  mnt_id: number;
  parent_mnt_id: number;
  flags: number;
  mountpoint: string;
  root: string;
  ns_cflag: number;
  ns_id: number;
  shared_id?: number;
  master_id?: number;
}

/** `posix_message_entry` of mqueue.proto. */
export interface PosixMessageEntry {
  priority: number;
  data: Buffer;
}

/** `posix_queue_entry` of mqueue.proto. */
export interface PosixQueueEntry {
  id: number;
  name?: string;
  uid: number;
  gid: number;
  mode: number;
  max_messages: bigint;
  message_size: bigint;
  messages: PosixMessageEntry[];
}

/** `posix_queue_file_entry` of mqueue.proto. */
export interface PosixQueueFileEntry {
  id: number;
  flags: number;
  fown: FownEntry;
  queue_id: number;
  name?: string;
  pos?: bigint;
}

/** `net_device_entry` of netdev.proto. */
export interface NetDeviceEntry {
  /** {@link NdType} */
  type: number;
  ifindex: number;
  mtu: number;
  flags: number;
  name: string;
  tun?: TunLinkEntry;
  address?: Buffer;
  conf: number[];
  conf4: SysctlEntry[];
  conf6: SysctlEntry[];
  macvlan?: MacvlanLinkEntry;
  peer_ifindex?: number;
  peer_nsid?: number;
  master?: number;
  sit?: SitEntry;
  link_kind?: string;
  link_data?: Buffer;
  tx_queue_length?: number;
  link_group?: number;
  alias?: string;
  alt_names: string[];
}

/** `netlink_object` of netdev.proto. */
export interface NetlinkObject {
  type: number;
  body: Buffer;
}

/** `named_sysctl` of netdev.proto. */
export interface NamedSysctl {
  path: string;
  value: string;
}

/** `netns_id` of netdev.proto. */
export interface NetnsId {
  target_ns_id: number;
  netnsid_value: number;
}

/** `netns_entry` of netdev.proto. */
export interface NetnsEntry {
  def_conf: number[];
  all_conf: number[];
  def_conf4: SysctlEntry[];
  all_conf4: SysctlEntry[];
  def_conf6: SysctlEntry[];
  all_conf6: SysctlEntry[];
  nsids: NetnsId[];
  ext_key?: string;
  unix_conf: SysctlEntry[];
  ipv4_sysctl: SysctlEntry[];
  objects: NetlinkObject[];
  more_sysctls: NamedSysctl[];
  bound_nsids: NetnsId[];
}

/** `ns_file_entry` of ns.proto. */
export interface NsFileEntry {
  id: number;
  ns_id: number;
  ns_cflag: number;
  flags: number;
}

/** `CRIU_Opts` of opts.proto. */
export interface CRIUOpts {
  hex?: boolean;
  ipadd?: boolean;
  flags?: string;
  dev?: boolean;
  odev?: boolean;
  dict?: string;
  conv?: string;
}

/** `packet_mclist` of packet-sock.proto. */
export interface PacketMclist {
  index: number;
  type: number;
  addr: Buffer;
}

/** `packet_ring` of packet-sock.proto. */
export interface PacketRing {
  block_size: number;
  block_nr: number;
  frame_size: number;
  frame_nr: number;
  retire_tmo: number;
  sizeof_priv: number;
  features: number;
}

/** `packet_sock_entry` of packet-sock.proto. */
export interface PacketSockEntry {
  id: number;
  type: number;
  protocol: number;
  flags: number;
  ifindex: number;
  fown: FownEntry;
  opts: SkOptsEntry;
  version: number;
  reserve: number;
  aux_data: boolean;
  orig_dev: boolean;
  vnet_hdr: boolean;
  loss: boolean;
  timestamp: number;
  copy_thresh: number;
  mclist: PacketMclist[];
  /** absent means 4294967295 */
  fanout?: number;
  rx_ring?: PacketRing;
  tx_ring?: PacketRing;
  ns_id?: number;
}

/** `pagemap_head` of pagemap.proto. */
export interface PagemapHead {
  pages_id: number;
  page_codec?: number;
}

/** `pagemap_entry` of pagemap.proto. */
export interface PagemapEntry {
  vaddr: bigint;
  compat_nr_pages: number;
  in_parent?: boolean;
  flags?: number;
  nr_pages?: bigint;
  compressed_size: number[];
  total_compressed_size?: bigint;
  region_pages?: number;
}

/** `pidfd_entry` of pidfd.proto. */
export interface PidfdEntry {
  id: number;
  ino: number;
  flags: number;
  nspid: number;
  fown: FownEntry;
  exit_status?: number;
}

/** `pidns_entry` of pidns.proto. */
export interface PidnsEntry {
  ext_key?: string;
}

/** `pipe_data_entry` of pipe-data.proto. */
export interface PipeDataEntry {
  pipe_id: number;
  bytes: number;
  size?: number;
  packets: number[];
}

/** `pipe_entry` of pipe.proto. */
export interface PipeEntry {
  id: number;
  pipe_id: number;
  flags: number;
  fown: FownEntry;
}

/** `pstree_entry` of pstree.proto. */
export interface PstreeEntry {
  pid: number;
  ppid: number;
  pgid: number;
  sid: number;
  threads: number[];
}

/** `reg_file_entry` of regfile.proto. */
export interface RegFileEntry {
  id: number;
  flags: number;
  pos: bigint;
  fown: FownEntry;
  name: string;
  /** absent means -1 */
  mnt_id?: number;
  size?: bigint;
  ext?: boolean;
  mode?: number;
  build_id: number[];
  checksum?: number;
  checksum_config?: number;
  checksum_parameter?: number;
}

/** `remap_file_path_entry` of remap-file-path.proto. */
export interface RemapFilePathEntry {
  orig_id: number;
  remap_id: number;
  /** {@link RemapType} */
  remap_type?: number;
}

/** `rlimit_entry` of rlimit.proto. */
export interface RlimitEntry {
  cur: bigint;
  max: bigint;
}

/** `criu_page_server_info` of rpc.proto. */
export interface CriuPageServerInfo {
  address?: string;
  port?: number;
  pid?: number;
  fd?: number;
}

/** `criu_veth_pair` of rpc.proto. */
export interface CriuVethPair {
  if_in: string;
  if_out: string;
}

/** `ext_mount_map` of rpc.proto. */
export interface ExtMountMap {
  key: string;
  val: string;
}

/** `join_namespace` of rpc.proto. */
export interface JoinNamespace {
  ns: string;
  ns_file: string;
  extra_opt?: string;
}

/** `inherit_fd` of rpc.proto. */
export interface InheritFd {
  key: string;
  fd: number;
}

/** `cgroup_root` of rpc.proto. */
export interface CgroupRoot {
  ctrl?: string;
  path: string;
}

/** `unix_sk` of rpc.proto. */
export interface UnixSk {
  inode: number;
}

/** `criu_opts` of rpc.proto. */
export interface CriuOpts {
  /** absent means -1 */
  images_dir_fd: number;
  images_dir?: string;
  pid?: number;
  leave_running?: boolean;
  ext_unix_sk?: boolean;
  tcp_established?: boolean;
  evasive_devices?: boolean;
  shell_job?: boolean;
  file_locks?: boolean;
  /** absent means 2 */
  log_level?: number;
  log_file?: string;
  ps?: CriuPageServerInfo;
  notify_scripts?: boolean;
  root?: string;
  parent_img?: string;
  track_mem?: boolean;
  auto_dedup?: boolean;
  work_dir_fd?: number;
  link_remap?: boolean;
  veths: CriuVethPair[];
  /** absent means 4294967295 */
  cpu_cap?: number;
  force_irmap?: boolean;
  exec_cmd: string[];
  ext_mnt: ExtMountMap[];
  manage_cgroups?: boolean;
  cg_root: CgroupRoot[];
  rst_sibling?: boolean;
  inherit_fd: InheritFd[];
  auto_ext_mnt?: boolean;
  ext_sharing?: boolean;
  ext_masters?: boolean;
  skip_mnt: string[];
  enable_fs: string[];
  unix_sk_ino: UnixSk[];
  /** {@link CriuCgMode} */
  manage_cgroups_mode?: number;
  /** absent means 1048576 */
  ghost_limit?: number;
  irmap_scan_paths: string[];
  external: string[];
  empty_ns?: number;
  join_ns: JoinNamespace[];
  cgroup_props?: string;
  cgroup_props_file?: string;
  cgroup_dump_controller: string[];
  freeze_cgroup?: string;
  timeout?: number;
  tcp_skip_in_flight?: boolean;
  weak_sysctls?: boolean;
  lazy_pages?: boolean;
  status_fd?: number;
  orphan_pts_master?: boolean;
  config_file?: string;
  tcp_close?: boolean;
  lsm_profile?: string;
  tls_cacert?: string;
  tls_cacrl?: string;
  tls_cert?: string;
  tls_key?: string;
  tls?: boolean;
  tls_no_cn_verify?: boolean;
  cgroup_yard?: string;
  /** {@link CriuPreDumpMode}; absent means SPLICE */
  pre_dump_mode?: number;
  pidfd_store_sk?: number;
  lsm_mount_context?: string;
  /** {@link CriuNetworkLockMethod}; absent means IPTABLES */
  network_lock?: number;
  mntns_compat_mode?: boolean;
  skip_file_rwx_check?: boolean;
  unprivileged?: boolean;
  leave_stopped?: boolean;
  display_stats?: boolean;
  log_to_stderr?: boolean;
  /** {@link CriuImageIoMode}; absent means IMAGE_IO_WRITEBACK */
  image_io_mode?: number;
  compress?: boolean;
  compress_acceleration?: number;
  compress_region_size?: number;
  /** absent means 1 */
  decompress_threads?: number;
  lazy?: boolean;
  live?: boolean;
  compress_codec?: string;
}

/** `criu_dump_resp` of rpc.proto. */
export interface CriuDumpResp {
  restored?: boolean;
}

/** `criu_restore_resp` of rpc.proto. */
export interface CriuRestoreResp {
  pid: number;
}

/** `criu_notify` of rpc.proto. */
export interface CriuNotify {
  script?: string;
  pid?: number;
}

/** `criu_features` of rpc.proto. */
export interface CriuFeatures {
  mem_track?: boolean;
  lazy_pages?: boolean;
  pidfd_store?: boolean;
  mem_compression?: boolean;
}

/** `criu_req` of rpc.proto. */
export interface CriuReq {
  /** {@link CriuReqType} */
  type: number;
  opts?: CriuOpts;
  notify_success?: boolean;
  keep_open?: boolean;
  features?: CriuFeatures;
  pid?: number;
}

/** `criu_resp` of rpc.proto. */
export interface CriuResp {
  /** {@link CriuReqType} */
  type: number;
  success: boolean;
  dump?: CriuDumpResp;
  restore?: CriuRestoreResp;
  notify?: CriuNotify;
  ps?: CriuPageServerInfo;
  cr_errno?: number;
  features?: CriuFeatures;
  cr_errmsg?: string;
  version?: CriuVersion;
  status?: number;
}

/** `criu_version` of rpc.proto. */
export interface CriuVersion {
  major_number: number;
  minor_number: number;
  gitid?: string;
  sublevel?: number;
  extra?: number;
  name?: string;
}

/** `rseq_entry` of rseq.proto. */
export interface RseqEntry {
  rseq_abi_pointer: bigint;
  rseq_abi_size: number;
  signature: number;
  rseq_cs_pointer?: bigint;
}

/** `sa_entry` of sa.proto. */
export interface SaEntry {
  sigaction: bigint;
  flags: bigint;
  restorer: bigint;
  mask: bigint;
  compat_sigaction?: boolean;
  mask_extended?: bigint;
}

/** `seccomp_filter` of seccomp.proto. */
export interface SeccompFilter {
  filter: Buffer;
  prev?: number;
  flags?: number;
}

/** `seccomp_entry` of seccomp.proto. */
export interface SeccompEntry {
  seccomp_filters: SeccompFilter[];
}

/** `siginfo_entry` of siginfo.proto. */
export interface SiginfoEntry {
  siginfo: Buffer;
}

/** `signal_queue_entry` of siginfo.proto. */
export interface SignalQueueEntry {
  signals: SiginfoEntry[];
}

/** `signalfd_entry` of signalfd.proto. */
export interface SignalfdEntry {
  id: number;
  flags: number;
  fown: FownEntry;
  sigmask: bigint;
}

/** `sit_entry` of sit.proto. */
export interface SitEntry {
  link?: number;
  local: number[];
  remote: number[];
  ttl?: number;
  tos?: number;
  pmtudisc?: boolean;
  proto?: number;
  flags?: number;
  encap_type?: number;
  encap_flags?: number;
  encap_sport?: number;
  encap_dport?: number;
  rd_prefixlen?: number;
  rd_prefix: number[];
  relay_prefixlen?: number;
  relay_prefix: number[];
}

/** `ip_opts_raw_entry` of sk-inet.proto. */
export interface IpOptsRawEntry {
  hdrincl?: boolean;
  nodefrag?: boolean;
  checksum?: boolean;
  icmpv_filter: number[];
}

/** `ip_opts_entry` of sk-inet.proto. */
export interface IpOptsEntry {
  freebind?: boolean;
  raw?: IpOptsRawEntry;
  pktinfo?: boolean;
  tos?: number;
  ttl?: number;
}

/** `inet_membership_entry` of sk-inet.proto. */
export interface InetMembershipEntry {
  ifindex: number;
  group: Buffer;
  include?: boolean;
  sources: Buffer[];
}

/** `inet_sk_entry` of sk-inet.proto. */
export interface InetSkEntry {
  id: number;
  ino: number;
  family: number;
  type: number;
  proto: number;
  state: number;
  src_port: number;
  dst_port: number;
  flags: number;
  backlog: number;
  src_addr: number[];
  dst_addr: number[];
  fown: FownEntry;
  opts: SkOptsEntry;
  v6only?: boolean;
  ip_opts?: IpOptsEntry;
  ifname?: string;
  ns_id?: number;
  /** {@link SkShutdown} */
  shutdown?: number;
  tcp_opts?: TcpOptsEntry;
  memberships: InetMembershipEntry[];
  error?: number;
  mptcp?: boolean;
}

/** `netlink_sk_entry` of sk-netlink.proto. */
export interface NetlinkSkEntry {
  id: number;
  ino: number;
  protocol: number;
  state: number;
  flags: number;
  portid: number;
  groups: number[];
  dst_portid: number;
  dst_group: number;
  fown: FownEntry;
  opts: SkOptsEntry;
  ns_id?: number;
  more_groups: number[];
  type?: number;
}

/** `sk_option_entry` of sk-opts.proto. */
export interface SkOptionEntry {
  level: number;
  name: number;
  value: Buffer;
}

/** `sk_opts_entry` of sk-opts.proto. */
export interface SkOptsEntry {
  so_sndbuf: number;
  so_rcvbuf: number;
  so_snd_tmo_sec: bigint;
  so_snd_tmo_usec: bigint;
  so_rcv_tmo_sec: bigint;
  so_rcv_tmo_usec: bigint;
  reuseaddr?: boolean;
  so_priority?: number;
  so_rcvlowat?: number;
  so_mark?: number;
  so_passcred?: boolean;
  so_passsec?: boolean;
  so_dontroute?: boolean;
  so_no_check?: boolean;
  so_bound_dev?: string;
  so_filter: bigint[];
  so_reuseport?: boolean;
  so_broadcast?: boolean;
  so_keepalive?: boolean;
  tcp_keepcnt?: number;
  tcp_keepidle?: number;
  tcp_keepintvl?: number;
  so_oobinline?: number;
  so_linger?: number;
  so_buf_lock?: number;
  more: number[];
  more_bytes: SkOptionEntry[];
}

/** `scm_entry` of sk-packet.proto. */
export interface ScmEntry {
  type: number;
  rights: number[];
}

/** `sk_packet_entry` of sk-packet.proto. */
export interface SkPacketEntry {
  id_for: number;
  length: number;
  scm: ScmEntry[];
  ucred_pid?: number;
  ucred_uid?: number;
  ucred_gid?: number;
  addr?: Buffer;
  oob?: boolean;
  dst?: Buffer;
  ttl?: number;
  tos?: number;
}

/** `file_perms_entry` of sk-unix.proto. */
export interface FilePermsEntry {
  mode: number;
  uid: number;
  gid: number;
}

/** `unix_sk_entry` of sk-unix.proto. */
export interface UnixSkEntry {
  id: number;
  ino: number;
  type: number;
  state: number;
  flags: number;
  uflags: number;
  backlog: number;
  peer: number;
  fown: FownEntry;
  opts: SkOptsEntry;
  name: Buffer;
  /** {@link SkShutdown} */
  shutdown?: number;
  file_perms?: FilePermsEntry;
  name_dir?: string;
  deleted?: boolean;
  ns_id?: number;
  /** absent means -1 */
  mnt_id?: number;
  reset?: boolean;
  peer_cred: number[];
  connected_by: number[];
  gone_peer?: Buffer;
  file_name?: string;
}

/** `dump_stats_entry` of stats.proto. */
export interface DumpStatsEntry {
  freezing_time: number;
  frozen_time: number;
  memdump_time: number;
  memwrite_time: number;
  pages_scanned: bigint;
  pages_skipped_parent: bigint;
  pages_written: bigint;
  irmap_resolve?: number;
  pages_lazy: bigint;
  page_pipes?: bigint;
  page_pipe_bufs?: bigint;
  shpages_scanned?: bigint;
  shpages_skipped_parent?: bigint;
  shpages_written?: bigint;
}

/** `restore_stats_entry` of stats.proto. */
export interface RestoreStatsEntry {
  pages_compared: bigint;
  pages_skipped_cow: bigint;
  forking_time: number;
  restore_time: number;
  pages_restored?: bigint;
}

/** `dump_origin_entry` of stats.proto. */
export interface DumpOriginEntry {
  dumped_at?: bigint;
  dumped_by?: string;
  kernel?: string;
  machine?: string;
}

/** `stats_entry` of stats.proto. */
export interface StatsEntry {
  dump?: DumpStatsEntry;
  restore?: RestoreStatsEntry;
  origin?: DumpOriginEntry;
}

/** `sysctl_entry` of sysctl.proto. */
export interface SysctlEntry {
  /** {@link SysctlType} */
  type: number;
  iarg?: number;
  sarg?: string;
}

/** `tcp_opts_entry` of tcp-stream.proto. */
export interface TcpOptsEntry {
  cork?: boolean;
  nodelay?: boolean;
  keepcnt?: number;
  keepidle?: number;
  keepintvl?: number;
}

/** `tcp_stream_entry` of tcp-stream.proto. */
export interface TcpStreamEntry {
  inq_len: number;
  inq_seq: number;
  outq_len: number;
  outq_seq: number;
  opt_mask: number;
  snd_wscale: number;
  mss_clamp: number;
  rcv_wscale?: number;
  timestamp?: number;
  cork?: boolean;
  nodelay?: boolean;
  unsq_len?: number;
  snd_wl1?: number;
  snd_wnd?: number;
  max_window?: number;
  rcv_wnd?: number;
  rcv_wup?: number;
  window_clamp?: number;
  error?: number;
}

/** `timeval` of time.proto. */
export interface Timeval {
  tv_sec: bigint;
  tv_usec: bigint;
}

/** `timespec` of timens.proto. */
export interface Timespec {
  tv_sec: bigint;
  tv_nsec: bigint;
}

/** `timens_entry` of timens.proto. */
export interface TimensEntry {
  monotonic: Timespec;
  boottime: Timespec;
}

/** `itimer_entry` of timer.proto. */
export interface ItimerEntry {
  isec: bigint;
  iusec: bigint;
  vsec: bigint;
  vusec: bigint;
}

/** `posix_timer_entry` of timer.proto. */
export interface PosixTimerEntry {
  it_id: number;
  clock_id: number;
  si_signo: number;
  it_sigev_notify: number;
  sival_ptr: bigint;
  overrun: number;
  isec: bigint;
  insec: bigint;
  vsec: bigint;
  vnsec: bigint;
  notify_thread_id?: number;
  clock_gone?: boolean;
}

/** `task_timers_entry` of timer.proto. */
export interface TaskTimersEntry {
  real: ItimerEntry;
  virt: ItimerEntry;
  prof: ItimerEntry;
  posix: PosixTimerEntry[];
}

/** `timerfd_entry` of timerfd.proto. */
export interface TimerfdEntry {
  id: number;
  flags: number;
  fown: FownEntry;
  clockid: number;
  ticks: bigint;
  settime_flags: number;
  vsec: bigint;
  vnsec: bigint;
  isec: bigint;
  insec: bigint;
  expires_at?: bigint;
}

/** `winsize_entry` of tty.proto. */
export interface WinsizeEntry {
  ws_row: number;
  ws_col: number;
  ws_xpixel: number;
  ws_ypixel: number;
}

/** `termios_entry` of tty.proto. */
export interface TermiosEntry {
  c_iflag: number;
  c_oflag: number;
  c_cflag: number;
  c_lflag: number;
  c_line: number;
  c_ispeed: number;
  c_ospeed: number;
  c_cc: number[];
}

/** `tty_pty_entry` of tty.proto. */
export interface TtyPtyEntry {
  index: number;
}

/** `tty_data_entry` of tty.proto. */
export interface TtyDataEntry {
  tty_id: number;
  data: Buffer;
  ends: number[];
}

/** `tty_info_entry` of tty.proto. */
export interface TtyInfoEntry {
  id: number;
  /** {@link TtyType} */
  type: number;
  locked: boolean;
  exclusive: boolean;
  packet_mode: boolean;
  sid: number;
  pgrp: number;
  rdev: number;
  termios?: TermiosEntry;
  termios_locked?: TermiosEntry;
  winsize?: WinsizeEntry;
  pty?: TtyPtyEntry;
  dev?: number;
  uid?: number;
  gid?: number;
  slave_left?: boolean;
  output_stopped?: number;
}

/** `tty_file_entry` of tty.proto. */
export interface TtyFileEntry {
  id: number;
  tty_info_id: number;
  flags: number;
  fown: FownEntry;
  regf_id?: number;
}

/** `tunfile_entry` of tun.proto. */
export interface TunfileEntry {
  id: number;
  netdev?: string;
  detached?: boolean;
  ns_id?: number;
}

/** `tun_link_entry` of tun.proto. */
export interface TunLinkEntry {
  flags: number;
  owner: number;
  group: number;
  vnethdr: number;
  sndbuf: number;
}

/** `uid_gid_extent` of userns.proto. */
export interface UidGidExtent {
  first: number;
  lower_first: number;
  count: number;
}

/** `userns_entry` of userns.proto. */
export interface UsernsEntry {
  uid_map: UidGidExtent[];
  gid_map: UidGidExtent[];
  setgroups_denied?: boolean;
  outer_groups: number[];
}

/** `utsns_entry` of utsns.proto. */
export interface UtsnsEntry {
  nodename: string;
  domainname: string;
}

/** `vma_entry` of vma.proto. */
export interface VmaEntry {
  start: bigint;
  end: bigint;
  pgoff: bigint;
  shmid: bigint;
  prot: number;
  flags: number;
  status: number;
  fd: bigint;
  madv?: bigint;
  fdflags?: number;
  lock_on_fault?: boolean;
  anon_name?: string;
  sealed?: boolean;
  vdso_patched?: boolean;
  mempolicy_mode?: number;
  mempolicy_nodes?: string;
}

/** All messages by the name of their type. */
export interface MessageTypes {
  AaPolicy: AaPolicy;
  AaNamespace: AaNamespace;
  ApparmorEntry: ApparmorEntry;
  AutofsName: AutofsName;
  AutofsEntry: AutofsEntry;
  BinfmtMiscEntry: BinfmtMiscEntry;
  BpfmapDataEntry: BpfmapDataEntry;
  BpfmapFileEntry: BpfmapFileEntry;
  CgroupPerms: CgroupPerms;
  CgroupPropEntry: CgroupPropEntry;
  CgroupDirEntry: CgroupDirEntry;
  CgControllerEntry: CgControllerEntry;
  CgMemberEntry: CgMemberEntry;
  CgSetEntry: CgSetEntry;
  CgroupEntry: CgroupEntry;
  UserAarch64RegsEntry: UserAarch64RegsEntry;
  UserAarch64FpsimdContextEntry: UserAarch64FpsimdContextEntry;
  PacAddressKeys: PacAddressKeys;
  PacGenericKeys: PacGenericKeys;
  PacKeys: PacKeys;
  ThreadInfoAarch64: ThreadInfoAarch64;
  UserArmRegsEntry: UserArmRegsEntry;
  UserArmVfpstateEntry: UserArmVfpstateEntry;
  ThreadInfoArm: ThreadInfoArm;
  UserLoongarch64GpregsEntry: UserLoongarch64GpregsEntry;
  UserLoongarch64FpregsEntry: UserLoongarch64FpregsEntry;
  ThreadInfoLoongarch64: ThreadInfoLoongarch64;
  UserMipsRegsEntry: UserMipsRegsEntry;
  UserMipsFpregsEntry: UserMipsFpregsEntry;
  ThreadInfoMips: ThreadInfoMips;
  UserPpc64RegsEntry: UserPpc64RegsEntry;
  UserPpc64FpstateEntry: UserPpc64FpstateEntry;
  UserPpc64VrstateEntry: UserPpc64VrstateEntry;
  UserPpc64VsxstateEntry: UserPpc64VsxstateEntry;
  UserPpc64TmRegsEntry: UserPpc64TmRegsEntry;
  ThreadInfoPpc64: ThreadInfoPpc64;
  UserRiscv64RegsEntry: UserRiscv64RegsEntry;
  UserRiscv64DExtEntry: UserRiscv64DExtEntry;
  ThreadInfoRiscv64: ThreadInfoRiscv64;
  UserS390RegsEntry: UserS390RegsEntry;
  UserS390VxrsLowEntry: UserS390VxrsLowEntry;
  UserS390VxrsHighEntry: UserS390VxrsHighEntry;
  UserS390FpregsEntry: UserS390FpregsEntry;
  UserS390GsCbEntry: UserS390GsCbEntry;
  UserS390RiEntry: UserS390RiEntry;
  ThreadInfoS390: ThreadInfoS390;
  UserX86RegsEntry: UserX86RegsEntry;
  UserX86CetEntry: UserX86CetEntry;
  UserX86XsaveEntry: UserX86XsaveEntry;
  UserX86FpregsEntry: UserX86FpregsEntry;
  UserDescT: UserDescT;
  ThreadInfoX86: ThreadInfoX86;
  TaskCoreEntry: TaskCoreEntry;
  SemUndoEntry: SemUndoEntry;
  TaskKobjIdsEntry: TaskKobjIdsEntry;
  ThreadSasEntry: ThreadSasEntry;
  ThreadCoreEntry: ThreadCoreEntry;
  TaskRlimitsEntry: TaskRlimitsEntry;
  CoreEntry: CoreEntry;
  CpuinfoX86Entry: CpuinfoX86Entry;
  CpuinfoPpc64Entry: CpuinfoPpc64Entry;
  CpuinfoS390Entry: CpuinfoS390Entry;
  CpuinfoEntry: CpuinfoEntry;
  CredsEntry: CredsEntry;
  EventfdFileEntry: EventfdFileEntry;
  EventpollTfdEntry: EventpollTfdEntry;
  EventpollFileEntry: EventpollFileEntry;
  ExtFileEntry: ExtFileEntry;
  FdinfoEntry: FdinfoEntry;
  FileEntry: FileEntry;
  FhEntry: FhEntry;
  IrmapCacheEntry: IrmapCacheEntry;
  FifoEntry: FifoEntry;
  FileLockEntry: FileLockEntry;
  FownEntry: FownEntry;
  FsEntry: FsEntry;
  InotifyWdEntry: InotifyWdEntry;
  InotifyFileEntry: InotifyFileEntry;
  FanotifyInodeMarkEntry: FanotifyInodeMarkEntry;
  FanotifyMountMarkEntry: FanotifyMountMarkEntry;
  FanotifyMarkEntry: FanotifyMarkEntry;
  FanotifyFileEntry: FanotifyFileEntry;
  GhostFileEntry: GhostFileEntry;
  GhostChunkEntry: GhostChunkEntry;
  ImgStreamerRequestEntry: ImgStreamerRequestEntry;
  ImgStreamerReplyEntry: ImgStreamerReplyEntry;
  PluginsEntry: PluginsEntry;
  InventoryEntry: InventoryEntry;
  IpcDescEntry: IpcDescEntry;
  IpcMsg: IpcMsg;
  IpcMsgEntry: IpcMsgEntry;
  IpcSemEntry: IpcSemEntry;
  IpcShmEntry: IpcShmEntry;
  IpcVarEntry: IpcVarEntry;
  MacvlanLinkEntry: MacvlanLinkEntry;
  MemfdFileEntry: MemfdFileEntry;
  MemfdInodeEntry: MemfdInodeEntry;
  AioRingEntry: AioRingEntry;
  MmEntry: MmEntry;
  MntEntry: MntEntry;
  ShownCgroup: ShownCgroup;
  MountIds: MountIds;
  SocketFile: SocketFile;
  FlaggedFile: FlaggedFile;
  NamespaceBind: NamespaceBind;
  PosixMessageEntry: PosixMessageEntry;
  PosixQueueEntry: PosixQueueEntry;
  PosixQueueFileEntry: PosixQueueFileEntry;
  NetDeviceEntry: NetDeviceEntry;
  NetlinkObject: NetlinkObject;
  NamedSysctl: NamedSysctl;
  NetnsId: NetnsId;
  NetnsEntry: NetnsEntry;
  NsFileEntry: NsFileEntry;
  CRIUOpts: CRIUOpts;
  PacketMclist: PacketMclist;
  PacketRing: PacketRing;
  PacketSockEntry: PacketSockEntry;
  PagemapHead: PagemapHead;
  PagemapEntry: PagemapEntry;
  PidfdEntry: PidfdEntry;
  PidnsEntry: PidnsEntry;
  PipeDataEntry: PipeDataEntry;
  PipeEntry: PipeEntry;
  PstreeEntry: PstreeEntry;
  RegFileEntry: RegFileEntry;
  RemapFilePathEntry: RemapFilePathEntry;
  RlimitEntry: RlimitEntry;
  CriuPageServerInfo: CriuPageServerInfo;
  CriuVethPair: CriuVethPair;
  ExtMountMap: ExtMountMap;
  JoinNamespace: JoinNamespace;
  InheritFd: InheritFd;
  CgroupRoot: CgroupRoot;
  UnixSk: UnixSk;
  CriuOpts: CriuOpts;
  CriuDumpResp: CriuDumpResp;
  CriuRestoreResp: CriuRestoreResp;
  CriuNotify: CriuNotify;
  CriuFeatures: CriuFeatures;
  CriuReq: CriuReq;
  CriuResp: CriuResp;
  CriuVersion: CriuVersion;
  RseqEntry: RseqEntry;
  SaEntry: SaEntry;
  SeccompFilter: SeccompFilter;
  SeccompEntry: SeccompEntry;
  SiginfoEntry: SiginfoEntry;
  SignalQueueEntry: SignalQueueEntry;
  SignalfdEntry: SignalfdEntry;
  SitEntry: SitEntry;
  IpOptsRawEntry: IpOptsRawEntry;
  IpOptsEntry: IpOptsEntry;
  InetMembershipEntry: InetMembershipEntry;
  InetSkEntry: InetSkEntry;
  NetlinkSkEntry: NetlinkSkEntry;
  SkOptionEntry: SkOptionEntry;
  SkOptsEntry: SkOptsEntry;
  ScmEntry: ScmEntry;
  SkPacketEntry: SkPacketEntry;
  FilePermsEntry: FilePermsEntry;
  UnixSkEntry: UnixSkEntry;
  DumpStatsEntry: DumpStatsEntry;
  RestoreStatsEntry: RestoreStatsEntry;
  DumpOriginEntry: DumpOriginEntry;
  StatsEntry: StatsEntry;
  SysctlEntry: SysctlEntry;
  TcpOptsEntry: TcpOptsEntry;
  TcpStreamEntry: TcpStreamEntry;
  Timeval: Timeval;
  Timespec: Timespec;
  TimensEntry: TimensEntry;
  ItimerEntry: ItimerEntry;
  PosixTimerEntry: PosixTimerEntry;
  TaskTimersEntry: TaskTimersEntry;
  TimerfdEntry: TimerfdEntry;
  WinsizeEntry: WinsizeEntry;
  TermiosEntry: TermiosEntry;
  TtyPtyEntry: TtyPtyEntry;
  TtyDataEntry: TtyDataEntry;
  TtyInfoEntry: TtyInfoEntry;
  TtyFileEntry: TtyFileEntry;
  TunfileEntry: TunfileEntry;
  TunLinkEntry: TunLinkEntry;
  UidGidExtent: UidGidExtent;
  UsernsEntry: UsernsEntry;
  UtsnsEntry: UtsnsEntry;
  VmaEntry: VmaEntry;
}
