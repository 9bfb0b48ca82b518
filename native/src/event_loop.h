/* SPDX-License-Identifier: GPL-2.0-only
 *
 * The few declarations of libuv 1.x that the addon uses. Node exports the functions, but the Node-API headers do not
 * declare them.
 */
#pragma once
#include <stddef.h>

extern "C" {
struct uv_loop_s;
struct uv_poll_s;
typedef void (*uv_poll_cb)(uv_poll_s *handle, int status, int events);
size_t uv_handle_size(int type);
int uv_poll_init(uv_loop_s *loop, uv_poll_s *handle, int fd);
int uv_poll_start(uv_poll_s *handle, int events, uv_poll_cb callback);
void uv_ref(uv_poll_s *handle);
void uv_unref(uv_poll_s *handle);
}

namespace criu {
constexpr int UV_POLL_TYPE = 8;
constexpr int UV_READABLE_EVENT = 1;
} // namespace criu
