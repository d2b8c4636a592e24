// One rank of a job: its weights, its program, and steps on arrays.
#ifndef SWITCHYARD_RUNTIME_EXEC_RANK_H
#define SWITCHYARD_RUNTIME_EXEC_RANK_H

#include "runtime/exec/buffer.h"
#include "runtime/exec/loaded_program.h"
#include "runtime/exec/rank_program.h"

#include "runtime/base/npy.h"

#include <chrono>
#include <memory>
#include <vector>

namespace switchyard::exec {

/// An input of a step: row-major elements that somebody else owns until the step is over.
struct InputView {
  ElementType type = ElementType::f32;
  std::vector<int64_t> shape;
  void *data = nullptr;

  static std::vector<InputView> of(std::vector<Array> &arrays);
};

/// An output of a step.
struct Output {
  ElementType type = ElementType::f32;
  std::vector<int64_t> shape;
  Buffer data;
  uint64_t bytes = 0;
};

struct RankOptions {
  int threads = 1;
  bool measureArena = false;  ///< for RankProgram::writtenArenaBytes; the whole arena becomes resident
  std::chrono::milliseconds collectiveTimeout{60000};
};

class Rank {
public:
  /// Agrees with the other ranks about what is run, and maps the weights.
  static Fault create(const LoadedProgram &program, comm::Communicator &communicator, const RankOptions &options, Progress &progress,
                      std::unique_ptr<Rank> &rank);

  /// Whether a step on inputs of these types and shapes is within the limits; ExitCode::limit where the arena has no room for it.
  Status admits(const std::vector<InputView> &inputs) { return bind(inputs).status(); }
  /// Makes room for the outputs of a step on these inputs, in the manifest's order. The buffers that `outputs` has serve again where they
  /// are large enough; one that must grow grows by more than it must.
  Status prepare(const std::vector<InputView> &inputs, std::vector<Output> &outputs);
  /// Runs one step on what was prepared last.
  Fault step();

  Collectives &collectives() { return transfers; }
  RankProgram &program() { return *code; }

private:
  Rank(const LoadedProgram &program, comm::Communicator &communicator, const RankOptions &options)
      : loaded(program), threads(options.threads), transfers(communicator, program.plan(), options.collectiveTimeout) {}

  Result<artifact::ExpressionScope> bind(const std::vector<InputView> &inputs);

  const LoadedProgram &loaded;
  const int threads;
  Collectives transfers;
  std::unique_ptr<RankProgram> code;
  std::vector<int64_t> dims;
  std::vector<void *> inputData, outputData;
};

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_RANK_H
