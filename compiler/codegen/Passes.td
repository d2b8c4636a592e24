#ifndef SWITCHYARD_COMPILER_CODEGEN_PASSES_TD
#define SWITCHYARD_COMPILER_CODEGEN_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerToKernels : Pass<"moe-lower-to-kernels", "::mlir::ModuleOp"> {
  let summary = "Lower nn and moe ops to rt.kernel and rt.collective in destination style";
  let description = [{
    Each op becomes one row of kernels/kernels.inc, or a collective, with its outputs as destinations. A route becomes an i32
    buffer (kernels/layout/route.h), the weights of an expert tables of addresses, `nn.reshape` a view.

    ```mlir
    // before
    %c = nn.matmul %a, %w : tensor<?x64xf32>, tensor<96x64xf32> -> tensor<?x96xf32>

    // after
    %o = tensor.empty(%n) : tensor<?x96xf32>
    %c = rt.kernel "matmul_panel_f32" ins(%a, %w : …) outs(%o : …) {present = array<i1: true, true, false>, integers = {n = 96 : i64}, …}
    ```
  }];
  let dependentDialects = ["::switchyard::rt::RtDialect", "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def PackWeights : Pass<"moe-pack-weights", "::mlir::ModuleOp"> {
  let summary = "Give the weights that kernels read as panels their panel layout";
  let description = [{
    Appends a `pack_panels` step to the recipe of every weight that `matmul_panel_f32`, `embedding_f32` or `expert_mlp_f32` reads
    as panels (kernels/layout/panel.h). A weight that is read otherwise as well is declared a second time, as `<name>.panels`; a small
    constant becomes a weight. Weights that nothing reads are dropped.

    ```mlir
    // before
    rt.weight @w : tensor<96x64xf32> = #rt.source<"m.onnx", 0, 24576, raw> : tensor<96x64xf32>

    // after
    rt.weight @w : tensor<6x64x16xf32> = #rt.step<pack_panels, (#rt.source<…> : tensor<96x64xf32>)> : tensor<6x64x16xf32>
    ```
  }];
  let dependentDialects = ["::switchyard::rt::RtDialect"];
}

def BindEnvironment : Pass<"moe-bind-environment", "::mlir::ModuleOp"> {
  let summary = "Read dimensions and inputs from the environment, write outputs to it";
  let description = [{
    `@main` loses its arguments and results: what the manifest says of them becomes the module's `rt.dims`, `rt.inputs` and
    `rt.outputs`, and its `rt.equalities` go there too.

    ```mlir
    // before
    func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?xf32> {rt.name = "x", rt.shape = ["n"]})
        -> (tensor<?xf32> {rt.name = "y", rt.shape = ["n"]}) { … return %y : tensor<?xf32> }

    // after
    func.func @main() {
      %n = rt.dim 0 "n"
      %b = rt.input 0 [%n] : memref<?xf32>
      %x = bufferization.to_tensor %b restrict : memref<?xf32> to tensor<?xf32>
      …
      %o = rt.output 0 [%d] : memref<?xf32>
      bufferization.materialize_in_destination %y in restrict writable %o : (tensor<?xf32>, memref<?xf32>) -> ()
      return
    }
    ```
  }];
  let dependentDialects = ["::switchyard::rt::RtDialect", "::mlir::bufferization::BufferizationDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::memref::MemRefDialect"];
}

def PlaceOutputs : Pass<"moe-place-outputs", "::mlir::ModuleOp"> {
  let summary = "Compute outputs where they belong";
  let description = [{
    A buffer of `@main` that is copied to an output at the end is that output from its beginning on: logits and caches are written once.
    The copy stays where the source is an input, another output or a view, or where a collective uses it, whose buffers are slots of the arena.

    ```mlir
    // before
    %a = memref.alloc(%n) : memref<?x64xf32>
    …
    %o = rt.output 0 [%d] : memref<?x64xf32>
    memref.copy %a, %o : memref<?x64xf32> to memref<?x64xf32>

    // after
    %a = rt.output 0 [%n] : memref<?x64xf32>
    ```
  }];
  let dependentDialects = ["::switchyard::rt::RtDialect"];
}

