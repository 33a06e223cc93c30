import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Box } from './box.ts';
import { Bundle } from './bundle.ts';
import { type Config, defaultConfig, type Mount, type Seccomp } from './config.ts';
import { programsOfMachine } from './machine.ts';
import { readRecording } from './recordings.ts';
import { adopt } from './samples.ts';
import { findRuntime, projectRoot } from './suite.ts';

/** Containers that a runtime may find itself in, by the configurations that engines wrote for them. */
const recorded = {
  Docker: 'bookworm-docker-run.json',
  'Docker, --privileged': 'bookworm-docker-privileged.json',
  Podman: 'bookworm-podman-run.json',
  'Podman, --privileged': 'bookworm-podman-privileged.json',
  Kubernetes: 'bookworm-containerd-cri-container.json',
} as const;

export type Outer = keyof typeof recorded;

/** The programs of this machine, the checkout and what the tests make, each where it is. */
function machine(box: Box, rootfs: string): Mount[] {
  const [runtime = ''] = findRuntime().command;
  const besides = [projectRoot.replace(/\/$/, ''), dirname(process.execPath), dirname(runtime)];
  // The directory of the tests last: it may lie in one of the others; and alone, since the root of this container is mounted in it.
  const { directory } = box.suite;
  const [, top = ''] = directory.split('/');
  return [...programsOfMachine(rootfs, besides, [top]), { destination: directory, source: directory, options: ['bind'] }];
}

/** What makes the outer container: always ours, so that a peer is tried in the same one. */
const outerRuntime = (): readonly string[] => findRuntime({}).command;

let serial = 0;

/**
 * Has every call of the runtime in this box, and `box.inside`, happen in a container as an engine makes it, with the programs of this machine in place of an image's.
 * @param change what else the user of the engine has asked for
 */
export async function enterContainer(box: Box, outer: Outer, change: (config: Config) => void = () => {}): Promise<void> {
  const id = `${box.suite.tag}-outer-${process.pid}-${++serial}`;
  const directory = join(box.directory, 'outer');
  const bundle = new Bundle(directory, id, defaultConfig(id, []));
  const programs = machine(box, bundle.rootfs);
  const sample = readRecording(recorded[outer]);
  // Without the marks of the box: this container is no leftover of the runtime under test.
  adopt(sample, bundle, ['sleep', '1000']);
  const { config } = bundle;
  config.mounts = [...config.mounts.filter(({ destination }) => !/^\/(etc|mnt2)\b/.test(destination)), ...programs];
  // Docker's is recorded whole, and containerd's is much the same; of Podman's matters here that it lets namespaces and mounts pass.
  if (outer === 'Docker' || outer === 'Kubernetes') config.linux.seccomp = readRecording(recorded.Docker).linux.seccomp;
  change(config);
  bundle.write();
  const [pidFile, state] = [join(directory, 'pid'), join(directory, 'state')];
  const call = [...outerRuntime(), '--root', state];
  (await box.host([...call, 'run', '--detach', '--pid-file', pidFile, '--bundle', directory, id])).ok();
  const marks = box.marks.flatMap((mark) => ['--env', mark]);
  // Files stay what they are, where exec would put pipes between, whose end is that of the last who writes.
  const [kept, restored] = ['exec 3<&0 4>&1 5>&2; exec "$@"', 'exec "$@" <&3 >&4 2>&5 3<&- 4>&- 5>&-'];
  const exec = [...call, 'exec', '--preserve-fds', '3', '--cwd', box.directory, ...marks, id];
  box.confine({
    keeper: Number(readFileSync(pidFile, 'utf8')),
    entry: ['sh', '-c', kept, 'sh', ...exec, 'sh', '-c', restored, 'sh'],
    end: async () => (await box.host([...call, 'delete', '--force', id])).ok(),
  });
}

/** A filter that lets everything pass but these calls. */
export const without = (names: readonly string[], errnoRet: number): Seccomp => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: [...names], action: 'SCMP_ACT_ERRNO', errnoRet }],
});
