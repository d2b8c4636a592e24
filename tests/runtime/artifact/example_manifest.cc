#include "tests/runtime/artifact/example_manifest.h"

#include <limits>

namespace switchyard::artifact {
namespace {

Expression parsed(llvm::StringRef text) {
  Result<Expression> expression = Expression::parse(text);
  return expression ? *expression : Expression(-1);
}

void addLayer(Manifest &manifest, int64_t experts, int64_t slots) {
  int64_t index = int64_t(manifest.layers.size());
  std::string name = "layers." + std::to_string(index) + ".moe";
  manifest.layers.push_back({index, name, experts, slots, 16, 32, parsed("batch * sequence"), std::nullopt});
  manifest.sites.push_back({"gate_f32", "moe.fused_gate", name, index, {{"groups", 1}}, {{"scale", 1.0}}});
  for (const char *kind : {"exchange_counts", "exchange_rows", "return_rows", "all_gather_tokens"}) {
    const char *op = llvm::StringRef(kind).starts_with("all") ? "rt.all_gather" : "moe.all_to_all";
    manifest.sites.push_back({std::string("collective.") + kind, op, name, index, {}, {}});
    if (llvm::StringRef(kind) == "exchange_rows")
      manifest.sites.push_back({"expert_mlp_f32", "moe.expert", name, index, {}, {{"limit", std::numeric_limits<double>::infinity()}}});
  }
}

}  // namespace

Manifest exampleProgram(int64_t layers, int64_t experts, int64_t slots) {
  Manifest manifest;
  manifest.producerTool = "moe-opt";
  manifest.producerVersion = "0.1.0";
  manifest.dims = {{"batch", 4}, {"sequence", 8}};
  manifest.inputs = {{"ids", ElementType::i64, {parsed("batch"), parsed("sequence")}}};
  manifest.outputs = {{"logits", ElementType::f32, {parsed("batch"), parsed("sequence"), 96}}};
  for (int64_t i = 0; i < layers; ++i)
    addLayer(manifest, experts, slots);
  return manifest;
}

Manifest exampleManifest() {
  Manifest manifest = exampleProgram(2, 4, 2);
  manifest.dims.push_back({"past length + 1", 16});
  manifest.inputs.push_back({"past", ElementType::f32, {parsed("batch"), 2, parsed("`past length + 1` - 1"), 8}});
  manifest.outputs.push_back({"present", ElementType::f32, {parsed("batch"), 2, parsed("`past length + 1`"), 8}});
  manifest.states = {{"past", "present", 2}};
  manifest.layers[1].capacity = parsed("max(4, ceildiv(batch * sequence, 4))");
  manifest.weights = {{"embedding", "weights/dense.safetensors", ElementType::f32, {6, 16, 16}, -1},
                      {"mask", "weights/dense.safetensors", ElementType::boolean, {7}, -1},
                      {"up", "weights/experts-L000.safetensors", ElementType::f32, {4, 2, 16, 16}, 0},
                      {"down", "weights/experts-L000.safetensors", ElementType::f16, {4, 1, 5}, 0},
                      {"up.1", "weights/experts-L001.safetensors", ElementType::i8, {4, 3}, 1}};
  manifest.slots = {{parsed("batch * sequence * 16 * 4"), 0, 3}, {parsed("ceildiv(batch * sequence, ranks) * 2 * 64"), 2, 5}};
  manifest.code = {{"code/host-x86-64-v3.so", "x86-64-v3", 1}};
  std::string digest(64, 'a');
  for (const char *path : {"code/host-x86-64-v3.so", "report.json", "weights/dense.safetensors", "weights/experts-L000.safetensors",
                           "weights/experts-L001.safetensors"})
    manifest.files.push_back({path, 4096, digest});
  return manifest;
}

}  // namespace switchyard::artifact
