import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const OTHERS_WRITE = 0o002;
const GROUP_WRITE = 0o020;
const STICKY = 0o1000;

/**
 * Why another user could have put code into one of the files of `folder`, or undefined. Files, their folders up to `folder` and the one
 * that holds it must belong to this user or root, and be for nobody else to write. Whoever can act as one of these two is not kept out.
 */
export async function trustDefect(
  folder: string,
  paths: readonly string[],
): Promise<string | undefined> {
  const user = process.geteuid?.();
  if (user === undefined) return undefined;
  for (const path of withFolders(folder, paths)) {
    const { uid, gid, mode } = await stat(path);
    if (uid !== user && uid !== 0) {
      return `${path} belongs to user ${uid}, who could have changed it, not to this one (${user}) or root. Install it as this user, or name the folder in LIBTENSORFLOW_PATH to trust it`;
    }
    // A user's private group has the user's number and no other member; distributions that give one let it write.
    const writable = OTHERS_WRITE | (gid === uid ? 0 : GROUP_WRITE);
    // What lies in a sticky folder, such as /tmp, only its owner can replace.
    if ((mode & writable) !== 0 && (mode & STICKY) === 0) {
      return `${path} can be written by other users (mode ${(mode & 0o7777).toString(8)}). Run chmod go-w on it, and install again if you do not know all who could`;
    }
  }
  return undefined;
}

function withFolders(folder: string, paths: readonly string[]): Set<string> {
  const all = new Set([dirname(folder), folder]);
  for (const path of paths) {
    for (let part = path; part !== '.'; part = dirname(part)) all.add(join(folder, part));
  }
  return all;
}
