import { EACCES, ENOENT, ENOEXEC, elfMachines, PT_INTERP, S_IFMT, S_IFREG } from '../../kernel.gen.ts';
import { lookup } from '../../lookup.ts';
/** What init found of a program that it could not execute. */
export interface ProgramFacts {
  readonly path: string;
  /** Type and permissions (st_mode); absent when nothing is there. */
  readonly mode?: number;
  /** Whether the filesystem is mounted noexec. */
  readonly noexec: boolean;
  /** The first kilobyte, as far as the user may read it. */
  readonly head: Uint8Array;
  /** What a symlink that leads nowhere says. */
  readonly link?: string;
}

/** Why, in words that follow the kernel's, and what helps. */
export interface Explanation {
  readonly why?: string;
  readonly hint?: string;
}

const ANY_EXECUTE = 0o111;

/** Reads the text of init's event `program`. */
export function programFacts([path = '', mode = '', noexec = '', head = '', link = '']: readonly string[]): ProgramFacts {
  const bytes = Uint8Array.from(head.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
  return {
    path,
    ...(mode === '' ? {} : { mode: Number.parseInt(mode, 8) }),
    noexec: noexec !== '',
    head: bytes,
    ...(link === '' ? {} : { link }),
  };
}

/**
 * Says why a program could not be executed, as far as its file shows.
 * @param errno of the kernel
 * @param machine this machine (uname -m)
 */
export function explainProgram(facts: ProgramFacts, errno: number, machine: string): Explanation {
  if (errno === ENOENT) return explainMissing(facts);
  if (errno === ENOEXEC) return explainFormat(facts, machine);
  if (errno === EACCES) return explainRefusal(facts);
  return {};
}

const quote = (text: string): string => JSON.stringify(text);

/** The file itself is there, so the kernel missed what the file names: its interpreter or its loader (execve(2)). */
function explainMissing({ mode, link, head }: ProgramFacts): Explanation {
  if (mode === undefined) return link === undefined ? {} : { why: `it is a symbolic link to ${quote(link)}, which is not there` };
  const interpreter = shebang(head);
  if (interpreter?.endsWith('\r')) {
    return {
      why: `its first line ends with a carriage return, so that the interpreter ${quote(interpreter)} is looked for`,
      hint: 'the script was saved with DOS line ends: convert it, for example with dos2unix',
    };
  }
  if (interpreter !== undefined) {
    return {
      why: `its interpreter ${quote(interpreter)}, which the first line names, is not there`,
      hint: 'install the interpreter in the image, or name one that the image has',
    };
  }
  const elf = readElf(head);
  if (!elf?.loader) return {};
  return {
    why: `its ELF loader ${quote(elf.loader)} is not there`,
    hint: 'the program was linked for another C library or distribution: link it statically, or use an image that has the loader',
  };
}

function explainFormat({ head }: ProgramFacts, machine: string): Explanation {
  if (head.length === 0) return { why: 'the file is empty' };
  const elf = readElf(head);
  if (elf) return explainElf(elf, machine);
  const start = String.fromCharCode(...head.subarray(0, 5));
  if (start === '\u00ef\u00bb\u00bf#!')
    return { why: 'a byte order mark comes before its "#!"', hint: 'save the script as UTF-8 without BOM' };
  if (start.startsWith('#!')) return { why: 'its first line names no interpreter', hint: 'write the path of one after "#!"' };
  if (start.startsWith('MZ')) return { why: 'it is a program for Windows' };
  if (head.length >= 4 && machO.has(new DataView(head.buffer, head.byteOffset).getUint32(0, true)))
    return { why: 'it is a program for macOS' };
  return { why: 'it is neither an ELF program nor a script with "#!"', hint: 'begin a script with the path of its interpreter: #!/bin/sh' };
}

/** Magic numbers of Mach-O files, alone (both widths) and several in one. */
const machO = new Set([0xfeedface, 0xfeedfacf, 0xbebafeca]);

function explainElf({ architecture }: Elf, machine: string): Explanation {
  if (runsOn(architecture, machine)) return { why: 'it is a damaged ELF program, or no program' };
  return {
    why: `it is an ELF program for ${architecture}, and this machine is ${machine}`,
    hint: 'use an image for this architecture, or register an emulator with binfmt_misc',
  };
}

function explainRefusal({ path, mode, noexec, head }: ProgramFacts): Explanation {
  if (mode === undefined) return { why: 'the user may not search a directory on the way to it' };
  if ((mode & S_IFMT) !== S_IFREG) return { why: 'it is no regular file' };
  if (noexec) return { why: 'it lies on a filesystem that is mounted noexec' };
  const permissions = `0${(mode & 0o7777).toString(8)}`;
  if ((mode & ANY_EXECUTE) === 0) {
    return { why: `its mode is ${permissions}, without any execute bit`, hint: `make it executable in the image: chmod +x ${path}` };
  }
  const named = shebang(head) ?? readElf(head)?.loader;
  if ((mode & ANY_EXECUTE) === ANY_EXECUTE && named !== undefined) {
    return { why: `the user may not execute ${quote(named)}, which it needs, or not search a directory on the way` };
  }
  return { why: `its mode is ${permissions}, which does not let this user execute it` };
}

/** The interpreter that the first line names; a carriage return at its end is kept, since the kernel keeps it. */
function shebang(head: Uint8Array): string | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const end = head.indexOf(0x0a);
  const line = new TextDecoder().decode(head.subarray(2, end < 0 ? head.length : end));
  return /^[ \t]*([^ \t\0]+)/.exec(line)?.[1];
}

