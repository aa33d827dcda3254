import { findPython } from '../library/python.ts';
import { type Finding, ok, warn } from './finding.ts';

/** The Python whose pip would install the library. */
export async function pythonFinding(env: NodeJS.ProcessEnv): Promise<Finding> {
  try {
    const { command, pythonVersion, pipVersion } = await findPython(env);
    return ok('Python', `${command} ${pythonVersion} with pip ${pipVersion}`);
  } catch (error) {
    const reason = (error as Error).message.replace('installLibrary: ', '');
    const remedy = 'Needed only to install the library: install Python 3 with pip.';
    return warn('Python', reason, remedy);
  }
}
