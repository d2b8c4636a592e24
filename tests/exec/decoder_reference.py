"""Greedy generation with ONNX Runtime, step by step on the file that is compiled: caches go from a step's outputs to the next one's inputs."""

import os
import re

import numpy
import onnx
import onnxruntime

TYPES = {"tensor(int64)": numpy.int64, "tensor(int32)": numpy.int32, "tensor(float)": numpy.float32, "tensor(float16)": numpy.float16, "tensor(bool)": numpy.bool_}
NAMES_OF_STATES = re.compile(r"past_key_values|past|present|cache|input|output|[._]")


def state_key(name):
    """What the past of a state and its present have in common in their names."""
    return NAMES_OF_STATES.sub("", name)


def is_past(name):
    return "past" in name


def has_cache(path):
    model = onnx.load(path, load_external_data=False)
    return any(is_past(value.name) for value in model.graph.input)


def keep_experts(model):
    """ONNX Runtime loses the experts of a MoE node whose input nothing reads later: as outputs of the graph they stay alive."""
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(node.input[0]) for node in model.graph.node if node.op_type == "MoE")


def use_current_layout(model):
    """ONNX Runtime reads experts as experts x outputs x inputs. Weights of 2024 are experts x inputs x outputs: where the scales of a norm say what the
    hidden size is, the two are told apart, and the weights are turned."""
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    norms = [node for node in model.graph.node if node.op_type.endswith("LayerNormalization")]
    hidden = next((tensors[name].dims[0] for node in norms for name in node.input if name in tensors), None)
    for node in model.graph.node:
        first = tensors.get(node.input[2]) if node.op_type == "MoE" else None
        if first is None or first.dims[2] == hidden:
            continue
        for name in (node.input[2], node.input[4], node.input[6] if len(node.input) > 6 else ""):
            if name:
                array = numpy.ascontiguousarray(onnx.numpy_helper.to_array(tensors[name]).transpose(0, 2, 1))
                tensors[name].CopyFrom(onnx.numpy_helper.from_array(array, name))


class Reference:
    def __init__(self, folder, scratch):
        model = onnx.load(os.path.join(folder, "model.onnx"))
        use_current_layout(model)
        keep_experts(model)
        path = os.path.join(scratch, "reference.onnx")
        onnx.save(model, path)
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        self.inputs = {value.name: value for value in self.session.get_inputs()}
        self.outputs = [value.name for value in self.session.get_outputs()]
        presents = {state_key(name): name for name in self.outputs[1:]}
        self.presents = {name: presents[state_key(name)] for name in self.inputs if is_past(name)}
        self.pasts = {name: numpy.load(os.path.join(folder, "inputs", name + ".npy")).shape for name in self.presents}
        columns = next(value.shape[1] for name, value in self.inputs.items() if "input_ids" in name)
        self.step = columns if isinstance(columns, int) else 0

    def empty_states(self, batch):
        """Keys and values grow; the state of a convolution is zeros."""
        shapes = {name: (batch, shape[1], 0, shape[3]) if len(shape) == 4 else (batch, *shape[1:]) for name, shape in self.pasts.items()}
        return {name: numpy.zeros(shape, TYPES[self.inputs[name].type]) for name, shape in shapes.items()}

    def feeds(self, ids, begin, end):
        values = {"position": numpy.broadcast_to(numpy.arange(begin, end), (len(ids), end - begin)), "mask": numpy.ones_like(ids[:, :end]),
                  "ids": ids[:, begin:end]}
        made = {name: next(array for word, array in values.items() if word in name) for name in self.inputs if not is_past(name)}
        return {name: array.astype(TYPES[self.inputs[name].type]) for name, array in made.items()}

    def together(self, rows, tokens):
        """Prompts of one length."""
        ids = numpy.array(rows, numpy.int64)
        states, done, columns = self.empty_states(len(ids)), 0, []
        for _ in range(tokens):
            while done < ids.shape[1]:
                end = done + self.step if self.step else ids.shape[1]
                results = dict(zip(self.outputs, self.session.run(self.outputs, self.feeds(ids, done, end) | states)))
                states = {name: results[present] for name, present in self.presents.items()}
                done = end
            columns.append(results[self.outputs[0]][:, -1].argmax(axis=-1))
            ids = numpy.concatenate([ids, columns[-1][:, None]], axis=1)
            done = done if states else 0
        return numpy.array(columns).T.tolist()

    def generate(self, rows, tokens):
        """Each prompt by itself. Without caches, prompts of one length go together: they share the room of experts of limited capacity."""
        if self.pasts:
            return [self.together([row], tokens)[0] for row in rows]
        lengths = {len(row) for row in rows}
        groups = {length: iter(self.together([row for row in rows if len(row) == length], tokens)) for length in lengths}
        return [next(groups[len(row)]) for row in rows]
