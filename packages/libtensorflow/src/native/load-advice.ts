/** What to do on `os` first where TensorFlow's library does not load, before `otherwise`: Windows does not say which DLL it misses. */
export const loadAdvice = (os: string, otherwise: string): string =>
  os === 'win32'
    ? "Install Microsoft's Visual C++ Redistributable for x64, whose DLLs TensorFlow needs (winget install Microsoft.VCRedist.2015+.x64). " +
      `If it is there: ${otherwise}`
    : otherwise;
