export { registerGradients } from './backend/gradients/register-gradients.ts';
export {
  type RegisterOptions,
  registerTensorFlowBackend,
  type TensorFlowBackend,
} from './backend/register.ts';
export { type DiagnoseOptions, type Diagnosis, diagnose } from './doctor/diagnose.ts';
export type { Finding, FindingStatus } from './doctor/finding.ts';
export { formatDiagnosis, withoutTraces } from './doctor/format.ts';
export { cacheRoot } from './library/cache.ts';
export {
  type InstallFailure,
  type LibraryAttempt,
  LibraryInstallError,
  LibraryNotFoundError,
} from './library/errors.ts';
export { type FindLibraryOptions, findLibrary } from './library/find.ts';
export { nvidiaGpus } from './library/gpu.ts';
export { type InstallLibraryOptions, installLibrary } from './library/install.ts';
export type { LibraryLocation, LibrarySource } from './library/location.ts';
export { currentPlatform, type Platform } from './library/platform.ts';
export { formatProgress, type InstallPhase, type InstallProgress } from './library/progress.ts';
export type { Device } from './native/devices.ts';
export { TensorFlowError } from './native/status.ts';
