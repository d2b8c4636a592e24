#include "runtime/base/json.h"
#include "tools/moe-opt/ModelReport.h"

#include "llvm/Support/JSON.h"

namespace switchyard {

namespace {

void writeFlops(llvm::json::OStream &out, llvm::StringRef name, const FlopCount &count, int64_t tokens) {
  out.attributeObject(name, [&] {
    out.attributeBegin("flops_per_token");
    writeNumber(out, tokens > 0 ? count.operations / tokens : 0.0);
    out.attributeEnd();
    out.attribute("operators", count.counted);
    out.attribute("operators_of_unknown_size", count.unknown);
  });
}

void writeLayer(llvm::json::OStream &out, const LayerSummary &layer) {
  out.object([&] {
    out.attribute("name", jsonText(layer.name));
    out.attribute("form", layer.form);
    out.attribute("experts", layer.experts);
    out.attribute("slots", layer.slots);
    out.attribute("hidden", layer.hidden);
    out.attribute("inner", layer.inner);
    out.attribute("router", layer.router);
    out.attribute("activation", layer.activation);
    if (!layer.capacity.empty())
      out.attribute("capacity", jsonText(layer.capacity));
    out.attribute("shared_expert", layer.shared);
  });
}

}  // namespace

void printModelReportJson(llvm::raw_ostream &stream, const ModelReport &report) {
  llvm::json::OStream out(stream, 2);
  out.object([&] {
    out.attribute("model", jsonText(report.file));
    out.attribute("producer", jsonText(report.producer));
    out.attributeObject("opset", [&] {
      for (const auto &[domain, version] : report.opsets)
        out.attribute(jsonText(domain), version);
    });
    out.attribute("nodes", report.nodes);
    out.attribute("parameters", report.parameters);
    out.attribute("parameter_bytes", report.parameterBytes);
    out.attributeArray("layers", [&] {
      for (const LayerSummary &layer : report.layers)
        writeLayer(out, layer);
    });
    out.attributeArray("plain_layers", [&] {
      for (const PlainLayer &layer : report.plain)
        out.object([&] {
          out.attribute("node", jsonText(layer.node));
          out.attribute("reason", jsonText(layer.reason));
        });
    });
    out.attribute("tokens_per_call", report.tokens);
    writeFlops(out, "before_raising", report.before, report.tokens);
    if (report.isRaised)
      writeFlops(out, "after_raising", report.after, report.tokens);
    out.attributeArray("refused", [&] {
      for (const RefusedOperator &refused : report.refused)
        out.object([&] {
          out.attribute("operator", jsonText(refused.type));
          out.attribute("version", refused.version);
          out.attribute("count", refused.count);
          out.attribute("reason", jsonText(refused.reason));
          out.attribute("first_node", jsonText(refused.firstNode));
        });
    });
    out.attributeArray("remarks", [&] {
      for (const std::string &remark : report.remarks)
        out.value(jsonText(remark));
    });
    out.attributeArray("errors", [&] {
      for (const std::string &error : report.errors)
        out.value(jsonText(error));
    });
    if (!report.lastPhase.empty())
      out.attribute("last_phase", report.lastPhase);
    out.attribute("exit_code", static_cast<int>(report.code));
  });
  stream << "\n";
}

}  // namespace switchyard
