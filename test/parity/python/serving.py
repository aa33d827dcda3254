"""What TensorFlow Serving demands of a SavedModel, by its documentation and its loader, without the server, which no package brings:

    python python/serving.py <folder>/<version>     prints what is wrong, if anything is
"""

import pathlib
import sys

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import kernels, op_def_registry

# Of Python's own: the server has no interpreter.
PYTHON_OPS = {"PyFunc", "PyFuncStateless", "EagerPyFunc", "NumpyFunc"}


def proto_problems(folder):
    """The folder, the MetaGraph, its signatures and its ops."""
    if not folder.name.isdigit():
        yield f"the folder is to be named by the number of a version, not {folder.name}"
    model = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    if model.saved_model_schema_version != 1 or [list(one.meta_info_def.tags) for one in model.meta_graphs] != [["serve"]]:
        yield "one MetaGraph of schema 1 with the tag serve is expected"
    (graph,) = model.meta_graphs
    nodes = {one.name: one for one in graph.graph_def.node}
    if len(nodes) != len(graph.graph_def.node):
        yield "two nodes have one name"
    bodies = [one for function in graph.graph_def.library.function for one in function.node_def]
    for op in sorted({one.op for one in [*nodes.values(), *bodies]}):
        registered = op_def_registry.get(op) is not None
        devices = {one.device_type for one in kernels.get_registered_kernels_for_op(op).kernel} if registered else set()
        if op in PYTHON_OPS or not devices & {"CPU", "DEFAULT"}:
            yield f"the server has no kernel for {op}"
    if sorted(graph.signature_def) != ["serving_default", "serving_jpeg"]:
        yield f"signatures are {sorted(graph.signature_def)}"
    for name, signature in graph.signature_def.items():
        if signature.method_name != "tensorflow/serving/predict":
            yield f"{name} has the method {signature.method_name}, so that Predict does not take it"
        for alias, info in [*signature.inputs.items(), *signature.outputs.items()]:
            if info.name.split(":")[0] not in nodes:
                yield f"{name}: {alias} is {info.name}, which the graph has not"
            # `instances` of REST, and the server's own batches, put pictures together along the first dimension.
            if info.tensor_shape.dim[0].size != -1:
                yield f"{name}: {alias} is to be of any batch"
        # An output of such a name is sent as base64; a binary input, {"b64": ...}, may have any name.
        yield from (f"REST would send {alias} as base64" for alias in signature.outputs if alias.endswith("_bytes"))
        types = [tf.as_dtype(info.dtype) for info in [*signature.inputs.values(), *signature.outputs.values()]]
        if types != [tf.string if name == "serving_jpeg" else tf.float32, tf.float32]:
            yield f"{name} is of {types}"
    if graph.asset_file_def or (folder / "assets").exists():
        yield "assets are expected nowhere"
    yield from variable_problems(folder, graph, nodes)


def variable_problems(folder, graph, nodes):
    """What the server restores is what the graph has, and all of it."""
    variables = {name: one for name, one in nodes.items() if one.op == "VarHandleOp"}
    prefix = folder / "variables" / "variables"
    if bool(variables) != prefix.with_suffix(".index").exists() or bool(variables) != graph.HasField("saver_def"):
        yield "variables, their checkpoint and a saver belong together"
    if not variables:
        return
    saver = graph.saver_def
    for name in (saver.restore_op_name, saver.filename_tensor_name.split(":")[0], saver.save_tensor_name.split(":")[0]):
        if name not in nodes:
            yield f"the saver names {name}, which the graph has not"
    checkpoint = tf.train.load_checkpoint(str(prefix))
    shapes = {name: tf.TensorShape(one.attr["shape"].shape).as_list() for name, one in variables.items()}
    if shapes != checkpoint.get_variable_to_shape_map():
        yield "the checkpoint has other tensors than the graph has variables"
    for name in shapes:
        if not np.isfinite(checkpoint.get_tensor(name)).all():
            yield f"{name} is not finite in the checkpoint"


def run_problems(folder):
    """Loads it by its tag into a session, which is what the server does, and asks for one picture, three, and none that is a picture."""
    v1 = tf.compat.v1
    with v1.Session(graph=tf.Graph()) as session:
        signatures = v1.saved_model.load(session, ["serve"], str(folder)).signature_def
        default = signatures["serving_default"]
        image, output = default.inputs["images"], default.outputs["probabilities"]
        size = [dim.size for dim in image.tensor_shape.dim[1:]]
        pictures = np.random.RandomState(0).randint(0, 256, (3, *size)).astype(np.float32)
        all_three = session.run(output.name, {image.name: pictures})
        alone = session.run(output.name, {image.name: pictures[:1]})
        if all_three.shape != (3, output.tensor_shape.dim[1].size) or not np.allclose(all_three.sum(1), 1, atol=1e-4):
            yield "three pictures have no probabilities"
        if not np.allclose(all_three[:1], alone, atol=1e-5):
            yield "a picture alone has other probabilities"
        jpeg = signatures["serving_jpeg"]
        fed, wanted = jpeg.inputs["jpeg_bytes"].name, jpeg.outputs["probabilities"].name
        files = [session.run(tf.io.encode_jpeg(np.zeros((side, 200, size[-1]), np.uint8))) for side in (300, 100, 30)]
        if session.run(wanted, {fed: files}).shape != all_three.shape:
            yield "three JPEG files have no probabilities"
        try:
            session.run(wanted, {fed: [files[0], b"no picture"]})
            yield "bytes that are no picture have probabilities"
        except tf.errors.InvalidArgumentError:
            pass


def check(folder):
    problems = [*proto_problems(folder), *run_problems(folder)]
    if problems:
        raise SystemExit(f"{folder}: TensorFlow Serving would not take it: {'; '.join(problems)}")


if __name__ == "__main__":
    check(pathlib.Path(sys.argv[1]))
