#include "runtime/base/json.h"

#include "runtime/base/escape.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace switchyard {
namespace {

/// Whether `literal` is a number of the JSON grammar, which the parser reads more generously.
bool isNumber(llvm::StringRef literal) {
  auto digits = [&] {
    llvm::StringRef run = literal.take_while(llvm::isDigit);
    literal = literal.drop_front(run.size());
    return run;
  };
  literal.consume_front("-");
  llvm::StringRef whole = digits();
  if (whole.empty() || (whole.size() > 1 && whole[0] == '0'))
    return false;
  if (literal.consume_front(".") && digits().empty())
    return false;
  if (literal.consume_front("e") || literal.consume_front("E")) {
    literal.consume_front("+") || literal.consume_front("-");
    if (digits().empty())
      return false;
  }
  return literal.empty();
}

/// One pass over the text, outside of any grammar: nesting, keys and numbers. The parser behind it does the rest.
class Scan {
public:
  Scan(llvm::StringRef text, llvm::StringRef name, const JsonLimits &limits) : text_(text), name_(name), limits_(limits) {}

  Status run() {
    while (position_ < text_.size()) {
      char c = text_[position_];
      if (c == '{' || c == '[')
        SWITCHYARD_RETURN_IF_ERROR(open(c));
      else if ((c == '}' || c == ']') && !levels_.empty())
        levels_.pop_back();
      else if (c == '"') {
        SWITCHYARD_RETURN_IF_ERROR(string());
        continue;
      } else if (c == '-' || c == '+' || llvm::isDigit(c)) {
        SWITCHYARD_RETURN_IF_ERROR(number());
        continue;
      }
      ++position_;
    }
    return Status();
  }

private:
  Status fault(const llvm::Twine &what) const { return invalidError(quote(name_) + ": " + what + " at byte " + llvm::Twine(position_)); }

  Status open(char bracket) {
    if (levels_.size() == limits_.depth)
      return fault("JSON is nested deeper than " + llvm::Twine(limits_.depth) + " levels");
    levels_.emplace_back();
    return Status();
  }

  /// A string; a key when a colon follows.
  Status string() {
    size_t begin = position_++;
    while (position_ < text_.size() && text_[position_] != '"')
      position_ += text_[position_] == '\\' ? 2 : 1;
    if (position_ >= text_.size()) {
      position_ = begin;
      return fault("JSON string without an end");
    }
    llvm::StringRef literal = text_.slice(begin, ++position_);
    if (!text_.drop_front(position_).ltrim(" \t\r\n").starts_with(":") || levels_.empty())
      return Status();
    std::string key = literal.drop_front().drop_back().str();
    if (literal.contains('\\')) {
      llvm::Expected<llvm::json::Value> value = llvm::json::parse(literal);
      if (!value) {
        llvm::consumeError(value.takeError());
        return fault("JSON key " + quote(key) + " has a bad escape");
      }
      key = value->getAsString().value_or("").str();
    }
    if (!levels_.back().insert(key).second)
      return fault("JSON key " + quote(key) + " stands twice in one object, second time");
    return Status();
  }

  Status number() {
    llvm::StringRef literal = text_.drop_front(position_).take_while(
        [](char c) { return llvm::isDigit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'; });
    if (!isNumber(literal))
      return fault(quote(literal, 40) + " is not a JSON number,");
    bool fractional = literal.find_first_of(".eE") != llvm::StringRef::npos;
    int64_t integer = 0;
    if (!fractional && (literal.getAsInteger(10, integer) || integer > maxJsonInteger || integer < -maxJsonInteger))
      return fault("JSON integer " + quote(literal, 40) + " is not within +-2^53,");
    if (fractional && !std::isfinite(std::strtod(literal.str().c_str(), nullptr)))
      return fault("JSON number " + quote(literal, 40) + " is not finite");
    position_ += literal.size();
    return Status();
  }

  llvm::StringRef text_, name_;
  const JsonLimits &limits_;
  size_t position_ = 0;
  std::vector<llvm::StringSet<>> levels_;
};

}  // namespace

Result<llvm::json::Value> parseJson(llvm::StringRef text, llvm::StringRef name, const JsonLimits &limits) {
  if (text.size() > limits.bytes)
    return invalidError(quote(name) + ": JSON of " + llvm::Twine(text.size()) + " bytes, at most " + llvm::Twine(limits.bytes) +
                        " are read");
  SWITCHYARD_RETURN_IF_ERROR(Scan(text, name, limits).run());
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  if (!value)
    return invalidError(quote(name) + ": not JSON: " + escaped(llvm::toString(value.takeError())));
  return std::move(*value);
}

std::string jsonText(llvm::StringRef text) { return llvm::json::isUTF8(text) ? text.str() : llvm::json::fixUTF8(text); }

void writeInline(llvm::json::OStream &out, llvm::ArrayRef<int64_t> values) {
  out.rawValue([&](llvm::raw_ostream &stream) {
    stream << '[';
    for (size_t i = 0; i < values.size(); ++i)
      stream << (i ? ", " : "") << values[i];
    stream << ']';
  });
}

void writeNumber(llvm::json::OStream &out, double value) {
  if (!std::isfinite(value))
    return out.value(std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
  char text[32];
  llvm::StringRef digits(text, std::to_chars(text, text + sizeof(text), value).ptr - text);
  // Digits alone would read as an integer, which is bounded.
  out.rawValue((digits.find_first_of(".e") == llvm::StringRef::npos ? digits + ".0" : llvm::Twine(digits)).str());
}

}  // namespace switchyard
