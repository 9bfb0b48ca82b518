/// <reference types="node" preserve="true" />
// The functions of `crit` as an API.

export type { Segment } from '@criu/images';
// Types of @criu/images that are needed for these functions.
export { ImageError, ImageSet } from '@criu/images';
export { type DecodeOptions, decode } from './actions/decode.js';
export { type EncodeOptions, encode } from './actions/encode.js';
export { type ImageInfo, imageInfo } from './actions/info.js';
export { main } from './cli.js';
export { CoreDumpError } from './coredump/errors.js';
export { dumpableProcesses, type WriteCoreOptions, type WrittenCore, writeCore } from './coredump/write.js';
export {
  type CheckpointDiff,
  type DiffOptions,
  diffCheckpoints,
  type ItemChange,
  type NamedImageDiff,
  type ProcessDiff,
  type SharedMemoryDiff,
} from './diff/checkpoint.js';
export { diffFiles, diffImages, type ImageDiff, type RawDiff } from './diff/image.js';
export type { MappingPages, MemoryDiff, PageCounts, PageRange } from './diff/memory.js';
export type { FieldChange } from './diff/messages.js';
export { checkpointDiffText, type DiffTextOptions, imageDiffText } from './diff/text.js';
export * from './explore.js';
export { ImageJson, imageFromJson } from './image-json.js';
export { ImageText, type ImageTextOptions, imageToJson } from './image-text.js';
export {
  AddressSpace,
  type MappedSegment,
  type Mapping,
  type MemoryKind,
  memoryKinds,
} from './memory/address-space.js';
export { hexDump, type MemoryPiece, readMemory } from './memory/dump.js';
export { listingText, listMappings, type MappingUse } from './memory/listing.js';
export { type MemoryMatch, type SearchOptions, searchBytes, searchRegex } from './memory/search.js';
export { MessageJson } from './message-json.js';
export { MessageText } from './message-text.js';
export { type Repacked, rewritePages } from './pack/rewrite.js';
export * from './report/index.js';
export { type SocketRow, sockets, socketsText } from './sockets.js';
export { type Problem, type Verification, verify } from './verify/index.js';