def PlanMemory : Pass<"moe-plan-memory", "::mlir::ModuleOp"> {
  let summary = "Make every buffer of @main a slot of the arena";
  let description = [{
    Each `memref.alloc` becomes `rt.slot`; the module's `rt.slots` lists, for each, its bytes as a formula over the dimensions,
    `ranks` and `threads` (docs/contracts.md, section 6), and its live interval in ops of `@main`. A size that depends on data is a
    diagnostic.

    ```mlir
    // before
    %a = memref.alloc(%n) : memref<?x64xf32>

    // after
    %a = rt.slot 0 [%n] : memref<?x64xf32>       // rt.slots: size = "n * 256", first = 3, last = 7
    ```
  }];
  let dependentDialects = ["::switchyard::rt::RtDialect"];
}

def NumberSites : Pass<"moe-number-sites", "::mlir::ModuleOp"> {
  let summary = "Number the call sites in program order, and list them";
  let description = [{
    What the manifest says of each site becomes the module's `rt.sites`.

    ```mlir
    // before
    rt.kernel "permute_f32" ins(…) outs(…) {…}

    // after
    rt.kernel "permute_f32" ins(…) outs(…) {…, site = 0 : i64}   // rt.sites: kernel = "permute_f32", layer = 0, …
    ```
  }];
  let dependentDialects = ["::switchyard::rt::RtDialect"];
}

def DescribeLayers : Pass<"moe-describe-layers", "::mlir::ModuleOp"> {
  let summary = "List the MoE layers";
  let description = [{
    What the manifest says of each MoE layer becomes the module's `rt.layers`: the numbers of its gate and its experts, its tokens and
    capacity as formulas over the dimensions, and the weights that its experts' owners map.

    ```mlir
    // before
    rt.kernel "gate_f32" ins(%logits, …) outs(%ids, …) {…, layer = 0 : i64}
    rt.kernel "expert_mlp_f32" ins(%rows, %route, %fc1, %fc2 : …) outs(…) {integers = {inner = 96 : i64}, …, layer = 0 : i64}

    // after: an entry of rt.layers
    {experts = 8, hidden = 64, index = 0, inner = 96, name = "", slots = 2, tokens = "n", weights = [@fc1, @fc2]}
    ```
  }];
  let dependentDialects = ["::switchyard::rt::RtDialect"];
}

