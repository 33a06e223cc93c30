/** The specification's types under one stable name; `types.gen.ts` is written from the JSON Schema. */
export type * from './types.gen.ts';
