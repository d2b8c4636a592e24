#include "tools/moe-opt/ModelReport.h"

#include "runtime/base/escape.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

namespace switchyard {

namespace {

constexpr size_t labelWidth = 13, maxText = 2000;

llvm::raw_ostream &label(llvm::raw_ostream &out, llvm::StringRef text) { return out << llvm::left_justify(text, labelWidth); }

std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (int64_t position = static_cast<int64_t>(digits.size()) - 3; position > 0; position -= 3)
    digits.insert(position, ",");
  return digits;
}

/// 12.3 M, with three digits.
std::string scaled(double number, llvm::StringRef unit) {
  static constexpr llvm::StringRef prefixes[] = {"", "k", "M", "G", "T", "P"};
  size_t step = 0;
  for (; number >= 1000.0 && step + 1 < std::size(prefixes); ++step)
    number /= 1000.0;
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format(number >= 100.0 || step == 0 ? "%.0f " : "%.3g ", number) << prefixes[step] << unit;
  return llvm::StringRef(text).rtrim().str();
}

void printLayers(llvm::raw_ostream &out, const ModelReport &report) {
  label(out, "MoE layers") << report.layers.size() << " found, " << report.plain.size() << " left plain\n";
  if (report.layers.empty() && report.plain.empty())
    label(out, "") << "no part of the model is like a form of MoE layers that is known (docs/guides/supported-models.md)\n";
  std::vector<std::vector<std::string>> rows;
  if (!report.layers.empty())
    rows.push_back({"", "form", "experts", "k", "hidden", "inner", "router", "activation", "capacity", "shared", "node"});
  for (const LayerSummary &layer : report.layers)
    rows.push_back({std::to_string(rows.size() - 1), layer.form, std::to_string(layer.experts), std::to_string(layer.slots),
                    std::to_string(layer.hidden), std::to_string(layer.inner), layer.router, layer.activation,
                    layer.capacity.empty() ? "-" : escaped(layer.capacity), layer.shared ? "yes" : "-", escaped(layer.name)});
  std::vector<size_t> widths(rows.empty() ? 0 : rows.front().size());
  for (const auto &row : rows)
    for (size_t column = 0; column < row.size(); ++column)
      widths[column] = std::max(widths[column], row[column].size());
  for (const auto &row : rows) {
    std::string line;
    for (size_t column = 0; column < row.size(); ++column)
      line += "  " + row[column] + std::string(widths[column] - row[column].size(), ' ');
    out << llvm::StringRef(line).rtrim() << "\n";
  }
  for (const PlainLayer &layer : report.plain)
    out << "  plain: " << escaped(layer.node) << ": " << escaped(layer.reason, maxText) << "\n";
}

void printFlops(llvm::raw_ostream &out, const ModelReport &report) {
  if (report.tokens <= 0)
    return;
  auto perToken = [&](const FlopCount &count) {
    return count.counted == 0 && count.unknown > 0 ? "unknown" : scaled(count.operations / report.tokens, "FLOP") + " a token";
  };
  label(out, "arithmetic") << perToken(report.before) << " as the file says";
  if (report.isRaised) {
    out << ", " << perToken(report.after) << " raised";
    if (report.after.operations > 0.0 && report.after.unknown == report.before.unknown)
      out << llvm::format(" (%.2f times less)", report.before.operations / report.after.operations);
  }
  out << ", in a call of " << grouped(report.tokens) << " tokens\n";
  for (const LayerSummary &layer : llvm::ArrayRef<LayerSummary>(report.layers).take_front(1))
    label(out, "") << "layer 0 computes " << layer.slots << " of " << layer.experts << " experts a token: E/k = "
                   << llvm::format("%.4g", static_cast<double>(layer.experts) / layer.slots) << "\n";
  int64_t unknown = std::max(report.before.unknown, report.after.unknown);
  if (unknown > 0)
    label(out, "") << "not counted: " << unknown << " operators of unknown size\n";
}

}  // namespace

void printModelReport(llvm::raw_ostream &out, const ModelReport &report) {
  label(out, "model") << escaped(report.file, maxText) << "\n";
  label(out, "producer") << (report.producer.empty() ? "not stated" : escaped(report.producer)) << "\n";
  label(out, "opset");
  llvm::interleaveComma(report.opsets, out, [&](const auto &opset) { out << escaped(opset.first) << " " << opset.second; });
  out << "\n";
  label(out, "nodes") << grouped(report.nodes) << "\n";
  label(out, "parameters") << grouped(report.parameters) << " in " << report.weights << " tensors, " << scaled(report.parameterBytes, "B")
                           << "\n";
  if (report.isRaised || !report.layers.empty() || !report.plain.empty())
    printLayers(out, report);
  printFlops(out, report);
  label(out, "refused") << (report.refused.empty() ? "no" : std::to_string(report.refused.size()) + " kinds of") << " operators\n";
  for (const RefusedOperator &refused : report.refused)
    out << "  " << refused.count << " " << escaped(refused.type) << " version " << refused.version << ": "
        << escaped(refused.reason, maxText) << " (first: " << quote(refused.firstNode) << ")\n";
  for (const std::string &remark : report.remarks)
    label(out, "remark") << escaped(remark, maxText) << "\n";
  for (const std::string &error : report.errors)
    label(out, "error") << escaped(error, maxText) << "\n";
  label(out, "verdict");
  if (report.code == ExitCode::ok && !report.lastPhase.empty())
    out << "passes the phases up to " << report.lastPhase << "\n";
  else if (report.code == ExitCode::ok)
    out << "compiles\n";
  else
    out << "is refused with exit code " << static_cast<int>(report.code) << "\n";
}

}  // namespace switchyard
