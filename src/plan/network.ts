import { escapePointer } from '../spec/pointer.ts';
import { isNew, type PlanContext } from './context.ts';
import type { RuntimeAction, Step } from './plan.ts';

const chapter = 'Network and names';

/** A new network namespace has its loopback interface down. */
export function planLoopback({ linux }: PlanContext): Step[] {
  if (!isNew(linux, 'network')) return [];
  return [{ chapter, title: 'set the loopback interface up', stage: 'init', action: { op: 'loopback.up' } }];
}

/** Network devices of the host that move to the container. All are looked for before the first one moves. */
export function planNetDevices({ linux }: PlanContext): Step[] {
  const devices = Object.entries(linux.netDevices ?? {});
  const step = (name: string, title: string, action: RuntimeAction): Step => ({
    chapter,
    pointer: `/linux/netDevices/${escapePointer(name)}`,
    title,
    stage: 'runtime',
    at: 'cgroup',
    action,
  });
  return [
    ...devices.map(([name]) => step(name, `find the network device ${name}`, { op: 'netDevice.find', name })),
    ...devices.map(([name, device]) => {
      const newName = device.name || name;
      const title = `move the network device ${name}${newName === name ? '' : ` and name it ${newName}`}`;
      return step(name, title, { op: 'netDevice.move', name, newName });
    }),
  ];
}
