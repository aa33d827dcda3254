/** What the system's codes mean, and what to do. */
const systemErrors: Readonly<Record<string, readonly [meaning: string, remedy: string]>> = {
  EACCES: ['no permission', 'Change its owner or mode, or give another folder'],
  EPERM: ['not permitted', 'Change its owner or mode, or give another folder'],
  EBUSY: ['in use', 'Close the program that has it open, and try again'],
  EROFS: ['the file system is read-only', 'Give a folder on another one'],
  ENOSPC: ['the disk is full', 'Free some space, or give a folder on another disk'],
  EDQUOT: ['the quota is used up', 'Free some space, or give a folder on another disk'],
  EFBIG: ['a file may not be that long here', 'Raise the limit (ulimit -f)'],
  ENOENT: ['no such file or folder', 'Check the path'],
  ENOTDIR: ['a part of the path is no folder', 'Check the path'],
  EISDIR: ['a folder is in its place', 'Check the path'],
  EMFILE: ['too many open files', 'Raise the limit (ulimit -n), or give fewer --workers'],
  EIO: ['the disk failed to read or write', 'Check the disk'],
};

/** What the code of an error means, such as `EIO (the disk failed to read or write)`; an error without one as it is. */
export function explainCode(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const [meaning] = systemErrors[code ?? ''] ?? [];
  return meaning ? `${code} (${meaning})` : String(code ?? error);
}

/** Whether it is what Windows says of a file that another program has open, such as one that looks for viruses in what was just written. */
export const isOpenElsewhere = (error: unknown, os: string): boolean =>
  os === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes((error as NodeJS.ErrnoException).code!);

/** What to do about the code of an error; undefined where that is not known. */
export function remedyFor(error: unknown, os: string = process.platform): string | undefined {
  return isOpenElsewhere(error, os)
    ? 'Close the program that may have it open, such as a viewer or a scanner of viruses, and try again, or give another folder'
    : systemErrors[(error as NodeJS.ErrnoException).code ?? '']?.[1];
}
