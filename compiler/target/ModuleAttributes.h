// The attributes of a module that the manifest is made of, read with their types checked: a program may be written by hand.
#ifndef SWITCHYARD_COMPILER_TARGET_MODULEATTRIBUTES_H
#define SWITCHYARD_COMPILER_TARGET_MODULEATTRIBUTES_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/base/status.h"

#include <string>
#include <vector>

namespace switchyard::target {

/// A dictionary; faults name it and the field.
class Fields {
public:
  Fields(std::string place, mlir::DictionaryAttr fields) : place(std::move(place)), fields(fields) {}

  bool has(llvm::StringRef name) const { return fields.contains(name); }
  Result<std::string> text(llvm::StringRef name) const;
  Result<int64_t> integer(llvm::StringRef name) const;
  Result<double> number(llvm::StringRef name) const;
  Result<mlir::Type> type(llvm::StringRef name) const;
  Result<mlir::ArrayAttr> list(llvm::StringRef name) const;
  Result<std::vector<int64_t>> integers(llvm::StringRef name) const;
  Result<Fields> dictionary(llvm::StringRef name) const;
  /// The names of all fields, in order.
  std::vector<llvm::StringRef> names() const;

  /// "rt.sites[3] expects 'kernel' to be a string, but got 4 : i64".
  Status wrong(llvm::StringRef name, llvm::StringRef expected, mlir::Attribute got) const;
  /// A fault in the text of a field.
  Status within(llvm::StringRef name, const Status &fault) const;

private:
  template <typename Attribute> Result<Attribute> get(llvm::StringRef name, llvm::StringRef expected) const;

  std::string place;
  mlir::DictionaryAttr fields;
};

/// The attributes of the module itself.
Fields fieldsOf(mlir::ModuleOp module);

/// The entries of a list of dictionaries of the module.
Result<std::vector<Fields>> entriesOf(mlir::ModuleOp module, llvm::StringRef name);

}  // namespace switchyard::target

#endif  // SWITCHYARD_COMPILER_TARGET_MODULEATTRIBUTES_H
