// What else the machine is busy with.
import { existsSync, readFileSync } from 'node:fs';
import { cpuSpent } from './timer.ts';

/** More than this share of one core used by others spoils a round: almost everything measured here is single-threaded. */
export const disturbedAbove = 0.25;

const v1Usage = ['/sys/fs/cgroup/cpuacct/cpuacct.usage', '/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage'].find((path) => existsSync(path));
const ticksPerSecond = 100;

/** Microseconds in which all cores were busy. cgroup v1 tells them exactly, /proc/stat in clock ticks. */
function readBusy(): number {
  if (v1Usage !== undefined) return Number(readFileSync(v1Usage, 'utf8')) / 1000;
  const ticks = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/).slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = ticks;
  return ((user + nice + system + irq + softirq + steal) / ticksPerSecond) * 1_000_000;
}

/** Microseconds of this process and of what it measured. */
function readOwn(): number {
  const { user, system } = process.cpuUsage();
  return user + system + cpuSpent();
}

/** Begins to watch the machine; the function returned tells what share of one core others have used since. */
export function startWatch(): () => number {
  const [busy, own, began] = [readBusy(), readOwn(), performance.now()];
  return () => Math.max(0, (readBusy() - busy - (readOwn() - own)) / 1000 / (performance.now() - began));
}
