import koffi from 'koffi';
import { expect, test } from 'vitest';
import { bindLibc, openFlags } from './libc.ts';

test('a library is opened for good, by the numbers of each system', () => {
  const both = (os: string) => [openFlags(os, 'local'), openFlags(os, 'global')];
  expect(both('linux')).toEqual([0x1002, 0x1102]);
  expect(both('darwin')).toEqual([0x86, 0x8a]);
});

test('macOS needs nothing that only Linux has', () => {
  const asked: string[] = [];
  const load = ((path: string | null) => {
    const library = koffi.load(path);
    const func = (prototype: string) => {
      asked.push(/(\w+)\(/.exec(prototype)![1]!);
      return library.func(prototype);
    };
    return { func };
  }) as unknown as typeof koffi.load;
  const libc = bindLibc('darwin', load);
  libc.keepFreedMemory();
  libc.setDefaultEnvironment('BAG_OF_TRICKS_LIBC_TEST', '1');
  expect(libc.withoutFallbackLog(() => 1) + libc.withoutAllocationLog(() => 2)).toBe(3);
  expect(() => libc.open('/nowhere.dylib', { quiet: true })).toThrow(Error);
  expect(asked.sort()).toEqual(['dlerror', 'dlopen', 'setenv']);
});

test('on Windows variables are those of the C library that DLLs share, and a library stays', () => {
  const calls: unknown[][] = [];
  const variables: Record<string, string> = { SET: 'by the user' };
  const functions: Record<string, (...args: never[]) => unknown> = {
    getenv: (name: string) => variables[name] ?? null,
    _putenv_s: (name: string, value: string) => {
      variables[name] = value;
    },
    GetModuleHandleExW: (...args: never[]) => calls.push(['pin', ...args]),
  };
  const load = ((path: string) => {
    calls.push(['load', path]);
    return { func: (prototype: string) => functions[/(\w+)\(/.exec(prototype)![1]!] };
  }) as unknown as typeof koffi.load;
  const libc = bindLibc('win32', load);
  libc.setDefaultEnvironment('SET', '0');
  libc.setDefaultEnvironment('UNSET', '1');
  expect(variables).toEqual({ SET: 'by the user', UNSET: '1' });
  libc.open('C:\\a b\\x.dll', { quiet: true });
  libc.keepFreedMemory();
  expect(libc.withoutFallbackLog(() => 1) + libc.withoutAllocationLog(() => 2)).toBe(3);
  expect(calls).toEqual([
    ['load', 'ucrtbase.dll'],
    ['load', 'kernel32.dll'],
    ['load', 'C:\\a b\\x.dll'],
    ['pin', 1, 'C:\\a b\\x.dll', [null]],
  ]);
});
