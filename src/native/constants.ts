/** Kernel constants that calls of the addon take (signal(7), open(2), umount2(2)). */

export const SIGKILL = 9;
export const SIGCHLD = 17;

export const O_WRONLY = 0o1;
export const O_NONBLOCK = 0o4000;
export const O_PATH = 0o10000000;

export const MNT_DETACH = 2;
