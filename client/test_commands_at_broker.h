// The commands that deal with a broker, whole, in tests: over TLS, to the fake
// one.
#ifndef ENTENTE_CLIENT_TEST_COMMANDS_AT_BROKER_H_
#define ENTENTE_CLIENT_TEST_COMMANDS_AT_BROKER_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "client/commands.h"
#include "client/durable_file.h"
#include "client/fake_broker.h"
#include "client/test_folder.h"
#include "client/test_ran.h"

namespace entente::client {

inline FakeBrokerPlan Served() {
  FakeBrokerPlan plan;
  // The commands go by the real clock; everything is dated around it.
  plan.now = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  plan.tls = true;
  return plan;
}

class CommandsAtBrokerTest : public testing::Test {
 protected:
  explicit CommandsAtBrokerTest(FakeBrokerPlan plan = Served())
      : broker_(std::move(plan)) {}

  Ran As(const Profile& profile, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--profile", profile.folder()});
    arguments.insert(arguments.end(), {"-o", "json"});
    return RunCommands(std::move(arguments), {"", folder_ / "config", false});
  }
  const Profile& North() { return broker_.agency(kNorth).profile(); }
  const Profile& West() { return broker_.agency(kWest).profile(); }
  // North's signatory.
  const Profile& Chief() {
    if (!chief_.has_value()) {
      chief_ = broker_.OtherProfile(kNorth, "chief", ProfileRole::kSignatory,
                                    broker_.agency(kNorth).signatory());
    }
    return *chief_;
  }

  Ran Enrol(const Profile& profile, const std::string& rows) {
    folder_.Write("people.csv", "Custody,Row\n" + rows);
    return As(profile,
              {"enrol", "--agreement", kPact, "--scheme", "opaque/1:custody",
               "--column", "Custody", "--ref", "Row", folder_ / "people.csv"});
  }
  Ran Send(const std::string& rows, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {
        "send",      "--agreement", kPact,           "--flow", "crimes-west",
        "--purpose", "find-series", "--to",          kWest,    "--case",
        "OP/1",      "--map",       "person=Custody"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(folder_ / "rows.csv");
    folder_.Write("rows.csv", "Custody,name,offence,occurred,age\n" + rows);
    return As(North(), arguments);
  }
  Ran Receive(const std::string& where) {
    return As(West(), {"receive", "--agreement", kPact, "--out", where});
  }

  TestFolder folder_;
  FakeBroker broker_;
  std::optional<Profile> chief_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TEST_COMMANDS_AT_BROKER_H_
