// Standard error of many ranks on one: whole lines, each with its rank in front.
#ifndef SWITCHYARD_RUNTIME_LAUNCH_LINE_PREFIXER_H
#define SWITCHYARD_RUNTIME_LAUNCH_LINE_PREFIXER_H

#include <string>

namespace switchyard::launch {

class LinePrefixer {
public:
  LinePrefixer(int input, int output, std::string prefix) : source(input), target(output), prefix(std::move(prefix)) {}
  enum class Pumped { data, nothing, end };
  /// Reads a piece of what `input` holds and writes its whole lines to `output`. Nothing: there is none yet, if `input` does not block.
  Pumped pump();
  /// Writes an unfinished last line.
  void finish();
  int input() const { return source; }

private:
  void write(const std::string &line) const;
  /// A line without an end is cut here, so that a rank cannot fill the memory.
  static constexpr size_t longestLine = 8192;

  int source, target;
  std::string prefix, pending;
};

}  // namespace switchyard::launch

#endif  // SWITCHYARD_RUNTIME_LAUNCH_LINE_PREFIXER_H
