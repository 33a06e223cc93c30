// Has the image of the executable made, and does not believe it: what one process leaves in its memory is the image only when another process,
// which has everything at other addresses, leaves the same, byte for byte. Nothing may differ: what a process notes of itself is cleared before
// (forget_process of native/engine/immortal.h: where the stack is), or is not there yet (the state of random numbers), or is refused
// (native/engine/refusal.h: time, environment, pids).
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { run } from './run.js';

const wordSize = 8;

/** @returns a line for each word that differs, the first ones alone */
function differences(one, other) {
  if (one.length !== other.length) return [`${one.length} and ${other.length} bytes`];
  const found = [];
  for (let at = 0; at < one.length && found.length < 10; at += wordSize) {
    const words = [one, other].map((image) =>
      Buffer.from(image.subarray(at, at + wordSize))
        .reverse()
        .toString('hex'),
    );
    if (words[0] !== words[1]) found.push(`at 0x${at.toString(16)}: ${words.join(' and ')}`);
  }
  return found;
}

/** @returns {string[]} what each command printed */
const runAll = (commands) => commands.map(([program, ...args]) => run(program, args));

/**
 * @param ones, others where each process had what is elsewhere in others: lines of an address and a name
 * @throws Error when the processes were too much alike to tell anything
 */
function compareAddresses(ones, others) {
  if (!ones.some((line) => line.endsWith('[stack]'))) throw new Error(`it is not told where the image was made: ${ones.join(', ')}`);
  const address = (line) => line.split(' ', 1)[0];
  const known = new Set(ones.map(address));
  const same = others.filter((line) => known.has(address(line)));
  if (same.length === 0) return;
  throw new Error(
    `the image cannot be checked: two processes have the same addresses (${same.join(', ')}); is kernel.randomize_va_space 0?`,
  );
}

/**
 * @param program the executable with an empty image
 * @param table what compile.cc made of the modules
 * @param image path of the image
 * @param more words that the program gets in addition
 * @param execute runs commands, one after the other, where the program can run
 * @throws Error when a module cannot be loaded or asks the host, or when the image is not the same in two processes
 */
export function makeImage(program, table, image, more = [], execute = runAll) {
  const files = [`${image}.one`, `${image}.other`];
  try {
    const said = execute(files.map((file) => [program, table, file, ...more]));
    const [ones, others] = said.map((text) => text.trim().split('\n'));
    compareAddresses(ones, others);
    const found = differences(...files.map((file) => readFileSync(file)));
    if (found.length > 0) throw new Error(`the image is not the same in two processes:\n${found.join('\n')}`);
    renameSync(files[0], image);
  } finally {
    for (const file of files) rmSync(file, { force: true });
  }
}
