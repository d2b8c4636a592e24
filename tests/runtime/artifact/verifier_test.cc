#include "runtime/artifact/verifier.h"

#include "tests/runtime/artifact/example_manifest.h"

#include "llvm/ADT/STLExtras.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace switchyard::artifact {
namespace {

Plan planFor(const Manifest &manifest, int64_t ranks) {
  Result<Plan> plan = defaultPlan(manifest, ranks);
  EXPECT_TRUE(plan.ok()) << plan.status().message();
  return *plan;
}

TEST(Plan, DefaultIsRightForAllNumbersOfRanks) {
  for (int64_t experts : {1, 2, 3, 5, 8, 64})
    for (int64_t ranks = 1; ranks <= maxRanks; ++ranks) {
      Manifest manifest = exampleProgram(2, experts, 1);
      Status status = verifySchedule(manifest, planFor(manifest, ranks));
      EXPECT_TRUE(status.ok()) << experts << " experts, " << ranks << " ranks: " << status.message();
    }
}

TEST(Plan, DefaultPlacement) {
  auto owners = [](int64_t experts, int64_t ranks) {
    std::vector<int32_t> all;
    Manifest manifest = exampleProgram(1, experts, 1);
    Plan plan = planFor(manifest, ranks);
    for (const std::vector<int32_t> &of : plan.layers[0].owners)
      all.push_back(of[0]);
    return all;
  };
  EXPECT_EQ(owners(4, 2), (std::vector<int32_t>{0, 0, 1, 1}));
  EXPECT_EQ(owners(5, 2), (std::vector<int32_t>{0, 0, 0, 1, 1}));
  EXPECT_EQ(owners(8, 3), (std::vector<int32_t>{0, 0, 0, 1, 1, 1, 2, 2}));
  EXPECT_EQ(owners(2, 4), (std::vector<int32_t>{0, 2}));
  EXPECT_EQ(defaultPlan(exampleProgram(1, 2, 1), 0).status().message(), "0 ranks; a plan is for 1 to 64");
  EXPECT_EQ(defaultPlan(exampleProgram(1, 2, 1), 65).status().message(), "65 ranks; a plan is for 1 to 64");
}

TEST(Plan, RowsOfUnevenShares) {
  Manifest manifest = exampleProgram(1, 4, 2);  // 32 tokens at the limits
  Plan plan = planFor(manifest, 3);
  EXPECT_EQ(plan.phases[1].rows, (RowBounds{11 * 2, 32 * 2}));
  EXPECT_EQ(plan.phases[3].rows, (RowBounds{11, 32}));
}

TEST(Plan, RoundTrips) {
  Manifest manifest = exampleProgram(2, 4, 2);
  Plan plan = planFor(manifest, 3);
  Result<Plan> read = Plan::fromJson(plan.toJson(), "p.json");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_TRUE(*read == plan);
  EXPECT_EQ(read->toJson(), plan.toJson());
}

TEST(Plan, BadText) {
  std::string good = planFor(exampleProgram(1, 2, 1), 2).toJson();
  auto message = [&](llvm::StringRef from, llvm::StringRef to) {
    std::string text = good;
    return Plan::fromJson(text.replace(text.find(from), from.size(), to), "p.json").status().message();
  };
  EXPECT_EQ(message("moe-plan", "moe-plane"), "p.json: format is 'moe-plane', not 'moe-plan'");
  EXPECT_EQ(message("\"version\": 1", "\"version\": 2"), "p.json: plan version 2, this program reads version 1");
  EXPECT_EQ(message("\"ranks\": 2", "\"ranks\": 65"), "p.json: field 'ranks' is 65, not within [1, 64]");
  EXPECT_EQ(message("[1]", "[2]"), "p.json: layers[0]: owners[1]: rank is 2, not within [0, 1]");
  EXPECT_EQ(message("[1]", "[-1]"), "p.json: layers[0]: owners[1]: rank is -1, not within [0, 1]");
  EXPECT_EQ(message("exchange_rows", "exchange_cows"), "p.json: phases[1]: unknown kind of phase 'exchange_cows'");
}

TEST(Verifier, AnyPlacementIsRight) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    int64_t experts = 1 + random() % 12, ranks = 1 + random() % 9;
    Manifest manifest = exampleProgram(1 + random() % 3, experts, 1 + random() % experts);
    std::vector<LayerPlacement> layers;
    for (const Layer &layer : manifest.layers) {
      layers.push_back({layer.index, {}});
      for (int64_t e = 0; e < experts; ++e)
        layers.back().owners.push_back({int32_t(random() % ranks)});
    }
    Result<Plan> plan = planOfOwners(manifest, ranks, layers);
    ASSERT_TRUE(plan.ok()) << plan.status().message();
    Status status = verifySchedule(manifest, *plan);
    EXPECT_TRUE(status.ok()) << status.message();
  }
}

