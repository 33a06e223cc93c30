import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { archive, cacheFolder } from './archive.js';

const text = 'what was reviewed';
const sha256 = createHash('sha256').update(text).digest('hex');
const name = 'thing.tar.xz';
let place: string;
let cache: string;
const into = (checkout: string) => ({ name, sha256, folder: join(place, checkout), cache });

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'runts-archive-'));
  cache = join(place, 'cache');
});

afterEach(() => rmSync(place, { recursive: true }));

test('an archive is downloaded once for all checkouts, also those made without a network', () => {
  const download = vi.fn((file: string) => writeFileSync(file, text));
  const noNetwork = () => {
    throw new Error('no network');
  };
  archive(into('first'), download);
  expect(readFileSync(archive(into('second'), noNetwork), 'utf8')).toBe(text);
  expect(download).toHaveBeenCalledOnce();
  expect(readdirSync(cache)).toEqual([name]);
});

test('what somebody put into the checkout by hand is enough, and goes into the cache', () => {
  mkdirSync(join(place, 'first'));
  writeFileSync(join(place, 'first', name), text);
  archive(into('first'), () => expect.unreachable());
  expect(readFileSync(join(cache, name), 'utf8')).toBe(text);
});

test('nothing else is taken: neither from the cache nor from the network', () => {
  mkdirSync(cache);
  writeFileSync(join(cache, name), 'something else');
  expect(() => archive(into('first'), (file) => writeFileSync(file, 'other'))).toThrow(`${name} is not the one that was reviewed`);
  rmSync(join(place, 'first'), { recursive: true });
  expect(
    readFileSync(
      archive(into('first'), (file) => writeFileSync(file, text)),
      'utf8',
    ),
  ).toBe(text);
  expect(readFileSync(join(cache, name), 'utf8')).toBe(text);
});

test('a cache that cannot be written to is done without', () => {
  writeFileSync(cache, 'a file');
  archive(into('first'), (file) => writeFileSync(file, text));
  expect(existsSync(join(place, 'first', name))).toBe(true);
});

test('the cache is that of the user', () => {
  expect(cacheFolder({ HOME: '/home/x' })).toBe('/home/x/.cache/runts');
  expect(cacheFolder({ HOME: '/home/x', XDG_CACHE_HOME: '/c' })).toBe('/c/runts');
});
