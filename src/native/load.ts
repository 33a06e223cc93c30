import { messageOf, RuntimeError } from '../errors.ts';

/**
 * Packages with prebuilt addons for a processor (process.arch), of which npm installs the one that fits. Where all are installed, because the
 * package manager knows nothing of C libraries, musl's comes first: glibc refuses it, while a musl that emulates glibc might take the other.
 */
export const prebuiltPackages = (arch: string): readonly string[] => ['musl', 'gnu'].map((libc) => `@runts/linux-${arch}-${libc}`);

/** @param refusals what was said of each addon that is there */
export function noAddon(arch: string, refusals: readonly unknown[]): RuntimeError {
  const [cause] = refusals;
  if (cause === undefined) {
    return new RuntimeError('ADDON_MISSING', `no addon of runts is installed for linux on ${arch}`, {
      hint: 'a prebuilt one for x64, glibc or musl, is an optional dependency: npm install --include=optional; for another processor build runts from its sources (npm run build)',
    });
  }
  return new RuntimeError('ADDON_UNLOADABLE', `the addon of runts cannot be loaded: ${messageOf(cause)}`, {
    hint: 'the prebuilt one takes glibc 2.36 (Debian 12) or musl 1.2, and a filesystem that is not noexec; for an older system build runts from its sources there (npm run build)',
    cause,
  });
}

/** process.dlopen and not require: in Bun the latter takes three times as long. */
function open(path: string): unknown {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports;
}

/** Beside an executable that Bun has compiled, else where node-gyp leaves it. */
function localPath(): string {
  const compiled = process.versions['bun'] !== undefined && import.meta.url.includes('$bunfs');
  if (compiled) return `${process.execPath.slice(0, process.execPath.lastIndexOf('/'))}/runts.node`;
  return new URL('../../build/Release/runts.node', import.meta.url).pathname;
}

/** Paths of the prebuilt addons that are installed. Modules of Node are asked for here alone: nobody whose addon is built has to wait for them. */
function prebuiltPaths(): string[] {
  const require = process.getBuiltinModule('module').createRequire(import.meta.url);
  return prebuiltPackages(process.arch).flatMap((name) => {
    try {
      return require.resolve(`${name}/runts.node`);
    } catch {
      return [];
    }
  });
}

/**
 * The addon that is built here, else the prebuilt one of this platform.
 * @throws RuntimeError ADDON_MISSING, or ADDON_UNLOADABLE with the reason of the dynamic linker
 */
export function loadAddon(): unknown {
  const refusals: unknown[] = [];
  const local = localPath();
  try {
    return open(local);
  } catch (error) {
    if (process.getBuiltinModule('fs').existsSync(local)) refusals.push(error);
  }
  for (const path of prebuiltPaths()) {
    try {
      return open(path);
    } catch (error) {
      // Of several prebuilt ones the last is for glibc, which most systems have.
      refusals.unshift(error);
    }
  }
  throw noAddon(process.arch, refusals);
}