/// Two layers of 5 experts on 4 ranks, of which rank 3 owns none in layer 0.
struct Example {
  Manifest manifest = exampleProgram(2, 5, 2);
  Plan plan;
  Example() {
    LayerPlacement first{0, {{0}, {1}, {2}, {0}, {1}}}, second{1, {{3}, {2}, {1}, {0}, {3}}};
    plan = *planOfOwners(manifest, 4, {first, second});
  }
};

std::string messageAfter(const std::function<void(Example &)> &change) {
  Example example;
  change(example);
  return verifySchedule(example.manifest, example.plan).message();
}

TEST(Verifier, NamesTheFault) {
  EXPECT_EQ(messageAfter([](Example &) {}), "");
  EXPECT_EQ(messageAfter([](Example &e) { e.plan.layers[0].owners[2] = {}; }), "schedule: layer 0: expert 2 has 0 owners, not one");
  EXPECT_EQ(messageAfter([](Example &e) { e.plan.layers[0].owners[2] = {1, 2}; }), "schedule: layer 0: expert 2 has 2 owners, not one");
  EXPECT_EQ(messageAfter([](Example &e) { e.plan.layers[0].owners[2] = {4}; }), "schedule: layer 0: expert 2 belongs to rank 4 of 4 ranks");
  EXPECT_EQ(messageAfter([](Example &e) { e.plan.layers[1].owners.pop_back(); }),
            "schedule: layer 1: owners of 4 experts, the layer has 5");
  EXPECT_EQ(messageAfter([](Example &e) { e.plan.layers.pop_back(); }), "schedule: the plan places 1 layers, the program has 2");
  EXPECT_EQ(messageAfter([](Example &e) { e.plan.ranks = 5; }),
            "schedule: phase 0 (exchange_counts of layer 0): send lists of 4 ranks, the plan is for 5");
  EXPECT_EQ(messageAfter([](Example &e) { std::swap(e.plan.phases[1], e.plan.phases[2]); }),
            "schedule: all ranks: phase 1 (return_rows of layer 0) (op 'moe.all_to_all') stands where the program issues "
            "collective.exchange_rows of layer 0 (op 'moe.all_to_all')");
  EXPECT_EQ(
      messageAfter([](Example &e) { e.plan.phases.pop_back(); }),
      "schedule: all ranks: the program issues collective.all_gather_tokens of layer 1 (op 'rt.all_gather') after the plan's last phase 7");
  EXPECT_EQ(messageAfter([](Example &e) { e.plan.phases.push_back(e.plan.phases[0]); }),
            "schedule: all ranks: phase 8 (exchange_counts of layer 0) is never issued; the program has 8 collectives");
  EXPECT_EQ(messageAfter([](Example &e) { e.plan.phases[1].peers.send[3] = {0, 1}; }),
            "schedule: rank 2, phase 1 (exchange_rows of layer 0): waits for rank 3, which does not send to it");
  EXPECT_EQ(messageAfter([](Example &e) { e.plan.phases[1].peers.receive[2] = {0, 1, 2}; }),
            "schedule: rank 3, phase 1 (exchange_rows of layer 0): sends to rank 2, which does not receive from it");
  EXPECT_EQ(messageAfter([](Example &e) { e.plan.phases[1].peers.send[0] = {0, 2, 1}; }),
            "schedule: rank 0, phase 1 (exchange_rows of layer 0): send names rank 1 after rank 2; peers are ascending, each once");
  EXPECT_EQ(
      messageAfter([](Example &e) {
        e.plan.phases[1].peers.send[3] = {0, 1};
        e.plan.phases[1].peers.receive[2] = {0, 1, 2};
      }),
      "schedule: rank 3, phase 1 (exchange_rows of layer 0): rows of source rank 3 for expert 2 (owner rank 2) have no way to rank 2");
  EXPECT_EQ(messageAfter([](Example &e) {
              e.plan.phases[2].peers.send[2] = {0, 1, 2};
              e.plan.phases[2].peers.receive[3] = {0, 1};
            }),
            "schedule: rank 2, phase 2 (return_rows of layer 0): rows of source rank 3 for expert 2 (owner rank 2) have no way to rank 3");
  EXPECT_EQ(messageAfter([](Example &e) {
              e.plan.phases[1].peers.send[0].push_back(3);
              e.plan.phases[1].peers.receive[3].push_back(0);
            }),
            "schedule: rank 0, phase 1 (exchange_rows of layer 0): sends to rank 3, while rank 3 owns no expert of the layer");
  EXPECT_EQ(messageAfter([](Example &e) { e.plan.phases[1].rows.owner = 63; }),
            "schedule: all ranks, phase 1 (exchange_rows of layer 0): buffers of 16 rows at the source and 63 at the owner; "
            "the worst routing of 32 tokens with 2 slots over 4 ranks has 16 and 64");
}

