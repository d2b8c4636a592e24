#ifndef SWITCHYARD_DIALECTS_ONNX_OPS_TD
#define SWITCHYARD_DIALECTS_ONNX_OPS_TD

include "OnnxDialect.td"
include "OnnxTypes.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Onnx_Op<string mnemonic, list<Trait> traits = []> : Op<OnnxDialect, mnemonic, traits>;

def Onnx_NodeOp : Onnx_Op<"node"> {
  let summary = "one node of an ONNX graph";
  let description = [{
    Applies operator `op_type` (`domain::OpType`; the default domain is written `ai.onnx`) of `version` (the opset
    version that the model imports for that domain) to the operands. A missing optional operand is `onnx.none`.
    Attributes of the node are in `node_attributes`: int as `i64`, float as `f32`, string, ints and floats as dense arrays,
    strings as an array, tensor as dense elements or, when large, as the symbol of an `rt.weight`; graphs are the
    regions, in the order of `graph_names`.

    Constraints:
    1. `op_type` contains `::` with a non-empty domain and type.
    2. `version` is at least 1.
    3. the number of regions equals the number of `graph_names`.

    Example:
    ```mlir
    %y = onnx.node "ai.onnx::Add"(%a, %b) {node_attributes = {}, name = "/add", version = 14 : i64}
       : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$inputs, StrAttr:$op_type, I64Attr:$version,
                       DefaultValuedAttr<DictionaryAttr, "{}">:$node_attributes, DefaultValuedAttr<StrAttr, "\"\"">:$name,
                       DefaultValuedAttr<StrArrayAttr, "{}">:$graph_names);
  let results = (outs Variadic<AnyType>:$outputs);
  let regions = (region VariadicRegion<AnyRegion>:$graphs);
  let assemblyFormat = [{
    $op_type `(` $inputs `)` attr-dict (`graphs` $graphs^)? `:` functional-type($inputs, $outputs)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// "ai.onnx" of "ai.onnx::Add".
    ::llvm::StringRef getDomain() { return getOpType().split("::").first; }
    /// "Add" of "ai.onnx::Add".
    ::llvm::StringRef getType() { return getOpType().split("::").second; }
    /// The attribute `key` of the ONNX node, or null.
    ::mlir::Attribute getNodeAttr(::llvm::StringRef key) { return getNodeAttributes().get(key); }
    /// Operand `index`, or a null value where it is absent (past the end, or onnx.none).
    ::mlir::Value getInput(unsigned index);
    int64_t getInt(::llvm::StringRef key, int64_t otherwise);
    double getFloat(::llvm::StringRef key, double otherwise);
    ::llvm::StringRef getString(::llvm::StringRef key, ::llvm::StringRef otherwise);
  }];
}

def Onnx_MissingOp : Onnx_Op<"none", [Pure]> {
  let summary = "a missing optional operand";
  let description = [{
    Stands for the empty name in a node's input list.

    Example:
    ```mlir
    %none = onnx.none
    ```
  }];
  let results = (outs Onnx_NoneType:$result);
  let assemblyFormat = "attr-dict";
}

def Onnx_YieldOp : Onnx_Op<"yield", [Pure, Terminator, ReturnLike]> {
  let summary = "the outputs of a nested graph";
  let description = [{
    Ends the region of a graph attribute (`If`, `Loop`, `Scan`).

    Example:
    ```mlir
    onnx.yield %y : tensor<?xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$outputs);
  let assemblyFormat = "attr-dict ($outputs^ `:` type($outputs))?";
}

#endif
