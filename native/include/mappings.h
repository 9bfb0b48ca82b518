/* SPDX-License-Identifier: GPL-2.0-only
 * Rows that readMappings() of the addon gives, one for each mapping: places of numbers of 32 and of 64 bits.
 */
#ifndef CRIU_MAPPINGS_H
#define CRIU_MAPPINGS_H

enum mapping_small {
	MAPPING_PROT,   /* PROT_READ, PROT_WRITE and PROT_EXEC */
	MAPPING_SHARED, /* 0 or 1 */
	MAPPING_MAJOR,  /* of the device of its file */
	MAPPING_MINOR,
	MAPPING_PATH,   /* index in the list of paths */
	MAPPING_FLAGS,  /* index in the list of flags */
	MAPPING_KEY,    /* protection key, -1 where the CPU has none */
	MAPPING_SMALL,
};

enum mapping_large {
	MAPPING_START,
	MAPPING_END,
	MAPPING_OFFSET, /* in the file, in bytes */
	MAPPING_INO,
	MAPPING_LARGE,
};

#endif
