// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newCriuPageServerInfo(): T.CriuPageServerInfo {
  return {};
}
export function readCriuPageServerInfo(r: Reader, m: T.CriuPageServerInfo): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.address = r.str();
        break;
      case 16:
        m.port = r.i32();
        break;
      case 24:
        m.pid = r.i32();
        break;
      case 32:
        m.fd = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeCriuPageServerInfo(w: Writer, m: Encodable<T.CriuPageServerInfo>): void {
  if (m.address != null) w.str(10, m.address, 'criu_page_server_info.address');
  if (m.port != null) w.i32(16, m.port, 'criu_page_server_info.port');
  if (m.pid != null) w.i32(24, m.pid, 'criu_page_server_info.pid');
  if (m.fd != null) w.i32(32, m.fd, 'criu_page_server_info.fd');
  w.unknown(m);
}
export const CriuPageServerInfoCodec: Codec<T.CriuPageServerInfo> = { create: newCriuPageServerInfo, read: readCriuPageServerInfo, write: writeCriuPageServerInfo };

export function newCriuVethPair(): T.CriuVethPair {
  return { if_in: undefined as never, if_out: undefined as never };
}
export function readCriuVethPair(r: Reader, m: T.CriuVethPair): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.if_in = r.str();
        break;
      case 18:
        m.if_out = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.if_in === undefined) r.missing('criu_veth_pair.if_in');
  if (m.if_out === undefined) r.missing('criu_veth_pair.if_out');
}
export function writeCriuVethPair(w: Writer, m: Encodable<T.CriuVethPair>): void {
  w.str(10, m.if_in, 'criu_veth_pair.if_in');
  w.str(18, m.if_out, 'criu_veth_pair.if_out');
  w.unknown(m);
}
export const CriuVethPairCodec: Codec<T.CriuVethPair> = { create: newCriuVethPair, read: readCriuVethPair, write: writeCriuVethPair };

export function newExtMountMap(): T.ExtMountMap {
  return { key: undefined as never, val: undefined as never };
}
export function readExtMountMap(r: Reader, m: T.ExtMountMap): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.key = r.str();
        break;
      case 18:
        m.val = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.key === undefined) r.missing('ext_mount_map.key');
  if (m.val === undefined) r.missing('ext_mount_map.val');
}
export function writeExtMountMap(w: Writer, m: Encodable<T.ExtMountMap>): void {
  w.str(10, m.key, 'ext_mount_map.key');
  w.str(18, m.val, 'ext_mount_map.val');
  w.unknown(m);
}
export const ExtMountMapCodec: Codec<T.ExtMountMap> = { create: newExtMountMap, read: readExtMountMap, write: writeExtMountMap };

export function newJoinNamespace(): T.JoinNamespace {
  return { ns: undefined as never, ns_file: undefined as never };
}
export function readJoinNamespace(r: Reader, m: T.JoinNamespace): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.ns = r.str();
        break;
      case 18:
        m.ns_file = r.str();
        break;
      case 26:
        m.extra_opt = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.ns === undefined) r.missing('join_namespace.ns');
  if (m.ns_file === undefined) r.missing('join_namespace.ns_file');
}
export function writeJoinNamespace(w: Writer, m: Encodable<T.JoinNamespace>): void {
  w.str(10, m.ns, 'join_namespace.ns');
  w.str(18, m.ns_file, 'join_namespace.ns_file');
  if (m.extra_opt != null) w.str(26, m.extra_opt, 'join_namespace.extra_opt');
  w.unknown(m);
}
export const JoinNamespaceCodec: Codec<T.JoinNamespace> = { create: newJoinNamespace, read: readJoinNamespace, write: writeJoinNamespace };

export function newInheritFd(): T.InheritFd {
  return { key: undefined as never, fd: undefined as never };
}
export function readInheritFd(r: Reader, m: T.InheritFd): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.key = r.str();
        break;
      case 16:
        m.fd = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.key === undefined) r.missing('inherit_fd.key');
  if (m.fd === undefined) r.missing('inherit_fd.fd');
}
export function writeInheritFd(w: Writer, m: Encodable<T.InheritFd>): void {
  w.str(10, m.key, 'inherit_fd.key');
  w.i32(16, m.fd, 'inherit_fd.fd');
  w.unknown(m);
}
export const InheritFdCodec: Codec<T.InheritFd> = { create: newInheritFd, read: readInheritFd, write: writeInheritFd };

