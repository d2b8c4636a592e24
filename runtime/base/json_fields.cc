#include "runtime/base/json_fields.h"

#include "runtime/base/escape.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace switchyard {

int64_t readInteger(const llvm::json::Value &value, const llvm::Twine &where, JsonReading &reading, int64_t least, int64_t most) {
  std::optional<int64_t> integer = value.getAsInteger();
  if (!integer)
    reading.fail(invalidError(where + " is not an integer"));
  else if (*integer < least || *integer > most)
    reading.fail(
        invalidError(where + " is " + llvm::Twine(*integer) + ", not within [" + llvm::Twine(least) + ", " + llvm::Twine(most) + "]"));
  else
    return *integer;
  return least;
}

double readNumber(const llvm::json::Value &value, const llvm::Twine &where, JsonReading &reading) {
  if (std::optional<double> number = value.getAsNumber())
    return *number;
  llvm::StringRef text = value.getAsString().value_or("");
  if (text == "inf" || text == "-inf")
    return text == "inf" ? INFINITY : -INFINITY;
  if (text == "nan")
    return NAN;
  reading.fail(invalidError(where + " is not a number, \"inf\", \"-inf\" or \"nan\""));
  return 0;
}

JsonFields::JsonFields(const llvm::json::Value &value, const llvm::Twine &where, JsonReading &reading)
    : where_(where.str()), reading_(reading), object_(value.getAsObject()) {
  if (!object_)
    fail("not a JSON object");
}

const llvm::json::Value *JsonFields::value(llvm::StringRef key) {
  known_.insert(key);
  if (!object_)
    return nullptr;
  const llvm::json::Value *value = object_->get(key);
  if (!value)
    fail("field '" + key + "' is missing");
  return value;
}

std::string JsonFields::string(llvm::StringRef key) {
  const llvm::json::Value *field = value(key);
  if (!field)
    return "";
  std::optional<llvm::StringRef> text = field->getAsString();
  if (!text)
    fail("field '" + key + "' is not a string");
  return text.value_or("").str();
}

int64_t JsonFields::integer(llvm::StringRef key, int64_t least, int64_t most) {
  const llvm::json::Value *field = value(key);
  return field ? readInteger(*field, where_ + ": field '" + key + "'", reading_, least, most) : least;
}

std::vector<std::string> JsonFields::strings(llvm::StringRef key) {
  std::vector<std::string> all;
  each(key, [&](const llvm::json::Value &element, const std::string &where) {
    if (std::optional<llvm::StringRef> text = element.getAsString())
      all.push_back(text->str());
    else
      reading_.fail(invalidError(where + " is not a string"));
  });
  return all;
}

std::vector<int64_t> JsonFields::integers(llvm::StringRef key, int64_t least, int64_t most) {
  std::vector<int64_t> all;
  each(key, [&](const llvm::json::Value &element, const std::string &where) {
    all.push_back(readInteger(element, where, reading_, least, most));
  });
  return all;
}

void JsonFields::each(llvm::StringRef key, llvm::function_ref<void(const llvm::json::Value &, const std::string &)> read) {
  const llvm::json::Value *field = value(key);
  if (!field)
    return;
  const llvm::json::Array *array = field->getAsArray();
  if (!array)
    return fail("field '" + key + "' is not a list");
  for (size_t i = 0; i < array->size() && reading_.status.ok(); ++i)
    read((*array)[i], (where_ + ": " + key + "[" + llvm::Twine(i) + "]").str());
}

void JsonFields::eachKey(llvm::StringRef key,
                         llvm::function_ref<void(llvm::StringRef, const llvm::json::Value &, const std::string &)> read) {
  const llvm::json::Value *field = value(key);
  if (!field)
    return;
  const llvm::json::Object *object = field->getAsObject();
  if (!object)
    return fail("field '" + key + "' is not an object");
  std::vector<llvm::StringRef> names;
  for (const auto &entry : *object)
    names.push_back(entry.first);
  llvm::sort(names);
  for (llvm::StringRef name : names)
    read(name, *object->get(name), where_ + ": " + key.str() + "." + escaped(name));
}

void JsonFields::finish() {
  if (!object_ || reading_.allowUnknownFields)
    return;
  for (const auto &entry : *object_)
    if (!known_.contains(entry.first))
      fail("unknown field " + quote(entry.first));
}

}  // namespace switchyard