TEST(Verifier, ProgramsWithoutAllCollectives) {
  auto message = [](const std::function<void(Manifest &)> &change) {
    Manifest manifest = exampleProgram(1, 4, 2);
    change(manifest);
    return verifySchedule(manifest, planFor(manifest, 2)).message();
  };
  EXPECT_EQ(message([](Manifest &m) { m.sites.pop_back(); }), "schedule: layer 0: its all_gather_tokens is missing");
  EXPECT_EQ(message([](Manifest &m) { std::swap(m.sites[1], m.sites[2]); }),
            "schedule: phase 0 (exchange_rows of layer 0): expected exchange_counts of this layer");
  EXPECT_EQ(message([](Manifest &m) { m.sites.push_back(m.sites[1]); }),
            "schedule: phase 4 (exchange_counts of layer 0): expected nothing more of this layer");
}

/// Every list of peers in a plan.
std::vector<std::vector<int32_t> *> peerLists(Plan &plan) {
  std::vector<std::vector<int32_t> *> lists;
  for (Phase &phase : plan.phases)
    for (auto *side : {&phase.peers.send, &phase.peers.receive})
      for (std::vector<int32_t> &list : *side)
        lists.push_back(&list);
  return lists;
}

bool accepted(const Example &example) { return verifySchedule(example.manifest, example.plan).ok(); }

// Every list of peers, changed in every single way: one rank more, less, twice, or another one.
TEST(Verifier, RejectsEveryChangeOfOnePeerList) {
  Example right;
  std::vector<std::vector<int32_t> *> lists = peerLists(right.plan);
  int mutants = 0;
  for (size_t i = 0; i < lists.size(); ++i) {
    auto reject = [&](const std::function<void(std::vector<int32_t> &)> &change) {
      Example example;
      std::vector<int32_t> &list = *peerLists(example.plan)[i], before = list;
      change(list);
      if (list == before)
        return;
      ++mutants;
      EXPECT_FALSE(accepted(example)) << "list " << i;
    };
    for (size_t j = 0; j < lists[i]->size(); ++j) {
      reject([&](auto &list) { list.erase(list.begin() + j); });
      reject([&](auto &list) { list.insert(list.begin() + j, list[j]); });
      reject([&](auto &list) { std::swap(list[j], list[0]); });
      for (int32_t other = -1; other <= 4; ++other)
        reject([&](auto &list) { list[j] = other; });
    }
    for (int32_t other = -1; other <= 4; ++other)
      reject([&](auto &list) {
        if (!llvm::is_contained(list, other))
          list.push_back(other), llvm::sort(list);
      });
  }
  EXPECT_GT(mutants, 1000);
}