export function newCgroupRoot(): T.CgroupRoot {
  return { path: undefined as never };
}
export function readCgroupRoot(r: Reader, m: T.CgroupRoot): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.ctrl = r.str();
        break;
      case 18:
        m.path = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.path === undefined) r.missing('cgroup_root.path');
}
export function writeCgroupRoot(w: Writer, m: Encodable<T.CgroupRoot>): void {
  if (m.ctrl != null) w.str(10, m.ctrl, 'cgroup_root.ctrl');
  w.str(18, m.path, 'cgroup_root.path');
  w.unknown(m);
}
export const CgroupRootCodec: Codec<T.CgroupRoot> = { create: newCgroupRoot, read: readCgroupRoot, write: writeCgroupRoot };

export function newUnixSk(): T.UnixSk {
  return { inode: undefined as never };
}
export function readUnixSk(r: Reader, m: T.UnixSk): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.inode = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.inode === undefined) r.missing('unix_sk.inode');
}
export function writeUnixSk(w: Writer, m: Encodable<T.UnixSk>): void {
  w.u32(8, m.inode, 'unix_sk.inode');
  w.unknown(m);
}
export const UnixSkCodec: Codec<T.UnixSk> = { create: newUnixSk, read: readUnixSk, write: writeUnixSk };

export function newCriuOpts(): T.CriuOpts {
  return { images_dir_fd: undefined as never, veths: [], exec_cmd: [], ext_mnt: [], cg_root: [], inherit_fd: [], skip_mnt: [], enable_fs: [], unix_sk_ino: [], irmap_scan_paths: [], external: [], join_ns: [], cgroup_dump_controller: [] };
}
export function readCriuOpts(r: Reader, m: T.CriuOpts): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.images_dir_fd = r.i32();
        break;
      case 546:
        m.images_dir = r.str();
        break;
      case 16:
        m.pid = r.i32();
        break;
      case 24:
        m.leave_running = r.bool();
        break;
      case 32:
        m.ext_unix_sk = r.bool();
        break;
      case 40:
        m.tcp_established = r.bool();
        break;
      case 48:
        m.evasive_devices = r.bool();
        break;
      case 56:
        m.shell_job = r.bool();
        break;
      case 64:
        m.file_locks = r.bool();
        break;
      case 72:
        m.log_level = r.i32();
        break;
      case 82:
        m.log_file = r.str();
        break;
      case 90: {
        const outer = r.enter();
        m.ps ??= newCriuPageServerInfo();
        readCriuPageServerInfo(r, m.ps);
        r.leave(outer);
        break;
      }
      case 96:
        m.notify_scripts = r.bool();
        break;
      case 106:
        m.root = r.str();
        break;
      case 114:
        m.parent_img = r.str();
        break;
      case 120:
        m.track_mem = r.bool();
        break;
      case 128:
        m.auto_dedup = r.bool();
        break;
      case 136:
        m.work_dir_fd = r.i32();
        break;
      case 144:
        m.link_remap = r.bool();
        break;
      case 154: {
        const outer = r.enter();
        const v = newCriuVethPair();
        readCriuVethPair(r, v);
        m.veths.push(v);
        r.leave(outer);
        break;
      }
      case 160:
        m.cpu_cap = r.u32();
        break;
      case 168:
        m.force_irmap = r.bool();
        break;
      case 178:
        m.exec_cmd.push(r.str());
        break;
      case 186: {
        const outer = r.enter();
        const v = newExtMountMap();
        readExtMountMap(r, v);
        m.ext_mnt.push(v);
        r.leave(outer);
        break;
      }
      case 192:
        m.manage_cgroups = r.bool();
        break;
      case 202: {
        const outer = r.enter();
        const v = newCgroupRoot();
        readCgroupRoot(r, v);
        m.cg_root.push(v);
        r.leave(outer);
        break;
      }
      case 208:
        m.rst_sibling = r.bool();
        break;
      case 218: {
        const outer = r.enter();
        const v = newInheritFd();
        readInheritFd(r, v);
        m.inherit_fd.push(v);
        r.leave(outer);
        break;
      }
      case 224:
        m.auto_ext_mnt = r.bool();
        break;
      case 232:
        m.ext_sharing = r.bool();
        break;
      case 240:
        m.ext_masters = r.bool();
        break;
      case 250:
        m.skip_mnt.push(r.str());
        break;
      case 258:
        m.enable_fs.push(r.str());
        break;
      case 266: {
        const outer = r.enter();
        const v = newUnixSk();
        readUnixSk(r, v);
        m.unix_sk_ino.push(v);
        r.leave(outer);
        break;
      }
      case 272:
        m.manage_cgroups_mode = r.i32();
        break;
      case 280:
        m.ghost_limit = r.u32();
        break;
      case 290:
        m.irmap_scan_paths.push(r.str());
        break;
      case 298:
        m.external.push(r.str());
        break;
      case 304:
        m.empty_ns = r.u32();
        break;
      case 314: {
        const outer = r.enter();
        const v = newJoinNamespace();
        readJoinNamespace(r, v);
        m.join_ns.push(v);
        r.leave(outer);
        break;
      }
      case 330:
        m.cgroup_props = r.str();
        break;
      case 338:
        m.cgroup_props_file = r.str();
        break;
      case 346:
        m.cgroup_dump_controller.push(r.str());
        break;
      case 354:
        m.freeze_cgroup = r.str();
        break;
      case 360:
        m.timeout = r.u32();
        break;
      case 368:
        m.tcp_skip_in_flight = r.bool();
        break;
      case 376:
        m.weak_sysctls = r.bool();
        break;
      case 384:
        m.lazy_pages = r.bool();
        break;
      case 392:
        m.status_fd = r.i32();
        break;
      case 400:
        m.orphan_pts_master = r.bool();
        break;
      case 410:
        m.config_file = r.str();
        break;
      case 416:
        m.tcp_close = r.bool();
        break;
      case 426:
        m.lsm_profile = r.str();
        break;
      case 434:
        m.tls_cacert = r.str();
        break;
      case 442:
        m.tls_cacrl = r.str();
        break;
      case 450:
        m.tls_cert = r.str();
        break;
      case 458:
        m.tls_key = r.str();
        break;
      case 464:
        m.tls = r.bool();
        break;
      case 472:
        m.tls_no_cn_verify = r.bool();
        break;
      case 482:
        m.cgroup_yard = r.str();
        break;
      case 488:
        m.pre_dump_mode = r.i32();
        break;
      case 496:
        m.pidfd_store_sk = r.i32();
        break;
      case 506:
        m.lsm_mount_context = r.str();
        break;
      case 512:
        m.network_lock = r.i32();
        break;
      case 520:
        m.mntns_compat_mode = r.bool();
        break;
      case 528:
        m.skip_file_rwx_check = r.bool();
        break;
      case 536:
        m.unprivileged = r.bool();
        break;
      case 552:
        m.leave_stopped = r.bool();
        break;
      case 560:
        m.display_stats = r.bool();
        break;
      case 568:
        m.log_to_stderr = r.bool();
        break;
      case 576:
        m.image_io_mode = r.i32();
        break;
      case 584:
        m.compress = r.bool();
        break;
      case 592:
        m.compress_acceleration = r.u32();
        break;
      case 600:
        m.compress_region_size = r.u32();
        break;
      case 608:
        m.decompress_threads = r.u32();
        break;
      case 8000:
        m.lazy = r.bool();
        break;
      case 8008:
        m.live = r.bool();
        break;
      case 8018:
        m.compress_codec = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.images_dir_fd === undefined) r.missing('criu_opts.images_dir_fd');
}
export function writeCriuOpts(w: Writer, m: Encodable<T.CriuOpts>): void {
  w.i32(8, m.images_dir_fd, 'criu_opts.images_dir_fd');
  if (m.pid != null) w.i32(16, m.pid, 'criu_opts.pid');
  if (m.leave_running != null) w.bool(24, m.leave_running, 'criu_opts.leave_running');
  if (m.ext_unix_sk != null) w.bool(32, m.ext_unix_sk, 'criu_opts.ext_unix_sk');
  if (m.tcp_established != null) w.bool(40, m.tcp_established, 'criu_opts.tcp_established');
  if (m.evasive_devices != null) w.bool(48, m.evasive_devices, 'criu_opts.evasive_devices');
  if (m.shell_job != null) w.bool(56, m.shell_job, 'criu_opts.shell_job');
  if (m.file_locks != null) w.bool(64, m.file_locks, 'criu_opts.file_locks');
  if (m.log_level != null) w.i32(72, m.log_level, 'criu_opts.log_level');
  if (m.log_file != null) w.str(82, m.log_file, 'criu_opts.log_file');
  if (m.ps != null) { const start = w.begin(90, m.ps, 'criu_opts.ps'); writeCriuPageServerInfo(w, m.ps); w.end(start); }
  if (m.notify_scripts != null) w.bool(96, m.notify_scripts, 'criu_opts.notify_scripts');
  if (m.root != null) w.str(106, m.root, 'criu_opts.root');
  if (m.parent_img != null) w.str(114, m.parent_img, 'criu_opts.parent_img');
  if (m.track_mem != null) w.bool(120, m.track_mem, 'criu_opts.track_mem');
  if (m.auto_dedup != null) w.bool(128, m.auto_dedup, 'criu_opts.auto_dedup');
  if (m.work_dir_fd != null) w.i32(136, m.work_dir_fd, 'criu_opts.work_dir_fd');
  if (m.link_remap != null) w.bool(144, m.link_remap, 'criu_opts.link_remap');
  if (m.veths != null) for (const v of m.veths) { const start = w.begin(154, v, 'criu_opts.veths'); writeCriuVethPair(w, v); w.end(start); }
  if (m.cpu_cap != null) w.u32(160, m.cpu_cap, 'criu_opts.cpu_cap');
  if (m.force_irmap != null) w.bool(168, m.force_irmap, 'criu_opts.force_irmap');
  if (m.exec_cmd != null) for (const v of m.exec_cmd) w.str(178, v, 'criu_opts.exec_cmd');
  if (m.ext_mnt != null) for (const v of m.ext_mnt) { const start = w.begin(186, v, 'criu_opts.ext_mnt'); writeExtMountMap(w, v); w.end(start); }
  if (m.manage_cgroups != null) w.bool(192, m.manage_cgroups, 'criu_opts.manage_cgroups');
  if (m.cg_root != null) for (const v of m.cg_root) { const start = w.begin(202, v, 'criu_opts.cg_root'); writeCgroupRoot(w, v); w.end(start); }
  if (m.rst_sibling != null) w.bool(208, m.rst_sibling, 'criu_opts.rst_sibling');
  if (m.inherit_fd != null) for (const v of m.inherit_fd) { const start = w.begin(218, v, 'criu_opts.inherit_fd'); writeInheritFd(w, v); w.end(start); }
  if (m.auto_ext_mnt != null) w.bool(224, m.auto_ext_mnt, 'criu_opts.auto_ext_mnt');
  if (m.ext_sharing != null) w.bool(232, m.ext_sharing, 'criu_opts.ext_sharing');
  if (m.ext_masters != null) w.bool(240, m.ext_masters, 'criu_opts.ext_masters');
  if (m.skip_mnt != null) for (const v of m.skip_mnt) w.str(250, v, 'criu_opts.skip_mnt');
  if (m.enable_fs != null) for (const v of m.enable_fs) w.str(258, v, 'criu_opts.enable_fs');
  if (m.unix_sk_ino != null) for (const v of m.unix_sk_ino) { const start = w.begin(266, v, 'criu_opts.unix_sk_ino'); writeUnixSk(w, v); w.end(start); }
  if (m.manage_cgroups_mode != null) w.i32(272, m.manage_cgroups_mode, 'criu_opts.manage_cgroups_mode');
  if (m.ghost_limit != null) w.u32(280, m.ghost_limit, 'criu_opts.ghost_limit');
  if (m.irmap_scan_paths != null) for (const v of m.irmap_scan_paths) w.str(290, v, 'criu_opts.irmap_scan_paths');
  if (m.external != null) for (const v of m.external) w.str(298, v, 'criu_opts.external');
  if (m.empty_ns != null) w.u32(304, m.empty_ns, 'criu_opts.empty_ns');
  if (m.join_ns != null) for (const v of m.join_ns) { const start = w.begin(314, v, 'criu_opts.join_ns'); writeJoinNamespace(w, v); w.end(start); }
  if (m.cgroup_props != null) w.str(330, m.cgroup_props, 'criu_opts.cgroup_props');
  if (m.cgroup_props_file != null) w.str(338, m.cgroup_props_file, 'criu_opts.cgroup_props_file');
  if (m.cgroup_dump_controller != null) for (const v of m.cgroup_dump_controller) w.str(346, v, 'criu_opts.cgroup_dump_controller');
  if (m.freeze_cgroup != null) w.str(354, m.freeze_cgroup, 'criu_opts.freeze_cgroup');
  if (m.timeout != null) w.u32(360, m.timeout, 'criu_opts.timeout');
  if (m.tcp_skip_in_flight != null) w.bool(368, m.tcp_skip_in_flight, 'criu_opts.tcp_skip_in_flight');
  if (m.weak_sysctls != null) w.bool(376, m.weak_sysctls, 'criu_opts.weak_sysctls');
  if (m.lazy_pages != null) w.bool(384, m.lazy_pages, 'criu_opts.lazy_pages');
  if (m.status_fd != null) w.i32(392, m.status_fd, 'criu_opts.status_fd');
  if (m.orphan_pts_master != null) w.bool(400, m.orphan_pts_master, 'criu_opts.orphan_pts_master');
  if (m.config_file != null) w.str(410, m.config_file, 'criu_opts.config_file');
  if (m.tcp_close != null) w.bool(416, m.tcp_close, 'criu_opts.tcp_close');
  if (m.lsm_profile != null) w.str(426, m.lsm_profile, 'criu_opts.lsm_profile');
  if (m.tls_cacert != null) w.str(434, m.tls_cacert, 'criu_opts.tls_cacert');
  if (m.tls_cacrl != null) w.str(442, m.tls_cacrl, 'criu_opts.tls_cacrl');
  if (m.tls_cert != null) w.str(450, m.tls_cert, 'criu_opts.tls_cert');
  if (m.tls_key != null) w.str(458, m.tls_key, 'criu_opts.tls_key');
  if (m.tls != null) w.bool(464, m.tls, 'criu_opts.tls');
  if (m.tls_no_cn_verify != null) w.bool(472, m.tls_no_cn_verify, 'criu_opts.tls_no_cn_verify');
  if (m.cgroup_yard != null) w.str(482, m.cgroup_yard, 'criu_opts.cgroup_yard');
  if (m.pre_dump_mode != null) w.i32(488, m.pre_dump_mode, 'criu_opts.pre_dump_mode');
  if (m.pidfd_store_sk != null) w.i32(496, m.pidfd_store_sk, 'criu_opts.pidfd_store_sk');
  if (m.lsm_mount_context != null) w.str(506, m.lsm_mount_context, 'criu_opts.lsm_mount_context');
  if (m.network_lock != null) w.i32(512, m.network_lock, 'criu_opts.network_lock');
  if (m.mntns_compat_mode != null) w.bool(520, m.mntns_compat_mode, 'criu_opts.mntns_compat_mode');
  if (m.skip_file_rwx_check != null) w.bool(528, m.skip_file_rwx_check, 'criu_opts.skip_file_rwx_check');
  if (m.unprivileged != null) w.bool(536, m.unprivileged, 'criu_opts.unprivileged');
  if (m.images_dir != null) w.str(546, m.images_dir, 'criu_opts.images_dir');
  if (m.leave_stopped != null) w.bool(552, m.leave_stopped, 'criu_opts.leave_stopped');
  if (m.display_stats != null) w.bool(560, m.display_stats, 'criu_opts.display_stats');
  if (m.log_to_stderr != null) w.bool(568, m.log_to_stderr, 'criu_opts.log_to_stderr');
  if (m.image_io_mode != null) w.i32(576, m.image_io_mode, 'criu_opts.image_io_mode');
  if (m.compress != null) w.bool(584, m.compress, 'criu_opts.compress');
  if (m.compress_acceleration != null) w.u32(592, m.compress_acceleration, 'criu_opts.compress_acceleration');
  if (m.compress_region_size != null) w.u32(600, m.compress_region_size, 'criu_opts.compress_region_size');
  if (m.decompress_threads != null) w.u32(608, m.decompress_threads, 'criu_opts.decompress_threads');
  if (m.lazy != null) w.bool(8000, m.lazy, 'criu_opts.lazy');
  if (m.live != null) w.bool(8008, m.live, 'criu_opts.live');
  if (m.compress_codec != null) w.str(8018, m.compress_codec, 'criu_opts.compress_codec');
  w.unknown(m);
}
export const CriuOptsCodec: Codec<T.CriuOpts> = { create: newCriuOpts, read: readCriuOpts, write: writeCriuOpts };

