// The library as a package has it: lib/bundle/, whose threads are files of their own.
import { join } from 'node:path';
import type * as Library from '../../src/index.ts';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import type { Config } from '../harness/config.ts';

export const libraryFile = join(import.meta.dirname, '../../lib/bundle/index.js');

export const library: typeof Library = await import(libraryFile);

export const { Runtime, RuntimeError } = library;
export type Runtime = Library.Runtime;

/** What a test makes containers of. */
export interface Subject {
  readonly id: string;
  readonly spec: Library.Spec;
}

/** A configuration of the box, as an object: its root is absolute, its program `args`. */
export function specOf(box: Box, args: readonly string[], change: (config: Config, bundle: Bundle) => void = () => {}): Subject {
  const bundle = box.bundle((config, made) => {
    config.process.args = [...args];
    change(config, made);
  });
  return { id: bundle.id, spec: { ...(bundle.config as Library.Spec), root: { path: bundle.rootfs } } };
}

/** Gives `use` a runtime of the box's state root, and closes it. */
export async function withRuntime<T>(
  box: Box,
  use: (runtime: Runtime) => Promise<T>,
  options: Partial<Library.RuntimeOptions> = {},
): Promise<T> {
  const runtime = new Runtime({ root: box.stateRoot, ...options });
  try {
    return await use(runtime);
  } finally {
    await runtime.close();
  }
}

/** What a promise is rejected with. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`not rejected, but ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );

/** The same with another program. */
export const withArgs = (spec: Library.Spec, args: readonly string[]): Library.Spec => ({
  ...spec,
  process: { ...(spec.process as Library.Process), args: [...args] },
});

/** The same for one of several containers at a time. */
export const inCgroup = (spec: Library.Spec, id: string): Library.Spec => ({ ...spec, linux: { ...spec.linux, cgroupsPath: `/${id}` } });
