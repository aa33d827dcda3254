import type { NodeDef } from '../proto/tensorflow.generated.ts';
import { sourceOf } from './nodes.ts';

const prefix = 'weights/';

/** Where in the network a node is, for messages: `in layer1.0.conv1`, by the nearest weights before it. */
export function layerOf(node: NodeDef, nodes: ReadonlyMap<string, NodeDef>): string {
  const seen = new Set<string>();
  let level: NodeDef[] = [node];
  while (level.length > 0) {
    const weights = level.find(({ name }) => name.startsWith(prefix));
    if (weights) return `in ${weights.name.slice(prefix.length).replace(/\.[^.]*$/, '')}`;
    level = level
      .flatMap(({ input }) => input.map(sourceOf))
      .flatMap((name) => {
        const next = nodes.get(name);
        if (!next || seen.has(name)) return [];
        seen.add(name);
        return [next];
      });
  }
  return `(node ${node.name})`;
}
