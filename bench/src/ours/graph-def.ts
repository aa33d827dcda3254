import { fieldsOf, messagesOf } from '@bag-of-tricks/libtensorflow/protobuf';

/** A node of a serialised GraphDef. */
export interface GraphNode {
  readonly op: string;
  /** TensorFlow's number of the node's attribute `T`, its element type; undefined without one. */
  readonly type: number | undefined;
}

/** Field numbers of GraphDef, NodeDef, its map of attributes and AttrValue (tensorflow/core/framework/*.proto). */
const NODE = 1;
const OP = 2;
const ATTRIBUTE = 5;
const KEY = 1;
const VALUE = 2;
const TYPE = 6;

/** The nodes of a serialised GraphDef, in order. */
export function graphNodes(graphDef: Uint8Array): GraphNode[] {
  return messagesOf(graphDef, NODE).map((node) => ({
    op: text(messagesOf(node, OP)[0]),
    type: attributeType(node, 'T'),
  }));
}

function attributeType(node: Uint8Array, name: string): number | undefined {
  const attribute = messagesOf(node, ATTRIBUTE).find(
    (entry) => text(messagesOf(entry, KEY)[0]) === name,
  );
  const value = attribute && messagesOf(attribute, VALUE)[0];
  return value && ([...fieldsOf(value)].find(({ number }) => number === TYPE)?.value as number);
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
