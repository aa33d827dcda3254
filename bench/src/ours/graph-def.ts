import { fieldsOf } from '@bag-of-tricks/libtensorflow/protobuf';

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
  return messages(graphDef, NODE).map((node) => ({
    op: text(messages(node, OP)[0]),
    type: attributeType(node, 'T'),
  }));
}

function attributeType(node: Uint8Array, name: string): number | undefined {
  const attribute = messages(node, ATTRIBUTE).find(
    (entry) => text(messages(entry, KEY)[0]) === name,
  );
  const value = attribute && messages(attribute, VALUE)[0];
  return value && ([...fieldsOf(value)].find(({ number }) => number === TYPE)?.value as number);
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

/** The fields of this number that hold bytes. */
function messages(message: Uint8Array, field: number): Uint8Array[] {
  return [...fieldsOf(message)].flatMap(({ number, value }) =>
    number === field && value instanceof Uint8Array ? [value] : [],
  );
}
