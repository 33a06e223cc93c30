/** Readers of text and bytes from outside that are no documents: tables of the kernel, passwd and its like, D-Bus, the words of a command line. */
import { parseDuration } from '../../../src/cli/duration.ts';
import { findLog, parseCommandLine } from '../../../src/cli/parse.ts';
import { parseSignal } from '../../../src/cli/signals.ts';
import { resourcesText, schemataOf } from '../../../src/cli/update-resources.ts';
import { parseGroup, parseUser } from '../../../src/cli/user.ts';
import { withUserNamespace } from '../../../src/container/bundle/default-mappings.ts';
import { userNames } from '../../../src/container/bundle/user-names.ts';
import { statsV1 } from '../../../src/container/cgroups/stats-v1.ts';
import { statsV2 } from '../../../src/container/cgroups/stats-v2.ts';
import { memoryDeath, memoryRecord } from '../../../src/container/failure/post-mortem.ts';
import { socketsOf } from '../../../src/container/systemd/dbus/address.ts';
import { Inbox } from '../../../src/container/systemd/dbus/inbox.ts';
import { decodeMessage, messageSize } from '../../../src/container/systemd/dbus/message.ts';
import { completeTypes } from '../../../src/container/systemd/dbus/signature.ts';
import { Unmarshaller } from '../../../src/container/systemd/dbus/unmarshal.ts';
import { cgroupFacts } from '../../../src/host/cgroups.ts';
import { mountsWith, visibility } from '../../../src/host/mount-table.ts';
import { resctrlMount } from '../../../src/host/resctrl.ts';
import { addon } from '../../../src/native/addon.ts';
import { smallSpec } from '../../../src/plan/testing.ts';
import { parseList } from '../../../src/spec/cpu-list.ts';
import { exactJson } from '../../../src/spec/exact-json.ts';
import { parseMountOptions } from '../../../src/spec/mounts/options.ts';
import { isWithin, normalize, resolveFrom } from '../../../src/spec/path.ts';
import { sysctlPath } from '../../../src/spec/rules/sysctl.ts';
import { annotatedProperties, annotationFault } from '../../../src/spec/unit-properties.ts';
import { parseResources } from '../../../src/spec/validate.ts';
import { type Reader, require, textOf, textsOf } from './told.ts';

/** mountinfo and cgroup of /proc/self */
function hierarchies(bytes: Uint8Array): void {
  const [mountinfo = '', membership = ''] = textsOf(bytes);
  const isVisible = visibility(mountinfo);
  for (const mount of mountsWith(mountinfo, ' - ')) isVisible(mount);
  cgroupFacts(mountinfo, membership, () => 'cpu io memory');
  resctrlMount(mountinfo);
}

/** Has each file that is read hold the next of the texts, and be absent after the last. */
function withFiles(texts: readonly string[], read: () => void): void {
  let next = 0;
  const real = addon.readFileIfThere;
  Object.assign(addon, { readFileIfThere: () => texts[next++] ?? null });
  try {
    read();
  } finally {
    Object.assign(addon, { readFileIfThere: real });
  }
}

/** Control files of a cgroup */
function statistics(bytes: Uint8Array): void {
  const [first = '', ...texts] = textsOf(bytes);
  let next = 0;
  const stats = (first === '' ? statsV1 : statsV2)(() => (texts.length === 0 ? undefined : texts[next++ % texts.length]), ['2MB', first]);
  require(!/NaN|undefined/.test(exactJson(stats)), 'a number that is none');
  withFiles(texts, () => memoryDeath(memoryRecord(first === '' ? { memory: '/m' } : { '': '/m' })));
}

/** passwd, subuid and subgid */
function accounts(bytes: Uint8Array): void {
  const texts = textsOf(bytes);
  for (const [uid, name] of userNames(texts[0] ?? '')) require(!name.includes(':') && uid >= 0, 'a name that is none');
  withFiles(texts, () => {
    const { uidMappings = [], gidMappings = [] } = withUserNamespace(smallSpec).linux ?? {};
    for (const { containerID, hostID, size } of [...uidMappings, ...gidMappings]) {
      require([containerID, hostID, size].every((id) => Number.isSafeInteger(id) && id >= 0), 'an id that is none');
    }
  });
}

/** One message of D-Bus */
function message(bytes: Uint8Array): void {
  if (bytes.length < 16) return;
  require(messageSize(bytes) >= 16, 'a message without its own header');
  const read = decodeMessage(bytes);
  read.body(read.signature ?? '');
}

/** What a peer sends, cut anywhere */
function stream(bytes: Uint8Array): void {
  const inbox = new Inbox();
  const cut = 1 + (bytes[0] ?? 0);
  inbox.push(bytes.subarray(1, cut));
  const line = inbox.line();
  require(line === undefined || !line.includes('\n'), 'two lines');
  for (let at = cut; at < bytes.length; at += cut) {
    inbox.push(bytes.subarray(at, at + cut));
    while (inbox.message() !== undefined);
  }
}

/** A signature and the values of it */
function values(bytes: Uint8Array): void {
  const length = bytes[0] ?? 0;
  const signature = textOf(bytes.subarray(1, 1 + length));
  const types = completeTypes(signature);
  require(types.join('') === signature, 'parts that are not the whole');
  const reader = new Unmarshaller(bytes.subarray(1 + length), length % 2 === 0, 0);
  for (const type of types) reader.value(type);
}

/** Addresses of buses, and properties of units in annotations */
function buses(bytes: Uint8Array): void {
  const [name = '', value = '', addresses = ''] = textsOf(bytes);
  const key = `org.systemd.property.${name}`;
  if (annotationFault(key, value) === undefined) annotatedProperties({ [key]: value });
  socketsOf(addresses);
}

/** Command lines, and what the flags of update become */
function commandLine(bytes: Uint8Array): void {
  const argv = textsOf(bytes);
  findLog(argv);
  const line = parseCommandLine(argv);
  if (line.kind !== 'call' || line.command !== 'update') return;
  schemataOf(line.flags as never);
  parseResources(resourcesText(line.flags as never));
}

/** Words with a form of their own, the first byte says which */
function words(bytes: Uint8Array): void {
  const text = textOf(bytes.subarray(1));
  const list = text.split('\0');
  const forms = [
    () => parseList(text),
    () => parseUser(text),
    () => parseGroup(text),
    () => parseDuration('--interval', text),
    () => parseSignal(text),
    () => parseMountOptions(list),
    () => require(sysctlPath(sysctlPath(text)) === sysctlPath(text), 'another parameter'),
    () => {
      const path = normalize(text);
      require(normalize(path) === path && !/(^|\/)\.(\/|$)|.\/$|\/\//.test(path), `not normal: ${path}`);
      require(!text.startsWith('/') || !/(^|\/)\.\.(\/|$)/.test(path), `leads above the root: ${path}`);
      require(isWithin('/', resolveFrom('/a', path)), 'outside of everything');
    },
  ];
  forms[(bytes[0] ?? 0) % forms.length]?.();
}

export const readers: readonly Reader[] = [hierarchies, statistics, accounts, message, stream, values, buses, commandLine, words];
