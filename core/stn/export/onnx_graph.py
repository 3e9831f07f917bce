"""ONNX graphs put together from parts: a torch module becomes a part, parts are chained, unused nodes are left out.

PyTorch's exporter needs seconds for a network and minutes for the same network applied five times in a row; here it exports one
application, which is repeated in the graph with the same weights.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import onnx
import torch
from onnx import GraphProto, NodeProto, TensorProto, helper
from torch import Tensor, nn

from core.stn.export.weights_file import THETA
from core.stn.geometry.families import FAMILIES, FamilyName

OPSET = 18
TRACED = 2  # images in the batch that is traced; the exported graph takes batches of any size


def facts(family: FamilyName) -> dict[str, str]:
    """What one has to know to use a theta, as metadata of the file."""
    return {
        "family": family,
        "parameters": ", ".join(FAMILIES[family].parameters),
        "opset": str(OPSET),
        "theta": THETA,
    }


def session_of(content: bytes) -> Any:
    """An onnxruntime session on one CPU thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hides the exporter's messages about packages that are not needed here."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


@dataclass(frozen=True)
class Module:
    """A torch module in eval mode to be exported: an example of each input, and the names of its outputs."""

    module: nn.Module
    inputs: Mapping[str, Tensor]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """What a module became: ONNX nodes that read `inputs` and write `outputs`, both names of tensors; `shapes` are those of the
    outputs for one image."""

    nodes: list[NodeProto]
    weights: list[TensorProto]
    inputs: Mapping[str, str]
    outputs: list[str]
    shapes: list[list[int]]


class _SideBySide(nn.Module):
    """Modules that have nothing to do with one another: the inputs of all to the outputs of all."""

    def __init__(self, modules: list[Module]) -> None:
        super().__init__()
        self.counts = [len(module.inputs) for module in modules]
        self.each = nn.ModuleList(module.module for module in modules)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        left = list(inputs)
        outputs: list[Tensor] = []
        for module, count in zip(self.each, self.counts, strict=True):
            own, left = left[:count], left[count:]
            answer = module(*own)
            outputs += answer if isinstance(answer, tuple) else [answer]
        return tuple(outputs)


def parts_of(modules: Mapping[str, Module]) -> dict[str, Part]:
    """Each module as a part; the first dimension of all inputs of a module is one batch of any size.

    One export for all of them: the exporter lists its operators anew for each, which takes longer than a small network does.
    """
    together = _SideBySide(list(modules.values())).eval()
    inputs = {(label, name): value for label, module in modules.items() for name, value in module.inputs.items()}
    outputs = [(label, name) for label, module in modules.items() for name in module.outputs]
    with torch.no_grad():
        examples = together(*inputs.values())  # fills the caches before tracing
    shapes = {"/".join(name): list(example.shape[1:]) for name, example in zip(outputs, examples, strict=True)}
    with _quiet():
        batches = {label: torch.export.Dim(f"batch_{number}") for number, label in enumerate(modules)}
        program = torch.onnx.export(
            together,
            tuple(value.clone() for value in inputs.values()),  # one tensor twice would be traced as one input
            dynamo=True,
            opset_version=OPSET,
            input_names=list(map("/".join, inputs)),
            output_names=list(map("/".join, outputs)),
            dynamic_shapes=(tuple({0: batches[label]} for label, _ in inputs),),
            verbose=False,
        )
    assert program is not None
    graph = program.model_proto.graph
    if program.model_proto.functions or any(attribute.HasField("g") for node in graph.node for attribute in node.attribute):
        raise ValueError(f"{', '.join(modules)} came out with functions or graphs inside, which cannot be renamed")
    fixed = [output.name for output in graph.output if not output.type.tensor_type.shape.dim[0].dim_param]
    if fixed:
        raise ValueError(f"{', '.join(fixed)} came out for one size of batch only")
    return {label: _part(graph, label, module, shapes) for label, module in modules.items()}


def _part(graph: GraphProto, label: str, module: Module, shapes: Mapping[str, list[int]]) -> Part:
    outputs = [f"{label}/{name}" for name in module.outputs]
    nodes = _needed(list(graph.node), set(outputs))
    read = {tensor for node in nodes for tensor in node.input}
    weights = [weight for weight in graph.initializer if weight.name in read]
    inputs = {name: f"{label}/{name}" for name in module.inputs}
    return Part(nodes, weights, inputs, outputs, [shapes[output] for output in outputs])


def _copied(node: NodeProto, prefix: str, inputs: list[str], outputs: list[str]) -> NodeProto:
    copy = NodeProto()
    copy.CopyFrom(node)
    copy.name = prefix + node.name
    del copy.input[:], copy.output[:], copy.metadata_props[:]
    copy.input.extend(inputs)
    copy.output.extend(outputs)
    return copy


def _needed(nodes: list[NodeProto], outputs: set[str]) -> list[NodeProto]:
    """The nodes that the outputs depend on, in their order."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted & set(node.output):
            wanted |= set(node.input)
            kept.append(node)
    return kept[::-1]


def _floats(name: str, shape: list[Any]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


class Chain:
    """A graph that grows by parts; every tensor has a name, and `add` gives the names of what a part puts out."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.weights: dict[str, TensorProto] = {}
        self._parts = 0

    def add(self, label: str, part: Part, inputs: Mapping[str, str]) -> list[str]:
        """Add a part that reads its inputs from these tensors. Parts with the same label share their weights."""
        own = {weight.name: f"{label}/{weight.name}" for weight in part.weights}
        for weight in part.weights:
            self._keep(weight, own[weight.name])
        prefix, self._parts = f"{label}.{self._parts}/", self._parts + 1
        names = {"": "", **own, **{part.inputs[name]: tensor for name, tensor in inputs.items()}}

        def renamed(name: str) -> str:
            return names.get(name, prefix + name)

        for node in part.nodes:
            self.nodes.append(_copied(node, prefix, list(map(renamed, node.input)), list(map(renamed, node.output))))
        return [renamed(output) for output in part.outputs]

    def _keep(self, weight: TensorProto, name: str) -> None:
        if name not in self.weights:
            kept = TensorProto()
            kept.CopyFrom(weight)
            kept.name = name
            self.weights[name] = kept

    def model(
        self, name: str, inputs: Mapping[str, list[Any]], outputs: Mapping[str, tuple[str, list[Any]]], about: Mapping[str, str]
    ) -> bytes:  # fmt: skip
        """The finished file: inputs by name with their shapes, outputs by name with the tensor they are and their shapes."""
        ends = [helper.make_node("Identity", [tensor], [output]) for output, (tensor, _) in outputs.items()]
        nodes = _needed([*self.nodes, *ends], set(outputs))
        read = {tensor for node in nodes for tensor in node.input}
        graph: GraphProto = helper.make_graph(
            nodes,
            name,
            [_floats(key, shape) for key, shape in inputs.items()],
            [_floats(key, shape) for key, (_, shape) in outputs.items()],
            [weight for key, weight in self.weights.items() if key in read],
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="gridcast", ir_version=10
        )
        helper.set_model_props(model, dict(about))
        onnx.checker.check_model(model, full_check=True)
        return model.SerializeToString()
