// Installs Debian's packages of the programs that a command needs and this machine lacks, where that can be done, and says what it does.
// Plain JavaScript on Node's own modules: on a fresh clone nothing else is there yet.
import { spawnSync } from 'node:child_process';
import { isInstalled, packagesOf, searchPath } from './programs.js';
import { purposes } from './purposes.js';

const apt = ['apt-get', '-qq', '-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=30'];

/** What installs packages, and never asks. */
export const aptCommand = (packages) => `apt-get install --yes --no-install-recommends ${packages.join(' ')}`;

/**
 * What there is to do before these commands can work.
 * @param {readonly string[]} wanted names of purposes.js
 * @param {{ path: string, root: boolean, has?: (program: string, path: string) => boolean }} machine its PATH, and whether we are root on it
 * @returns {{ install: readonly string[], words: string | undefined, fatal: boolean }} packages that can be installed; what to say; whether what
 *   stays missing is something without which nothing works
 */
export function advise(wanted, { path, root, has = isInstalled }) {
  const all = (key) => [...new Set(wanted.flatMap((name) => purposes[name][key]))];
  const lacks = (program) => !has(program, path);
  const missing = [...new Set([...all('must'), ...all('uses')])].filter(lacks).sort();
  const packages = packagesOf(missing);
  const fatal = all('must').some(lacks);
  if (missing.length === 0) return { install: [], words: undefined, fatal: false };
  if (lacks('apt-get')) return { install: [], words: `not installed, and there is no apt-get here: ${missing.join(', ')}`, fatal };
  if (root) return { install: packages, words: `installing what is missing: ${aptCommand(packages)}`, fatal: false };
  return {
    install: [],
    words: `not installed, and this is not root: ${missing.join(', ')}\n  one command installs them: sudo ${aptCommand(packages)}`,
    fatal,
  };
}

function runApt(args) {
  const { status, stderr } = spawnSync(apt[0], [...apt.slice(1), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return { ok: status === 0, why: (stderr ?? '').trim().split('\n').pop() };
}

function installPackages(packages) {
  const install = (names) => runApt(['install', '--yes', '--no-install-recommends', ...names]);
  const update = runApt(['update']);
  if (!update.ok) console.log(`apt-get update failed, trying with the lists there are: ${update.why}`);
  if (install(packages).ok) return;
  // One by one: a package that this release does not have must not keep the others away.
  for (const name of packages) {
    const { ok, why } = install([name]);
    if (!ok) console.log(`could not install ${name}: ${why}`);
  }
}

/**
 * Makes this machine ready for these commands, as far as it can be.
 * @param {readonly string[]} wanted names of purposes.js
 * @returns {boolean} whether they can work at all
 */
export function install(wanted) {
  const machine = { path: searchPath(), root: process.geteuid?.() === 0 };
  const first = advise(wanted, machine);
  if (first.words !== undefined) console.log(first.words);
  if (first.install.length === 0) return !first.fatal;
  const started = Date.now();
  installPackages(first.install);
  console.log(`done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  // What could not be installed is not there for anybody: no word of root.
  return !advise(wanted, { ...machine, root: false }).fatal;
}
