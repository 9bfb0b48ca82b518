// The size of a page.

/** Bytes of a page, in images and on x86_64. */
export const PAGE_SIZE = 4096;
/** {@link PAGE_SIZE} as a bigint, for calculations with addresses. */
export const PAGE = 4096n;
