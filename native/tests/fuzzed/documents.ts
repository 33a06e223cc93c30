/** Readers of JSON: what is a document, the numbers in it, and what create, exec and update make of one. */

import { damageOf, laterFormat, upgraded } from '../../../src/container/state/record.ts';
import { RuntimeError } from '../../../src/errors.ts';
import type { HostFacts } from '../../../src/host/facts.ts';
import { plan } from '../../../src/plan/build.ts';
import { planUpdate } from '../../../src/plan/cgroups/update.ts';
import { planExec } from '../../../src/plan/process/exec.ts';
import { hybridHost, planOptions, smallSpec, unifiedHost } from '../../../src/plan/testing.ts';
import { encodePlan, type WireStep } from '../../../src/plan/wire/encode.ts';
import { exactJson } from '../../../src/spec/exact-json.ts';
import { parseJson } from '../../../src/spec/json.ts';
import { parseStrict } from '../../../src/spec/json-strict.ts';
import type { Spec } from '../../../src/spec/types.ts';
import { parseProcess, parseResources, parseSpec, validateProcess, validateSpec } from '../../../src/spec/validate.ts';
import { accepts, type Reader, require, requireTold, textOf } from './told.ts';

/** Does it, or refuses it at a place, in words of ours. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    requireTold(error.message);
    require(/^(\/|$)/.test(error.pointer ?? ''), `no pointer: ${error.pointer}`);
    return undefined;
  }
}

/** Our parser takes what the engine's takes, and what it has read it reads again. */
function json(bytes: Uint8Array): void {
  const text = textOf(bytes);
  // The engine has no limit of 200 levels.
  if (text.length < 400) require(accepts(() => JSON.parse(text)) === accepts(() => parseStrict(text)), 'one parser refuses it');
  const value = parseJson(text);
  const written = exactJson(value);
  require(exactJson(parseJson(written)) === written, 'it is another document when it is read again');
  require(exactJson(parseStrict(text)) === written, 'the other parser reads something else');
}

/** Digits of any length, there and back. */
function integers(bytes: Uint8Array): void {
  const digits = [...bytes].map((byte) => byte % 10).join('');
  if (digits === '') return;
  const value = BigInt(digits);
  require(value.toString() === digits.replace(/^0+(?=.)/, ''), 'other digits');
  require(BigInt(`0x${value.toString(16)}`) === value, 'another number');
  const bits = (bytes[0] ?? 0) % 80;
  for (const each of [value, -value]) {
    const low = BigInt.asUintN(bits, each);
    require(low >= 0n && low < 1n << BigInt(bits) && (each - low) % (1n << BigInt(bits)) === 0n, 'another remainder');
    require(BigInt.asUintN(bits, BigInt.asIntN(bits, each)) === low, 'another remainder with a sign');
    require(each < 0n === String(each).startsWith('-'), 'another sign');
  }
  require((value * value) / (value || 1n) === value, 'another quotient');
  require((value << 67n) >> 67n === value && (value ^ -value ^ -value) === value, 'other bits');
  const numbers = { exact: value, text: digits };
  require(exactJson(parseJson(exactJson(numbers))) === exactJson(numbers), 'another number in a document');
}

/** With the cgroups that a container has there. */
const hosts: readonly (readonly [facts: HostFacts, paths: Readonly<Record<string, string>>])[] = [
  [unifiedHost, { '': '/u' }],
  [hybridHost, Object.fromEntries(Object.keys(hybridHost.cgroup.hierarchies).map((name) => [name, `/${name}`]))],
];

function steps(spec: Spec, facts: HostFacts, systemdCgroup: boolean): void {
  const planned = plan(spec, { ...planOptions, systemdCgroup }, facts).steps;
  encodePlan(planned.flatMap(({ stage, action }, index) => (stage === 'runtime' ? [] : [{ index, stage, action } as WireStep])));
}

/** config.json, for one of the hosts and drivers: the first byte says for which */
function config(bytes: Uint8Array): void {
  const first = bytes[0] ?? 0;
  const text = textOf(bytes.subarray(1));
  const spec = attempt(() => parseSpec(text, ({ message }) => requireTold(message)));
  const [facts] = hosts[first % 2] ?? [unifiedHost];
  if (spec !== undefined && first < 128) return void attempt(() => steps(spec, facts, first % 4 < 2));
  const value = attempt(() => parseJson(text));
  if (value === undefined) return;
  const { problems, warnings } = validateSpec(value);
  for (const { message } of [...problems, ...warnings]) requireTold(message);
  require(spec !== undefined || problems.length > 0, 'create refuses what validate accepts');
}

/** The file of exec --process */
function process(bytes: Uint8Array): void {
  const text = textOf(bytes);
  const read = attempt(() => parseProcess(text, ({ message }) => requireTold(message)));
  const value = attempt(() => parseJson(text));
  if (value !== undefined) for (const { message } of validateProcess(value).problems) requireTold(message);
  if (read === undefined) return;
  const options = { linux: smallSpec.linux ?? {}, process: read, cgroupSlots: [], preserveFds: 0, changeRoot: false };
  attempt(() => planExec(options, unifiedHost));
}

/** The file of update --resources, for one of the hosts */
function resources(bytes: Uint8Array): void {
  const read = attempt(() => parseResources(textOf(bytes.subarray(1)), ({ message }) => requireTold(message)));
  if (read === undefined) return;
  const devices = 'a *:* rwm\n';
  const [facts, paths] = hosts[(bytes[0] ?? 0) % 2] ?? [unifiedHost, {}];
  attempt(() => planUpdate(read, paths, { memory: 1n << 30n, quota: 1000n, devices }, facts));
}

/** state.json */
function record(bytes: Uint8Array): void {
  const value = parseJson(textOf(bytes));
  if (damageOf(value, 'box') === undefined && laterFormat(value) === undefined) upgraded(value as object);
}

export const documents: readonly Reader[] = [json, integers, config, process, resources, record];
