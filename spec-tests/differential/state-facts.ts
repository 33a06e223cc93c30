import type { Observation } from './observation.ts';

/** What runtimes tell of a container, hooks and whoever asks. */
export interface RuntimeState {
  readonly status: string;
  readonly bundle: string;
  readonly id: string;
  readonly pid?: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** @param prefix of the names of these facts */
export function stateFacts(prefix: string, { status, bundle, id, pid = 0, annotations = {} }: RuntimeState): Observation {
  const sorted = Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    [`${prefix}/status`]: status,
    [`${prefix}/bundle`]: bundle,
    [`${prefix}/id`]: id,
    [`${prefix}/pid`]: pid > 1 ? 'one' : String(pid),
    [`${prefix}/annotations`]: JSON.stringify(sorted),
  };
}

/** Which hooks ran, and what each was told; a line is its kind, directory and variable, and the state it was given. */
export function hookFacts(log: string): Observation {
  const lines = log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => /^(\S+) (\S+) (\S*) (.*)$/.exec(line)?.slice(1) ?? [line]);
  const each = lines.map(([kind = '', directory = '', variable = '', state = '{}']) => ({
    [`hooks/${kind}/directory`]: directory,
    [`hooks/${kind}/variable`]: variable,
    ...stateFacts(`hooks/${kind}`, JSON.parse(state) as RuntimeState),
  }));
  return Object.assign({ hooks: lines.map(([kind]) => kind).join(' ') }, ...each);
}
