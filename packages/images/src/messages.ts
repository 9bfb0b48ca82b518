/// <reference types="node" preserve="true" />
// One codec for each message type, independent of the others, so that bundlers drop unused ones.
export * from './codec.generated.js';
export { type Codec, decodeWith, type Encodable, encodeWith } from './codec-with.js';
export type * from './types.generated.js';
