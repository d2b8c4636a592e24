// The communicators under test: each backend makes the ranks of one job inside this process.
#ifndef SWITCHYARD_TESTS_RUNTIME_COMM_BACKENDS_H
#define SWITCHYARD_TESTS_RUNTIME_COMM_BACKENDS_H

#include "runtime/comm/communicator.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace switchyard::comm::testing {

using Communicators = std::vector<std::unique_ptr<Communicator>>;

struct Backend {
  std::string name;
  Communicators (*make)(int size);
};

Communicators makeThreads(int size);
Communicators makeGloo(int size);

inline Deadline after(std::chrono::milliseconds time) { return Clock::now() + time; }
inline Deadline generous() { return after(std::chrono::seconds(60)); }

/// Runs `body(rank's communicator)` on one thread per rank and returns what each returned.
std::vector<Outcome> onAllRanks(Communicators &ranks, const std::function<Outcome(Communicator &)> &body);

}  // namespace switchyard::comm::testing

#endif  // SWITCHYARD_TESTS_RUNTIME_COMM_BACKENDS_H
