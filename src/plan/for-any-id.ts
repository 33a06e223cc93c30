import type { Plan } from './plan.ts';

function mentions(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.includes(text);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  return Object.values(value).some((part) => mentions(part, text));
}

function replaced<T>(value: T, from: string, to: string): T {
  if (!mentions(value, from)) return value;
  if (typeof value === 'string') return value.split(from).join(to) as T;
  if (Array.isArray(value)) return value.map((part) => replaced(part, from, to)) as T;
  return Object.fromEntries(Object.entries(value as object).map(([name, part]) => [name, replaced(part, from, to)])) as T;
}

/** Whether it is as good a name as any other: systemd has no scope of some, and of long ones nobody has a cgroup. */
export const isUsualId = (id: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(id);

/**
 * Plans of containers that differ by their id alone, which a plan only copies to where it belongs.
 * @param made the plan for `placeholder` as the id
 * @param placeholder a usual id that occurs nowhere in what was planned
 * @returns the plan for a usual id; it shares what does not depend on it
 */
export function forAnyId({ steps, ...rest }: Plan, placeholder: string): (id: string) => Plan {
  const places = steps.flatMap((step, index) => (mentions(step, placeholder) ? [index] : []));
  return (id) => {
    const own = [...steps];
    for (const index of places) own[index] = replaced(steps[index] as Plan['steps'][number], placeholder, id);
    return { ...replaced(rest, placeholder, id), steps: own };
  };
}
