import { type Json, mergePatch } from '../harness/merge-patch.ts';

/** The pieces in backticks of an example: of config.json, and commands. */
export interface Pieces {
  readonly fragments: readonly string[];
  readonly commands: readonly string[];
}

const isFragment = (piece: string): boolean => piece.startsWith('"') || piece.startsWith('{');
const isCommand = (piece: string): boolean => /^--|^await |^const |\brunts /.test(piece);

export function pieces(example: string): Pieces {
  const all = [...example.matchAll(/`([^`]+)`/g)].map(([, piece = '']) => piece);
  return { fragments: all.filter(isFragment), commands: all.filter((piece) => !isFragment(piece) && isCommand(piece)) };
}

/** Stands in the text of a configuration for what need not be JSON. */
const mark = '"@example@":0';

/** What a piece says, if it is JSON as it stands, or the members of an object. */
function meaning(fragment: string): object | undefined {
  const text = fragment.startsWith('{') ? fragment : `{${fragment}}`;
  try {
    const value = JSON.parse(text) as object;
    return text.match(/"\w+":/g)?.length === new Set(text.match(/"\w+":/g)).size || fragment.includes('[{') ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a configuration with a piece at its place. Members of the same names are replaced; what is no JSON, or has a name twice, goes in as it stands. */
export function configText(config: object, at: string, fragment: string): string {
  const keys = at.split('/').slice(1);
  const said = meaning(fragment);
  const place = (value: unknown, [key, ...rest]: readonly string[]): unknown => {
    if (key === '-') return [...(Array.isArray(value) ? value : []), said];
    if (key !== undefined && Array.isArray(value)) return value.map((each, index) => (String(index) === key ? place(each, rest) : each));
    if (key !== undefined) return { ...(value as Json), [key]: place((value as Json | undefined)?.[key], rest) };
    if (said !== undefined) return mergePatch(value, said);
    const own = new Set([...fragment.matchAll(/"(\w+)":/g)].map(([, name]) => name));
    const others = fragment.startsWith('{') ? [] : Object.entries(value as Json).filter(([name]) => !own.has(name));
    return Object.fromEntries([...others, ['@example@', 0]]);
  };
  const bare = fragment.startsWith('{') ? fragment.slice(1, -1) : fragment;
  return JSON.stringify(place(config, keys)).replace(mark, () => bare);
}
