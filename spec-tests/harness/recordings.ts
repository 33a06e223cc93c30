import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../recordings/', import.meta.url);

// biome-ignore lint/suspicious/noExplicitAny: any JSON
export type Json = any;

/** Names of the JSON files that real engines wrote: configurations, processes of exec, resources of update. */
export const recordings: readonly string[] = readdirSync(folder).sort();

/** A recording with the marks of what was cut. */
export const readMarked = (name: string): Json => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

/** A recording without the marks of what was cut: an object with the one member "…" stands for the rest of a list. */
export function readRecording(name: string): Json {
  return withoutCuts(readMarked(name));
}

/** Those of them that are a config.json. */
export const recordedConfigs = (): string[] => recordings.filter((name) => 'ociVersion' in readRecording(name));

function withoutCuts(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => !Object.hasOwn(Object(item), '…')).map(withoutCuts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutCuts(member)]));
}
