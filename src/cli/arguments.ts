// Arguments and flags that several commands share.

export const id = { name: 'container-id', description: 'name of the container, unique below --root' } as const;
/** No container has it yet. */
export const newId = { ...id, states: [] } as const;
export const bundle = { name: 'bundle', optional: true, description: 'the bundle directory; the same as --bundle' } as const;
export const format = {
  name: 'format',
  alias: 'f',
  type: 'string',
  value: 'FORMAT',
  default: 'table',
  choices: ['table', 'json'],
  description: 'table or json',
} as const;

export const textFormat = {
  name: 'format',
  alias: 'f',
  type: 'string',
  value: 'FORMAT',
  default: 'text',
  choices: ['text', 'json'],
  description: 'text or json',
} as const;

export const liveFormat = { ...format, description: 'table, or json: a line with an array for each look' } as const;
export const interval = {
  name: 'interval',
  alias: 'i',
  type: 'string',
  value: 'DURATION',
  default: '1s',
  description: 'time between two looks, e.g. 500ms',
} as const;
