/// <reference types="node" preserve="true" />
// The image format of CRIU: schema, codecs, images and image sets.
export { itemsAsRead } from './as-read.js';
export { decodeName, encodeName, pathArg, showOdd } from './bytes.js';
export { decodeMessage, encodeMessage, type MessageName } from './codec.js';
export { type Codec, decodeWith, type Encodable, encodeWith } from './codec-with.js';
export { type DecoderOptions, ImageDecoder, type ImageSink } from './decoder.js';
export * from './descriptor.js';
export { defaults } from './descriptors.generated.js';
export { ImageEncoder } from './encoder.js';
export * from './errors.js';
export { fileTypes } from './files.js';
export {
  decodeImage,
  detectKind,
  type EncodableItem,
  encodeImage,
  type ImageItem,
  readImage,
  readImageSync,
  systemReason,
  writeImage,
  writeImageSync,
} from './image.js';
export * from './kinds.js';
export { packLz4, unpackLz4 } from './lz4.js';
export {
  decodeMmTable,
  encodeMmTable,
  type MmTable,
  type VmaAttributes,
  type VmaTable,
  vmaTable,
} from './mm-table.js';
export * from './names.js';
export { type Block, type Blocks, type Layout, layoutOf, MOST_REGION, PageCodec } from './packed.js';
export { PAGE, PAGE_SIZE } from './page.js';
export * from './pagemap.js';
export { columnPagemap, type PagemapColumns } from './pagemap-columns.js';
export {
  type PageLocation,
  PageMemory,
  type PageRun,
  type PageSource,
  pagesFile,
} from './pages.js';
export * from './payload.js';
export { RangeTable } from './range-table.js';
export type { Segment } from './segments.js';
export { ImageSet, type TaskNode } from './set.js';
export { ImageDirectory, type ImageFiles } from './source.js';
export {
  encodeImageStream,
  fileChunks,
  streamImage,
  streamImageFile,
  streamImageFileSync,
} from './stream.js';
export * from './types.generated.js';
export { unknownFields } from './unknown.js';
export { VMA } from './vma.js';
export type { Writer } from './writer.js';
export { FXSAVE_SIZE, fxsaveArea } from './x86.js';
export { unpackZstd } from './zstd.js';
