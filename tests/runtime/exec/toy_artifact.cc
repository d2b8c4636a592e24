#include "tests/runtime/exec/toy_artifact.h"

#include "kernels/layout/enums.h"
#include "kernels/layout/panel.h"
#include "runtime/artifact/artifact_writer.h"
#include "runtime/base/file.h"
#include "tests/runtime/exec/toy_sizes.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace switchyard::testing {
namespace {

using artifact::Expression;

Expression parsed(const std::string &text) {
  Result<Expression> expression = Expression::parse(text);
  return expression.ok() ? *expression : Expression(-1);
}

std::vector<float> randomFloats(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float &value : values)
    value = uniform(generator);
  return values;
}

/// The weights of a layer: router [E, H], up [E][I, H], down [E][H, I], row-major.
struct LayerWeights {
  std::vector<float> router;
  std::vector<std::vector<float>> up, down;

  LayerWeights(unsigned seed, int layer) : router(randomFloats(TOY_EXPERTS * TOY_HIDDEN, seed * 1000 + layer * 100)) {
    for (int expert = 0; expert < TOY_EXPERTS; ++expert) {
      up.push_back(randomFloats(TOY_INNER * TOY_HIDDEN, seed * 1000 + layer * 100 + 10 + expert));
      down.push_back(randomFloats(TOY_HIDDEN * TOY_INNER, seed * 1000 + layer * 100 + 20 + expert));
    }
  }
};

std::vector<float> packed(const std::vector<float> &rowMajor, int64_t rows, int64_t columns) {
  std::vector<float> panels(kernels::panel::elements(rows, columns));
  for (int64_t n = 0; n < rows; ++n)
    for (int64_t k = 0; k < columns; ++k)
      panels[kernels::panel::offset(n, k, columns)] = rowMajor[n * columns + k];
  return panels;
}

std::string expertFile(int layer) { return "weights/experts-L00" + std::to_string(layer) + ".safetensors"; }

void addSites(artifact::Manifest &manifest, int layer) {
  const std::string name = "layers." + std::to_string(layer) + ".moe";
  const auto add = [&](const char *kernel, std::map<std::string, int64_t> integers = {}, std::map<std::string, double> floats = {}) {
    manifest.sites.push_back({kernel, "toy", name, layer, std::move(integers), std::move(floats)});
  };
  const auto addCollective = [&](const char *kernel, std::vector<int64_t> slots) {
    add(kernel);
    for (int64_t slot : slots)
      manifest.sites.back().buffers.push_back(slot == TOY_SLOTS ? TOY_SLOTS * TOY_LAYERS : slot + layer * TOY_SLOTS);
  };
  add("matmul_panel_f32", {{"n", TOY_EXPERTS}});
  add("gate_f32",
      {{"score", 0},
       {"order", 0},
       {"groups", 1},
       {"groups_kept", 1},
       {"group_score", 0},
       {"group_fill", 0},
       {"renormalize", 1},
       {"sparse_mixer", 0},
       {"drop_priority", 0},
       {"drop_renormalize", 0}},
      {{"scale", 1}, {"renormalize_epsilon", 0}, {"mixer_epsilon", 0}, {"drop_epsilon", 0}});
  add("permute_f32");
  addCollective("collective.exchange_counts", {3, 5});
  addCollective("collective.exchange_rows", {4, 3, 5, 6});
  add("expert_mlp_f32", {{"inner", TOY_INNER}, {"activation", int64_t(kernels::Activation::relu)}},
      {{"alpha", 1}, {"beta", 0}, {"limit", std::numeric_limits<double>::infinity()}});
  addCollective("collective.return_rows", {7, 5, 3, 9});
  add("combine_f32");
  addCollective("collective.all_gather_tokens", {10, TOY_SLOTS});
}

void addSlots(artifact::Manifest &manifest, int layer) {
  const std::string share = "ceildiv(tokens, ranks)", experts = std::to_string(TOY_EXPERTS), choices = std::to_string(TOY_CHOICES);
  const std::string row = std::to_string(TOY_HIDDEN * 4);
  // Slot, then the first and last site of the layer that touch it.
  const std::tuple<std::string, int, int> slots[] = {
      {"tokens * " + experts + " * 4", 0, 1},
      {"tokens * " + choices + " * 4", 1, 1},
      {"tokens * " + choices + " * 4", 1, 7},
      {"(9 + 2 * " + experts + " + 2 * " + share + " * " + choices + ") * 4", 1, 7},
      {share + " * " + choices + " * " + row, 2, 4},
      {"(9 + " + experts + " + ranks * " + experts + ") * 4", 3, 6},
      {"tokens * " + choices + " * " + row, 4, 5},
      {"tokens * " + choices + " * " + row, 5, 6},
      {"threads * 64 * " + std::to_string(TOY_INNER) + " * 4", 5, 5},
      {share + " * " + choices + " * " + row, 6, 7},
      {share + " * " + row, 7, 8},
  };
  for (const auto &[size, first, last] : slots)
    manifest.slots.push_back({parsed(size), layer * TOY_SITES + first, layer * TOY_SITES + last});
}

void addWeights(artifact::Manifest &manifest, int layer) {
  const std::string name = "layers." + std::to_string(layer) + ".";
  manifest.weights.push_back({name + "router", "weights/dense.safetensors", ElementType::f32, {TOY_ROUTER_ELEMENTS}, -1});
  manifest.weights.push_back({name + "up", expertFile(layer), ElementType::f32, {TOY_EXPERTS, TOY_UP_ELEMENTS}, layer});
  manifest.weights.push_back({name + "down", expertFile(layer), ElementType::f32, {TOY_EXPERTS, TOY_DOWN_ELEMENTS}, layer});
}

