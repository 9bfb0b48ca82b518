// The CRIU version with which images and command line are compatible; scripts compare it to detect features.
export const CRIU_VERSION = '4.2';
