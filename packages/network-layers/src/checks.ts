// What configurations of networks are checked by; `caller` is the function that messages name.

/** @throws RangeError */
export function expectOneOf(
  caller: string,
  option: string,
  value: unknown,
  allowed: readonly unknown[],
): void {
  if (allowed.includes(value)) return;
  throw new RangeError(
    `${caller}: expected ${option} to be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}.`,
  );
}

/** @throws RangeError */
export function expectInteger(
  caller: string,
  option: string,
  value: unknown,
  minimum: number,
): void {
  if (Number.isSafeInteger(value) && (value as number) >= minimum) return;
  throw new RangeError(
    `${caller}: expected ${option} to be an integer of at least ${minimum}, got ${String(value)}.`,
  );
}

/** The options that every network has. */
export interface CommonConfig {
  readonly name: string;
  readonly numClasses: number;
  readonly inputChannels: number;
  readonly seed: number;
  readonly init: string;
  readonly zeroGamma: boolean;
  readonly stochasticDepth: number;
}

/** @throws RangeError or TypeError */
export function expectCommonConfig(caller: string, config: CommonConfig): void {
  expectOneOf(caller, 'init', config.init, ['xavier', 'he']);
  expectOneOf(caller, 'zeroGamma', config.zeroGamma, [true, false]);
  const { stochasticDepth, name } = config;
  if (!(Number.isFinite(stochasticDepth) && stochasticDepth >= 0 && stochasticDepth < 1)) {
    throw new RangeError(
      `${caller}: expected 0 <= stochasticDepth < 1, got ${String(stochasticDepth)}. 0 drops no block.`,
    );
  }
  expectInteger(caller, 'numClasses', config.numClasses, 1);
  expectInteger(caller, 'inputChannels', config.inputChannels, 1);
  expectInteger(caller, 'seed', config.seed, Number.MIN_SAFE_INTEGER);
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(
      `${caller}: expected name to be a non-empty string, got ${JSON.stringify(name)}.`,
    );
  }
}
