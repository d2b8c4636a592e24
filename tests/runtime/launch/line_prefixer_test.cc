// Lines of ranks stay whole and carry their rank.
#include "runtime/launch/line_prefixer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace switchyard::launch {
namespace {

/// What comes out for pieces that arrive one after the other.
std::string prefixed(const std::vector<std::string> &pieces) {
  int in[2], out[2];
  EXPECT_EQ(::pipe(in), 0);
  EXPECT_EQ(::pipe(out), 0);
  LinePrefixer prefixer(in[0], out[1], "[r3] ");
  for (const std::string &piece : pieces) {
    EXPECT_EQ(::write(in[1], piece.data(), piece.size()), static_cast<ssize_t>(piece.size()));
    for (size_t read = 0; read < piece.size(); read += 4096)
      EXPECT_EQ(prefixer.pump(), LinePrefixer::Pumped::data);
  }
  ::close(in[1]);
  EXPECT_EQ(prefixer.pump(), LinePrefixer::Pumped::end);
  prefixer.finish();
  ::close(out[1]);
  std::string text;
  char chunk[4096];
  for (ssize_t count; (count = ::read(out[0], chunk, sizeof(chunk))) > 0;)
    text.append(chunk, count);
  ::close(in[0]);
  ::close(out[0]);
  return text;
}

TEST(LinePrefixer, KeepsLinesWhole) { EXPECT_EQ(prefixed({"one\ntw", "o\n", "\nthree"}), "[r3] one\n[r3] two\n[r3] \n[r3] three\n"); }

TEST(LinePrefixer, TellsNothingYetFromData) {
  int in[2], out[2];
  ASSERT_EQ(::pipe2(in, O_NONBLOCK), 0);
  ASSERT_EQ(::pipe(out), 0);
  LinePrefixer prefixer(in[0], out[1], "[r3] ");
  EXPECT_EQ(prefixer.pump(), LinePrefixer::Pumped::nothing);
  ASSERT_EQ(::write(in[1], "line\n", 5), 5);
  errno = EAGAIN;  // of an earlier call; a successful one leaves it
  EXPECT_EQ(prefixer.pump(), LinePrefixer::Pumped::data);
  EXPECT_EQ(prefixer.pump(), LinePrefixer::Pumped::nothing);
  ::close(in[1]);
  EXPECT_EQ(prefixer.pump(), LinePrefixer::Pumped::end);
  for (int descriptor : {in[0], out[0], out[1]})
    ::close(descriptor);
}

TEST(LinePrefixer, CutsEndlessLines) {
  const std::string text = prefixed({std::string(20000, 'x')});
  EXPECT_EQ(std::count(text.begin(), text.end(), 'x'), 20000);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

}  // namespace
}  // namespace switchyard::launch
