#include "runtime/artifact/plan.h"
#include "runtime/base/escape.h"
#include "runtime/base/json_fields.h"

#include "llvm/Support/raw_ostream.h"

namespace switchyard::artifact {
namespace {

using llvm::json::OStream;
using llvm::json::Value;

constexpr llvm::StringLiteral formatName = "moe-plan";
constexpr uint64_t maxPlanBytes = uint64_t(64) << 20;

/// One line for every rank or expert.
void writeRankLists(OStream &out, llvm::StringRef key, const std::vector<std::vector<int32_t>> &lists) {
  out.attributeArray(key, [&] {
    for (const std::vector<int32_t> &list : lists)
      writeInline(out, std::vector<int64_t>(list.begin(), list.end()));
  });
}

std::vector<std::vector<int32_t>> readRankLists(JsonFields &fields, llvm::StringRef key, JsonReading &reading, int64_t ranks) {
  std::vector<std::vector<int32_t>> lists;
  fields.each(key, [&](const Value &value, const std::string &where) {
    const llvm::json::Array *array = value.getAsArray();
    if (!array)
      return reading.fail(invalidError(where + " is not a list of ranks"));
    std::vector<int32_t> &list = lists.emplace_back();
    for (const Value &rank : *array)
      list.push_back(int32_t(readInteger(rank, where + ": rank", reading, 0, ranks - 1)));
  });
  return lists;
}

void writePhase(OStream &out, const Phase &phase) {
  out.attribute("kind", phaseKindName(phase.kind));
  out.attribute("layer", phase.layer);
  out.attribute("op", phase.op);
  out.attributeObject("peers", [&] {
    writeRankLists(out, "send", phase.peers.send);
    writeRankLists(out, "receive", phase.peers.receive);
  });
  out.attributeObject("rows", [&] {
    out.attribute("source", phase.rows.source);
    out.attribute("owner", phase.rows.owner);
  });
}

Phase readPhase(const Value &value, const std::string &where, JsonReading &reading, int64_t ranks) {
  Phase phase;
  JsonFields fields(value, where, reading);
  std::string kindName = fields.string("kind");
  std::optional<PhaseKind> kind = phaseKindOfKernel("collective." + kindName);
  if (!kind)
    fields.fail("unknown kind of phase " + quote(kindName));
  phase.kind = kind.value_or(PhaseKind::exchangeCounts);
  phase.layer = fields.integer("layer");
  phase.op = fields.string("op");
  if (const Value *peers = fields.value("peers")) {
    JsonFields lists(*peers, where + ": peers", reading);
    phase.peers.send = readRankLists(lists, "send", reading, ranks);
    phase.peers.receive = readRankLists(lists, "receive", reading, ranks);
    lists.finish();
  }
  if (const Value *rows = fields.value("rows")) {
    JsonFields bounds(*rows, where + ": rows", reading);
    phase.rows.source = bounds.integer("source");
    phase.rows.owner = bounds.integer("owner");
    bounds.finish();
  }
  fields.finish();
  return phase;
}

}  // namespace

std::string Plan::toJson() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  {
    OStream out(stream, 2);
    out.object([&] {
      out.attribute("format", formatName);
      out.attribute("version", planMajor);
      out.attribute("ranks", ranks);
      out.attributeArray("layers", [&] {
        for (const LayerPlacement &layer : layers)
          out.object([&] {
            out.attribute("layer", layer.layer);
            writeRankLists(out, "owners", layer.owners);
          });
      });
      out.attributeArray("phases", [&] {
        for (const Phase &phase : phases)
          out.object([&] { writePhase(out, phase); });
      });
    });
  }
  stream << '\n';
  return text;
}

Result<Plan> Plan::fromJson(llvm::StringRef text, llvm::StringRef name) {
  SWITCHYARD_ASSIGN_OR_RETURN(Value document, parseJson(text, name, {maxPlanBytes, 32}));
  JsonReading reading;
  JsonFields fields(document, name, reading);
  std::string format = fields.string("format");
  int64_t version = fields.integer("version");
  SWITCHYARD_RETURN_IF_ERROR(reading.status);
  if (format != formatName)
    return invalidError(name + ": format is " + quote(format) + ", not '" + formatName + "'");
  if (version != planMajor)
    return mismatchError(name + ": plan version " + llvm::Twine(version) + ", this program reads version " + llvm::Twine(planMajor));
  Plan plan;
  plan.ranks = fields.integer("ranks", 1, maxRanks);
  fields.each("layers", [&](const Value &value, const std::string &where) {
    JsonFields layer(value, where, reading);
    LayerPlacement &placement = plan.layers.emplace_back();
    placement.layer = layer.integer("layer");
    placement.owners = readRankLists(layer, "owners", reading, plan.ranks);
    layer.finish();
  });
  fields.each("phases",
              [&](const Value &value, const std::string &where) { plan.phases.push_back(readPhase(value, where, reading, plan.ranks)); });
  fields.finish();
  SWITCHYARD_RETURN_IF_ERROR(reading.status);
  return plan;
}

}  // namespace switchyard::artifact
