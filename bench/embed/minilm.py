#!/usr/bin/env python3
"""all-MiniLM-L6-v2 in other programs' hands, beside crates/embed: `cargo xtask eval embeddings` and `cargo xtask bench embed` run this.

    minilm.py parity MODEL LINES VECTORS   compares vectors with those computed here, in double precision, by NumPy and Hugging Face's tokenizer
    minilm.py rate MODEL LINES             embeds all lines by ONNX Runtime on one thread for every line on stdin; prints the seconds

MODEL is the folder of model.safetensors and tokenizer.json. LINES has a JSON string a line, VECTORS a JSON list of numbers for each.
"""

import json
import math
import struct
import sys
import time
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

LAYERS, HEADS, HIDDEN = 6, 12, 384
LONGEST = 256
# The least cosine that passes.
LEAST = 0.9999


def weights(model: Path) -> dict[str, np.ndarray]:
    """The tensors of the file, by its format's description."""
    data = (model / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] == "F32":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            tensors[name] = np.frombuffer(data[start:end], np.float32).reshape(entry["shape"])
    return tensors


def tokenizer(model: Path) -> Tokenizer:
    found = Tokenizer.from_file(str(model / "tokenizer.json"))
    # The file pads and cuts at 128.
    found.no_padding()
    found.enable_truncation(LONGEST)
    return found


def layer(number: int, name: str) -> str:
    return f"encoder.layer.{number}.{name}"


