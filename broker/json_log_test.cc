#include "broker/json_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"
#include "broker/durable_file.h"
#include "broker/fake_clock.h"
#include "broker/test_folder.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

class JsonLogTest : public testing::Test {
 protected:
  JsonLogTest()
      : clock_(absl::FromUnixMillis(1'767'225'600'123)),
        fd_(open((folder_ / "log").c_str(), O_CREAT | O_WRONLY | O_APPEND,
                 0600)) {}
  ~JsonLogTest() override { close(fd_); }

  std::vector<std::string> Lines() {
    std::vector<std::string> lines =
        absl::StrSplit(*ReadFile(folder_ / "log", 1 << 20), '\n');
    EXPECT_EQ(lines.back(), "");
    lines.pop_back();
    return lines;
  }

  TestFolder folder_;
  FakeClock clock_;
  int fd_;
};

TEST_F(JsonLogTest, WritesOneObjectALine) {
  JsonLog log(fd_, LogLevel::kInfo, &clock_);
  log.Info("started", {{"port", 7443},
                       {"new", true},
                       {"folder", "/data"},
                       {"size", uint64_t{5}},
                       {"low", int64_t{-1}}});
  log.Error("stopped", {});
  EXPECT_EQ(Lines(),
            (std::vector<std::string>{
                "{\"time\":\"2026-01-01T00:00:00.123Z\",\"level\":\"info\","
                "\"event\":\"started\",\"port\":7443,\"new\":true,"
                "\"folder\":\"/data\",\"size\":5,\"low\":-1}",
                "{\"time\":\"2026-01-01T00:00:00.123Z\",\"level\":\"error\","
                "\"event\":\"stopped\"}"}));
}

TEST_F(JsonLogTest, LeavesOutWhatIsBelowItsLevel) {
  JsonLog log(fd_, LogLevel::kWarning, &clock_);
  log.Write(LogLevel::kDebug, "a", {});
  log.Info("b", {});
  log.Warning("c", {});
  log.Error("d", {});
  EXPECT_EQ(Lines().size(), 2u);
}

TEST_F(JsonLogTest, KeepsAnyTextOnOneValidLine) {
  JsonLog log(fd_, LogLevel::kDebug, &clock_);
  const std::pair<std::string, std::string> cases[] = {
      {"quote \" slash \\ tab \t line\n", "quote \" slash \\ tab \t line\n"},
      {std::string("nul \0", 5), std::string("nul \0", 5)},
      {"\x1b[31m\x7f", "\x1b[31m\x7f"},
      {"\xe2\x82\xac \xf0\x9f\x8d\x8e \xc3\xa9",
       "\xe2\x82\xac \xf0\x9f\x8d\x8e \xc3\xa9"},
      {"\xff|\xc0\xaf", "\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd"},
      {"cut \xe2\x82", "cut \xef\xbf\xbd\xef\xbf\xbd"},
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}};
  for (const auto& [text, want] : cases) {
    log.Info("text", {{"value", text}});
    const std::vector<std::string> lines = Lines();
    EXPECT_EQ(nlohmann::json::parse(lines.back())["value"], want);
    EXPECT_EQ(lines.back().find('\x1b'), std::string::npos);
  }
  EXPECT_EQ(Lines().size(), std::size(cases));
}

TEST_F(JsonLogTest, CutsLongText) {
  JsonLog log(fd_, LogLevel::kDebug, &clock_);
  log.Info("text", {{"value", std::string(5000, 'x')}});
  const auto line = nlohmann::json::parse(Lines().back());
  EXPECT_EQ(line["value"].get<std::string>().size(), 2048u);
}

TEST_F(JsonLogTest, KeepsLinesOfManyThreadsApart) {
  JsonLog log(fd_, LogLevel::kDebug, &clock_);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) log.Info("tick", {{"i", i}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<std::string> lines = Lines();
  EXPECT_EQ(lines.size(), 200u);
  for (const std::string& line : lines) {
    EXPECT_TRUE(nlohmann::json::accept(line));
  }
}

TEST(LogLevels, AreReadByName) {
  EXPECT_EQ(*ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_EQ(*ParseLogLevel("error"), LogLevel::kError);
  EXPECT_EQ(ParseLogLevel("loud").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::broker