export function newCriuDumpResp(): T.CriuDumpResp {
  return {};
}
export function readCriuDumpResp(r: Reader, m: T.CriuDumpResp): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.restored = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeCriuDumpResp(w: Writer, m: Encodable<T.CriuDumpResp>): void {
  if (m.restored != null) w.bool(8, m.restored, 'criu_dump_resp.restored');
  w.unknown(m);
}
export const CriuDumpRespCodec: Codec<T.CriuDumpResp> = { create: newCriuDumpResp, read: readCriuDumpResp, write: writeCriuDumpResp };

export function newCriuRestoreResp(): T.CriuRestoreResp {
  return { pid: undefined as never };
}
export function readCriuRestoreResp(r: Reader, m: T.CriuRestoreResp): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.pid = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.pid === undefined) r.missing('criu_restore_resp.pid');
}
export function writeCriuRestoreResp(w: Writer, m: Encodable<T.CriuRestoreResp>): void {
  w.i32(8, m.pid, 'criu_restore_resp.pid');
  w.unknown(m);
}
export const CriuRestoreRespCodec: Codec<T.CriuRestoreResp> = { create: newCriuRestoreResp, read: readCriuRestoreResp, write: writeCriuRestoreResp };

export function newCriuNotify(): T.CriuNotify {
  return {};
}
export function readCriuNotify(r: Reader, m: T.CriuNotify): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.script = r.str();
        break;
      case 16:
        m.pid = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeCriuNotify(w: Writer, m: Encodable<T.CriuNotify>): void {
  if (m.script != null) w.str(10, m.script, 'criu_notify.script');
  if (m.pid != null) w.i32(16, m.pid, 'criu_notify.pid');
  w.unknown(m);
}
export const CriuNotifyCodec: Codec<T.CriuNotify> = { create: newCriuNotify, read: readCriuNotify, write: writeCriuNotify };

