export interface AdamWHyperParameters {
  /** Share of the mean gradient that survives a step, 0 <= beta1 < 1. Default 0.9. */
  readonly beta1?: number;
  /** Share of the mean squared gradient that survives a step, 0 <= beta2 < 1. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the mean square, so that a zero divides nothing; at least 1e-30. Default 1e-8. */
  readonly epsilon?: number;
}

/** Throws a RangeError that names the first hyper-parameter out of its range. */
export function checkHyperParameters(
  caller: string,
  { beta1, beta2, epsilon }: Required<AdamWHyperParameters>,
): void {
  for (const [name, beta] of Object.entries({ beta1, beta2 })) {
    if (!(beta >= 0 && beta < 1)) {
      throw new RangeError(
        `${caller}: expected 0 <= ${name} < 1, got ${beta}. The defaults are 0.9 and 0.999.`,
      );
    }
  }
  if (!(epsilon >= 1e-30 && Number.isFinite(epsilon))) {
    throw new RangeError(
      `${caller}: expected epsilon to be finite and at least 1e-30, which float32 still tells from 0, got ${epsilon}. The default is 1e-8.`,
    );
  }
}
