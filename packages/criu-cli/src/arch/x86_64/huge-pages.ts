// Huge pages of x86_64.

/** Bytes that a page table of the second level maps: what MADV_COLLAPSE makes, and huge pages without a named size. */
export const HUGE_PAGE = 2 << 20;
