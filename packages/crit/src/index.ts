/// <reference types="node" preserve="true" />
// What `crit` does, as an API.

export { type DecodeOptions, decode } from './actions/decode.js';
export { type EncodeOptions, encode } from './actions/encode.js';
export { type ImageInfo, imageInfo } from './actions/info.js';
export { main } from './cli.js';
export * from './explore.js';
export { ImageJson, imageFromJson } from './image-json.js';
export { ImageText, type ImageTextOptions, imageToJson } from './image-text.js';
export { MessageJson } from './message-json.js';
export { MessageText } from './message-text.js';
export { type SocketRow, sockets, socketsText } from './sockets.js';
export { type Problem, type Verification, verify } from './verify/index.js';
