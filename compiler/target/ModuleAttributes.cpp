#include "compiler/target/ModuleAttributes.h"

#include "runtime/base/escape.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace switchyard::target {

Status Fields::wrong(StringRef name, StringRef expected, Attribute got) const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << place << " expects " << quote(name) << " to be " << expected << ", but ";
  if (got)
    stream << "got " << got;
  else
    stream << "it is absent";
  return invalidError(text);
}

Status Fields::within(StringRef name, const Status &fault) const { return fault.within(place + ": " + name); }

template <typename T> Result<T> Fields::get(StringRef name, StringRef expected) const {
  if (auto value = fields.getAs<T>(name))
    return value;
  return wrong(name, expected, fields.get(name));
}

Result<std::string> Fields::text(StringRef name) const {
  SWITCHYARD_ASSIGN_OR_RETURN(StringAttr value, get<StringAttr>(name, "a string"));
  return value.str();
}

Result<int64_t> Fields::integer(StringRef name) const {
  SWITCHYARD_ASSIGN_OR_RETURN(IntegerAttr value, get<IntegerAttr>(name, "an i64"));
  if (!value.getType().isSignlessInteger(64))
    return wrong(name, "an i64", value);
  return value.getInt();
}

Result<double> Fields::number(StringRef name) const {
  SWITCHYARD_ASSIGN_OR_RETURN(FloatAttr value, get<FloatAttr>(name, "an f64"));
  if (!value.getType().isF64())
    return wrong(name, "an f64", value);
  return value.getValueAsDouble();
}

Result<Type> Fields::type(StringRef name) const {
  SWITCHYARD_ASSIGN_OR_RETURN(TypeAttr value, get<TypeAttr>(name, "a type"));
  return value.getValue();
}

Result<ArrayAttr> Fields::list(StringRef name) const { return get<ArrayAttr>(name, "a list"); }

Result<std::vector<int64_t>> Fields::integers(StringRef name) const {
  SWITCHYARD_ASSIGN_OR_RETURN(DenseI64ArrayAttr value, get<DenseI64ArrayAttr>(name, "an array of i64"));
  return std::vector<int64_t>(value.asArrayRef().begin(), value.asArrayRef().end());
}

Result<Fields> Fields::dictionary(StringRef name) const {
  SWITCHYARD_ASSIGN_OR_RETURN(DictionaryAttr value, get<DictionaryAttr>(name, "a dictionary"));
  return Fields(place + ": " + name.str(), value);
}

std::vector<StringRef> Fields::names() const {
  std::vector<StringRef> names;
  for (NamedAttribute field : fields)
    names.push_back(field.getName().getValue());
  return names;
}

Fields fieldsOf(ModuleOp module) { return Fields("the module", module->getAttrDictionary()); }

Result<std::vector<Fields>> entriesOf(ModuleOp module, StringRef name) {
  Fields all = fieldsOf(module);
  SWITCHYARD_ASSIGN_OR_RETURN(ArrayAttr list, all.list(name));
  std::vector<Fields> entries;
  for (auto [position, entry] : llvm::enumerate(list)) {
    auto fields = dyn_cast<DictionaryAttr>(entry);
    std::string place = (name + "[" + Twine(position) + "]").str();
    if (!fields)
      return all.wrong(place, "a dictionary", entry);
    entries.emplace_back(place, fields);
  }
  return entries;
}

}  // namespace switchyard::target
