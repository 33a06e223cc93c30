/** Files that hold a line per device (or interface), and what a device that had none is set back to. */
const keyed: readonly (readonly [file: RegExp, absent: string])[] = [
  [/^blkio\.throttle\./, '0'],
  [/^blkio\.bfq\.weight_device$/, 'default'],
  [/^blkio\.(?:leaf_)?weight_device$/, '0'],
  [/^io\.max$/, 'rbps=max wbps=max riops=max wiops=max'],
  [/^io\.(?:bfq\.)?weight$/, 'default'],
  [/^rdma\.max$/, 'hca_handle=max hca_object=max'],
  [/^net_prio\.ifpriomap$/, '0'],
];

/** The key of a line: a device's numbers or a name; undefined for a value without one. */
const keyOf = (line: string): string | undefined => /^(\S+) \S/.exec(line)?.[1];

/**
 * What has to be written to a control file so that it says again what it said before.
 * @param written the value that was written meanwhile; it names the device of files that hold several
 * @param before the file's content then
 */
export function restoringWrites(file: string, written: string, before: string): string[] {
  const lines = before.split('\n').filter((line) => line !== '');
  const absent = keyed.find(([pattern]) => pattern.test(file))?.[1];
  const key = keyOf(written) ?? 'default';
  if (absent !== undefined) {
    const line = lines.find((candidate) => candidate.startsWith(`${key} `));
    if (line !== undefined) return [line];
    // BFQ of cgroup v1 shows the common weight without a word before it.
    return keyOf(written) === undefined ? lines.slice(0, 1) : [`${key} ${absent}`];
  }
  if (file === 'memory.oom_control') return [/oom_kill_disable (\d)/.exec(before)?.[1] ?? '0'];
  // An empty list of cpus is written as an empty line: nothing at all would be no write.
  return lines.length > 0 ? lines : ['\n'];
}
