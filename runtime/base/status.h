// How a fault travels: a process exit code and one line for the user. No exception leaves a function of the runtime.
#ifndef SWITCHYARD_RUNTIME_BASE_STATUS_H
#define SWITCHYARD_RUNTIME_BASE_STATUS_H

#include "llvm/ADT/Twine.h"

#include <optional>
#include <string>
#include <utility>

namespace switchyard {

/// Exit codes of the tools (docs/contracts.md, section 5). A process killed by signal N ends with 128 + N.
enum class ExitCode : int {
  ok = 0,
  failure = 1,
  usage = 2,
  invalid = 3,
  unsupported = 4,
  mismatch = 5,
  communication = 6,
  resources = 7,
  limit = 8,
  internal = 70,
  timeout = 124,
};

/// Success, or an exit code with a message of one line.
class [[nodiscard]] Status {
public:
  Status() = default;
  Status(ExitCode code, const llvm::Twine &message) : code_(code), message_(message.str()) {}

  bool ok() const { return code_ == ExitCode::ok; }
  ExitCode code() const { return code_; }
  const std::string &message() const { return message_; }
  /// The same fault, told with what was being done: "prefix: message".
  Status within(const llvm::Twine &prefix) const { return ok() ? *this : Status(code_, prefix + ": " + message_); }

private:
  ExitCode code_ = ExitCode::ok;
  std::string message_;
};

inline Status failureError(const llvm::Twine &message) { return Status(ExitCode::failure, message); }
inline Status usageError(const llvm::Twine &message) { return Status(ExitCode::usage, message); }
inline Status invalidError(const llvm::Twine &message) { return Status(ExitCode::invalid, message); }
inline Status unsupportedError(const llvm::Twine &message) { return Status(ExitCode::unsupported, message); }
inline Status mismatchError(const llvm::Twine &message) { return Status(ExitCode::mismatch, message); }
inline Status resourceError(const llvm::Twine &message) { return Status(ExitCode::resources, message); }
inline Status limitError(const llvm::Twine &message) { return Status(ExitCode::limit, message); }
inline Status internalError(const llvm::Twine &message) { return Status(ExitCode::internal, message); }

/// A value, or the status that says why there is none.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : value_(std::move(value)) {}
  Result(Status status) : status_(std::move(status)) {
    if (status_.ok())
      status_ = internalError("a result has neither a value nor a fault");
  }

  bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Status &status() const { return status_; }

  T &operator*() & { return *value_; }
  const T &operator*() const & { return *value_; }
  T operator*() && { return *std::move(value_); }
  T *operator->() { return &*value_; }
  const T *operator->() const { return &*value_; }

private:
  std::optional<T> value_;
  Status status_;
};

}  // namespace switchyard

/// Leaves the function with the fault of `expression`, if it has one.
#define SWITCHYARD_RETURN_IF_ERROR(expression)                                                                                             \
  do {                                                                                                                                     \
    if (::switchyard::Status status_ = (expression); !status_.ok())                                                                        \
      return status_;                                                                                                                      \
  } while (false)

#define SWITCHYARD_CONCATENATE_(a, b) a##b
#define SWITCHYARD_CONCATENATE(a, b) SWITCHYARD_CONCATENATE_(a, b)
#define SWITCHYARD_ASSIGN_OR_RETURN_(result, declaration, expression)                                                                      \
  auto result = (expression);                                                                                                              \
  if (!result.ok())                                                                                                                        \
    return result.status();                                                                                                                \
  declaration = *std::move(result)

/// Declares (or assigns) the value of `expression`, or leaves the function with its fault.
#define SWITCHYARD_ASSIGN_OR_RETURN(declaration, expression)                                                                               \
  SWITCHYARD_ASSIGN_OR_RETURN_(SWITCHYARD_CONCATENATE(result_, __LINE__), declaration, expression)

#endif  // SWITCHYARD_RUNTIME_BASE_STATUS_H
