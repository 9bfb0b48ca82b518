/// <reference types="node" preserve="true" />
// One codec per message type, each usable without the others: bundlers drop what is not imported.
export * from './codec.generated.js';
export { type Codec, decodeWith, type Encodable, encodeWith } from './codec-with.js';
export type * from './types.generated.js';
