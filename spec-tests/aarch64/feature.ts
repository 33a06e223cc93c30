import type { Config } from '../harness/config.ts';

/** One thing that is tried there, in a container or several of one bundle. */
export interface Feature {
  /** Begins with the clause's id in docs/requirements.md. */
  readonly title: string;
  readonly change?: (config: Config) => void;
  /**
   * For the shell, in the bundle: `runts` is the runtime, `$id` the container's id. `run` is `runts run $id`. Whatever is left of the container
   * afterwards is added to what it prints.
   */
  readonly script: string;
  /** What it prints, stdout and stderr, without the newline at its end. */
  readonly prints: string | RegExp;
}

/** The container's program is a script of the shell. */
export const shell =
  (script: string, change: (config: Config) => void = () => {}) =>
  (config: Config): void => {
    config.process.args = ['sh', '-c', script];
    change(config);
  };

/** Where the machine finds the root of every container. */
export const rootfs = '/srv/rootfs';
