// Memory of the runtime: zeroed pages that become resident only where they are touched.
#ifndef SWITCHYARD_RUNTIME_EXEC_BUFFER_H
#define SWITCHYARD_RUNTIME_EXEC_BUFFER_H

#include "runtime/base/status.h"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace switchyard::exec {

class Buffer {
public:
  Buffer() = default;
  Buffer(Buffer &&other) noexcept { *this = std::move(other); }
  Buffer &operator=(Buffer &&other) noexcept {
    std::swap(pages, other.pages);
    std::swap(bytes, other.bytes);
    return *this;
  }
  ~Buffer();

  /// `what` is for the message when memory runs out.
  static Result<Buffer> allocate(uint64_t bytes, const llvm::Twine &what);

  char *data() const { return static_cast<char *>(pages); }
  uint64_t size() const { return bytes; }

private:
  void *pages = nullptr;
  uint64_t bytes = 0;
};

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_BUFFER_H
