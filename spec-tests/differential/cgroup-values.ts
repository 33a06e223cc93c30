import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Observation } from './observation.ts';

/** Files that count what happens, not what is allowed. */
const counting =
  /usage|stat$|stat_|failcnt|_time|serviced|service_bytes|tasks|procs|threads|pressure|numa|max_usage|events|peak|current|fragments|cgroup\.(stat|type)|stat\.local|event_control|oom_control_events|kmem|v2/;

function value(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Where a hierarchy is mounted: the folder of the controller, or of all of them on cgroup v2. */
function mountOf(controllers: string): string {
  const name = controllers === '' ? '' : controllers.replace('name=', '');
  return join('/sys/fs/cgroup', name);
}

/** What the container may use, as the host sees it: each file of a limit in its cgroup of each hierarchy. */
export function readCgroups(path: string): Observation {
  const found: Record<string, string> = {};
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')) {
    const controllers = line.split(':')[1] ?? '';
    const folder = join(mountOf(controllers), path);
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) continue;
    for (const file of readdirSync(folder)) {
      if (counting.test(file)) continue;
      const text = value(join(folder, file));
      if (text !== undefined) found[`cgroup/${controllers}/${file}`] = file === 'devices.list' ? text.split('\n').sort().join('\n') : text;
    }
  }
  return found;
}
