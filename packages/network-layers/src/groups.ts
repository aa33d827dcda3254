/** Parameters that lie together in a network: its stem, one of its blocks, or its head. */
export interface LayerGroup {
  /** `stem`, `stage1` and so on, or `head`; a stage may have several groups. */
  readonly stage: string;
  /** Names of its parameters. */
  readonly parameters: readonly string[];
}

/** Where names say that a block begins, and where the classifier. */
export interface GroupRules {
  /** What the names of a block's tensors begin with; the first group of the expression is the stage. */
  readonly block: RegExp;
  /** Name of the dense layer at the end. */
  readonly head: string;
}

/**
 * Parameters in groups from the images to the logits, as timm's `group_matcher` has them: the stem, each block, the head. What is
 * between blocks and head, such as the last 1x1 convolution of MobileNetV2, belongs to the last block.
 */
export function layerGroups(
  names: readonly string[],
  { block, head }: GroupRules,
): readonly LayerGroup[] {
  const stages: string[] = [];
  const groups = new Map<string, { stage: string; parameters: string[] }>();
  let place = { key: 'stem', stage: 'stem' };
  for (const name of names) {
    const [key, number] = block.exec(name) ?? [];
    if (name.startsWith(`${head}.`)) place = { key: head, stage: 'head' };
    else if (key !== undefined && number !== undefined) {
      if (!stages.includes(number)) stages.push(number);
      place = { key, stage: `stage${stages.indexOf(number) + 1}` };
    }
    const { key: group, stage } = place;
    if (!groups.has(group)) groups.set(group, { stage, parameters: [] });
    groups.get(group)!.parameters.push(name);
  }
  return [...groups.values()];
}
