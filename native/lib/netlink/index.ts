/// <reference types="node" preserve="true" />
// Netlink: encoding of messages and attributes, and on top of it rtnetlink, sock_diag and nf_tables.
export * from './attributes.js';
export * from './errors.js';
export * from './message.js';
export * from './nfnetlink.js';
export * from './nftables.js';
export * from './route.js';
export * from './sock-diag.js';
export * from './socket.js';
