import type { Dataset } from '@bag-of-tricks/image-data';
import type { Optimizer } from '@bag-of-tricks/optimizer';
import type { LossFunction, Network, RateFactors } from '@bag-of-tricks/train-step';
import { ownPart } from '../config/base-schema.ts';
import type { TrainConfig } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import type { FitOptions } from './train-options.ts';

/** What a caller may pass in place of a name in the configuration. */
export interface OwnParts {
  /** A network of one's own, in place of `model`. It stays the caller's to dispose. */
  readonly network?: Network;
  /** Images of one's own, in place of `dataset`. They stay the caller's to close. */
  readonly data?: Dataset;
  /** An optimiser over the parameters of `network`, which stays the caller's to dispose. */
  readonly optimizer?: Optimizer;
  /** A loss of one's own, in place of `loss`. */
  readonly loss?: LossFunction;
}

/** A run whose loss or optimiser was passed in is nothing without it, and one that has ours must not change it unseen. */
function checkChosen(part: 'loss' | 'optimizer', chosen: string, given: unknown): void {
  if ((chosen === ownPart) === (given !== undefined)) return;
  throw new ConfigError(
    chosen === ownPart
      ? `${part}: expected the ${part} of one's own that '${ownPart}' stands for, got none. It only comes through fit: pass \`${part}\` to it, when it resumes a run too`
      : `${part}: expected none, for the run has '${chosen}', got one of one's own. Leave \`${part}\` out, or start a new run`,
  );
}

/**
 * Checks a network that was passed in.
 *
 * @throws TypeError when it is none, such as a bare model of `tf.layers`.
 */
export function checkNetwork(network: Network): void {
  const { parameters, buffers, apply } = network;
  if (parameters && buffers && typeof apply === 'function') return;
  const advice =
    'layers' in network ? 'Pass fromLayersModel(model)' : 'See the interface Network for the rest';
  throw new TypeError(
    `network: expected a Network with parameters, buffers and apply, got ${network.name ?? 'an object'} without them. ${advice}`,
  );
}

function checkOptimizer(optimizer: Optimizer): void {
  const missing = (['applyGradients', 'getState', 'setState'] as const).filter(
    (name) => typeof optimizer[name] !== 'function',
  );
  if (missing.length === 0) return;
  throw new TypeError(
    `optimizer: expected an Optimizer, got one without ${missing.join(' and ')}. One of tf.train is passed as fromTfjsOptimizer((rate) => tf.train.adam(rate), network.parameters)`,
  );
}

interface Rated extends Pick<OwnParts, 'optimizer'> {
  readonly newHead: string | null;
}

/** @throws ConfigError when a trick would freeze a head that is new, or change the rates of an optimiser that was passed in. */
export function checkFactors({ optimizer, newHead }: Rated, factors: RateFactors): void {
  const isNew = (name: string) => newHead !== null && name.startsWith(`${newHead}.`);
  const frozen = Object.keys(factors).filter((name) => factors[name] === 0 && isNew(name));
  if (frozen.length > 0) {
    throw new ConfigError(
      `fineTuning.freeze: expected nothing of ${newHead}, which is new and has learned nothing, got ${frozen.join(' and ')}. Leave the head out`,
    );
  }
  if (!optimizer || Object.values(factors).every((factor) => factor === 1)) return;
  throw new ConfigError(
    "optimizer: expected one of ours (sgd, adamw) where a trick freezes parameters or changes their rates, got one of one's own. Give your optimiser groups, or leave the trick out",
  );
}

/** An optimiser over another network would leave this one as it is, without a word. */
export function checkCovers({ parameters }: Optimizer, network: Network): void {
  if (!parameters) return;
  const moved = new Set(Object.values(parameters));
  const all = Object.entries(network.parameters);
  const still = all.flatMap(([name, variable]) => (moved.has(variable) ? [] : [name]));
  if (still.length === 0) return;
  throw new ConfigError(
    `optimizer: expected one over the ${all.length} parameters of ${network.name}, got one that does not move ${still.length} of them, such as ${still[0]}. Make it of network.parameters`,
  );
}

/**
 * Checks what was passed in, before anything is opened.
 *
 * @throws ConfigError when the configuration has a part of the caller's that is missing, or the other way round.
 * @throws TypeError when a part is not what it should be.
 */
export function checkOwnParts(
  { network, optimizer, loss }: OwnParts,
  config: Pick<TrainConfig, 'loss' | 'optimizer'>,
): void {
  if (network) checkNetwork(network);
  if (optimizer) checkOptimizer(optimizer);
  checkChosen('optimizer', config.optimizer.name, optimizer);
  checkChosen('loss', config.loss, loss);
}

/** Whether what a caller gave is an optimiser, and not the settings of one of ours. */
export const isOptimizer = (given: FitOptions['optimizer']): given is Optimizer =>
  given !== undefined && 'applyGradients' in given;

/** The objects among what `fit` is given. */
export const ownPartsOf = ({
  network,
  data,
  optimizer,
  loss,
}: {
  readonly [Part in 'network' | 'data' | 'optimizer' | 'loss']: FitOptions[Part] | undefined;
}): OwnParts => ({
  ...(network && { network }),
  ...(data && { data }),
  ...(isOptimizer(optimizer) && { optimizer }),
  ...(typeof loss === 'function' && { loss }),
});
