import { existsSync, readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../../shared/engines/samples/', import.meta.url);

// biome-ignore lint/suspicious/noExplicitAny: any JSON
export type Json = any;

/** Names of the JSON files that real engines wrote; empty where the recordings are missing. */
export const recordings: readonly string[] = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

/** A recording without the marks of what was cut: an object with the one member "…" stands for the rest of a list. */
export function readRecording(name: string): Json {
  return withoutCuts(JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
}

/** Those of them that are a config.json. */
export const recordedConfigs = (): string[] => recordings.filter((name) => 'ociVersion' in readRecording(name));

function withoutCuts(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => !Object.hasOwn(Object(item), '…')).map(withoutCuts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutCuts(member)]));
}