export function newCriuFeatures(): T.CriuFeatures {
  return {};
}
export function readCriuFeatures(r: Reader, m: T.CriuFeatures): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.mem_track = r.bool();
        break;
      case 16:
        m.lazy_pages = r.bool();
        break;
      case 24:
        m.pidfd_store = r.bool();
        break;
      case 32:
        m.mem_compression = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeCriuFeatures(w: Writer, m: Encodable<T.CriuFeatures>): void {
  if (m.mem_track != null) w.bool(8, m.mem_track, 'criu_features.mem_track');
  if (m.lazy_pages != null) w.bool(16, m.lazy_pages, 'criu_features.lazy_pages');
  if (m.pidfd_store != null) w.bool(24, m.pidfd_store, 'criu_features.pidfd_store');
  if (m.mem_compression != null) w.bool(32, m.mem_compression, 'criu_features.mem_compression');
  w.unknown(m);
}
export const CriuFeaturesCodec: Codec<T.CriuFeatures> = { create: newCriuFeatures, read: readCriuFeatures, write: writeCriuFeatures };

export function newCriuReq(): T.CriuReq {
  return { type: undefined as never };
}
export function readCriuReq(r: Reader, m: T.CriuReq): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.i32();
        break;
      case 18: {
        const outer = r.enter();
        m.opts ??= newCriuOpts();
        readCriuOpts(r, m.opts);
        r.leave(outer);
        break;
      }
      case 24:
        m.notify_success = r.bool();
        break;
      case 32:
        m.keep_open = r.bool();
        break;
      case 42: {
        const outer = r.enter();
        m.features ??= newCriuFeatures();
        readCriuFeatures(r, m.features);
        r.leave(outer);
        break;
      }
      case 48:
        m.pid = r.u32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.type === undefined) r.missing('criu_req.type');
}
export function writeCriuReq(w: Writer, m: Encodable<T.CriuReq>): void {
  w.i32(8, m.type, 'criu_req.type');
  if (m.opts != null) { const start = w.begin(18, m.opts, 'criu_req.opts'); writeCriuOpts(w, m.opts); w.end(start); }
  if (m.notify_success != null) w.bool(24, m.notify_success, 'criu_req.notify_success');
  if (m.keep_open != null) w.bool(32, m.keep_open, 'criu_req.keep_open');
  if (m.features != null) { const start = w.begin(42, m.features, 'criu_req.features'); writeCriuFeatures(w, m.features); w.end(start); }
  if (m.pid != null) w.u32(48, m.pid, 'criu_req.pid');
  w.unknown(m);
}
export const CriuReqCodec: Codec<T.CriuReq> = { create: newCriuReq, read: readCriuReq, write: writeCriuReq };

