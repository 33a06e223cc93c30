import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Self } from '../harness/probe.ts';
import type { Observation } from './observation.ts';

type Links = Readonly<Record<string, string>>;

/** Of `probe self` what does not depend on the moment. */
function process(self: Self, ours: Links, held: Links): Record<string, string> {
  const { namespaces, rlimits, capabilities, env, keyring, ...others } = self;
  const found: Record<string, string> = {};
  const nested = { rlimits, capabilities };
  for (const [group, members] of Object.entries(nested)) {
    for (const [name, value] of Object.entries(members)) found[`self/${group}/${name}`] = String(value);
  }
  const theirs = Object.values(held).map((path) => readlinkSync(path));
  for (const [name, link] of Object.entries(namespaces)) {
    found[`self/namespaces/${name}`] = link === ours[name] ? 'shared' : theirs.includes(link) ? 'held' : 'own';
  }
  found['self/env'] = env.join('\n');
  found['self/keyring'] = keyring.replace(/;[^;]*$/, ';NAME');
  for (const name of ['pid', 'ppid', 'sid', 'pgid'] as const) found[`self/${name}`] = self[name] > 1 ? 'of the host' : String(self[name]);
  for (const [name, value] of Object.entries(others)) found[`self/${name}`] ??= JSON.stringify(value);
  return found;
}

interface Mounted {
  readonly id: string;
  readonly parent: string;
  readonly point: string;
  readonly facts: Readonly<Record<string, string>>;
}

function parseMount(line: string): Mounted {
  const fields = line.split(' ');
  const dash = fields.indexOf('-', 6);
  const [id = '', parent = '', , root = '', point = '', flags = ''] = fields;
  const [type = '', source = '', options = ''] = fields.slice(dash + 1);
  const facts = {
    // Of a cgroup or of a process.
    root: root.replace(/^\/proc\/\d+/, '/proc/PID'),
    flags,
    propagation: fields
      .slice(6, dash)
      .map((field) => field.replace(/:\d+$/, ''))
      .join(' '),
    type,
    source,
    // The mode of its root can be seen. Those of sysfs are of all who have mounted it in the network namespace: the first decides.
    options: type === 'sysfs' ? '' : options.replace(/,mode=\d+/, ''),
  };
  return { id, parent, point, facts };
}

/**
 * Mounts by their places: which is on which tells their order; the table is in that of their making, which is nobody's business. Numbers of peer
 * groups and devices are of the moment.
 */
function mounts(table: string): Record<string, string> {
  const all = new Map(
    table
      .trimEnd()
      .split('\n')
      .map(parseMount)
      .map((mount) => [mount.id, mount]),
  );
  /** Points of a mount and of those below it, to the first. */
  const chain = ({ point, parent }: Mounted): string[] => [point, ...(all.has(parent) ? chain(all.get(parent) as Mounted) : [])];
  const found: Record<string, string> = {};
  for (const mount of all.values()) {
    const [point, ...below] = chain(mount);
    const place = `${point}#${below.filter((name) => name === point).length}`;
    for (const [name, value] of Object.entries(mount.facts)) found[`mounts${place}/${name}`] = value;
    found[`mounts${place}/below`] = below.join(' ');
  }
  return found;
}

/** Whether the content changes without anybody's doing. */
const isOfTheMoment = (question: string): boolean => /^\/proc\/(?!sys|self)|^\/sys\//.test(question);

/** Kind, mode, owner, device and access. */
const kindOf = (answer: string): string => answer.split(' ').slice(0, 5).join(' ');

/** @param output what `probe observe` printed */
export function containerFacts(output: string, ours: Links, held: Links): Observation {
  const [self = '', answers = ''] = output.trimEnd().split('\n');
  const { '/proc/self/mountinfo': table = '', ...others } = JSON.parse(answers) as Record<string, string>;
  return {
    ...process(JSON.parse(self) as Self, ours, held),
    ...mounts(table.split(' ').slice(5).join(' ')),
    ...Object.fromEntries(
      Object.entries(others).map(([question, answer]) => [`look${question}`, isOfTheMoment(question) ? kindOf(answer) : answer]),
    ),
  };
}

/** What lies below a folder when the container is gone: what runtimes make and leave there. */
export function tree(folder: string): Observation {
  const found: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const { mode, uid, gid, rdev, nlink } = lstatSync(join(folder, name));
    // Programs have a link for every bundle.
    found[`left/${folder.split('/').pop()}/${name}`] =
      `${mode.toString(8)} ${uid}:${gid} ${rdev}${mode & 0o40000 ? '' : nlink > 1 ? ' linked' : ''}`;
  }
  return found;
}
