// How the ranks of a job exchange bytes. One primitive, `exchange`; everything else is written with it.
//
// All ranks issue the same collectives in the same order. Calls block; each has a deadline. After the first failure a
// communicator is broken: every later call fails at once. One thread of a rank calls it at a time, except `abort`,
// which any thread may call.
#ifndef SWITCHYARD_RUNTIME_COMM_COMMUNICATOR_H
#define SWITCHYARD_RUNTIME_COMM_COMMUNICATOR_H

#include "runtime/comm/failure.h"
#include "runtime/comm/op_tag.h"

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

namespace switchyard::comm {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;
using ConstBytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

class Communicator {
public:
  virtual ~Communicator() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// "threads, 4 ranks"; for logs.
  virtual std::string describe() const = 0;

  /// Sends `send[p]` to rank p and fills `receive[p]` from rank p, for all p, this rank included. A transfer whose two
  /// ends disagree about the tag or the size fails on the receiver before any of its bytes is written.
  virtual Outcome exchange(std::span<const ConstBytes> send, std::span<const MutableBytes> receive, const OpTag &tag,
                           Deadline deadline) = 0;

  /// Breaks the communicator and ends a call in progress. From any thread; idempotent.
  virtual void abort(const std::string &reason) noexcept = 0;

  /// Every rank gives `own`, of one size, and gets all of them in `all`, by rank.
  Outcome allGather(ConstBytes own, MutableBytes all, const OpTag &tag, Deadline deadline);

  /// Every rank gives `own` and gets `all[p]` from rank p; sizes may differ by rank.
  Outcome allGatherV(ConstBytes own, std::span<const MutableBytes> all, const OpTag &tag, Deadline deadline);

  /// Returns when all ranks have called it.
  Outcome barrier(const OpTag &tag, Deadline deadline);
};

}  // namespace switchyard::comm

#endif  // SWITCHYARD_RUNTIME_COMM_COMMUNICATOR_H
