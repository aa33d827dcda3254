import { libraryTarget, type Platform } from '../library/platform.ts';
import { findPython } from '../library/python.ts';
import { requirePython } from '../library/python-libraries.ts';
import { type Finding, ok, warn } from './finding.ts';

/** The Python whose pip would install the library on `platform`. */
export async function pythonFinding(env: NodeJS.ProcessEnv, platform: Platform): Promise<Finding> {
  try {
    const python = await findPython(env, undefined, platform.os);
    const target = libraryTarget(platform);
    if (typeof target === 'string') requirePython(target, python);
    const { command, pythonVersion, pipVersion } = python;
    return ok('Python', `${command} ${pythonVersion} with pip ${pipVersion}`);
  } catch (error) {
    const reason = (error as Error).message.replace('installLibrary: ', '');
    const remedy = 'Needed only to install the library: install Python 3 with pip.';
    return warn('Python', reason, remedy);
  }
}
