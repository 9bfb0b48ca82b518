/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Rows that nextMappings() of the addon returns, one for each description of mappings: indexes of the 32-bit and of the
 * 64-bit numbers of a row. Mappings without a file that differ in their addresses only have one description.
 */
#ifndef CRIU_MAPPINGS_H
#define CRIU_MAPPINGS_H

enum mapping_small {
	MAPPING_PROT,   /* bits PROT_READ, PROT_WRITE and PROT_EXEC */
	MAPPING_SHARED, /* 0 or 1 */
	MAPPING_MAJOR,  /* device of the mapped file: major number, minor number */
	MAPPING_MINOR,
	MAPPING_PATH,   /* index in the list of paths */
	MAPPING_FLAGS,  /* index in the list of VmFlags texts */
	MAPPING_KEY,    /* protection key, -1 on processors without keys */
	MAPPING_SMALL,
};

enum mapping_large {
	MAPPING_START, /* of the first mapping with this description */
	MAPPING_END,
	MAPPING_OFFSET, /* offset in the mapped file, in bytes */
	MAPPING_INO,
	MAPPING_LARGE,
};

#endif