def OutlineLayers : Pass<"moe-outline-layers", "::mlir::ModuleOp"> {
  let summary = "Make layers of equal structure calls of one function";
  let description = [{
    Runs of steps that occur more than once, with equal ops on different buffers, become one function, which takes the buffers, weights and
    tables as arguments: code size and compile time follow the number of kinds of layer. Steps are the ops of `@main` but for those that
    compute a value which does not change. A call site is numbered from the first argument on; its entry in `rt.sites` and the memory plan
    stay as they are. A run whose values are read behind it stays in place.

    ```mlir
    // before
    rt.kernel "softmax_f32" ins(%a : …) outs(%b : …) {…, layer = -1 : i64, site = 0 : i64}
    rt.kernel "rms_norm_f32" ins(%b, %w0 : …) outs(%a : …) {…, layer = -1 : i64, site = 1 : i64}
    rt.kernel "softmax_f32" ins(%a : …) outs(%b : …) {…, layer = -1 : i64, site = 2 : i64}
    rt.kernel "rms_norm_f32" ins(%b, %w1 : …) outs(%a : …) {…, layer = -1 : i64, site = 3 : i64}

    // after
    call @layer_0(%c0, %a, %b, %w0) : (index, …) -> ()
    call @layer_0(%c2, %a, %b, %w1) : (index, …) -> ()
    func.func private @layer_0(%first: index {rt.first_site}, %a: …, %b: …, %w: …) {
      rt.kernel "softmax_f32" ins(%a : …) outs(%b : …) {…, site = 0 : i64}
      rt.kernel "rms_norm_f32" ins(%b, %w : …) outs(%a : …) {…, site = 1 : i64}
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::arith::ArithDialect"];
  let options = [
    Option<"minLength", "min-length", "unsigned", "8", "steps of the shortest run that becomes a function">,
    Option<"maxLength", "max-length", "unsigned", "20000", "steps of the longest program that is looked through">,
  ];
}

def VerifySites : Pass<"moe-verify-sites", "::mlir::ModuleOp"> {
  let summary = "Compare the calls of a program with the table of kernels and with the lists of the manifest";
  let description = [{
    The manifest is made of the module's attributes, and the code of its ops: this pass, the first behind `codegen`, follows `@main` through the
    layers that it calls, and refuses a program whose calls are not those of `rt.sites`, in their order, on the same buffers, or which names
    a dimension, an input, an output, a slot or a layer that no list has. A call in a loop is refused too. Nothing is changed.

    ```mlir
    // before; the entry of rt.sites has buffers = array<i64: 0, 1>
    %a = rt.slot 0 [%n] : memref<?x16xf32>
    %b = rt.slot 2 [%n] : memref<?x16xf32>
    rt.collective "collective.all_gather_tokens" ins(%a : …) outs(%b : …) {…, site = 0 : i64}

    // after
    // error: differs from entry 0 of rt.sites in 'buffers': array<i64: 0, 2> here, array<i64: 0, 1> there
    ```
  }];
  let dependentDialects = ["::switchyard::rt::RtDialect", "::mlir::func::FuncDialect"];
}

def LowerMath : Pass<"moe-lower-math", "::mlir::ModuleOp"> {
  let summary = "Lower elementary functions to calls of the support object";
  let description = [{
    Functions of the host's C library would make the bits depend on the host. `math.sqrt`, `math.fma` and roundings stay: they are
    instructions. A function that the support object lacks is a diagnostic.

    ```mlir
    // before
    %y = math.exp %x : f32

    // after
    %y = call @moe_expf(%x) : (f32) -> f32
    ```
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::arith::ArithDialect"];
}

def LowerInvocations : Pass<"moe-lower-invocations", "::mlir::ModuleOp"> {
  let summary = "Lower kernels and collectives to rt.invoke, and end the step at the first failure";
  let description = [{
    Every function returns an i32: 0, or the first status that is not. Sites of a function that `moe-outline-layers` made are counted from
    its first argument on.

    ```mlir
    // before
    rt.kernel "permute_f32" ins(%a, %r : …) outs(%b : …) {…, site = 3 : i64}

    // after
      %status = rt.invoke 3 (%a, %r, %b : …) {present = array<i1: true, true, true>}
      %ok = arith.cmpi eq, %status, %zero : i32
      cf.cond_br %ok, ^next, ^exit(%status : i32)
    ```
  }];
  let dependentDialects = ["::switchyard::rt::RtDialect", "::mlir::cf::ControlFlowDialect", "::mlir::arith::ArithDialect"];
}

def ConvertToLlvm : Pass<"moe-convert-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Convert buffers and calls of the runtime to the LLVM dialect";
  let description = [{
    `@main` becomes `run(const MoeEnvironment *)`, and every other function takes the environment first; ops of `rt` become loads from it
    and calls through `invoke` (runtime/base/import_table.h). `moe_library_query` is added, the one symbol that is exported.

    ```mlir
    // before
    %n = rt.dim 1 "sequence_length"

    // after
    %p = llvm.load %environment_dims : !llvm.ptr -> !llvm.ptr
    %q = llvm.getelementptr %p[1] : (!llvm.ptr) -> !llvm.ptr, i64
    %n = llvm.load %q : !llvm.ptr -> i64
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif
