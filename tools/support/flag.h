// Flags whose wrong values are told in one line: the flag, the value, and what it may be.
#ifndef SWITCHYARD_TOOLS_SUPPORT_FLAG_H
#define SWITCHYARD_TOOLS_SUPPORT_FLAG_H

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"

#include <string>
#include <type_traits>

namespace switchyard {

/// Keeps the fault of the first flag that has a wrong value, which LLVM would tell in its own words. True, which is a parser's failure.
bool refuseValue(llvm::StringRef flag, llvm::StringRef value, const llvm::Twine &expected);
/// What refuseValue kept; empty where no value was wrong.
const std::string &refusedValue();

/// Parses choices, numbers and truth values as LLVM does.
template <typename Value> class FlagParser : public llvm::cl::parser<Value> {
public:
  using Base = llvm::cl::parser<Value>;
  using Base::Base;

  bool parse(llvm::cl::Option &option, llvm::StringRef flag, llvm::StringRef text, Value &value) {
    if constexpr (std::is_enum_v<Value>)
      return parseChoice(option, flag, text, value);
    else if constexpr (std::is_same_v<Value, bool>)
      return llvm::is_contained({"", "true", "TRUE", "True", "1", "false", "FALSE", "False", "0"}, text)
                 ? Base::parse(option, flag, text, value)
                 : refuseValue(flag, text, "true or false");
    else if constexpr (std::is_floating_point_v<Value>)
      return !llvm::to_float(text, value) && refuseValue(flag, text, "a number");
    else
      return text.getAsInteger(0, value) && refuseValue(flag, text,
                                                        "an integer of " + llvm::Twine(uint64_t(8 * sizeof(Value))) + " bits" +
                                                            (std::is_signed_v<Value> ? "" : ", 0 or above"));
  }

private:
  bool parseChoice(llvm::cl::Option &option, llvm::StringRef flag, llvm::StringRef text, Value &value) {
    llvm::SmallVector<llvm::StringRef> choices;
    for (unsigned index = 0; index < this->getNumOptions(); ++index)
      choices.push_back(this->getOption(index));
    if (llvm::is_contained(choices, text))
      return Base::parse(option, flag, text, value);
    llvm::erase(choices, "");
    return refuseValue(flag, text, llvm::join(llvm::ArrayRef(choices).drop_back(), ", ") + " or " + choices.back());
  }
};

/// LLVM's parsers of `long` cannot be derived from; those of `long long` take the same integers.
template <typename Value> struct Parsed {
  using Type = Value;
};
template <> struct Parsed<int64_t> {
  using Type = long long;
};
template <> struct Parsed<uint64_t> {
  using Type = unsigned long long;
};

template <typename Value> using Flag = llvm::cl::opt<Value, false, FlagParser<typename Parsed<Value>::Type>>;

}  // namespace switchyard

#endif  // SWITCHYARD_TOOLS_SUPPORT_FLAG_H
