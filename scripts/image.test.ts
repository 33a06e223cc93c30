import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeImage } from './image.js';
import { products, staleness } from './products.js';
import { run } from './run.js';

const engine = join(dirname(import.meta.dirname), 'build/engine/musl');
let place: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'runts-image-'));
});

afterEach(() => rmSync(place, { recursive: true }));

const image = () => join(place, 'image');

/** A program that makes an image of what the shell makes of `bytes`, somewhere else in every process. */
function maker(bytes: string, addresses = 'echo "$$ [stack]"') {
  const program = join(place, 'program');
  writeFileSync(program, `#!/bin/sh\nprintf '%b' "${bytes}" >"$2"\n${addresses}\n`, { mode: 0o755 });
  return program;
}

describe('an image that two processes make', () => {
  test('is taken when they make the same, and nothing else is left', () => {
    makeImage(maker('12345678abcdefgh'), 'table', image());
    expect(readFileSync(image(), 'latin1')).toBe('12345678abcdefgh');
    expect(readdirSync(place).sort()).toEqual(['image', 'program']);
  });

  test('is refused when a byte differs, and it is said where', () => {
    expect(() => makeImage(maker('12345678$(printf %08d $$)'), 'table', image())).toThrow(
      /^the image is not the same in two processes:\nat 0x8: [0-9a-f]{16} and [0-9a-f]{16}/,
    );
    expect(readdirSync(place)).toEqual(['program']);
  });

  test('is refused when one is longer', () => {
    const growing = maker('12345678', 'cat "$2" >>"$0.all"; cp "$0.all" "$2"; echo "$$ [stack]"');
    expect(() => makeImage(growing, 'table', image())).toThrow('8 and 16 bytes');
  });

  test('is refused when they had the same addresses, or do not tell them', () => {
    expect(() => makeImage(maker('1', 'echo "7ff0 [stack]"'), 'table', image())).toThrow(/the same addresses \(7ff0 \[stack\]\)/);
    expect(() => makeImage(maker('1', 'echo "$$ [stack]"; echo "7ff0 /lib/libc.so"'), 'table', image())).toThrow(/7ff0 \/lib\/libc/);
    expect(() => makeImage(maker('1', ':'), 'table', image())).toThrow(/not told/);
  });

  test('is refused when its maker fails', () => {
    expect(() => makeImage(maker('1', 'echo no memory; exit 1'), 'table', image())).toThrow(/no memory/);
  });
});

const unbuilt = ((product) => (product ? staleness(product) : 'missing'))(products.find(({ file }) => file === 'dist/runts'));

describe.skipIf(unbuilt)(`the engine of dist/runts${unbuilt ? ` [skipped: it is ${unbuilt}]` : ''}`, () => {
  /** Makes an image of one module. */
  function load(text: string) {
    const [module, table] = [join(place, 'odd.js'), join(place, 'table')];
    writeFileSync(module, text);
    run(join(engine, 'compile'), [table, module]);
    makeImage(join(engine, 'empty'), table, image());
  }

  test.each([
    ['new Date()', 'the time'],
    ['Date()', 'the time'],
    ['Date.now()', 'the time'],
    ['new Date(0).getHours()', 'the time zone'],
    ['new Date(0).getTimezoneOffset()', 'the time zone'],
    ['new Date(2026, 1, 1)', 'the time zone'],
    ['Math.random()', 'a random number'],
    ['engine.arguments()', 'the command line'],
    ['engine.environment()', 'the environment'],
    ['engine.pid()', 'its pid'],
    ['engine.parent()', "its parent's pid"],
    ['engine.workingDirectory()', 'the working directory'],
    ["engine.writeError('')", 'its standard error'],
    ["engine.addon.stat('/')", 'a function of the addon'],
    ['Object.values(engine.addon).find((member) => typeof member === "function")()', 'a function of the addon'],
  ])('makes no image of a module that asks at its top level: %s', (asks, what) => {
    const refused = `odd.js asks for ${what} while the image is made`;
    expect(() => load(`${asks};`)).toThrow(refused);
    expect(() => load(`try { ${asks}; } catch {}`)).toThrow(refused);
  });

  test('makes none of a module that throws, and says what', () => {
    expect(() => load('throw new TypeError("odd");')).toThrow(/odd\.js: .*odd/);
  });

  test('asks for all of it in a command', () => {
    load(`
      const asked = () => [Date.now() > 1.7e12, new Date(0).getTimezoneOffset(), engine.environment().WORD, engine.arguments().length];
      engine.start = async () => {
        engine.writeError(JSON.stringify(asked()));
        engine.addon.exit(0);
      };`);
    expect(command({ WORD: 'late', TZ: 'UTC' })).toBe('[true,0,"late",1]');
  });

  test('has other random numbers in every command', () => {
    load('engine.start = async () => { engine.writeError([1, 2, 3].map(() => Math.random()).join()); engine.addon.exit(0); };');
    const numbers = [1, 2, 3].flatMap(() => command().split(',').map(Number));
    expect(new Set(numbers).size).toBe(9);
    for (const number of numbers) {
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThan(1);
    }
  });

  function command(env = {}) {
    const executable = join(place, 'executable');
    run('objcopy', ['--update-section', `.runts_image=${image()}`, join(engine, 'empty'), executable]);
    return spawnSync(executable, [], { env, encoding: 'utf8' }).stderr;
  }
});
