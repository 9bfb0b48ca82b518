// The version of CRIU whose images and command line these are; scripts compare it to find out what they may use.
export const CRIU_VERSION = '4.2';
