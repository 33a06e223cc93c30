import { callFailure } from '../container/failure/call.ts';
import { record } from '../container/record.ts';
import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import { mergedProfile } from '../spec/seccomp/recording.ts';
import type { LinuxSeccomp } from '../spec/types.ts';
import { createRequest } from './create.ts';
import type { Invocation } from './invocation.ts';
import { absolute, fromHere } from './paths.ts';
import { readProfile } from './seccomp-profile.ts';

const unable = (path: string): string => `unable to write the profile ${path}`;

/** Told before anything runs. @throws RuntimeError SECCOMP_PROFILE_UNUSABLE */
function checkWritable(path: string): void {
  if (addon.stat(path.slice(0, path.lastIndexOf('/')) || '/', true)?.type !== 'directory') {
    throw new RuntimeError('SECCOMP_PROFILE_UNUSABLE', `${unable(path)}: its directory is not there`);
  }
  if (addon.stat(path, true)?.type === 'directory') {
    throw new RuntimeError('SECCOMP_PROFILE_UNUSABLE', `${unable(path)}: it is a directory`);
  }
}

/** By rename, so that nobody reads a part; but what is no file is written to: a null device belongs to all. */
function write(path: string, text: string): void {
  try {
    const type = addon.stat(path, true)?.type;
    if (type === undefined || type === 'file') addon.replaceFile(path, text, 0o644);
    else addon.writeControl(path, text);
  } catch (error) {
    throw callFailure('SECCOMP_PROFILE_UNUSABLE', unable(path), error);
  }
}

/** A member on each line, for whoever compares versions; with every digit of a number that JavaScript has none for. */
export function profileText(profile: LinuxSeccomp): string {
  const marked = JSON.stringify(profile, (_, value: unknown) => (typeof value === 'bigint' ? `number ${value}` : value), 2);
  return `${marked.replaceAll(/"number (\d+)"/g, '$1')}\n`;
}

/** `seccomp record`. @returns the exit status of the container's program */
export function recordRun({ flags, args, context }: Pick<Invocation<'seccomp'>, 'flags' | 'args' | 'context'>): number {
  const [, id, more] = args;
  if (id === undefined || more !== undefined) throw new RuntimeError('USAGE', 'seccomp record: one container id has to be given');
  const output = absolute(flags.output) ?? fromHere('seccomp.json');
  const operations = context();
  checkWritable(output);
  const earlier = flags.merge.map((path) => readProfile(path, operations));
  const request = createRequest({
    args: [id],
    flags: {
      bundle: flags.bundle,
      config: flags.config,
      'console-socket': undefined,
      'pidfd-socket': undefined,
      'pid-file': undefined,
      'no-pivot': false,
      'no-new-keyring': false,
      'preserve-fds': 0,
    },
  });
  const { status, profile } = record(operations, request);
  write(output, profileText(earlier.reduce(mergedProfile, profile)));
  return status;
}
