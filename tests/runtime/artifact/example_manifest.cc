#include "tests/runtime/artifact/example_manifest.h"

#include <limits>

namespace switchyard::artifact {
namespace {

Expression parsed(llvm::StringRef text) {
  Result<Expression> expression = Expression::parse(text);
  return expression ? *expression : Expression(-1);
}

/// The buffers of a layer's collectives. Its sites are the steps.
struct Buffers {
  int64_t sourceRoute, receivedRoute, rows, there, done, back, own, tokens;

  Buffers(Manifest &manifest, const Layer &layer) {
    const std::string share = "ceildiv(batch * sequence, ranks)", slots = std::to_string(layer.slots),
                      experts = std::to_string(layer.experts);
    const int64_t step = 6 * layer.index;
    const auto add = [&](const std::string &size, int64_t first, int64_t last) {
      manifest.slots.push_back({parsed(size), step + first, step + last});
      return int64_t(manifest.slots.size()) - 1;
    };
    sourceRoute = add("(9 + 2 * " + experts + " + 2 * " + share + " * " + slots + ") * 4", 0, 4);
    receivedRoute = add("(9 + " + experts + " + ranks * " + experts + ") * 4", 1, 4);
    rows = add(share + " * " + slots + " * 64", 0, 2);
    there = add("batch * sequence * " + slots + " * 64", 2, 3);
    done = add("batch * sequence * " + slots + " * 64", 3, 4);
    back = add(share + " * " + slots + " * 64", 4, 5);
    own = add(share + " * 64", 4, 5);
    tokens = add("batch * sequence * 64", 5, 6);
  }

  std::vector<int64_t> of(llvm::StringRef kind) const {
    if (kind == "exchange_counts")
      return {sourceRoute, receivedRoute};
    if (kind == "exchange_rows")
      return {rows, sourceRoute, receivedRoute, there};
    if (kind == "return_rows")
      return {done, receivedRoute, sourceRoute, back};
    return {own, tokens};
  }
};

void addLayer(Manifest &manifest, int64_t experts, int64_t slots) {
  int64_t index = int64_t(manifest.layers.size());
  std::string name = "layers." + std::to_string(index) + ".moe";
  manifest.layers.push_back({index, name, experts, slots, 16, 32, parsed("batch * sequence"), std::nullopt});
  manifest.sites.push_back({"gate_f32", "moe.fused_gate", name, index, {{"groups", 1}}, {{"scale", 1.0}}});
  const Buffers buffers(manifest, manifest.layers.back());
  for (const char *kind : {"exchange_counts", "exchange_rows", "return_rows", "all_gather_tokens"}) {
    const char *op = llvm::StringRef(kind).starts_with("all") ? "rt.all_gather" : "moe.all_to_all";
    manifest.sites.push_back({std::string("collective.") + kind, op, name, index, {}, {}, buffers.of(kind)});
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
  manifest.code = {{"code/host-x86-64-v3.so", "x86-64-v3", 1}};
  std::string digest(64, 'a');
  for (const char *path : {"code/host-x86-64-v3.so", "report.json", "weights/dense.safetensors", "weights/experts-L000.safetensors",
                           "weights/experts-L001.safetensors"})
    manifest.files.push_back({path, 4096, digest});
  return manifest;
}

}  // namespace switchyard::artifact
