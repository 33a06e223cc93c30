/** Whether a member of a state.json is what the commands rely on. */
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isPid: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isTicks: Check = (value) => typeof value === 'string' && /^\d{1,20}$/.test(value);
const isPath: Check = (value) => typeof value === 'string' && value.startsWith('/');
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const mapOf =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value as object).every(check);

const checks: Readonly<Record<string, Check>> = {
  ociVersion: isText,
  pid: isPid,
  startTime: isTicks,
  isCreated: isFlag,
  bundle: isPath,
  rootfs: isPath,
  created: isText,
  cgroupPaths: mapOf(isPath),
  madeCgroups: listOf(isPath),
  hasProcess: isFlag,
  hasOwnPidNamespace: isFlag,
  changedRoot: isFlag,
  startSteps: mapOf(isObject),
  poststart: listOf(isObject),
  poststop: listOf(isObject),
};

/**
 * What is wrong with the content of a container's state.json: a full disk, a power cut or another program has left it so.
 * @returns the reason in words, undefined when nothing is wrong
 */
export function damageOf(record: unknown, id: string): string | undefined {
  if (!isObject(record)) return 'state.json holds no object';
  const members = record as Readonly<Record<string, unknown>>;
  for (const [name, isSound] of Object.entries(checks)) {
    if (!isSound(members[name])) return `"${name}" in state.json is ${members[name] === undefined ? 'missing' : 'malformed'}`;
  }
  return members['id'] === id ? undefined : `state.json speaks of ${JSON.stringify(members['id'])}`;
}
