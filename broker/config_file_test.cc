// Holds the commented file that is installed and the code together.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/config.h"
#include "broker/durable_file.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

struct InFile {
  std::string value;
  bool is_set = false;  // not commented out
  std::string comment;  // the lines above it
  int times = 0;
};

std::string ReadInstalled() {
  const auto text = ReadFile(ENTENTE_BROKER_CONF, 64 << 10);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

// `name: value` and `#name: value`, by name.
std::map<std::string, InFile> SettingsOf(absl::string_view text) {
  std::map<std::string, InFile> settings;
  std::string comment;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.empty()) {
      comment.clear();
      continue;
    }
    if (absl::StartsWith(line, "# ") || line == "#") {
      absl::StrAppend(&comment, line.substr(1));
      continue;
    }
    const bool is_set = line[0] != '#';
    if (!is_set) line.remove_prefix(1);
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    InFile& setting = settings[parts.first];
    setting.value = parts.second;
    setting.is_set = is_set;
    setting.comment = comment;
    ++setting.times;
  }
  return settings;
}

TEST(InstalledConfig, NamesEverySettingOnceAndNoOther) {
  std::map<std::string, InFile> found = SettingsOf(ReadInstalled());
  EXPECT_EQ(found.size(), Settings().size());
  for (const Setting& setting : Settings()) {
    EXPECT_EQ(found[std::string(setting.name)].times, 1) << setting.name;
  }
}

TEST(InstalledConfig, TellsUnitAndTrueDefault) {
  std::map<std::string, InFile> found = SettingsOf(ReadInstalled());
  for (const Setting& setting : Settings()) {
    const InFile& in_file = found[std::string(setting.name)];
    EXPECT_TRUE(absl::StrContains(in_file.comment,
                                  absl::StrCat("Unit: ", setting.unit)))
        << setting.name << ": " << in_file.comment;
    const std::string stated =
        setting.required ? "Default: none; required."
        : setting.default_value.empty()
            ? "Default: none"
            : absl::StrCat("Default: ", setting.default_value, ".");
    EXPECT_TRUE(absl::StrContains(in_file.comment, stated))
        << setting.name << ": " << in_file.comment;
    if (!setting.default_value.empty()) {
      EXPECT_EQ(in_file.value, setting.default_value);
      EXPECT_FALSE(in_file.is_set) << setting.name;
    }
    if (setting.required) {
      EXPECT_TRUE(in_file.is_set) << setting.name;
    }
  }
}

// The ranges that help and file state are those that Set enforces.
TEST(InstalledConfig, StatesTheRangesOfNumbers) {
  std::map<std::string, InFile> found = SettingsOf(ReadInstalled());
  int ranges = 0;
  for (const Setting& setting : Settings()) {
    Config config;
    const std::string refusal(
        Set(&config, setting.name, "x: no number").message());
    const size_t at = refusal.find("must be a number from ");
    if (at == std::string::npos) continue;
    ++ranges;
    const std::string range = refusal.substr(at + 22);
    EXPECT_TRUE(absl::StrContains(setting.help, range)) << setting.name;
    EXPECT_TRUE(
        absl::StrContains(found[std::string(setting.name)].comment, range))
        << setting.name;
  }
  EXPECT_EQ(ranges, 8);
}

TEST(InstalledConfig, IsReadAndComplete) {
  Config config;
  const absl::Status read =
      ReadConfig("entente-broker.conf", ReadInstalled(), &config);
  ASSERT_TRUE(read.ok()) << read;
  EXPECT_TRUE(Validate(config).ok()) << Validate(config);
  const Config built;
  EXPECT_EQ(config.max_streams, built.max_streams);
  EXPECT_EQ(config.metrics_listen, "");
}

TEST(InstalledConfig, ItsExamplesAreTakenWhenUncommented) {
  for (const auto& [name, setting] : SettingsOf(ReadInstalled())) {
    Config config;
    EXPECT_TRUE(Set(&config, name, setting.value).ok()) << name;
  }
}

}  // namespace
}  // namespace entente::broker
