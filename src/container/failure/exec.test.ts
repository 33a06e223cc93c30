import { describe, expect, test } from 'vitest';
import { EACCES, ENOENT, ENOEXEC } from '../../kernel.gen.ts';
import { explainProgram, programFacts } from './exec.ts';

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const facts = (head: string, mode = '100755', noexec = '') => programFacts(['/x', mode, noexec, hex(head)]);

/** A 64-bit little-endian ELF header with one program header, PT_INTERP when a loader is named. */
function elf(machine: number, loader = ''): string {
  const bytes = Buffer.alloc(256);
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(machine, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(loader ? 3 : 1, 64);
  bytes.writeBigUInt64LE(128n, 72);
  bytes.write(`${loader}\0`, 128, 'latin1');
  return bytes.toString('latin1');
}

describe('ENG-003 why a program could not be executed', () => {
  test.each([
    ['a missing interpreter', facts('#!/bin/bash -e\n'), ENOENT, /its interpreter "\/bin\/bash", which the first line names, is not there/],
    ['an interpreter after blanks', facts('#! \t/bin/bash'), ENOENT, /its interpreter "\/bin\/bash"/],
    ['a carriage return', facts('#!/bin/sh\r\n'), ENOENT, /carriage return.*"\/bin\/sh\\r"/],
    ['a missing loader', facts(elf(62, '/lib64/ld.so')), ENOENT, /its ELF loader "\/lib64\/ld.so" is not there/],
    ['another architecture', facts(elf(183)), ENOEXEC, /ELF program for aarch64, and this machine is x86_64/],
    ['an unknown architecture', facts(elf(999)), ENOEXEC, /ELF program for machine 999/],
    ['a damaged program', facts(elf(62)), ENOEXEC, /damaged/],
    ['an empty file', facts(''), ENOEXEC, /empty/],
    ['no first line', facts('echo hello\n'), ENOEXEC, /neither an ELF program nor a script/],
    ['a byte order mark', facts('\u00ef\u00bb\u00bf#!/bin/sh\n'), ENOEXEC, /byte order mark/],
    ['an empty first line', facts('#!\n'), ENOEXEC, /names no interpreter/],
    ['a program for Windows', facts('MZ\x90\0\x03'), ENOEXEC, /Windows/],
    ['a program for macOS', facts('\xcf\xfa\xed\xfe\x07\0'), ENOEXEC, /macOS/],
    ['a file of two bytes', facts('ab'), ENOEXEC, /neither/],
    ['a missing execute bit', facts('#!/bin/sh\n', '100644'), EACCES, /its mode is 0644, without any execute bit/],
    ['a mode for others', facts('', '100700'), EACCES, /its mode is 0700, which does not let this user execute it/],
    ['noexec', facts('#!/bin/sh\n', '100755', 'noexec'), EACCES, /mounted noexec/],
    ['an interpreter that may not be executed', facts('#!/opt/sh\n'), EACCES, /may not execute "\/opt\/sh"/],
    ['a fifo', facts('', '10755'), EACCES, /no regular file/],
    ['a closed directory', programFacts(['/x']), EACCES, /search a directory/],
    ['a symlink to nothing', programFacts(['/x', '', '', '', '/nowhere']), ENOENT, /symbolic link to "\/nowhere"/],
  ])('%s', (_, program, errno, words) => {
    expect(explainProgram(program, errno, 'x86_64').why).toMatch(words);
  });

  test('nothing is said when nothing is known', () => {
    expect(explainProgram(programFacts(['/x']), ENOENT, 'x86_64')).toEqual({});
    expect(explainProgram(facts('\x7fELF'), ENOENT, 'x86_64')).toEqual({});
    expect(explainProgram(facts(''), 12, 'x86_64')).toEqual({});
  });

  test('headers beyond what was read are no error', () => {
    const far = Buffer.from(elf(62, '/lib/ld'), 'latin1');
    far.writeBigUInt64LE(1n << 40n, 32);
    expect(explainProgram(facts(far.toString('latin1')), ENOENT, 'x86_64')).toEqual({});
  });

  test('what is said of a format never reads as another error', () => {
    for (const head of ['', 'x', 'MZ\0\0', '#!\n', elf(183), elf(62)]) {
      expect(explainProgram(facts(head), ENOEXEC, 'x86_64').why).not.toMatch(/no such file|not found|permission denied|is a directory/i);
    }
  });
});
