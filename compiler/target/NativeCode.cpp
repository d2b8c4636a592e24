#include "compiler/target/NativeCode.h"

#include "compiler/target/ObjectCode.h"
#include "compiler/target/SupportObject.h"
#include "runtime/base/temporary_paths.h"

#include "lld/Common/Driver.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

LLD_HAS_DRIVER(elf)

using namespace mlir;

namespace switchyard::target {

namespace {

/// A folder for the linker's files, which is gone with the object.
class Scratch {
public:
  Scratch() {
    TemporaryPathsLock held = holdTemporaryPaths();
    error = llvm::sys::fs::createUniqueDirectory("switchyard-link", folder);
    if (!error)
      addTemporaryPath(held, folder.str().str());
  }
  Scratch(const Scratch &) = delete;
  Scratch &operator=(const Scratch &) = delete;
  ~Scratch() {
    if (error)
      return;
    llvm::sys::fs::remove_directories(folder);
    dropTemporaryPath(holdTemporaryPaths(), folder.str().str());
  }

  std::string path(StringRef name) const {
    SmallString<128> path(folder);
    llvm::sys::path::append(path, name);
    return path.str().str();
  }
  Status write(StringRef name, StringRef bytes) const {
    std::error_code fault = error;
    if (!fault) {
      llvm::raw_fd_ostream file(path(name), fault);
      file << bytes;
      file.close();
      if (file.has_error()) {
        fault = file.error();
        file.clear_error();
      }
    }
    return fault ? resourceError("cannot write '" + path(name) + "' for the linker: " + fault.message()) : Status();
  }

private:
  SmallString<128> folder;
  std::error_code error;
};

}  // namespace

Result<llvm::SmallVector<char, 0>> buildSharedObject(ModuleOp module) {
  SWITCHYARD_ASSIGN_OR_RETURN(auto object, buildObject(module, hostLevel));
  Scratch scratch;
  SWITCHYARD_RETURN_IF_ERROR(scratch.write("program.o", StringRef(object.data(), object.size())));
  SWITCHYARD_RETURN_IF_ERROR(scratch.write("support.o", supportObject()));
  std::string output = scratch.path("program.so"), program = scratch.path("program.o"), support = scratch.path("support.o");
  const char *arguments[] = {"ld.lld",
                             "-shared",
                             "-s",
                             "--gc-sections",
                             "-z",
                             "now",
                             "-z",
                             "relro",
                             "-z",
                             "noexecstack",
                             "--no-undefined",
                             "--hash-style=sysv",
                             "--build-id=none",
                             "--exclude-libs=ALL",
                             "-o",
                             output.c_str(),
                             program.c_str(),
                             support.c_str()};
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  lld::Result result = lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode != 0)
    return internalError("the linker failed: " + StringRef(messages).rtrim());
  auto linked = llvm::MemoryBuffer::getFile(output);
  if (!linked)
    return internalError("the linker wrote no file: " + linked.getError().message());
  return llvm::SmallVector<char, 0>((*linked)->getBufferStart(), (*linked)->getBufferEnd());
}

}  // namespace switchyard::target
