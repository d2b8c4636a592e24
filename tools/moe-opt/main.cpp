// moe-opt: the compiler's driver for ONNX models, and mlir-opt for the dialects and passes of the project.
#include "compiler/pipelines/Registration.h"
#include "runtime/base/temporary_paths.h"
#include "tools/moe-opt/Compile.h"
#include "tools/moe-opt/DriverOptions.h"
#include "tools/support/exhaustion.h"
#include "tools/support/interruption.h"
#include "tools/support/standard_streams.h"

#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/thread.h"

#include <optional>

using namespace switchyard;

// MLIR's parser and printers recurse for nested regions, attributes and locations.
static constexpr std::optional<unsigned> stackSize = 64 << 20;

int main(int argc, char **argv) {
  reportExhaustion("moe-opt");
  removeTemporariesOnSignals("moe-opt");
  llvm::InitLLVM init(argc, argv);
  guardStandardStreams("moe-opt");
  mlir::DialectRegistry registry;
  registerDialects(registry);
  registerPasses();
  DriverOptions options;
  if (!options.parse(argc, argv, registry))
    return static_cast<int>(ExitCode::usage);
  ExitCode code = ExitCode::ok;
  llvm::thread worker(stackSize,
                      [&] { code = options.compiles() ? compileModel(options, registry) : processModule(options, argc, argv, registry); });
  worker.join();
  // A signal that has begun to end the process goes on to do so.
  const TemporaryPathsLock held = holdTemporaryPaths();
  return static_cast<int>(code);
}
