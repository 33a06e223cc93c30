/** Entries by name, the last of a name wins (ENG-014); HOME only with a value: else it is found out by init. */
export function programEnvironment(env: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const entry of env) byName.set(entry.slice(0, Math.max(0, entry.indexOf('='))), entry);
  return [...byName.values()].filter((entry) => entry !== 'HOME=');
}

/** The value of the first entry of that name. */
export const variable = (env: readonly string[], name: string): string | undefined =>
  env.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
