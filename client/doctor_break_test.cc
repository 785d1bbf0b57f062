#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "client/test_outside.h"

namespace entente::client {
namespace {

using certs::TestNow;
using testing::HasSubstr;

constexpr absl::Duration kDay = absl::Hours(24);

// What one break must look like: the check, its code, words of reason and way
// out, and the exit code.
struct BreakCase {
  std::string name;
  std::function<void(TestProfile&, FakeOutside&)> make;
  CheckId id;
  std::string code;
  std::string why;
  std::string fix;
  ExitCode exit;
};

certs::TestHolder System(const TestProfile& profile, absl::Time from,
                         absl::Time until) {
  return profile.northmere().Holder(
      "spiffe://demo.example/agency/northmere/system/records", from, until);
}

std::vector<BreakCase> FileCases() {
  const auto e = ExitCode::kNotAuthenticated;
  return {
      {"NoProfile",
       [](auto& p, auto&) { std::filesystem::remove_all(p.path()); },
       CheckId::kFiles, "NO_PROFILE", "there is no folder", "profile init",
       ExitCode::kFailed},
      {"NoSettings", [](auto& p, auto&) { p.Remove("profile.yaml"); },
       CheckId::kFiles, "NO_PROFILE", "profile.yaml", "backup",
       ExitCode::kFailed},
      {"BadSettings",
       [](auto& p, auto&) {
         std::ofstream(p.path() + "/profile.yaml") << "role: king\n";
       },
       CheckId::kFiles, "SETTINGS_WRONG", "profile.yaml:1: role",
       "correct the line", ExitCode::kFailed},
      {"NoCertificate", [](auto& p, auto&) { p.Remove("certificate.pem"); },
       CheckId::kFiles, "FILE_MISSING", "certificate.pem", "profile renew",
       ExitCode::kFailed},
      {"NoKey", [](auto& p, auto&) { p.Remove("key.pem"); }, CheckId::kFiles,
       "FILE_MISSING", "key.pem", "profile renew", ExitCode::kFailed},
      {"NoBrokerRoot", [](auto& p, auto&) { p.Remove("broker-root.pem"); },
       CheckId::kFiles, "FILE_MISSING", "broker-root.pem", "telephone",
       ExitCode::kFailed},
      {"FolderForAFile",
       [](auto& p, auto&) {
         p.Remove("broker-root.pem");
         std::filesystem::create_directory(p.path() + "/broker-root.pem");
       },
       CheckId::kFiles, "FILE_UNREADABLE", "broker-root.pem",
       "run as the profile's owner", ExitCode::kFailed},
      {"DamagedCertificate",
       [](auto& p, auto&) { p.Put("certificate.pem", "-----BEGIN X\n"); },
       CheckId::kFiles, "FILE_DAMAGED", "certificate.pem", "profile renew",
       ExitCode::kFailed},
      {"ExposedKey", [](auto& p, auto&) { p.Chmod("key.pem", 0644); },
       CheckId::kFiles, "KEY_EXPOSED", "others can read", "chmod 600 ",
       ExitCode::kFailed},
      {"ExposedDataKey", [](auto& p, auto&) { p.Chmod("y.key", 0640); },
       CheckId::kFiles, "KEY_EXPOSED", "y.key", "chmod 600 ",
       ExitCode::kFailed},
      {"NoDataKey", [](auto& p, auto&) { p.Remove("kem.key"); },
       CheckId::kFiles, "FILE_MISSING", "kem.key", "backup", ExitCode::kFailed},
      {"DataKeyOfAnotherKind",
       [](auto& p, auto&) {
         std::filesystem::copy_file(
             p.path() + "/kem.key", p.path() + "/batch.key",
             std::filesystem::copy_options::overwrite_existing);
       },
       CheckId::kFiles, "FILE_DAMAGED", "batch.key", "backup",
       ExitCode::kFailed},
      {"NoShiftKey", [](auto& p, auto&) { p.Remove("shift.key"); },
       CheckId::kFiles, "FILE_MISSING", "shift.key", "backup",
       ExitCode::kFailed},
      {"ExposedRenewedKey",
       [](auto& p, auto&) {
         std::filesystem::create_directories(p.path() + "/keys/1");
         for (const char* file : {"batch.key", "kem.key", "y.key"}) {
           std::filesystem::copy_file(p.path() + "/" + file,
                                      p.path() + "/keys/1/" + file);
         }
         p.Chmod("keys/1/kem.key", 0644);
       },
       CheckId::kFiles, "KEY_EXPOSED", "keys/1/kem.key", "chmod 600 ",
       ExitCode::kFailed},
      {"NoRenewedKey",
       [](auto& p, auto&) {
         std::filesystem::create_directories(p.path() + "/keys/1");
       },
       CheckId::kFiles, "FILE_MISSING", "keys/1/batch.key", "backup",
       ExitCode::kFailed},
      {"ExposedFolder", [](auto& p, auto&) { p.Chmod("", 0770); },
       CheckId::kFiles, "FOLDER_EXPOSED", "others can replace", "chmod 700 ",
       ExitCode::kFailed},
      {"KeyOfAnotherCertificate",
       [](auto& p, auto&) {
         p.Put("key.pem", TestProfile::KeyPem(p.Broker().key));
       },
       CheckId::kKey, "KEY_MISMATCH", "another certificate", "profile renew",
       e},
      {"AnotherRoot",
       [](auto& p, auto&) {
         p.Put("root.pem", p.broker_operator().authority().root().ToPem());
       },
       CheckId::kChain, "WRONG_CHAIN", "does not lead to root.pem",
       "append its certificate", e},
      {"Expired",
       [](auto& p, auto&) {
         p.Use(System(p, TestNow() - 20 * absl::Hours(1),
                      TestNow() - absl::Seconds(1)));
       },
       CheckId::kDates, "CERTIFICATE_EXPIRED", "valid from", "date -u", e},
      {"NotYetValid",
       [](auto& p, auto&) {
         p.Use(System(p, TestNow() + kDay, TestNow() + 2 * kDay));
       },
       CheckId::kDates, "CERTIFICATE_NOT_YET_VALID", "valid from",
       "timedatectl", e},
      {"ForServersAlone",
       [](auto& p, auto&) {
         p.Put("certificate.pem",
               WithExtension(p, NID_ext_key_usage, "serverAuth").ToPem());
       },
       CheckId::kUsage, "WRONG_USAGE", "serverAuth", "clientAuth", e},
      {"AnotherRole",
       [](auto& p, auto&) {
         p.Use(p.northmere().Member(certs::Role::kAuditor, "records"));
       },
       CheckId::kIdentity, "IDENTITY_DIFFERS", "/auditor/records",
       "northmere/system/NAME", e},
      {"AnotherAgency",
       [](auto& p, auto&) {
         p.Use(p.northmere().Holder(
             "spiffe://demo.example/agency/westvale/system/records"));
       },
       CheckId::kIdentity, "IDENTITY_DIFFERS", "westvale", "--profile", e},
  };
}

std::vector<BreakCase> ConnectionCases() {
  const auto e = ExitCode::kUnavailable;
  const auto hears = [](TlsOutcome outcome, const std::string& detail) {
    return [=](TestProfile&, FakeOutside& o) { Hear(o, outcome, detail); };
  };
  return {
      {"BadAddress", hears(TlsOutcome::kBadAddress, "\"x\" is not HOST:PORT"),
       CheckId::kNetwork, "BAD_ADDRESS", "HOST:PORT", "profile.yaml", e},
      {"NameNotFound", hears(TlsOutcome::kNameNotFound, "Name not known"),
       CheckId::kNetwork, "NAME_NOT_FOUND", "Name not known", "getent hosts",
       e},
      {"NobodyListens", hears(TlsOutcome::kNobodyListens, "refused"),
       CheckId::kNetwork, "NO_ONE_LISTENS", "refused", "systemctl status", e},
      {"NoRoute", hears(TlsOutcome::kNoRoute, "no route"), CheckId::kNetwork,
       "UNREACHABLE", "no route", "ip route get", e},
      {"NoAnswer", hears(TlsOutcome::kNoAnswer, "timed out"), CheckId::kNetwork,
       "NO_ANSWER", "timed out", "firewall", e},
      {"NotTls", hears(TlsOutcome::kNotTls, "wrong version number"),
       CheckId::kTls, "NOT_TLS", "wrong version number", "another service", e},
      {"OldTls", hears(TlsOutcome::kOldTls, ""), CheckId::kTls, "OLD_TLS",
       "no TLS 1.3", "proxy", e},
      {"Silent", hears(TlsOutcome::kSilent, ""), CheckId::kTls, "TLS_NO_ANSWER",
       "said nothing", "call its operator", e},
      {"ClosedEarly", hears(TlsOutcome::kClosedEarly, "reset"), CheckId::kTls,
       "CLOSED_EARLY", "before it showed a certificate", "load balancer", e},
      {"HandshakeError", hears(TlsOutcome::kHandshakeError, "bad group"),
       CheckId::kTls, "HANDSHAKE_FAILED", "bad group", "operator", e},
      {"NotHttp2", hears(TlsOutcome::kNotHttp2, ""), CheckId::kTls,
       "NOT_A_BROKER", "not HTTP/2", "another service", e},
      {"BrokerOfAnotherRoot",
       [](auto& p, auto& o) {
         o.finding.chain = {p.northmere()
                                .Holder("spiffe://demo.example/broker/"
                                        "broker.demo.example")
                                .chain[0]};
       },
       CheckId::kBroker, "WRONG_BROKER_ROOT",
       "does not lead to broker-root.pem", "telephone",
       ExitCode::kVerificationFailed},
      {"AnotherBroker",
       [](auto& p, auto& o) {
         o.finding.chain = {p.broker_operator()
                                .Holder("spiffe://demo.example/broker/other")
                                .chain[0]};
       },
       CheckId::kBroker, "WRONG_BROKER_NAME", "broker/other", "broker_name",
       ExitCode::kVerificationFailed},
      {"NotABrokersCertificate",
       [](auto& p, auto& o) {
         o.finding.chain = {p.broker_operator()
                                .Holder("spiffe://demo.example/operator/ops")
                                .chain[0]};
       },
       CheckId::kBroker, "WRONG_BROKER_ROOT", "purpose", "telephone",
       ExitCode::kVerificationFailed},
      {"BrokersCertificateExpired",
       [](auto& p, auto& o) {
         o.finding.chain = {
             p.broker_operator()
                 .Holder("spiffe://demo.example/broker/broker.demo.example",
                         TestNow() - 20 * absl::Hours(1),
                         TestNow() - absl::Seconds(1))
                 .chain[0]};
       },
       CheckId::kBroker, "BROKER_CERTIFICATE_EXPIRED", "valid from",
       "timedatectl", e},
      {"BrokersCertificateOfTomorrow",
       [](auto& p, auto& o) {
         o.finding.chain = {
             p.broker_operator()
                 .Holder("spiffe://demo.example/broker/broker.demo.example",
                         TestNow() + kDay, TestNow() + 2 * kDay)
                 .chain[0]};
       },
       CheckId::kBroker, "BROKER_CERTIFICATE_NOT_YET_VALID", "valid from",
       "timedatectl", e},
  };
}

std::vector<BreakCase> AnswerCases() {
  const auto e = ExitCode::kNotAuthenticated;
  const auto refused = [](Failure failure) {
    return [=](TestProfile&, FakeOutside& o) { o.refusal = ToStatus(failure); };
  };
  const auto broker_time = [](absl::Duration off) {
    return [=](TestProfile&, FakeOutside& o) {
      o.response.mutable_broker_time()->set_seconds(
          absl::ToUnixSeconds(TestNow() + off));
    };
  };
  return {
      {"HungUp",
       [](auto&, auto& o) {
         o.finding.outcome = TlsOutcome::kHungUp;
         o.finding.detail = "closed without a word";
       },
       CheckId::kRegistered, "HUNG_UP", "hung up when it had seen our",
       "agency show northmere", e},
      {"SilentAfterwards",
       [](auto&, auto& o) { o.finding.outcome = TlsOutcome::kSilent; },
       CheckId::kRegistered, "BROKER_SILENT", "then said nothing", "overloaded",
       ExitCode::kUnavailable},
      {"Revoked",
       refused({.what = "refused", .code = "CERTIFICATE_REVOKED", .exit = e}),
       CheckId::kRegistered, "CERTIFICATE_REVOKED", "revoked", "new key", e},
      {"RoleRefused",
       refused({.what = "refused",
                .why = "role",
                .next = "ask for another role",
                .code = "ROLE_NOT_ALLOWED",
                .exit = ExitCode::kRefused}),
       CheckId::kRegistered, "ROLE_NOT_ALLOWED", "refused: role",
       "another role", ExitCode::kRefused},
      {"CallFails",
       refused({.what = "no connection",
                .code = "UNAVAILABLE",
                .exit = ExitCode::kUnavailable}),
       CheckId::kRegistered, "UNAVAILABLE", "no connection", "https_proxy",
       ExitCode::kUnavailable},
      {"TakenForAnother",
       [](auto&, auto& o) { o.response.set_caller("spiffe://x/operator/y"); },
       CheckId::kRegistered, "OTHER_CALLER", "spiffe://x/operator/y", "proxy",
       e},
      {"AnotherLedgerKey",
       [](auto&, auto& o) { o.response.set_ledger_key(std::string(32, 8)); },
       CheckId::kBroker, "WRONG_LEDGER_KEY", "the profile pins", "overseer",
       ExitCode::kVerificationFailed},
      {"AnotherName", [](auto&, auto& o) { o.response.set_broker("other"); },
       CheckId::kBroker, "WRONG_BROKER_NAME", "calls itself other", "telephone",
       ExitCode::kVerificationFailed},
      {"ClockBehind", broker_time(absl::Minutes(3)), CheckId::kClock,
       "CLOCK_BEHIND", "3m behind the broker's", "timedatectl",
       ExitCode::kFailed},
      {"ClockAhead", broker_time(-absl::Minutes(3) - absl::Seconds(1)),
       CheckId::kClock, "CLOCK_AHEAD", "3m ahead of", "timedatectl",
       ExitCode::kFailed},
      {"NoAgreementActive",
       [](auto&, auto& o) {
         o.response.mutable_agreements(0)->set_state("expired");
       },
       CheckId::kAgreements, "NONE_ACTIVE", "isa-one is expired",
       "propose its next version", ExitCode::kRefused},
  };
}

std::vector<BreakCase> AllCases() {
  std::vector<BreakCase> all = FileCases();
  for (auto* more : {&ConnectionCases, &AnswerCases}) {
    for (BreakCase& one : more()) all.push_back(std::move(one));
  }
  return all;
}

class DoctorBreakTest : public testing::TestWithParam<BreakCase> {};

TEST_P(DoctorBreakTest, IsFoundWithItsReasonAndTheWayOut) {
  TestProfile profile;
  FakeOutside outside(profile);
  GetParam().make(profile, outside);
  const std::vector<Check> checks = Examine(profile.path(), outside);
  ExpectInOrder(checks);
  const Check& broken = At(checks, GetParam().id);
  EXPECT_EQ(broken.state, CheckState::kNotOk);
  EXPECT_EQ(broken.code, GetParam().code);
  EXPECT_THAT(broken.why, HasSubstr(GetParam().why));
  EXPECT_THAT(broken.fix, HasSubstr(GetParam().fix));
  for (const Check& check : checks) {
    // The one fault is told once; the rest is fine, or waits for it.
    if (check.id == GetParam().id) continue;
    EXPECT_NE(check.state, CheckState::kNotOk) << IdText(check.id);
  }
  EXPECT_EQ(FromStatus(Verdict(checks)).exit, GetParam().exit);
  EXPECT_EQ(FromStatus(Verdict(checks)).code, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(All, DoctorBreakTest, testing::ValuesIn(AllCases()),
                         [](const auto& test) { return test.param.name; });

TEST(Doctor, EveryCheckIsBrokenByACase) {
  std::vector<int> broken(kChecks);
  for (const BreakCase& one : AllCases()) {
    ++broken[static_cast<size_t>(one.id)];
  }
  EXPECT_THAT(broken, testing::Each(testing::Gt(0)));
}

}  // namespace
}  // namespace entente::client