def slowly(tensors: dict[str, np.ndarray], ids: list[int]) -> np.ndarray:
    """The embedding of one text, step by step as the paper has it."""

    def dense(name, x):
        return x @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]

    def norm(name, x):
        mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - mean) / np.sqrt(variance + 1e-12) * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]

    def heads(x):
        return x.reshape(len(ids), HEADS, HIDDEN // HEADS).transpose(1, 0, 2)

    erf = np.vectorize(math.erf, otypes=[np.float64])
    words, places, kinds = (tensors[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type"))
    x = norm("embeddings.LayerNorm", words[ids] + places[: len(ids)] + kinds[0])
    for number in range(LAYERS):
        query, key, value = (heads(dense(layer(number, f"attention.self.{name}"), x)) for name in ("query", "key", "value"))
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(HIDDEN // HEADS)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        attended = (shares @ value).transpose(1, 0, 2).reshape(len(ids), HIDDEN)
        x = norm(layer(number, "attention.output.LayerNorm"), x + dense(layer(number, "attention.output.dense"), attended))
        wide = dense(layer(number, "intermediate.dense"), x)
        wide = wide * 0.5 * (1 + erf(wide / math.sqrt(2)))
        x = norm(layer(number, "output.LayerNorm"), x + dense(layer(number, "output.dense"), wide))
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def parity(model: Path, lines: Path, vectors: Path) -> None:
    tensors = {name: tensor.astype(np.float64) for name, tensor in weights(model).items()}
    encode = tokenizer(model).encode
    texts = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    ours = [np.array(json.loads(line)) for line in vectors.read_text(encoding="utf-8").splitlines()]
    if len(texts) != len(ours):
        sys.exit(f"{len(ours)} vectors of {len(texts)} lines")
    session = runtime(tensors)
    least, furthest, cut, fast = (2.0, ""), 0.0, 0, 2.0
    for text, vector in zip(texts, ours):
        ids = encode(text).ids
        cut += len(ids) == LONGEST
        expected = slowly(tensors, ids)
        furthest = max(furthest, np.abs(vector - expected).max())
        least = min(least, (float(vector @ expected), text[:60]))
        fast = min(fast, float(pooled(session, [ids])[0] @ expected))
    print(f"{len(texts)} lines, {cut} of them of {LONGEST} tokens or more")
    print(f"least cosine {least[0]:.9f} ({least[1]!r}), largest difference of a number {furthest:.2e}")
    print(f"least cosine of ONNX Runtime {fast:.9f}")
    if least[0] < LEAST or fast < LEAST:
        sys.exit(f"a cosine is below {LEAST}")


def runtime(tensors: dict[str, np.ndarray]):
    """The same as a graph of the operators that ONNX Runtime has for BERT, which its own optimizer makes of an exported model; one thread."""
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    nodes, constants = [], []

    def constant(name, value):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))
        return name

    def node(kind, inputs, output, domain="com.microsoft", **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output

    def tensor(name):
        return constant(name, tensors[name])

    def turned(name):
        return constant(name, tensors[name].T)

    embeddings = [tensor("embeddings.word_embeddings.weight")]
    places = tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0]
    embeddings += [constant("places", places), ""]
    norm = [tensor("embeddings.LayerNorm.weight"), tensor("embeddings.LayerNorm.bias")]
    nodes.append(
        helper.make_node(
            "EmbedLayerNormalization", ["ids", "", *embeddings, *norm], ["x", "unused"], domain="com.microsoft", epsilon=1e-12
        )
    )
    x = "x"
    for number in range(LAYERS):
        at = lambda name: layer(number, name)
        asked = [tensors[at(f"attention.self.{name}.weight")].T for name in ("query", "key", "value")]
        bias = [tensors[at(f"attention.self.{name}.bias")] for name in ("query", "key", "value")]
        inputs = [x, constant(at("asked"), np.concatenate(asked, 1)), constant(at("asked.bias"), np.concatenate(bias)), "mask"]
        attended = node("Attention", inputs, at("attended"), num_heads=HEADS)

        def add_and_norm(x, more, dense, norm):
            inputs = [more, x, tensor(at(f"{norm}.weight")), tensor(at(f"{norm}.bias")), tensor(at(f"{dense}.bias"))]
            return node("SkipLayerNormalization", inputs, at(f"{norm}.out"), epsilon=1e-12)

        def multiplied(x, dense):
            return node("MatMul", [x, turned(at(f"{dense}.weight"))], at(f"{dense}.out"), domain="")

        more = multiplied(attended, "attention.output.dense")
        x = add_and_norm(x, more, "attention.output.dense", "attention.output.LayerNorm")
        wide = [multiplied(x, "intermediate.dense"), tensor(at("intermediate.dense.bias"))]
        more = multiplied(node("BiasGelu", wide, at("wide")), "output.dense")
        x = add_and_norm(x, more, "output.dense", "output.LayerNorm")
    shape = ["texts", "tokens"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT32, shape) for name in ("ids", "mask")]
    output = helper.make_tensor_value_info(x, TensorProto.FLOAT, [*shape, HIDDEN])
    graph = helper.make_graph(nodes, "minilm", inputs, [output], constants)
    versions = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=versions, ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def pooled(session, batch: list[list[int]]) -> np.ndarray:
    longest = max(map(len, batch))
    ids, mask = np.zeros((len(batch), longest), np.int32), np.zeros((len(batch), longest), np.int32)
    for row, text in enumerate(batch):
        ids[row, : len(text)], mask[row, : len(text)] = text, 1
    (states,) = session.run(None, {"ids": ids, "mask": mask})
    means = (states * mask[:, :, None]).sum(1)
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def rate(model: Path, lines: Path) -> None:
    session, encode = runtime(weights(model)), tokenizer(model).encode
    texts = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]

    def work(size):
        # By length, so that little is padded, as sentence-transformers does.
        tokens = sorted((encode(text).ids for text in texts), key=len)
        for start in range(0, len(tokens), size):
            pooled(session, tokens[start : start + size])

    def seconds(size):
        start = time.perf_counter()
        work(size)
        return time.perf_counter() - start

    # The size of a batch that is fastest here.
    best = min((1, 4, 8, 32), key=lambda size: min(seconds(size), seconds(size)))
    for _ in sys.stdin:
        print(seconds(best), flush=True)


def main() -> None:
    match sys.argv[1:]:
        case ["parity", model, lines, vectors]:
            parity(Path(model), Path(lines), Path(vectors))
        case ["rate", model, lines]:
            rate(Path(model), Path(lines))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
