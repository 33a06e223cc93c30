/** What the unit tests use of Node's globals, beside what src/engine/globals.ts has. */
import '../../../src/engine/globals.ts';
import { Buffer } from 'node:buffer';
import { resolve } from 'node:path';

/** Of files, as `new URL('name', import.meta.url)` has it. */
class FileUrl {
  readonly pathname: string;

  constructor(name: string, base: { readonly pathname: string } | string) {
    const path = typeof base === 'string' ? base.replace('file://', '') : base.pathname;
    this.pathname = resolve(path, path.endsWith('/') ? '.' : '..', name) + (/(^|\/)\.?$/.test(name) ? '/' : '');
  }
}

/** Plugins of chai are told of each other; there are none. */
class Silent {
  addEventListener(): void {}
  dispatchEvent(): void {}
}

function setTimeout(): never {
  throw new Error('the engine has no timers');
}

Object.assign(globalThis, { Buffer, Event: class {}, EventTarget: Silent, URL: FileUrl, setTimeout, clearTimeout: () => undefined });
