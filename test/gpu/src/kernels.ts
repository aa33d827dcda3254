import { fieldsOf, messagesOf } from '@bag-of-tricks/libtensorflow/protobuf';
import { type GraphNode, text, textOf, typesOf } from './graph-def.ts';

/** An argument of an op: of one type or of that of an attribute, once or as often as an attribute says. */
export interface Argument {
  readonly name: string;
  readonly type?: number;
  readonly typeAttribute?: string;
  readonly countAttribute?: string;
  readonly listAttribute?: string;
}

/** What TensorFlow's definition of an op says of its arguments. */
export interface OpArguments {
  readonly inputs: readonly Argument[];
  readonly outputs: readonly Argument[];
}

/** What the CUDA build has registered for an op of these types; on a GPU, the arguments that it wants or leaves in host memory. */
export interface Kernel {
  readonly gpu: boolean;
  readonly host: readonly string[];
}

/** One of all that are registered. */
export interface Registered {
  readonly op: string;
  readonly device: string;
  /** Types that attributes may have. */
  readonly allowed: Readonly<Record<string, readonly number[]>>;
  readonly host: readonly string[];
  readonly label: string;
}

/** Field numbers of OpList, OpDef and ArgDef (op_def.proto), of KernelList and KernelDef (kernel_def.proto). */
const [OP, OP_NAME, INPUT_ARG, OUTPUT_ARG] = [1, 1, 2, 3];
const [ARG_NAME, ARG_TYPE, TYPE_ATTR, NUMBER_ATTR, TYPE_LIST_ATTR] = [1, 3, 4, 5, 6];
const [KERNEL, KERNEL_OP, DEVICE_TYPE, CONSTRAINT, HOST_MEMORY_ARG, LABEL] = [1, 1, 2, 3, 4, 5];
const [CONSTRAINT_NAME, ALLOWED_VALUES] = [1, 2];

function readArgument(argument: Uint8Array): Argument {
  const type = [...fieldsOf(argument)].find(({ number }) => number === ARG_TYPE)?.value as number;
  const [typeAttribute, countAttribute, listAttribute] = [
    TYPE_ATTR,
    NUMBER_ATTR,
    TYPE_LIST_ATTR,
  ].map((field) => textOf(argument, field));
  return {
    name: textOf(argument, ARG_NAME),
    ...(type && { type }),
    ...(typeAttribute && { typeAttribute }),
    ...(countAttribute && { countAttribute }),
    ...(listAttribute && { listAttribute }),
  };
}

/** The definitions in a serialised OpList, by name. */
export const readOps = (opList: Uint8Array): Map<string, OpArguments> =>
  new Map(
    messagesOf(opList, OP).map((op) => [
      textOf(op, OP_NAME),
      {
        inputs: messagesOf(op, INPUT_ARG).map(readArgument),
        outputs: messagesOf(op, OUTPUT_ARG).map(readArgument),
      },
    ]),
  );

/** The kernels in a serialised KernelList. */
export const readKernels = (kernelList: Uint8Array): Registered[] =>
  messagesOf(kernelList, KERNEL).map((kernel) => ({
    op: textOf(kernel, KERNEL_OP),
    device: textOf(kernel, DEVICE_TYPE),
    allowed: Object.fromEntries(
      messagesOf(kernel, CONSTRAINT).map((constraint) => [
        textOf(constraint, CONSTRAINT_NAME),
        messagesOf(constraint, ALLOWED_VALUES).flatMap(typesOf),
      ]),
    ),
    host: messagesOf(kernel, HOST_MEMORY_ARG).map(text),
    label: textOf(kernel, LABEL),
  }));

/** The kernel that TensorFlow takes on a GPU: its own, else the one that any device may take. */
export function kernelOn(registered: readonly Registered[], node: GraphNode): Kernel {
  const fits = ({ op, allowed, label }: Registered) =>
    op === node.op &&
    label === '' &&
    Object.entries(allowed).every(([attribute, types]) =>
      node.types[attribute]?.every((type) => types.includes(type)),
    );
  const fitting = registered.filter(fits);
  const found = ['GPU', 'DEFAULT'].flatMap((wanted) =>
    fitting.filter(({ device }) => device === wanted),
  )[0];
  return { gpu: found !== undefined, host: found?.host ?? [] };
}

/** TensorFlow's names of types, by number (tensorflow/core/framework/types.proto). */
const typeNames: Readonly<Record<number, string>> = {
  ...{ 1: 'float32', 2: 'float64', 3: 'int32', 4: 'uint8', 5: 'int16', 6: 'int8', 7: 'string' },
  ...{ 8: 'complex64', 9: 'int64', 10: 'bool', 14: 'bfloat16', 17: 'uint16', 18: 'complex128' },
  ...{ 19: 'float16', 20: 'resource', 21: 'variant', 22: 'uint32', 23: 'uint64' },
};

/** An op with the types by which its kernel is chosen, such as `Cast DstT=float32 SrcT=uint8`. */
export const signatureOf = ({ op, types }: GraphNode): string =>
  [
    op,
    ...Object.keys(types)
      .sort()
      .map((name) => `${name}=${types[name]!.map((type) => typeNames[type] ?? type).join('+')}`),
  ].join(' ');

/** Each tensor's argument and type, in order. */
export function tensorsOf(
  node: GraphNode,
  args: readonly Argument[],
): { name: string; type: number }[] {
  return args.flatMap(({ name, type, typeAttribute, countAttribute, listAttribute }) => {
    if (listAttribute !== undefined) {
      return node.types[listAttribute]!.map((one) => ({ name, type: one }));
    }
    const own = type ?? node.types[typeAttribute!]![0]!;
    const count = countAttribute === undefined ? 1 : node.numbers[countAttribute]!;
    return Array.from({ length: count }, () => ({ name, type: own }));
  });
}

/** The types of a node's outputs, in order. */
export const outputTypes = (node: GraphNode, { outputs }: OpArguments): number[] =>
  tensorsOf(node, outputs).map(({ type }) => type);
