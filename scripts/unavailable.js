/** What a build needs and this machine does not have: nothing is wrong with the sources. */
export class Unavailable extends Error {
  /** Exit status of a build that ends with it, EX_UNAVAILABLE of sysexits.h. */
  static status = 69;
}