export function newCriuResp(): T.CriuResp {
  return { type: undefined as never, success: undefined as never };
}
export function readCriuResp(r: Reader, m: T.CriuResp): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.i32();
        break;
      case 16:
        m.success = r.bool();
        break;
      case 26: {
        const outer = r.enter();
        m.dump ??= newCriuDumpResp();
        readCriuDumpResp(r, m.dump);
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        m.restore ??= newCriuRestoreResp();
        readCriuRestoreResp(r, m.restore);
        r.leave(outer);
        break;
      }
      case 42: {
        const outer = r.enter();
        m.notify ??= newCriuNotify();
        readCriuNotify(r, m.notify);
        r.leave(outer);
        break;
      }
      case 50: {
        const outer = r.enter();
        m.ps ??= newCriuPageServerInfo();
        readCriuPageServerInfo(r, m.ps);
        r.leave(outer);
        break;
      }
      case 56:
        m.cr_errno = r.i32();
        break;
      case 66: {
        const outer = r.enter();
        m.features ??= newCriuFeatures();
        readCriuFeatures(r, m.features);
        r.leave(outer);
        break;
      }
      case 74:
        m.cr_errmsg = r.str();
        break;
      case 82: {
        const outer = r.enter();
        m.version ??= newCriuVersion();
        readCriuVersion(r, m.version);
        r.leave(outer);
        break;
      }
      case 88:
        m.status = r.i32();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.type === undefined) r.missing('criu_resp.type');
  if (m.success === undefined) r.missing('criu_resp.success');
}
export function writeCriuResp(w: Writer, m: Encodable<T.CriuResp>): void {
  w.i32(8, m.type, 'criu_resp.type');
  w.bool(16, m.success, 'criu_resp.success');
  if (m.dump != null) { const start = w.begin(26, m.dump, 'criu_resp.dump'); writeCriuDumpResp(w, m.dump); w.end(start); }
  if (m.restore != null) { const start = w.begin(34, m.restore, 'criu_resp.restore'); writeCriuRestoreResp(w, m.restore); w.end(start); }
  if (m.notify != null) { const start = w.begin(42, m.notify, 'criu_resp.notify'); writeCriuNotify(w, m.notify); w.end(start); }
  if (m.ps != null) { const start = w.begin(50, m.ps, 'criu_resp.ps'); writeCriuPageServerInfo(w, m.ps); w.end(start); }
  if (m.cr_errno != null) w.i32(56, m.cr_errno, 'criu_resp.cr_errno');
  if (m.features != null) { const start = w.begin(66, m.features, 'criu_resp.features'); writeCriuFeatures(w, m.features); w.end(start); }
  if (m.cr_errmsg != null) w.str(74, m.cr_errmsg, 'criu_resp.cr_errmsg');
  if (m.version != null) { const start = w.begin(82, m.version, 'criu_resp.version'); writeCriuVersion(w, m.version); w.end(start); }
  if (m.status != null) w.i32(88, m.status, 'criu_resp.status');
  w.unknown(m);
}
export const CriuRespCodec: Codec<T.CriuResp> = { create: newCriuResp, read: readCriuResp, write: writeCriuResp };