Status writeWeights(artifact::ArtifactWriter &writer, const artifact::Manifest &manifest, unsigned seed) {
  for (const std::string &file : artifact::weightFiles(manifest))
    SWITCHYARD_RETURN_IF_ERROR(
        writer.addWeights(manifest, file, [&](const artifact::StoredTensor &tensor, artifact::SafetensorsWriter &out) {
          const LayerWeights weights(seed, tensor.weight / TOY_WEIGHTS);
          std::vector<float> data;
          if (tensor.weight % TOY_WEIGHTS == 0)
            data = packed(weights.router, TOY_EXPERTS, TOY_HIDDEN);
          else if (tensor.weight % TOY_WEIGHTS == 1)
            data = packed(weights.up[tensor.expert], TOY_INNER, TOY_HIDDEN);
          else
            data = packed(weights.down[tensor.expert], TOY_HIDDEN, TOY_INNER);
          return out.append(data.data(), data.size() * sizeof(float));
        }));
  return Status();
}

float dot(const float *a, const float *b, int64_t count) {
  float sum = 0;
  for (int64_t k = 0; k < count; ++k)
    sum = std::fma(a[k], b[k], sum);
  return sum;
}

std::vector<float> layerReference(const LayerWeights &weights, const std::vector<float> &x, int64_t tokens) {
  std::vector<float> out(x.size());
  for (int64_t token = 0; token < tokens; ++token) {
    const float *in = x.data() + token * TOY_HIDDEN;
    std::vector<float> logits, scores;
    for (int expert = 0; expert < TOY_EXPERTS; ++expert)
      logits.push_back(dot(in, weights.router.data() + expert * TOY_HIDDEN, TOY_HIDDEN));
    const float most = *std::max_element(logits.begin(), logits.end());
    for (float logit : logits)
      scores.push_back(std::exp(logit - most));
    std::vector<int> order(TOY_EXPERTS);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int a, int b) { return scores[a] > scores[b] || (scores[a] == scores[b] && a < b); });
    const float chosen = scores[order[0]] + scores[order[1]];
    for (int choice = 0; choice < TOY_CHOICES; ++choice) {
      const int expert = order[choice];
      std::vector<float> inner(TOY_INNER);
      for (int i = 0; i < TOY_INNER; ++i)
        inner[i] = std::max(0.0f, dot(in, weights.up[expert].data() + i * TOY_HIDDEN, TOY_HIDDEN));
      for (int h = 0; h < TOY_HIDDEN; ++h)
        out[token * TOY_HIDDEN + h] += scores[expert] / chosen * dot(inner.data(), weights.down[expert].data() + h * TOY_INNER, TOY_INNER);
    }
  }
  return out;
}

}  // namespace

artifact::Manifest toyManifest() {
  artifact::Manifest manifest;
  manifest.producerTool = "toy";
  manifest.producerVersion = "1";
  manifest.dims = {{"tokens", TOY_TOKENS}};
  manifest.inputs = {{"tokens_in", ElementType::f32, {parsed("tokens"), TOY_HIDDEN}}};
  manifest.outputs = {{"tokens_out", ElementType::f32, {parsed("tokens"), TOY_HIDDEN}}};
  for (int layer = 0; layer < TOY_LAYERS; ++layer) {
    manifest.layers.push_back({layer, "layers." + std::to_string(layer) + ".moe", TOY_EXPERTS, TOY_CHOICES, TOY_HIDDEN, TOY_INNER,
                               parsed("tokens"), std::nullopt});
    addSites(manifest, layer);
    addSlots(manifest, layer);
    addWeights(manifest, layer);
  }
  manifest.slots.push_back({parsed("tokens * " + std::to_string(TOY_HIDDEN * 4)), 0, TOY_LAYERS * TOY_SITES - 1});
  manifest.code = {{"code/toy.so", "x86-64", 1}};
  return manifest;
}

Status writeToyArtifact(const std::string &path, unsigned seed, const artifact::Manifest &manifest) {
  SWITCHYARD_ASSIGN_OR_RETURN(const File code, File::open(SWITCHYARD_TOY_LIBRARY));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string bytes, code.readAll(1 << 24));
  SWITCHYARD_ASSIGN_OR_RETURN(artifact::ArtifactWriter writer, artifact::ArtifactWriter::create(path));
  SWITCHYARD_RETURN_IF_ERROR(writer.addFile("code/toy.so", bytes));
  SWITCHYARD_RETURN_IF_ERROR(writeWeights(writer, manifest, seed));
  return writer.commit(manifest).status();
}

Array toyTokens(int64_t tokens, unsigned seed, bool alike) {
  std::vector<float> values = randomFloats(tokens * TOY_HIDDEN, seed);
  for (size_t index = TOY_HIDDEN; alike && index < values.size(); ++index)
    values[index] = values[index % TOY_HIDDEN];
  Array array{ElementType::f32, {tokens, TOY_HIDDEN}, std::vector<char>(values.size() * sizeof(float))};
  std::copy_n(reinterpret_cast<const char *>(values.data()), array.data.size(), array.data.data());
  return array;
}

std::vector<float> toyReference(const Array &tokens, unsigned seed) {
  std::vector<float> values(tokens.data.size() / sizeof(float));
  std::copy_n(tokens.data.data(), tokens.data.size(), reinterpret_cast<char *>(values.data()));
  for (int layer = 0; layer < TOY_LAYERS; ++layer)
    values = layerReference(LayerWeights(seed, layer), values, tokens.shape[0]);
  return values;
}

}  // namespace switchyard::testing
