/* SPDX-License-Identifier: GPL-2.0-only
 *
 * Rows that walkTree() of the addon returns, one for each file: indexes of the 32-bit and of the 64-bit numbers of a row.
 */
#ifndef CRIU_TREE_H
#define CRIU_TREE_H

enum tree_small {
	TREE_MODE, /* st_mode */
	TREE_UID,
	TREE_GID,
	TREE_NLINK,
	TREE_MAJOR, /* numbers of a device */
	TREE_MINOR,
	TREE_FLAGS, /* FS_IOC_GETFLAGS */
	TREE_ABOUT, /* TREE_IS_* and TREE_HAS_* */
	TREE_ERRNO, /* not 0 in the last row: why the walk ended at this file */
	TREE_PATH,  /* bytes of the path in the text of all rows */
	TREE_CONTENT, /* bytes of the contents, which follow the path */
	TREE_SMALL,
};

enum tree_large {
	TREE_SIZE,
	TREE_BLOCKS, /* of 512 bytes */
	TREE_INO,
	TREE_MTIME, /* nanoseconds since the epoch, signed */
	TREE_LARGE,
};

enum tree_about {
	TREE_IS_FOREIGN = 1, /* another device than the root of the tree; a folder is not entered */
	TREE_HAS_XATTRS = 2, /* extended attributes, without those that the file system makes up */
	TREE_HAS_FLAGS = 4,  /* TREE_FLAGS is known: a file or folder of a file system that has attributes of chattr(1) */
	TREE_HAS_CONTENT = 8, /* all contents of a file, or the target of a symbolic link, are in the text */
};

#endif
