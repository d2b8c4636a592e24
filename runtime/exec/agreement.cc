#include "runtime/exec/agreement.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace switchyard::exec {
namespace {

/// 64 bytes, as they travel: the leading bytes of the digests are enough to tell a difference.
struct Record {
  std::array<char, 32> artifact{};
  std::array<char, 8> plan{}, limits{};
  std::array<char, 12> codeLevel{};
  uint32_t abi = 0;
};
static_assert(sizeof(Record) == 64);

template <size_t size> void copyText(const std::string &text, std::array<char, size> &to) {
  std::memcpy(to.data(), text.data(), std::min(size, text.size()));
}

template <size_t size> std::string text(const std::array<char, size> &from) { return std::string(from.data(), strnlen(from.data(), size)); }

std::string difference(const Record &odd, const Record &most) {
  if (odd.artifact != most.artifact)
    return "has artifact " + text(odd.artifact) + "…, the others " + text(most.artifact) + "…: give every rank the same artifact";
  if (odd.plan != most.plan)
    return "has plan " + text(odd.plan) + "…, the others " + text(most.plan) + "…: the plans of the artifact differ between the ranks";
  if (odd.limits != most.limits)
    return "has other limits than the others: give every rank the same --max-batch and --max-seq";
  if (odd.codeLevel != most.codeLevel)
    return "runs code for " + text(odd.codeLevel) + ", the others for " + text(most.codeLevel) + ": the processors of the ranks differ";
  return "has ABI version " + std::to_string(odd.abi) + ", the others " + std::to_string(most.abi) + ": the releases of moe-run differ";
}

}  // namespace

Fault agree(Collectives &collectives, const Identity &own) {
  Record record;
  copyText(own.artifact, record.artifact);
  copyText(own.plan, record.plan);
  copyText(own.limits, record.limits);
  copyText(own.codeLevel, record.codeLevel);
  record.abi = own.abi;
  std::array<int64_t, sizeof(Record) / sizeof(int64_t)> words;
  std::memcpy(words.data(), &record, sizeof(record));
  std::vector<int64_t> gathered;
  if (Fault fault = collectives.gather(words, gathered); !fault.ok())
    return fault;

  std::vector<Record> all(gathered.size() / words.size());
  std::memcpy(static_cast<void *>(all.data()), gathered.data(), gathered.size() * sizeof(int64_t));
  const auto equal = [](const Record &a, const Record &b) { return std::memcmp(&a, &b, sizeof(Record)) == 0; };
  size_t most = 0, votes = 0;
  for (size_t rank = 0; rank < all.size(); ++rank) {
    const size_t alike = std::count_if(all.begin(), all.end(), [&](const Record &other) { return equal(all[rank], other); });
    if (alike > votes) {
      most = rank;
      votes = alike;
    }
  }
  for (size_t rank = 0; rank < all.size(); ++rank)
    if (!equal(all[rank], all[most]))
      return Fault{mismatchError("rank " + llvm::Twine(rank) + " " + difference(all[rank], all[most]))};
  return Fault{};
}

}  // namespace switchyard::exec
