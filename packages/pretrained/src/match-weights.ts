import { checkClassNames, namesOfWeights } from './check-class-names.ts';
import type { StateDict, StateDictEntry } from './state-dict.ts';
import { timmName } from './torchvision-names.ts';
import type { WeightsDescription } from './weights.ts';

/** Names that an error lists of each kind. */
const listed = 20;

/** Weights made to fit a network. */
export interface MatchedWeights {
  readonly stateDict: StateDict;
  /** What was changed, a sentence each. */
  readonly notes: readonly string[];
  /** The last dense layer, where it is the network's own and has learned nothing. */
  readonly newHead: string | null;
}

/** What decides whether the head stays. */
export interface MatchOptions
  extends Partial<Pick<WeightsDescription, 'numClasses' | 'classNames'>> {
  /** The classes that the network is for; where others are known of the weights, the head is not theirs. */
  readonly wanted?: readonly string[] | undefined;
  /** Of the images that the weights are said to be for. */
  readonly channels?: number | null | undefined;
}

/** The last dense layer, which no name says for sure: fc, classifier, head, linear. */
const headOf = (dict: StateDict) =>
  Object.keys(dict)
    .findLast((name) => dict[name]!.shape.length === 2 && name.endsWith('.weight'))
    ?.slice(0, -'.weight'.length);

const isOf = (module: string) => (name: string) => name.startsWith(`${module}.`);

/** The names as the network has them: without what wrappers put in front, and with its name of the head. */
function renamed(given: StateDict, expected: StateDict): StateDict {
  const wrapper = ['module.', '_orig_mod.', 'model.'].find((prefix) =>
    Object.keys(given).every((name) => name.startsWith(prefix)),
  );
  const isTorchvision = `${wrapper ?? ''}features.18.0.weight` in given;
  const strip = (name: string) => {
    const bare = name.slice(wrapper?.length ?? 0);
    return isTorchvision && !(bare in expected) ? timmName(bare) : bare;
  };
  const bare = Object.fromEntries(Object.entries(given).map(([name, one]) => [strip(name), one]));
  const [theirs, ours] = [headOf(bare), headOf(expected)];
  if (!theirs || !ours || `${theirs}.weight` in expected) return bare;
  const rename = (name: string) =>
    isOf(theirs)(name) ? `${ours}${name.slice(theirs.length)}` : name;
  return Object.fromEntries(Object.entries(bare).map(([name, one]) => [rename(name), one]));
}

/** Whether the kernels differ by nothing but that theirs see three channels and ours one. */
const isGreyOf = ({ shape: [outputs, one, ...size] }: StateDictEntry, { shape }: StateDictEntry) =>
  one === 1 && `${shape}` === `${[outputs, 3, ...size]}`;

/** timm's rule for grey images: the kernels of red, green and blue added, as if the image were in all three. */
function sumOverChannels({ shape, data }: StateDictEntry): StateDictEntry {
  const [outputs, inputs, ...kernel] = shape as [number, number, ...number[]];
  const size = kernel.reduce((product, length) => product * length, 1);
  const sum = new Float32Array(outputs * size);
  for (let output = 0; output < outputs; output++)
    for (let input = 0; input < inputs; input++)
      for (let at = 0; at < size; at++)
        sum[output * size + at]! += data[(output * inputs + input) * size + at]!;
  return { shape: [outputs, 1, ...kernel], data: sum };
}

/**
 * Makes weights fit a network, given the network's own state dict.
 *
 * Wrappers' prefixes and another name of the last dense layer are mapped. Where that layer has another number of classes, or
 * is known to be for other ones, it keeps the network's own values; a first convolution for colours is summed over them for
 * grey images, as timm does. Everything else must be equal by name and shape.
 *
 * @example
 * ```ts
 * import { matchWeights } from '@bag-of-tricks/pretrained';
 *
 * const tensor = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)) });
 * const network = { 'conv.weight': tensor(2, 3, 1, 1), 'fc.weight': tensor(3, 2), 'fc.bias': tensor(3) };
 * const weights = { ...network, 'fc.weight': tensor(1000, 2), 'fc.bias': tensor(1000) };
 * console.log(matchWeights(weights, network).notes); // [ 'fc is new: 3 classes instead of 1000' ]
 * ```
 *
 * @throws Error listing what is missing, unexpected, of another shape or not finite, or where the description is of other weights.
 */
