export type ParameterKind =
  | 'kernel'
  | 'dense'
  | 'bias'
  | 'gamma'
  | 'zeroGamma'
  | 'beta'
  | 'runningMean'
  | 'runningVariance';

/** One named tensor of a network, in TensorFlow.js's layout: kernels HWIO, the dense layer [in, out]. */
export interface ParameterSpec {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly shape: readonly number[];
  /** Of a grouped convolution. Default 1. */
  readonly groups?: number;
}

/** The parameters of a dense layer. */
export function denseParameters(name: string, inputs: number, outputs: number): ParameterSpec[] {
  return [
    { name: `${name}.weight`, kind: 'dense', shape: [inputs, outputs] },
    { name: `${name}.bias`, kind: 'bias', shape: [outputs] },
  ];
}

/** Buffers are the running statistics: saved with the model, never trained. */
export function isBuffer({ kind }: ParameterSpec): boolean {
  return kind === 'runningMean' || kind === 'runningVariance';
}
