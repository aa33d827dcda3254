import type { LibraryHandle } from 'koffi';
import { expect, onTestFinished, test, vi } from 'vitest';
import { endProcess } from './end-process.ts';

test.each([
  ['win32', 'ucrtbase.dll'],
  ['darwin', null],
  ['linux', null],
])('on %s the process is ended by the C library', (os, library) => {
  const ended: unknown[] = [];
  const open = (name: string | null) =>
    ({
      func: (c: string) => (code: number) => ended.push(name, c, code),
    }) as never as LibraryHandle;
  expect(() => endProcess(68, os, open)).toThrow('it goes on');
  expect(ended).toEqual([library, 'void _exit(int)', 68]);
});

test('where native code does not load the process ends all the same', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  onTestFinished(() => exit.mockRestore());
  const open = () => {
    throw new Error('no koffi');
  };
  expect(() => endProcess(130, 'linux', open)).toThrow('exit 130');
});
