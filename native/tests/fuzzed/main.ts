/**
 * What is fuzzed of src/ on the executable's own engine (fuzz_engine.cc calls `fuzz`). Each reader may refuse what it is given in words of ours, and
 * nothing else: what is thrown besides ends the fuzzer.
 */
import '../../../src/engine/globals.ts';
import { BusError } from '../../../src/container/systemd/dbus/error.ts';
import { RuntimeError } from '../../../src/errors.ts';
import { calls } from './calls.ts';
import { documents } from './documents.ts';
import { events } from './events.ts';
import { readers } from './readers.ts';
import type { Reader } from './told.ts';

const targets: Readonly<Record<string, readonly Reader[]>> = { documents, readers, events, calls: [calls] };

/** @param bytes the first of them chooses the reader */
function fuzz(target: string, bytes: Uint8Array): void {
  const chosen = targets[target] as readonly Reader[];
  const [first = 0] = bytes;
  try {
    (chosen[first % chosen.length] as Reader)(bytes.subarray(1));
  } catch (error) {
    if (!(error instanceof RuntimeError || error instanceof BusError)) throw error;
  }
}

Object.assign(globalThis, { fuzz });
