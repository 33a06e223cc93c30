/** Files below /proc that containers may replace (lxcfs and the like). */
export const replaceableProcFiles = new Set(
  [
    'cpuinfo',
    'diskstats',
    'meminfo',
    'stat',
    'swaps',
    'uptime',
    'loadavg',
    'slabinfo',
    'sys/kernel/ns_last_pid',
    'sys/crypto/fips_enabled',
  ].map((name) => `/proc/${name}`),
);
