#include "tools/moe-run/report.h"

#include "llvm/Support/JSON.h"

#include <cmath>

namespace switchyard::run {
namespace {

using Json = llvm::json::OStream;

template <typename Numbers> void writeNumbers(Json &json, llvm::StringRef key, const Numbers &numbers) {
  json.attributeArray(key, [&] {
    for (auto number : numbers)
      json.value(static_cast<int64_t>(number));
  });
}

void writeLayers(Json &json, const exec::LoadedProgram &program) {
  for (size_t index = 0; index < program.manifest().layers.size(); ++index) {
    const artifact::Layer &layer = program.manifest().layers[index];
    json.object([&] {
      json.attribute("layer", layer.index);
      json.attribute("name", layer.name);
      json.attribute("experts", layer.experts);
      json.attribute("slots", layer.slots);
      std::vector<int32_t> owners;
      for (const std::vector<int32_t> &of : program.plan().layers[index].owners)
        owners.push_back(of.front());
      writeNumbers(json, "owners", owners);
    });
  }
}

void writeRank(Json &json, int64_t rank, const RankReport &one) {
  json.object([&] {
    json.attribute("rank", rank);
    json.attributeArray("mapped_experts", [&] {
      for (const std::vector<int32_t> &experts : one.mappedExperts)
        json.array([&] {
          for (int32_t expert : experts)
            json.value(expert);
        });
    });
    json.attribute("weight_bytes", static_cast<int64_t>(one.weightBytes));
    json.attribute("arena_bytes", static_cast<int64_t>(one.arenaBytes));
    if (one.highWaterBytes == RankReport::notMeasured)
      json.attribute("high_water_bytes", nullptr);
    else
      json.attribute("high_water_bytes", static_cast<int64_t>(one.highWaterBytes));
    json.attribute("seconds", one.times.total);
    json.attribute("steps", one.times.steps);
    json.attribute("seconds_min", one.times.least);
    json.attribute("seconds_mean", one.times.mean);
    json.attribute("seconds_p50", one.times.median);
    json.attribute("seconds_max", one.times.most);
  });
}

void writeOutput(Json &json, const OutputReport &output) {
  json.object([&] {
    json.attribute("name", output.name);
    json.attribute("type", elementTypeName(output.type));
    writeNumbers(json, "shape", output.shape);
    json.attribute("digest", output.digest);
    if (!output.comparison)
      return;
    // JSON knows no infinity.
    const double largest = output.comparison->largestDifference;
    json.attribute("largest_difference", std::isfinite(largest) ? largest : 1e308);
    json.attribute("mismatches", output.comparison->mismatches);
  });
}

void writeCaseLayer(Json &json, const CaseReport &one, size_t layer, int64_t index) {
  std::vector<int64_t> tokens(one.ranks.front().layers[layer].tokensPerExpert.size()), rowsSent, rowsReceived, bytesSent, bytesReceived;
  int64_t dropped = 0;
  for (const exec::RankCounts &rank : one.ranks) {
    const exec::LayerCounts &counts = rank.layers[layer];
    for (size_t expert = 0; expert < tokens.size(); ++expert)
      tokens[expert] += counts.tokensPerExpert[expert];
    dropped += counts.dropped;
    rowsSent.push_back(counts.rowsSent);
    rowsReceived.push_back(counts.rowsReceived);
    bytesSent.push_back(counts.bytesSent);
    bytesReceived.push_back(counts.bytesReceived);
  }
  json.object([&] {
    json.attribute("layer", index);
    writeNumbers(json, "tokens_per_expert", tokens);
    json.attribute("dropped", dropped);
    writeNumbers(json, "rows_sent", rowsSent);
    writeNumbers(json, "rows_received", rowsReceived);
    writeNumbers(json, "bytes_sent", bytesSent);
    writeNumbers(json, "bytes_received", bytesReceived);
  });
}

void writeCase(Json &json, const CaseReport &one, const exec::LoadedProgram &program) {
  json.object([&] {
    json.attribute("name", one.name);
    json.attribute("seconds", one.seconds);
    json.attribute("digest", one.digest);
    json.attributeArray("outputs", [&] {
      for (const OutputReport &output : one.outputs)
        writeOutput(json, output);
    });
    json.attributeArray("layers", [&] {
      for (size_t layer = 0; layer < program.manifest().layers.size(); ++layer)
        writeCaseLayer(json, one, layer, program.manifest().layers[layer].index);
    });
  });
}

void writeGeneration(Json &json, const Generation &generation) {
  json.attributeArray("rows", [&] {
    for (const std::vector<int64_t> &row : generation.rows)
      json.array([&] {
        for (int64_t token : row)
          json.value(token);
      });
  });
  json.attribute("padding", paddingName(generation.padding));
  json.attribute("batches", generation.batches);
  json.attribute("steps", generation.steps);
  json.attribute("first_token_seconds", generation.promptSeconds);
  json.attribute("decode_seconds", generation.decodeSeconds);
  json.attribute("tokens_per_second", generation.tokensPerSecond());
}

}  // namespace

void writeJson(const JobReport &report, const exec::LoadedProgram &program, llvm::raw_ostream &out) {
  Json json(out, 2);
  json.object([&] {
    json.attribute("artifact", report.artifact);
    json.attribute("ranks", report.ranks);
    json.attribute("threads", report.threads);
    json.attribute("transport", report.transport);
    json.attributeArray("layers", [&] { writeLayers(json, program); });
    json.attributeArray("rank_statistics", [&] {
      for (size_t rank = 0; rank < report.rankReports.size(); ++rank)
        writeRank(json, rank, report.rankReports[rank]);
    });
    json.attributeArray("cases", [&] {
      for (const CaseReport &one : report.cases)
        writeCase(json, one, program);
    });
    if (report.generation)
      json.attributeObject("generation", [&] { writeGeneration(json, *report.generation); });
  });
  out << "\n";
}

}  // namespace switchyard::run
