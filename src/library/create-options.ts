import { resolve } from 'node:path';
import type { CreateRequest } from '../container/init/created.ts';
import type { PlanRequest } from '../container/plan.ts';
import { RuntimeError } from '../errors.ts';
import { exactJson } from '../spec/exact-json.ts';
import type { Spec } from '../spec/types.ts';
import type { Abortable } from './calls.ts';
import type { CaptureOptions } from './capture.ts';
import type { StdioOptions } from './stdio.ts';
import type { TerminalSize } from './terminal.ts';

/** What a container is made of: a configuration, a bundle that holds one, or a configuration in place of a bundle's. */
export interface CreateOptions extends Abortable {
  /** Made up when absent. */
  readonly id?: string;
  /** With neither bundle nor absolute `root.path` there is no root filesystem. */
  readonly spec?: Spec;
  /** Path of a bundle. */
  readonly bundle?: string;
  /** 'ignore' when absent; 'kept': whoever knows its id may `attach` to its streams, one at a time. */
  readonly stdio?: StdioOptions | 'kept';
  /** A terminal of this size, in place of the three streams; else the configuration says whether there is one. */
  readonly terminal?: TerminalSize;
  readonly noPivot?: boolean;
  readonly noNewKeyring?: boolean;
}

/** Whose steps `plan` tells. */
export interface PlanOptions extends Omit<CreateOptions, 'stdio' | 'terminal'> {
  /** The steps of `restore`, and not those of `create`. */
  readonly restore?: boolean;
}

/** What `validate` looks at, one of the three: a configuration, the path of a bundle, or the text of a config.json. */
export interface ValidateOptions extends Abortable {
  readonly spec?: Spec;
  readonly bundle?: string;
  readonly text?: string;
}

/** What `run` is asked for. */
export type RunOptions = Omit<CreateOptions, 'stdio'> & CaptureOptions;

/**
 * Where a configuration is: its text, and the bundle that it is one of.
 * @throws RuntimeError CONFIG_MISSING
 */
export function configOf(root: string, id: string, { spec, bundle }: Pick<CreateOptions, 'spec' | 'bundle'>) {
  if (spec === undefined && bundle === undefined)
    throw new RuntimeError('CONFIG_MISSING', 'neither a configuration nor a bundle was given');
  return {
    // What is kept of a container is a bundle, but for its root filesystem.
    bundle: bundle === undefined ? `${root}/${id}` : resolve(bundle),
    ...(spec === undefined ? {} : { configText: exactJson(spec) }),
  };
}

/** @throws RuntimeError CONFIG_MISSING */
export function createRequest(root: string, id: string, options: CreateOptions): CreateRequest {
  const { noPivot = false, noNewKeyring = false, stdio, terminal } = options;
  const size = terminal && { terminal: { width: terminal.columns, height: terminal.rows } };
  return {
    id,
    ...configOf(root, id, options),
    ...size,
    ...(stdio === 'kept' ? { keepsStreams: true } : {}),
    noPivot,
    noNewKeyring,
    preserveFds: 0,
  };
}

/** @throws RuntimeError CONFIG_MISSING */
export function planRequest(root: string, options: PlanOptions, guarded: boolean): PlanRequest {
  const { id = 'example', noPivot = false, noNewKeyring = false, restore = false } = options;
  return { id, ...configOf(root, id, options), noPivot, noNewKeyring, restore, guarded: guarded && !restore };
}

/** @throws RuntimeError CONFIG_MISSING */
export function validateRequest({ spec, bundle, text }: ValidateOptions): { readonly text: string } | { readonly path: string } {
  if (text !== undefined) return { text };
  const { configText, bundle: directory } = configOf('', '', { spec, bundle } as CreateOptions);
  return configText === undefined ? { path: `${directory}/config.json` } : { text: configText };
}
