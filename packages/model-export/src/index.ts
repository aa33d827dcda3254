export type { InferenceDescription } from '@bag-of-tricks/classifier';
export type { Provenance } from './classifier-json.ts';
export {
  checkExport,
  type Exported,
  type ExportedModel,
  type ExportFormat,
  type ExportOptions,
  exportFormats,
  exportModel,
} from './export-model.ts';
export type { Quantization } from './graph-model/weights.ts';
export type { Deviation, ProbePictures } from './probe.ts';