interface Elf {
  /** As `uname -m` calls it. */
  readonly architecture: string;
  readonly loader?: string;
}

/** e_machine by the name of uname -m: little-endian 64 bit, with the exceptions below (elf(5)). */
const architectures: Readonly<Record<number, string>> = {
  [elfMachines.EM_SPARC]: 'sparc',
  [elfMachines.EM_386]: 'i386',
  [elfMachines.EM_MIPS]: 'mips',
  [elfMachines.EM_PPC]: 'ppc',
  [elfMachines.EM_PPC64]: 'ppc64',
  [elfMachines.EM_S390]: 's390x',
  [elfMachines.EM_ARM]: 'arm',
  [elfMachines.EM_SPARCV9]: 'sparc64',
  [elfMachines.EM_X86_64]: 'x86_64',
  [elfMachines.EM_AARCH64]: 'aarch64',
  [elfMachines.EM_RISCV]: 'riscv64',
  [elfMachines.EM_LOONGARCH]: 'loongarch64',
};

const compatible: Readonly<Record<string, readonly string[]>> = { x86_64: ['i386'], aarch64: ['arm'], s390x: ['s390'], ppc64le: ['ppc64'] };

function runsOn(architecture: string, machine: string): boolean {
  return architecture === machine || (lookup(compatible, machine)?.includes(architecture) ?? false);
}

/** What an ELF header says (elf(5)); undefined for anything else. */
function readElf(head: Uint8Array): Elf | undefined {
  if (head.length < 52 || String.fromCharCode(...head.subarray(0, 4)) !== '\x7fELF') return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const wide = head[4] === 2;
  const little = head[5] === 1;
  const number = view.getUint16(18, little);
  const architecture = number === elfMachines.EM_PPC64 && little ? 'ppc64le' : (architectures[number] ?? `machine ${number}`);
  const loader = elfLoader(head, view, wide, little);
  return { architecture, ...(loader === undefined ? {} : { loader }) };
}

function elfLoader(head: Uint8Array, view: DataView, wide: boolean, little: boolean): string | undefined {
  const word = (at: number): number => (wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  try {
    const start = word(wide ? 32 : 28);
    const size = view.getUint16(wide ? 54 : 42, little);
    const count = view.getUint16(wide ? 56 : 44, little);
    for (let entry = start; entry < start + size * count; entry += size) {
      if (view.getUint32(entry, little) !== PT_INTERP) continue;
      const offset = word(entry + (wide ? 8 : 4));
      const text = head.subarray(offset, head.indexOf(0, offset));
      return text.length > 0 ? new TextDecoder().decode(text) : undefined;
    }
  } catch (error) {
    // The headers lie beyond what was read: the program's architecture is all that is known.
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}
