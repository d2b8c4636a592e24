#include "runtime/base/escape.h"

#include "llvm/ADT/StringExtras.h"

namespace switchyard {
namespace {

/// Bytes of the well-formed UTF-8 character at the start of `text`; 0 where there is none.
size_t utf8Length(llvm::StringRef text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(0);
  size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length == 0 || length > text.size())
    return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80)
      return 0;
  // Overlong forms, surrogates, values past U+10FFFF.
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) || (first == 0xf0 && byte(1) < 0x90) ||
      (first == 0xf4 && byte(1) > 0x8f))
    return 0;
  return length;
}

/// C1 controls (U+0080 to U+009F) and the marks that turn the direction of a line around.
bool isInvisible(llvm::StringRef character) {
  return (character.size() == 2 && character[0] == '\xc2' && static_cast<unsigned char>(character[1]) < 0xa0) ||
         (character >= "\xe2\x80\xa8" && character <= "\xe2\x80\xae") || (character >= "\xe2\x81\xa6" && character <= "\xe2\x81\xa9");
}

void appendByte(std::string &out, unsigned char byte) {
  out += "\\x";
  out += llvm::hexdigit(byte >> 4, true);
  out += llvm::hexdigit(byte & 15, true);
}

}  // namespace

bool isUtf8(llvm::StringRef text) {
  while (!text.empty()) {
    const size_t length = utf8Length(text);
    if (length == 0)
      return false;
    text = text.drop_front(length);
  }
  return true;
}

std::string escaped(llvm::StringRef text, size_t limit) {
  std::string out;
  size_t total = text.size();
  while (!text.empty()) {
    if (out.size() >= limit)
      return out + "... (" + std::to_string(total) + " bytes)";
    size_t length = utf8Length(text);
    llvm::StringRef character = text.take_front(length == 0 ? 1 : length);
    if (character == "\n")
      out += "\\n";
    else if (character == "\t")
      out += "\\t";
    else if (character == "\\")
      out += "\\\\";
    else if (length == 0 || isInvisible(character) || (length == 1 && !llvm::isPrint(character[0])))
      for (char byte : character)
        appendByte(out, static_cast<unsigned char>(byte));
    else
      out += character;
    text = text.drop_front(character.size());
  }
  return out;
}

std::string quote(llvm::StringRef text, size_t limit) { return "'" + escaped(text, limit) + "'"; }

}  // namespace switchyard
