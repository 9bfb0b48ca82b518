// Sizes as text.

/** "4 KiB", "1.5 GiB": at most one digit after the decimal point. */
export function sizeText(bytes: bigint | number): string {
  let size = Number(bytes);
  for (const unit of ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']) {
    if (size < 1023.95) return `${Number(size.toFixed(1))} ${unit}`;
    size /= 1024;
  }
  return `${size.toFixed(0)} EiB`;
}
