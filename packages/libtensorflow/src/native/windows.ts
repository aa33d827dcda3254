import type koffi from 'koffi';
import type { Libc } from './libc.ts';

/** Keeps a library loaded as long as the process lives (libloaderapi.h). */
const GET_MODULE_HANDLE_EX_FLAG_PIN = 1;

/**
 * The C library that TensorFlow's DLL imports. Node has one of its own inside, with variables of its own: those set by `process.env` would not
 * be seen by a library that has read its environment before.
 */
export function bindWindows(load: typeof koffi.load): Libc {
  const library = load('ucrtbase.dll');
  const getenv = library.func('const char *getenv(const char *)');
  const putenv = library.func('int _putenv_s(const char *, const char *)');
  const pin = load('kernel32.dll').func(
    'int GetModuleHandleExW(uint32_t, const char16_t *, _Out_ void **)',
  );
  return {
    library,
    open: (path) => {
      // Looks beside the library for what it imports, and takes what is loaded already by its name alone.
      load(path);
      pin(GET_MODULE_HANDLE_EX_FLAG_PIN, path, [null]);
    },
    setDefaultEnvironment: (name, value) => {
      if (getenv(name) === null) putenv(name, value);
    },
    keepFreedMemory: () => {},
    withoutFallbackLog: (action) => action(),
    withoutAllocationLog: (action) => action(),
  };
}
