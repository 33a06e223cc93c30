import { RuntimeError } from '../errors.ts';
import type { LinuxDevice } from '../spec/types.ts';
import { S_IFBLK, S_IFCHR, S_IFIFO } from './constants.ts';
import { hasOwn, type PlanContext } from './context.ts';
import { parseMountOptions } from './mount-options.ts';
import { normalize } from './path.ts';
import type { Step } from './plan.ts';
import type { Action } from './wire.ts';

const chapter = 'Devices';

/** Supplied to every container (config-linux.md, "Default Devices"); tty belongs to the terminal group by custom. */
const defaultDevices: readonly LinuxDevice[] = [
  { path: '/dev/null', type: 'c', major: 1, minor: 3, fileMode: 0o666 },
  { path: '/dev/zero', type: 'c', major: 1, minor: 5, fileMode: 0o666 },
  { path: '/dev/full', type: 'c', major: 1, minor: 7, fileMode: 0o666 },
  { path: '/dev/random', type: 'c', major: 1, minor: 8, fileMode: 0o666 },
  { path: '/dev/urandom', type: 'c', major: 1, minor: 9, fileMode: 0o666 },
  { path: '/dev/tty', type: 'c', major: 5, minor: 0, fileMode: 0o666 },
];

/** RTL-004 to RTL-008; /dev/core by custom of the other runtimes. */
const defaultLinks: readonly (readonly [path: string, target: string])[] = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
  ['/dev/core', '/proc/kcore'],
];

/** Whether the host's own /dev is bound into the container; then nothing in it is ours to make. */
function bindsHostDev({ spec }: PlanContext): boolean {
  return (spec.mounts ?? []).some(
    ({ destination, options }) => normalize(`/${destination}`) === '/dev' && parseMountOptions(options ?? []).bind,
  );
}

/** Whether mknod(2) is refused: in every user namespace but the initial one (user_namespaces(7)). */
const isForbidden = ({ linux, facts }: PlanContext): boolean => hasOwn(linux, 'user') || !facts.initialUserNamespace;

const fileTypes: Readonly<Record<string, number>> = { c: S_IFCHR, u: S_IFCHR, b: S_IFBLK, p: S_IFIFO };

/** Device nodes, links and ptmx. `early` opens host nodes before the user namespace, where mknod(2) is refused. */
export function planDevices(context: PlanContext): { readonly early: readonly Step[]; readonly devices: readonly Step[] } {
  if (bindsHostDev(context)) return { early: [], devices: [] };
  const early: Step[] = [];
  const devices: Step[] = [];
  const configured = (context.linux.devices ?? []).map((device, index) => ({ device, pointer: `/linux/devices/${index}` }));
  const paths = new Set(configured.map(({ device }) => normalize(device.path)));
  const defaults = defaultDevices.filter(({ path }) => !paths.has(path)).map((device) => ({ device, pointer: undefined }));
  for (const { device, pointer } of [...defaults, ...configured]) {
    if (isForbidden(context)) bindDevice(context, device, pointer, early, devices);
    else devices.push(step(pointer, `make the device ${device.path}`, makeDevice(device, pointer)));
  }
  for (const [path, target] of defaultLinks) {
    devices.push(step(undefined, `link ${path} to ${target}`, { op: 'link.makeIf', path, target, condition: target }));
  }
  devices.push(step(undefined, 'link /dev/ptmx to pts/ptmx', { op: 'link.make', path: '/dev/ptmx', target: 'pts/ptmx', replace: true }));
  return { early, devices };
}

function step(pointer: string | undefined, title: string, action: Action): Step {
  return { chapter, ...(pointer === undefined ? {} : { pointer }), title, stage: 'init', action };
}

function makeDevice({ path, type, major, minor, fileMode, uid, gid }: LinuxDevice, pointer: string | undefined): Action {
  if (type !== 'p' && (major === undefined || minor === undefined)) {
    throw new RuntimeError('DEVICE_NUMBER_MISSING', `device ${JSON.stringify(path)}: major and minor are required for type ${type}`, {
      ...(pointer === undefined ? {} : { pointer }),
    });
  }
  return {
    op: 'node.make',
    path: normalize(path),
    type: fileTypes[type] as number,
    major: Number(major ?? 0),
    minor: Number(minor ?? 0),
    mode: (fileMode ?? 0o666) & 0o777,
    uid: uid ?? 0,
    gid: gid ?? 0,
  };
}

function bindDevice(context: PlanContext, device: LinuxDevice, pointer: string | undefined, early: Step[], devices: Step[]): void {
  if (device.type === 'p') {
    devices.push(step(pointer, `make the device ${device.path}`, makeDevice(device, pointer)));
    return;
  }
  const slot = context.nextSlot();
  const destination = normalize(device.path);
  early.push({
    chapter,
    ...(pointer === undefined ? {} : { pointer }),
    title: `open the host's ${destination}`,
    stage: 'intermediate',
    action: { op: 'tree.clone', source: destination, recursive: false, noFollow: true, slot },
  });
  const action = { op: 'tree.attach', slot, destination, noSymlinks: false, inheritMode: false, onProc: false, keep: false } as const;
  devices.push(step(pointer, `bind the host's ${destination}`, action));
}