// A pair taken away, or added, at both ends at once: sends still match receives.
TEST(Verifier, RejectsEveryMatchedChange) {
  int mutants = 0;
  for (size_t phase = 0; phase < Example().plan.phases.size(); ++phase)
    for (int32_t from = 0; from < 4; ++from)
      for (int32_t to = 0; to < 4; ++to) {
        Example example;
        auto toggle = [](std::vector<int32_t> &list, int32_t rank) {
          if (llvm::is_contained(list, rank))
            llvm::erase(list, rank);
          else
            list.push_back(rank), llvm::sort(list);
        };
        toggle(example.plan.phases[phase].peers.send[from], to);
        toggle(example.plan.phases[phase].peers.receive[to], from);
        ++mutants;
        EXPECT_FALSE(accepted(example)) << phase << ": " << from << " to " << to;
      }
  EXPECT_EQ(mutants, 8 * 16);
}

TEST(Verifier, RejectsEveryChangeOfOrderKindLayerAndRows) {
  size_t phases = Example().plan.phases.size();
  auto reject = [](const std::function<void(Plan &)> &change) {
    Example example;
    Plan before = example.plan;
    change(example.plan);
    if (!(example.plan == before))
      EXPECT_FALSE(accepted(example)) << example.plan.toJson();
  };
  for (size_t i = 0; i < phases; ++i) {
    reject([&](Plan &plan) { plan.phases.erase(plan.phases.begin() + i); });
    reject([&](Plan &plan) { plan.phases.insert(plan.phases.begin() + i, Phase(plan.phases[i])); });
    reject([&](Plan &plan) { plan.phases[i].op += "x"; });
    for (size_t j = 0; j < i; ++j)
      reject([&](Plan &plan) { std::swap(plan.phases[i], plan.phases[j]); });
    for (int kind = 0; kind < 4; ++kind)
      reject([&](Plan &plan) { plan.phases[i].kind = static_cast<PhaseKind>(kind); });
    for (int64_t layer = -1; layer <= 2; ++layer)
      reject([&](Plan &plan) { plan.phases[i].layer = layer; });
    for (int64_t delta : {-1, 1}) {
      reject([&](Plan &plan) { plan.phases[i].rows.source += delta; });
      reject([&](Plan &plan) { plan.phases[i].rows.owner += delta; });
    }
  }
  for (int32_t expert : {0, 1, 2, 3, 4}) {
    // An owner moved to a rank that the phases leave out.
    reject([&](Plan &plan) { plan.layers[0].owners[expert] = {3}; });
    for (int32_t other : {-1, 0, 1, 2, 3, 4})
      reject([&](Plan &plan) { plan.layers[1].owners[expert].push_back(other); });
    for (int32_t other : {-1, 4})
      reject([&](Plan &plan) { plan.layers[1].owners[expert] = {other}; });
    reject([&](Plan &plan) { plan.layers[1].owners[expert] = {}; });
    reject([&](Plan &plan) { plan.layers[1].owners.erase(plan.layers[1].owners.begin() + expert); });
  }
  reject([&](Plan &plan) { std::swap(plan.layers[0], plan.layers[1]); });
  reject([&](Plan &plan) { plan.layers[1].layer = 0; });
  for (int64_t ranks : {-1, 0, 1, 3, 5, 64, 65})
    reject([&](Plan &plan) { plan.ranks = ranks; });
}

}  // namespace
}  // namespace switchyard::artifact
