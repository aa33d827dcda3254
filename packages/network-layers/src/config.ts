import { expectInteger, expectOneOf } from './checks.ts';
import type { Init } from './init.ts';

/** The options that every network has. */
export interface CommonOptions {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Start the last batch norm of every block with a shortcut at gamma 0 (section 3.1 of He et al. 2019). Default true. */
  readonly zeroGamma?: boolean;
  /** Drop rate of the deepest blocks in training, 0 <= rate < 1 (Huang et al. 2016). Default 0, none. */
  readonly stochasticDepth?: number;
  /** Default `'xavier'`. */
  readonly init?: Init;
  /** One integer from which every initial value follows. Default 42. */
  readonly seed?: number;
  /** Default 3. */
  readonly inputChannels?: number;
  /** Prefix of the TensorFlow.js variable names and `model.name`. */
  readonly name?: string;
}

/** What every network's configuration holds, whatever else it does. */
export type CommonConfig = Required<CommonOptions>;

export const COMMON_DEFAULTS: Omit<CommonConfig, 'name'> = {
  numClasses: 1000,
  zeroGamma: true,
  stochasticDepth: 0,
  init: 'xavier',
  seed: 42,
  inputChannels: 3,
};

function expectCommon(caller: string, config: CommonConfig): void {
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

/**
 * Options over their defaults. Refuses options without a default, and bad values of those that every network has; `caller` is the
 * function that messages name.
 *
 * @throws RangeError or TypeError
 */
export function withDefaults<Config extends CommonConfig>(
  caller: string,
  options: Partial<Config>,
  defaults: Config,
): Config {
  for (const option of Object.keys(options)) {
    expectOneOf(caller, 'every option', option, Object.keys(defaults));
  }
  const config: Config = { ...defaults, ...options };
  expectCommon(caller, config);
  return config;
}