export function newCriuVersion(): T.CriuVersion {
  return { major_number: undefined as never, minor_number: undefined as never };
}
export function readCriuVersion(r: Reader, m: T.CriuVersion): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.major_number = r.i32();
        break;
      case 16:
        m.minor_number = r.i32();
        break;
      case 26:
        m.gitid = r.str();
        break;
      case 32:
        m.sublevel = r.i32();
        break;
      case 40:
        m.extra = r.i32();
        break;
      case 50:
        m.name = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.major_number === undefined) r.missing('criu_version.major_number');
  if (m.minor_number === undefined) r.missing('criu_version.minor_number');
}
export function writeCriuVersion(w: Writer, m: Encodable<T.CriuVersion>): void {
  w.i32(8, m.major_number, 'criu_version.major_number');
  w.i32(16, m.minor_number, 'criu_version.minor_number');
  if (m.gitid != null) w.str(26, m.gitid, 'criu_version.gitid');
  if (m.sublevel != null) w.i32(32, m.sublevel, 'criu_version.sublevel');
  if (m.extra != null) w.i32(40, m.extra, 'criu_version.extra');
  if (m.name != null) w.str(50, m.name, 'criu_version.name');
  w.unknown(m);
}
export const CriuVersionCodec: Codec<T.CriuVersion> = { create: newCriuVersion, read: readCriuVersion, write: writeCriuVersion };
