import type { CommandResult } from './command.ts';
import { LibraryInstallError } from './errors.ts';
import type { Python } from './python.ts';
import type { Requirements } from './requirements.ts';

/** What pip's own words mean, and what to do about it. */
export function pipFailure(
  { code, killedBy, stdout, stderr }: CommandResult,
  python: Python,
  requirements: Requirements,
): LibraryInstallError {
  const output = `${stdout}\n${stderr}`;
  const said = stderr.trim().split('\n').slice(-6).join('\n');
  const cause = { cause: new Error(`pip ${python.pipVersion} said:\n${output.trim()}`) };
  const megabytes = Math.round(requirements.downloadBytes / 1e6);
  if (/No space left on device|Errno 28|Disk quota exceeded/.test(output)) {
    const message = `the disk is full: ${said}\nFree some space and try again; nothing was left behind.`;
    return new LibraryInstallError('disk-full', message, cause);
  }
  if (/Windows Long Path/.test(output)) {
    const message =
      `a path in the wheel is too long for Windows:\n${said}\n` +
      'Set XDG_CACHE_HOME to a short path, such as C:\\c, or let Windows take long paths, then try again.';
    return new LibraryInstallError('pip-failed', message, cause);
  }
  if (/DO NOT MATCH THE HASHES|Hash mismatch/i.test(output)) {
    return new LibraryInstallError(
      'wrong-hash',
      `expected the wheel whose hash is pinned in ${requirements.path}, got another one; it was not installed:\n${said}\n` +
        `Try again in case the download was damaged ("${python.command} -m pip cache purge" drops a damaged copy). ` +
        'If it stays, the package index that pip is set up to use serves something else.',
      cause,
    );
  }
  if (
    /ConnectionError|ConnectTimeout|ReadTimeout|NewConnection|Name or service|name resolution|ProxyError|SSLError|Connection (?:refused|reset|broken|aborted)|Network is unreachable|IncompleteRead/i.test(
      output,
    )
  ) {
    return new LibraryInstallError(
      'network',
      `pip could not reach its package index for the ${megabytes} MB to fetch:\n${said}\n` +
        `Check the network and, behind a proxy or a mirror, pip's own configuration ("${python.command} -m pip config list"), then try again.`,
      cause,
    );
  }
  if (/No matching distribution|Could not find a version/.test(output)) {
    return new LibraryInstallError(
      'no-matching-wheel',
      `the package index that pip is set up to use has no TensorFlow ${requirements.tensorflowVersion}, or cannot be reached:\n${said}\n` +
        `Check the network, add the wheel to your mirror, or look at "${python.command} -m pip config list".`,
      cause,
    );
  }
  const ended = killedBy === null ? `exit code ${code}` : `signal ${killedBy}`;
  return new LibraryInstallError(
    'pip-failed',
    `pip ${python.pipVersion} ended with ${ended}:\n${said}`,
    cause,
  );
}
