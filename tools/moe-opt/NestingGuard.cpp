#include "tools/moe-opt/NestingGuard.h"

#include <algorithm>

namespace switchyard {

/// The position after the string that starts at `at`, or after the rest of its line: strings do not span lines.
static size_t skipString(llvm::StringRef text, size_t at) {
  for (++at; at < text.size() && text[at] != '"' && text[at] != '\n'; ++at)
    if (text[at] == '\\')
      ++at;
  return std::min(at + 1, text.size());
}

int measureNesting(llvm::StringRef text) {
  int depth = 0, deepest = 0;
  for (size_t at = 0; at < text.size();) {
    char next = at + 1 < text.size() ? text[at + 1] : '\0';
    switch (text[at]) {
    case '"':
      at = skipString(text, at);
      continue;
    case '/':
      if (next == '/') {
        at = std::min(text.find('\n', at), text.size());
        continue;
      }
      break;
    case '-':  // an arrow, no bracket
      at += next == '>';
      break;
    case '<':
      depth += next != '=';
      break;
    case '(':
    case '[':
    case '{':
      ++depth;
      break;
    case ')':
    case ']':
    case '}':
    case '>':
      depth = std::max(depth - 1, 0);
      break;
    default:
      break;
    }
    deepest = std::max(deepest, depth);
    ++at;
  }
  return deepest;
}

}  // namespace switchyard
