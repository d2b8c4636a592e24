#include "runtime/base/json.h"
#include "runtime/base/json_fields.h"

#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace switchyard {
namespace {

std::string fault(llvm::StringRef text) {
  Result<llvm::json::Value> value = parseJson(text, "f.json");
  EXPECT_TRUE(value.ok() || value.status().code() == ExitCode::invalid);
  return value.status().message();
}

TEST(Json, Accepts) {
  for (const char *text : {"{}", "[]", "1", "-9007199254740992", "{\"a\": {\"a\": [1.5e3, \"a\", \"a\"]}, \"b\": null}", "\"\\\"{[\"",
                           "[{\"a\":1},{\"a\":1}]", "{\"a\" : \"a\"}"})
    EXPECT_EQ(fault(text), "");
}

TEST(Json, RefusesWhatTheParserWouldTake) {
  EXPECT_EQ(fault("{\"a\": 1, \"b\": 2, \"a\": 3}"), "'f.json': JSON key 'a' stands twice in one object, second time at byte 20");
  EXPECT_NE(fault("{\"a\": 1, \"\\u0061\": 3}").find("JSON key 'a' stands twice"), std::string::npos);
  EXPECT_EQ(fault("9007199254740993"), "'f.json': JSON integer '9007199254740993' is not within +-2^53, at byte 0");
  EXPECT_NE(fault("[-9007199254740993]").find("is not within +-2^53"), std::string::npos);
  EXPECT_NE(fault("123456789012345678901234567890").find("is not within +-2^53"), std::string::npos);
  EXPECT_EQ(fault("[1e400]"), "'f.json': JSON number '1e400' is not finite at byte 1");
}

TEST(Json, DepthIsBounded) {
  EXPECT_EQ(fault(std::string(32, '[') + std::string(32, ']')), "");
  EXPECT_EQ(fault(std::string(33, '[') + std::string(33, ']')), "'f.json': JSON is nested deeper than 32 levels at byte 32");
  EXPECT_NE(fault(std::string(1000000, '[')).find("nested deeper"), std::string::npos);
  std::string objects;
  for (int i = 0; i < 100000; ++i)
    objects += "{\"a\":";
  EXPECT_NE(fault(objects).find("nested deeper"), std::string::npos);
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char *text : {"", "{", "}", "[1,]", "{\"a\"}", "nul", "\"abc", "\"abc\\", "{} {}", "\xef\xbb\xbf{}", "\"\xff\"", "{a: 1}",
                           "01", "1.2.3", "--1", "+1", "]]]", "{\"\\u12\": 1}"})
    EXPECT_NE(fault(text), "") << text;
}

TEST(Json, SizeIsBounded) {
  Result<llvm::json::Value> value = parseJson("[1, 2, 3]", "f.json", {8, 32});
  EXPECT_EQ(value.status().message(), "'f.json': JSON of 9 bytes, at most 8 are read");
}

TEST(Json, NumbersKeepTheirBits) {
  for (double value : {0.0, -0.0, 1.0, 0.1, 1e16, -1e300, 5e-324, std::numeric_limits<double>::infinity(),
                       -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    llvm::json::OStream out(stream);
    writeNumber(out, value);
    Result<llvm::json::Value> read = parseJson(text, "f.json");
    ASSERT_TRUE(read.ok()) << read.status().message();
    JsonReading reading;
    double back = readNumber(*read, "value", reading);
    EXPECT_TRUE(reading.status.ok());
    EXPECT_TRUE((std::isnan(value) && std::isnan(back)) || (value == back && std::signbit(value) == std::signbit(back))) << text;
  }
}

TEST(JsonFields, NameTheFirstFault) {
  auto message = [](llvm::StringRef text) {
    Result<llvm::json::Value> value = parseJson(text, "f.json");
    JsonReading reading;
    JsonFields fields(*value, "f.json", reading);
    fields.string("s");
    fields.integer("i", 1, 9);
    fields.integers("l");
    fields.strings("t");
    fields.finish();
    return reading.status.message();
  };
  EXPECT_EQ(message(R"({"s": "", "i": 3, "l": [1, 2], "t": ["x"]})"), "");
  EXPECT_EQ(message(R"([])"), "f.json: not a JSON object");
  EXPECT_EQ(message(R"({})"), "f.json: field 's' is missing");
  EXPECT_EQ(message(R"({"s": 1})"), "f.json: field 's' is not a string");
  EXPECT_EQ(message(R"({"s": "", "i": 10})"), "f.json: field 'i' is 10, not within [1, 9]");
  EXPECT_EQ(message(R"({"s": "", "i": "3"})"), "f.json: field 'i' is not an integer");
  EXPECT_EQ(message(R"({"s": "", "i": 3, "l": 4})"), "f.json: field 'l' is not a list");
  EXPECT_EQ(message(R"({"s": "", "i": 3, "l": [1, -2]})"), "f.json: l[1] is -2, not within [0, 9007199254740992]");
  EXPECT_EQ(message(R"({"s": "", "i": 3, "l": [], "t": [4]})"), "f.json: t[0] is not a string");
  EXPECT_EQ(message(R"({"s": "", "i": 3, "l": [], "t": [], "u": 1})"), "f.json: unknown field 'u'");
}

}  // namespace
}  // namespace switchyard
