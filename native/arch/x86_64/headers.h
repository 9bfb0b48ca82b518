/* SPDX-License-Identifier: GPL-2.0-only
 * Where the constants of constants.list are declared, as far as uapi/headers.h does not.
 */
#pragma once
#include <asm/prctl.h>
