import { cacheRoot } from '../library/cache.ts';
import { type LibraryAttempt, LibraryNotFoundError } from '../library/errors.ts';
import { type FindLibraryOptions, findLibrary } from '../library/find.ts';
import { nvidiaGpus } from '../library/gpu.ts';
import type { LibraryLocation } from '../library/location.ts';
import { currentPlatform, libraryTarget, neverRunOn, type Platform } from '../library/platform.ts';
import { pinnedRequirements } from '../library/requirements.ts';
import { cpuFindings, cpuOf } from './cpu.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import { gpuFinding } from './gpu.ts';
import { integrityFinding, libraryFinding, probeFindings } from './library.ts';
import { diskFinding, memoryFinding, oneDnnFindings, threadFindings } from './machine.ts';
import { nativeCodeFindings } from './native-code.ts';
import { nodeFinding } from './node.ts';
import { type ProbeOptions, probeLibrary } from './probe.ts';
import { pythonFinding } from './python.ts';

export interface DiagnoseOptions extends Omit<FindLibraryOptions, 'install'> {
  /** Also read every byte of the installed library and compare its hashes. Default: `false`. */
  readonly deep?: boolean;
  /** Says how the caller gets a library that is missing, such as 'The first training fetches it.': that is then no failure where pip can. */
  readonly installs?: string;
  /** The version of Node to judge. Default: of the one that runs. */
  readonly nodeVersion?: string;
  /** How the library is tried out. */
  readonly probe?: Omit<ProbeOptions, 'env'>;
}

/** What the doctor found. */
export interface Diagnosis {
  /** Whether a training can run here: no finding is a `fail`. */
  readonly canTrain: boolean;
  readonly findings: readonly Finding[];
  /** The places passed over in the search for the library, and why. */
  readonly tried: readonly LibraryAttempt[];
}

/**
 * Looks at everything that training needs: Node, the library and whether it computes right (in a
 * process of its own), devices, CPU features, threads, memory, disk, Python. Changes nothing.
 *
 * @example
 * const diagnosis = await diagnose();
 * console.log(formatDiagnosis(diagnosis));
 * process.exitCode = diagnosis.canTrain ? 0 : 1;
 */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { env = process.env, platform = currentPlatform(), deep = false } = options;
  const { cacheDir = cacheRoot(env), nodeVersion = process.versions.node } = options;
  const target = libraryTarget(platform);
  const needed = typeof target === 'string' ? pinnedRequirements(target, 'cpu') : undefined;

  const { location, tried } = await search({ ...options, env, cacheDir, platform });
  const report = location && (await probeLibrary(location.corePath, { ...options.probe, env }));
  const devices = report !== undefined && 'devices' in report ? report.devices : [];
  const python = await pythonFinding(env, platform);
  const { installs } = options;
  const isFetchable =
    installs !== undefined && needed && python.status === 'ok' && !env.LIBTENSORFLOW_PATH;
  const fetching = isFetchable ? { installs, bytes: needed.downloadBytes } : undefined;
  const neededBytes = location || !needed ? 0 : needed.downloadBytes + needed.unpackedBytes;
  const findings = [
    nodeFinding(nodeVersion),
    platformFinding(platform),
    ...nativeCodeFindings(),
    libraryFinding(location, { fetching, named: env.LIBTENSORFLOW_PATH }),
    ...(location && deep ? await integrityFinding(location, platform) : []),
    ...(location && report
      ? probeFindings(report, location, {
          pinnedVersion: needed?.tensorflowVersion,
          os: platform.os,
        })
      : []),
    gpuFinding(await nvidiaGpus(env), location, devices, platform.os),
    ...cpuFindings(await cpuOf(platform)),
    ...oneDnnFindings(env, platform),
    ...threadFindings(env),
    memoryFinding(platform),
    await diskFinding(cacheDir, neededBytes),
    python,
  ];
  return { canTrain: findings.every(({ status }) => status !== 'fail'), findings, tried };
}

async function search(
  options: FindLibraryOptions,
): Promise<{ location?: LibraryLocation; tried: readonly LibraryAttempt[] }> {
  try {
    const location = await findLibrary(options);
    return { location, tried: location.tried };
  } catch (error) {
    if (error instanceof LibraryNotFoundError) return { tried: error.tried };
    throw error;
  }
}

function platformFinding(platform: Platform): Finding {
  const { os, arch, release, glibc } = platform;
  const version = glibc === undefined ? release : `glibc ${glibc}`;
  const value = `${os} ${arch}${version === undefined ? '' : `, ${version}`}`;
  const target = libraryTarget(platform);
  if (typeof target === 'object') return fail('Platform', value, target.unsupported);
  const where = neverRunOn(target);
  if (where === undefined) return ok('Platform', value);
  const remedy = `This package was never run on ${where}. Whether it works here, the line "Test step" says. Please paste this report into an issue, whatever it says.`;
  return warn('Platform', value, remedy);
}
