#include "broker/config.h"

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

constexpr char kWhole[] = R"(# The broker of the partnership.
data: /var/lib/entente
listen: 127.0.0.1:7443   # loopback
name: broker.example
trust_domain: "example.org"
certificate: /etc/entente/tls.pem
private_key: /etc/entente/tls.key
operator_root: /etc/entente/operators.pem
passphrase_file: "/etc/entente/a #1 file"

max_streams: 64
)";

TEST(Config, ReadsAWholeFile) {
  Config config;
  ASSERT_TRUE(ReadConfig("broker.yaml", kWhole, &config).ok());
  EXPECT_TRUE(Validate(config).ok());
  EXPECT_EQ(config.data, "/var/lib/entente");
  EXPECT_EQ(config.listen, "127.0.0.1:7443");
  EXPECT_EQ(config.trust_domain, "example.org");
  EXPECT_EQ(config.passphrase_file, "/etc/entente/a #1 file");
  EXPECT_EQ(config.max_streams, 64);
  EXPECT_EQ(config.workers, 0);
}

TEST(Config, FlagsOverrideTheFile) {
  Config config;
  ASSERT_TRUE(ReadConfig("broker.yaml", kWhole, &config).ok());
  ASSERT_TRUE(Set(&config, "listen", "[::1]:0").ok());
  EXPECT_EQ(config.listen, "[::1]:0");
}

TEST(Config, DefaultsInHelpAreTheDefaults) {
  Config stated;
  for (const Setting& setting : Settings()) {
    EXPECT_FALSE(setting.help.empty());
    if (setting.default_value.empty()) continue;
    EXPECT_TRUE(Set(&stated, setting.name, setting.default_value).ok())
        << setting.name;
  }
  const Config built;
  EXPECT_EQ(stated.log_level, built.log_level);
  EXPECT_EQ(stated.workers, built.workers);
  EXPECT_EQ(stated.max_queued_calls, built.max_queued_calls);
  EXPECT_EQ(stated.max_queued_writes, built.max_queued_writes);
  EXPECT_EQ(stated.max_streams, built.max_streams);
  EXPECT_EQ(stated.drain_seconds, built.drain_seconds);
}

// What must not be turned off has no name.
TEST(Config, HasNoSettingThatWeakensTheBroker) {
  for (const Setting& setting : Settings()) {
    for (const char* word : {"audit", "ledger", "insecure", "tls", "quota",
                             "client_cert", "sync", "verify"}) {
      EXPECT_FALSE(absl::StrContains(setting.name, word)) << setting.name;
    }
  }
}

struct BadLine {
  const char* line;
  const char* says;
};

class ConfigLineTest : public testing::TestWithParam<BadLine> {};

TEST_P(ConfigLineTest, IsRefusedWithItsPlace) {
  Config config;
  const absl::Status status = ReadConfig(
      "b.yaml", absl::string_view(std::string("\n") + GetParam().line),
      &config);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StartsWith(status.message(), "b.yaml:2: "))
      << status.message();
  EXPECT_TRUE(absl::StrContains(status.message(), GetParam().says))
      << status.message();
}

INSTANTIATE_TEST_SUITE_P(
    All, ConfigLineTest,
    testing::Values(
        BadLine{"tsl: off", "unknown setting \"tsl\" (settings: data"},
        BadLine{"audit: false", "unknown setting"},
        BadLine{"trust-domain: x", "(did you mean \"trust_domain\"?)"},
        BadLine{"max_stream: 1", "(did you mean \"max_streams\"?)"},
        BadLine{"drain_secnods: 1", "(did you mean \"drain_seconds\"?)"},
        BadLine{"metrics_listen: 0.0.0.0:9464", "loopback"},
        BadLine{"metrics_listen: localhost:9464", "loopback"},
        BadLine{"passphrase_fd: -1", "number from 0 to 65535"},
        BadLine{"  data: /x", "expected `name: value`"},
        BadLine{"\tdata: /x", "expected `name: value`"},
        BadLine{"data /x", "expected `name: value`"},
        BadLine{"data:/x", "expected `name: value`"},
        BadLine{"data: [a, b]", "plain text"},
        BadLine{"data: 'x'", "plain text"}, BadLine{"data: &a x", "plain text"},
        BadLine{"data: *a", "plain text"}, BadLine{"data: a: b", "plain text"},
        BadLine{"data: \"x", "plain text"},
        BadLine{"data: \"x\" y", "plain text"},
        BadLine{"data: \"x\\n\"", "plain text"},
        BadLine{"data:", "must not be empty"},
        BadLine{"data: # nothing", "must not be empty"},
        BadLine{"name: two words", "letters, digits"},
        BadLine{"name: \"\"", "letters, digits"},
        BadLine{"listen: 7443", "host:port"},
        BadLine{"listen: host:65536", "host:port"},
        BadLine{"listen: :7443", "host:port"},
        BadLine{"workers: many", "number from 0 to 1024"},
        BadLine{"workers: 1025", "number from 0 to 1024"},
        BadLine{"max_streams: 0", "number from 1"},
        BadLine{"log_level: loud", "debug, info"}));

TEST(Config, ReportsEveryMistakeAtOnce) {
  Config config;
  const absl::Status status = ReadConfig(
      "b.yaml", "data: /x\ndata: /y\nworkers: x\r\nodd: 1\n", &config);
  EXPECT_EQ(status.message(),
            "b.yaml:2: data: given twice\n"
            "b.yaml:3: workers: must be a number from 0 to 1024\n" +
                std::string(status.message().substr(
                    status.message().find("b.yaml:4"))));
}

TEST(Config, AsksForAllThatIsMissing) {
  const absl::Status status = Validate(Config());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  for (const char* name :
       {"data", "listen", "name", "trust_domain", "certificate", "private_key",
        "operator_root", "passphrase_file"}) {
    EXPECT_TRUE(absl::StrContains(status.message(), name)) << name;
  }
  Config both;
  ASSERT_TRUE(ReadConfig("broker.yaml", kWhole, &both).ok());
  ASSERT_TRUE(Set(&both, "passphrase_fd", "3").ok());
  EXPECT_TRUE(absl::StrContains(Validate(both).message(), "not both"));
}

}  // namespace
}  // namespace entente::broker
