#include "frontends/onnx/ModelFile.h"

#include "dialects/support/Diagnostics.h"
#include "llvm/Support/Path.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

using namespace mlir;

namespace switchyard::onnx {

FailureOr<ModelFile> ModelFile::open(StringRef path, const llvm::Twine &what, ExitCode code, Location location) {
  std::string name = path.str();
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return withExitCode(emitError(location), code) << "cannot open " << what << ": " << std::strerror(errno);
  struct stat status;
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return withExitCode(emitError(location), code) << what << " is not a regular file";
  }
  return ModelFile(std::move(name), descriptor, status.st_size);
}

ModelFile::ModelFile(ModelFile &&other)
    : path(std::move(other.path)), descriptor(std::exchange(other.descriptor, -1)), size(other.size) {}

ModelFile::~ModelFile() {
  if (descriptor >= 0)
    ::close(descriptor);
}

StringRef ModelFile::getName() const { return llvm::sys::path::filename(path); }

std::string ModelFile::getFolder() const {
  StringRef folder = llvm::sys::path::parent_path(path);
  return folder.empty() ? "." : folder.str();
}

int64_t ModelFile::read(int64_t offset, MutableArrayRef<char> buffer) const {
  size_t done = 0;
  while (done < buffer.size()) {
    ssize_t count = ::pread(descriptor, buffer.data() + done, buffer.size() - done, offset + done);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return -1;
    if (count == 0)
      break;
    done += count;
  }
  return done;
}

}  // namespace switchyard::onnx