export function matchWeights(
  given: StateDict,
  expected: StateDict,
  { numClasses = null, classNames = null, wanted, channels = null }: MatchOptions = {},
): MatchedWeights {
  const notes: string[] = [];
  const dict: Record<string, StateDictEntry> = { ...renamed(given, expected) };
  const head = headOf(expected);
  const described = { numClasses, classNames, wanted };
  const reason = head ? replaceHead(dict, expected, { ...described, head }) : null;
  if (reason) notes.push(`${head} is new: ${reason}`);
  const first = Object.keys(expected).find((name) => expected[name]!.shape.length === 4);
  const seen = first && dict[first]?.shape[1];
  // Not the other way round: timm leaves three in the description of a network that it made for grey images.
  if (channels !== null && seen && seen > channels) {
    throw new Error(
      `expected images of ${channels} channel${channels === 1 ? '' : 's'}, as the weights' description says (input_size of a config.json), got kernels for ${seen} in ${first}. Correct the description, or give the weights that it is of`,
    );
  }
  if (first && dict[first] && isGreyOf(expected[first]!, dict[first])) {
    dict[first] = sumOverChannels(dict[first]);
    notes.push(`${first} is summed over red, green and blue, for grey images`);
  }
  refuseMismatches(dict, expected);
  refuseNotFinite(dict);
  return { stateDict: dict, notes, newHead: reason ? head! : null };
}

/** Puts the network's own head into `dict` where the weights' is for other classes; returns why, or null. */
function replaceHead(
  dict: Record<string, StateDictEntry>,
  expected: StateDict,
  {
    head,
    numClasses,
    classNames,
    wanted,
  }: Required<Omit<MatchOptions, 'channels'>> & { readonly head: string },
): string | null {
  const weight = dict[`${head}.weight`];
  const rows = weight?.shape[0] ?? 0;
  if (numClasses !== null && rows !== numClasses) {
    throw new Error(
      `expected ${numClasses} classes, as the weights' description says, got ${rows} in ${head}. Correct the description, or give the weights that it is of`,
    );
  }
  if (weight && classNames) checkClassNames(classNames, { numClasses: rows, from: namesOfWeights });
  const ours = expected[`${head}.weight`]!.shape;
  const others = wanted && classNames && wanted.join('\n') !== classNames.join('\n');
  if (weight ? rows === ours[0] && !others : numClasses !== 0) return null;
  // Features of another size are another network's.
  if (weight && weight.shape[1] !== ours[1]) return null;
  for (const name of Object.keys(expected).filter(isOf(head))) dict[name] = expected[name]!;
  return rows === ours[0]
    ? `other classes of the same number, ${rows}`
    : `${ours[0]} classes instead of ${rows}`;
}

/** Of a run that diverged, or a file that was spoilt: the architecture, which the network would blame, is right. */
function refuseNotFinite(dict: StateDict): void {
  const spoilt = Object.keys(dict).filter((name) => !dict[name]!.data.every(Number.isFinite));
  if (spoilt.length === 0) return;
  throw new Error(
    `expected finite numbers, got NaN or infinity in ${list(spoilt)}; nothing was loaded. Get or convert the weights again, or take them from before their training diverged`,
  );
}

const list = (names: readonly string[]) =>
  names.length === 0
    ? 'none'
    : `${names.slice(0, listed).join(', ')}${names.length > listed ? ` and ${names.length - listed} more` : ''}`;

function refuseMismatches(dict: StateDict, expected: StateDict): void {
  const missing = Object.keys(expected).filter((name) => !Object.hasOwn(dict, name));
  const unexpected = Object.keys(dict).filter((name) => !Object.hasOwn(expected, name));
  const misshapen = Object.keys(expected)
    .filter((name) => dict[name] && `${dict[name].shape}` !== `${expected[name]!.shape}`)
    .map((name) => `${name} [${dict[name]!.shape}] for [${expected[name]!.shape}]`);
  if (missing.length + unexpected.length + misshapen.length === 0) return;
  throw new Error(
    `expected the weights of this architecture; nothing was loaded.\n  missing: ${list(missing)}\n  unexpected: ${list(unexpected)}\n  of another shape: ${list(misshapen)}\nCheck the name of the network`,
  );
}
