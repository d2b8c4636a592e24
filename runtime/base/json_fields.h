// The fields of a JSON object, read with their types and bounds.
#ifndef SWITCHYARD_RUNTIME_BASE_JSON_FIELDS_H
#define SWITCHYARD_RUNTIME_BASE_JSON_FIELDS_H

#include "runtime/base/json.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringSet.h"

#include <string>
#include <vector>

namespace switchyard {

/// What all readers of one document share: the first fault, and whether fields that they do not know are let pass.
struct JsonReading {
  Status status;
  bool allowUnknownFields = false;

  void fail(const Status &fault) {
    if (status.ok())
      status = fault;
  }
};

/// Reads one object. After a fault every read gives a neutral value, so that code reads all fields and asks once.
class JsonFields {
public:
  /// `where` names the object in messages, such as "manifest.json: weights[3]".
  JsonFields(const llvm::json::Value &value, const llvm::Twine &where, JsonReading &reading);

  bool has(llvm::StringRef key) const { return object_ && object_->get(key) != nullptr; }
  std::string string(llvm::StringRef key);
  int64_t integer(llvm::StringRef key, int64_t least = 0, int64_t most = maxJsonInteger);
  std::vector<std::string> strings(llvm::StringRef key);
  std::vector<int64_t> integers(llvm::StringRef key, int64_t least = 0, int64_t most = maxJsonInteger);
  /// The value of any kind; null where the field is missing, which is a fault.
  const llvm::json::Value *value(llvm::StringRef key);
  /// Calls `read` with each element of a list, in order, and with the element's name for messages.
  void each(llvm::StringRef key, llvm::function_ref<void(const llvm::json::Value &, const std::string &)> read);
  /// Calls `read` with each key of an object, in alphabetical order.
  void eachKey(llvm::StringRef key, llvm::function_ref<void(llvm::StringRef, const llvm::json::Value &, const std::string &)> read);
  /// Every field has been read; any other is a fault, unless unknown fields are let pass.
  void finish();

  const std::string &where() const { return where_; }
  void fail(const llvm::Twine &what) { reading_.fail(invalidError(where_ + ": " + what)); }

private:
  std::string where_;
  JsonReading &reading_;
  const llvm::json::Object *object_ = nullptr;
  llvm::StringSet<> known_;
};

/// An integer within [least, most]; otherwise a fault that names `where`.
int64_t readInteger(const llvm::json::Value &value, const llvm::Twine &where, JsonReading &reading, int64_t least, int64_t most);

/// What writeNumber() wrote.
double readNumber(const llvm::json::Value &value, const llvm::Twine &where, JsonReading &reading);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_JSON_FIELDS_H
