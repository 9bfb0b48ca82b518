/// <reference types="node" preserve="true" />
// The image format of CRIU: schema, codec, whole images and image sets.
export {
  type Codec,
  decodeMessage,
  decodeWith,
  type Encodable,
  encodeMessage,
  encodeWith,
  type MessageName,
} from './codec.js';
export { type DecoderOptions, ImageDecoder, type ImageSink } from './decoder.js';
export * from './descriptor.js';
export { defaults } from './descriptors.generated.js';
export { ImageEncoder } from './encoder.js';
export * from './errors.js';
export {
  decodeImage,
  detectKind,
  type EncodableItem,
  encodeImage,
  type ImageItem,
  readImage,
  readImageSync,
  writeImage,
  writeImageSync,
} from './image.js';
export * from './kinds.js';
export * from './pagemap.js';
export * from './payload.js';
export * from './types.generated.js';
export { unknownFields } from './unknown.js';
