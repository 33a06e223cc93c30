/**
 * The format of the records that this runts writes. It grows by one when an older runts would do wrong with a record: when a member means
 * something else, when a new one must not be passed over, or when what `start` hears of a waiting init changes. Records of every format up
 * to this one are read, so that containers live on when runts is upgraded.
 */
export const recordFormat = 1;

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

/** The number of a record's format: 0 before records had one; undefined when it is malformed. */
function formatOf(record: unknown): number | undefined {
  if (!isObject(record)) return undefined;
  const { formatVersion = 0 } = record as { readonly formatVersion?: unknown };
  return Number.isSafeInteger(formatVersion) && (formatVersion as number) >= 0 ? (formatVersion as number) : undefined;
}

/** The format of a record that a later runts has written, of which nothing else can be said; undefined for all others. */
export function laterFormat(record: unknown): number | undefined {
  const format = formatOf(record);
  return format !== undefined && format > recordFormat ? format : undefined;
}

/** A sound record of any format up to `recordFormat`, in the form of the latest. */
export function upgraded(record: object): object {
  return formatOf(record) === recordFormat ? record : { ...record, formatVersion: recordFormat };
}

/**
 * What is wrong with the content of a container's state.json: a full disk, a power cut or another program has left it so.
 * @returns the reason in words, undefined when nothing is wrong
 */
export function damageOf(record: unknown, id: string): string | undefined {
  if (!isObject(record)) return 'state.json holds no object';
  const members = record as Readonly<Record<string, unknown>>;
  if (formatOf(record) === undefined) return '"formatVersion" in state.json is malformed';
  for (const [name, isSound] of Object.entries(checks)) {
    if (!isSound(members[name])) return `"${name}" in state.json is ${members[name] === undefined ? 'missing' : 'malformed'}`;
  }
  return members['id'] === id ? undefined : `state.json speaks of ${JSON.stringify(members['id'])}`;
}
