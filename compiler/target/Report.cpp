#include "compiler/target/Report.h"

#include "runtime/artifact/arena.h"
#include "runtime/artifact/plan.h"
#include "runtime/base/checked.h"
#include "runtime/base/escape.h"
#include "runtime/base/json.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

namespace switchyard::target {

using artifact::Expression;
using artifact::Manifest;
using artifact::Weight;

namespace {

uint64_t elementsOf(const Weight &weight) {
  uint64_t count = 1;
  for (int64_t size : weight.shape)
    count *= size;
  return count;
}

Result<RankFigures> figuresOf(const Manifest &manifest, int64_t ranks) {
  RankFigures figures;
  figures.ranks = ranks;
  SWITCHYARD_ASSIGN_OR_RETURN(artifact::ArenaLayout layout, artifact::layOutArena(manifest.slots, manifest.limits(ranks, 1)));
  figures.arenaBytes = layout.bytes;
  SWITCHYARD_ASSIGN_OR_RETURN(artifact::Plan plan, artifact::defaultPlan(manifest, ranks));
  std::vector<uint64_t> bytes(ranks, 0);
  for (const Weight &weight : manifest.weights) {
    uint64_t all = elementsOf(weight) * elementBytes(weight.type);
    if (weight.expert < 0) {
      for (uint64_t &rank : bytes)
        rank += all;
      continue;
    }
    for (const artifact::LayerPlacement &placement : plan.layers)
      if (placement.layer == weight.expert)
        for (const std::vector<int32_t> &owners : placement.owners)
          for (int32_t owner : owners)
            bytes[owner] += all / placement.owners.size();
  }
  figures.weightBytes = *std::max_element(bytes.begin(), bytes.end());
  return figures;
}

}  // namespace

Result<Report> makeReport(const Manifest &manifest, uint64_t codeBytes) {
  Report report;
  report.codeBytes = codeBytes;
  for (const Weight &weight : manifest.weights) {
    report.storedElements += elementsOf(weight);
    if (weight.expert >= 0)
      report.expertElements += elementsOf(weight);
    else
      report.denseBytes += elementsOf(weight) * elementBytes(weight.type);
  }
  // Buffers of one formula are counted together.
  std::vector<std::pair<Expression, int64_t>> formulas;
  for (const artifact::Slot &slot : manifest.slots) {
    auto known = std::find_if(formulas.begin(), formulas.end(), [&](const auto &entry) { return entry.first == slot.size; });
    if (known == formulas.end())
      formulas.emplace_back(slot.size, 1);
    else
      ++known->second;
  }
  for (const auto &[size, count] : formulas)
    report.arenaFormula += (report.arenaFormula.empty() ? "" : " + ") + (size * Expression(count)).print();
  for (int64_t ranks : {1, 2, 4}) {
    SWITCHYARD_ASSIGN_OR_RETURN(RankFigures figures, figuresOf(manifest, ranks));
    report.ranks.push_back(figures);
  }
  return report;
}

std::string reportJson(const Manifest &manifest, const Report &report) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream out(stream, 2);
  out.object([&] {
    out.attribute("stored_elements", report.storedElements);
    out.attribute("expert_stored_elements", report.expertElements);
    out.attribute("dense_weight_bytes", report.denseBytes);
    out.attribute("code_bytes", report.codeBytes);
    out.attributeObject("limits", [&] {
      for (const artifact::Dim &dim : manifest.dims)
        out.attribute(jsonText(dim.name), dim.limit);
    });
    out.attributeArray("layers", [&] {
      for (const artifact::Layer &layer : manifest.layers)
        out.object([&] {
          out.attribute("index", layer.index);
          out.attribute("name", jsonText(layer.name));
          out.attribute("experts", layer.experts);
          out.attribute("slots", layer.slots);
          out.attribute("hidden", layer.hidden);
          out.attribute("inner", layer.inner);
          out.attribute("tokens", jsonText(layer.tokens.print()));
          if (layer.capacity)
            out.attribute("capacity", jsonText(layer.capacity->print()));
        });
    });
    out.attribute("buffer_bytes", jsonText(report.arenaFormula));
    out.attributeArray("ranks", [&] {
      for (const RankFigures &figures : report.ranks)
        out.object([&] {
          out.attribute("ranks", figures.ranks);
          out.attribute("arena_bytes", figures.arenaBytes);
          out.attribute("weight_bytes", figures.weightBytes);
        });
    });
  });
  stream << "\n";
  return text;
}

void printReport(llvm::raw_ostream &out, const Manifest &manifest, const Report &report, llvm::StringRef id) {
  auto megabytes = [](uint64_t bytes) { return llvm::format("%.1f MB", bytes / 1e6); };
  out << "artifact    " << id << "\n";
  out << "stored      " << report.storedElements << " elements of weights as the kernels read them, of experts " << report.expertElements
      << "\n";
  out << "code        " << report.codeBytes << " bytes, " << manifest.sites.size() << " call sites\n";
  for (const artifact::Layer &layer : manifest.layers) {
    out << "layer " << layer.index << "     " << layer.experts << " experts, " << layer.slots << " a token, " << layer.hidden << " x "
        << layer.inner;
    if (layer.capacity)
      out << ", capacity " << escaped(layer.capacity->print());
    if (!layer.name.empty())
      out << "  (" << escaped(layer.name) << ")";
    out << "\n";
  }
  out << "limits     ";
  for (const artifact::Dim &dim : manifest.dims)
    out << " " << escaped(dim.name) << " <= " << dim.limit;
  out << "\nbuffers     " << escaped(report.arenaFormula, report.arenaFormula.size()) << " bytes\n";
  for (const RankFigures &figures : report.ranks)
    out << "on " << figures.ranks << (figures.ranks == 1 ? " rank " : " ranks") << "  " << megabytes(figures.arenaBytes)
        << " of buffers and " << megabytes(figures.weightBytes) << " of weights a rank\n";
}

}  // namespace switchyard::target
