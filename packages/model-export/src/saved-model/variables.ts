import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFreeSpace, type Files } from '@bag-of-tricks/durable-files';
import { LoadedGraph, type TensorFlowApi } from '@bag-of-tricks/libtensorflow/native';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { versions } from '../graph/fold-constants.ts';
import {
  attributes,
  bytesOf,
  type Constant,
  constantOf,
  type Graph,
  graphOf,
  node,
  shapeProto,
} from '../graph/nodes.ts';
import {
  DataType,
  GraphDefSchema,
  type MetaGraphDefSchema,
  type NodeDef,
  SaverDef_CheckpointFormatVersion,
  TensorProtoSchema,
  VariableDefSchema,
} from '../proto/tensorflow.generated.ts';

const { type, types, text, shape } = attributes;
const { DT_FLOAT, DT_STRING } = DataType;

/** A SavedModel whose weights are not in its graph. */
interface VariableModel {
  readonly nodes: NodeDef[];
  /** The checkpoint, by name in the folder of the SavedModel. */
  readonly files: Files;
  /** What its MetaGraph says of saving and restoring. */
  readonly about: Pick<MessageInitShape<typeof MetaGraphDefSchema>, 'saverDef' | 'collectionDef'>;
}

const readOf = (name: string) => `${name}/read`;
const path = 'save/path';
const saved = 'save/saved';
const restored = 'save/restored';
const assignment = (index: number) => `save/assign_${index}`;

/** Makes variables of a graph's weights, under their names, with the ops that save and restore them; TensorFlow's SaveV2 writes their checkpoint. */
export async function withVariables(graph: Graph, api: TensorFlowApi): Promise<VariableModel> {
  const weights = new Map<string, Constant>();
  for (const one of graph.nodes.values()) {
    const constant = one.name.startsWith('weights/') ? constantOf(one) : undefined;
    if (constant?.dtype === DT_FLOAT) weights.set(one.name, constant);
  }
  const nodes = Array.from(graph.nodes.values()).flatMap((one) => {
    const weight = weights.get(one.name);
    if (weight) return variable(one.name, weight);
    return [{ ...one, input: one.input.map((name) => (weights.has(name) ? readOf(name) : name)) }];
  });
  nodes.push(...saver([...weights.keys()]));
  const value = Array.from(weights.keys(), (name, i) =>
    toBinary(
      VariableDefSchema,
      create(VariableDefSchema, {
        ...{ variableName: `${name}:0`, snapshotName: `${readOf(name)}:0` },
        ...{ initializerName: assignment(i), isResource: true, trainable: true },
      }),
    ),
  );
  const collection = { kind: { case: 'bytesList', value: { value } } } as const;
  return {
    nodes,
    files: await checkpoint(nodes, weights, api),
    about: {
      saverDef: {
        ...{ filenameTensorName: `${path}:0`, saveTensorName: `${saved}:0` },
        ...{ restoreOpName: restored, maxToKeep: 5, version: SaverDef_CheckpointFormatVersion.V2 },
      },
      // By these Python finds the variables, and keeps those of two models apart.
      collectionDef: { variables: collection, trainable_variables: collection },
    },
  };
}

const variable = (name: string, { dtype, shape: sizes }: Constant): NodeDef[] => [
  node(name, 'VarHandleOp', [], {
    ...{ dtype: type(dtype), shape: shape(sizes), shared_name: text(name) },
  }),
  node(readOf(name), 'ReadVariableOp', [name], { dtype: type(dtype) }),
];

/** As TensorFlow's own Saver has them: to and from the checkpoint whose path is fed. */
function saver(names: readonly string[]): NodeDef[] {
  const dtypes = types(names.map(() => DT_FLOAT));
  const about = [path, 'save/names', 'save/slices'];
  return [
    strings(path, [], ['model']),
    strings('save/names', [names.length], names),
    strings(
      'save/slices',
      [names.length],
      names.map(() => ''),
    ),
    node('save/save', 'SaveV2', [...about, ...names.map(readOf)], { dtypes }),
    node(saved, 'Identity', [path, '^save/save'], { T: type(DT_STRING) }),
    node('save/restore', 'RestoreV2', about, { dtypes }),
    ...names.map((name, i) =>
      node(assignment(i), 'AssignVariableOp', [name, `save/restore${i > 0 ? `:${i}` : ''}`], {
        dtype: type(DT_FLOAT),
      }),
    ),
    node(
      restored,
      'NoOp',
      names.map((_, i) => `^${assignment(i)}`),
      {},
    ),
  ];
}

const strings = (name: string, sizes: readonly number[], values: readonly string[]) =>
  node(name, 'Const', [], {
    dtype: type(DT_STRING),
    value: {
      case: 'tensor',
      value: create(TensorProtoSchema, {
        ...{ dtype: DT_STRING, tensorShape: shapeProto(sizes) },
        stringVal: values.map((one) => Buffer.from(one)),
      }),
    },
  });

/** What SaveV2 writes of these values. */
async function checkpoint(
  nodes: NodeDef[],
  weights: ReadonlyMap<string, Constant>,
  api: TensorFlowApi,
): Promise<Files> {
  const sizes = Array.from(weights, ([name, { values }]) => [name, bytesOf(values)] as const);
  await checkFreeSpace(tmpdir(), Object.fromEntries(sizes), 'set TMPDIR to another folder');
  const folder = await mkdtemp(join(tmpdir(), 'variables-'));
  const node = [...graphOf(nodes, [saved]).nodes.values()];
  const bytes = toBinary(GraphDefSchema, create(GraphDefSchema, { node, versions }));
  const loaded = LoadedGraph.fromGraphDef(api, bytes);
  try {
    const prefix = {
      dtype: DT_STRING,
      shape: [],
      values: [Buffer.from(join(folder, 'variables'))],
    };
    const reads = Array.from(weights, ([name, weight]) => [readOf(name), weight] as const);
    await loaded.run({ [path]: prefix, ...Object.fromEntries(reads) }, [saved]);
    const files = (await readdir(folder)).map(
      async (name) => [`variables/${name}`, await readFile(join(folder, name))] as const,
    );
    return Object.fromEntries(await Promise.all(files));
  } finally {
    loaded.dispose();
    await rm(folder, { recursive: true });
  }
}
