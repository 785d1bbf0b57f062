#include "client/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "client/test_outside.h"

namespace entente::client {
namespace {

using certs::TestNow;
using testing::HasSubstr;
using testing::Not;

constexpr absl::Duration kDayLong = absl::Hours(24);

TEST(Doctor, ACertificateThatNamesNobodyOrTwoIsNoIdentity) {
  const TestProfile profile;
  for (const char* names :
       {"DNS:records.northmere.example",
        "URI:https://northmere.example/records",
        "URI:spiffe://demo.example/agency/northmere/system/records,"
        "URI:spiffe://demo.example/agency/northmere/system/other"}) {
    OwnFiles files = ReadOwnFiles(profile.path());
    files.chain[0] = WithExtension(profile, NID_subject_alt_name, names);
    const std::vector<Check> checks = ExamineFiles(files, TestNow());
    const Check& identity = At(checks, CheckId::kIdentity);
    EXPECT_EQ(identity.state, CheckState::kNotOk) << names;
    EXPECT_EQ(identity.code, "NO_IDENTITY") << names;
    EXPECT_NE(identity.why, "") << names;
    EXPECT_THAT(identity.fix, HasSubstr("whose only URI is spiffe://"
                                        "demo.example/agency/northmere/"
                                        "system/NAME"));
    EXPECT_EQ(FromStatus(Verdict(checks)).exit, ExitCode::kNotAuthenticated);
  }
}

TEST(Doctor, ARootThatIsNotInDateIsToldApartFromItsCertificate) {
  const TestProfile profile;
  const OwnFiles files = ReadOwnFiles(profile.path());
  const certs::Certificate& root = *files.root;
  for (const absl::Time now :
       {root.NotBefore() - absl::Seconds(1), root.NotAfter()}) {
    const std::vector<Check> checks = ExamineFiles(files, now);
    const Check& chain = At(checks, CheckId::kChain);
    EXPECT_EQ(chain.state, CheckState::kNotOk);
    EXPECT_EQ(chain.code, "ROOT_NOT_IN_DATE");
    EXPECT_THAT(chain.why, HasSubstr("the agency's root is valid from"));
    EXPECT_THAT(chain.fix, HasSubstr("needs a new root"));
    EXPECT_EQ(FromStatus(Verdict(checks)).exit, ExitCode::kNotAuthenticated);
  }
  EXPECT_EQ(At(ExamineFiles(files, TestNow()), CheckId::kChain).state,
            CheckState::kOk);
}

TEST(Doctor, FindsAWholeProfileInOrder) {
  TestProfile profile;
  FakeOutside outside(profile);
  const std::vector<Check> checks = Examine(profile.path(), outside);
  ExpectInOrder(checks);
  for (const Check& check : checks) {
    EXPECT_EQ(check.state, CheckState::kOk) << IdText(check.id) << check.why;
    EXPECT_FALSE(check.why.empty());
  }
  EXPECT_TRUE(Verdict(checks).ok());
  EXPECT_TRUE(outside.shown);
  EXPECT_EQ(outside.address, "broker.demo.example:7443");
}

TEST(Doctor, ShowsNoCertificateThatHasAFaultAndStillLooksAtTheBroker) {
  TestProfile profile;
  FakeOutside outside(profile);
  profile.Put("key.pem", TestProfile::KeyPem(profile.Broker().key));
  const std::vector<Check> checks = Examine(profile.path(), outside);
  EXPECT_FALSE(outside.shown);
  EXPECT_EQ(At(checks, CheckId::kBroker).state, CheckState::kOk);
  EXPECT_EQ(At(checks, CheckId::kRegistered).state, CheckState::kNotChecked);
  EXPECT_THAT(At(checks, CheckId::kRegistered).why, HasSubstr("`key`"));
}

TEST(Doctor, WhatStandsOnAFailedCheckIsNotChecked) {
  TestProfile profile;
  FakeOutside outside(profile);
  Hear(outside, TlsOutcome::kNobodyListens, "refused");
  const std::vector<Check> checks = Examine(profile.path(), outside);
  for (const CheckId id :
       {CheckId::kTls, CheckId::kBroker, CheckId::kRegistered, CheckId::kClock,
        CheckId::kAgreements}) {
    EXPECT_EQ(At(checks, id).state, CheckState::kNotChecked);
    EXPECT_THAT(At(checks, id).why, HasSubstr("`network`"));
  }
}

TEST(Doctor, ALedgerKeyThatIsNotPinnedStopsTheRest) {
  TestProfile profile;
  FakeOutside outside(profile);
  outside.response.set_ledger_key(std::string(32, 8));
  const std::vector<Check> checks = Examine(profile.path(), outside);
  EXPECT_EQ(At(checks, CheckId::kRegistered).state, CheckState::kOk);
  EXPECT_EQ(At(checks, CheckId::kClock).state, CheckState::kNotChecked);
}

TEST(Doctor, ARootIsAskedOfSignatoriesAlone) {
  TestProfile system;
  FakeOutside outside(system);
  system.Remove("root.pem");
  std::vector<Check> checks = Examine(system.path(), outside);
  EXPECT_EQ(At(checks, CheckId::kFiles).state, CheckState::kOk);
  EXPECT_EQ(At(checks, CheckId::kChain).code, "NO_ROOT");
  EXPECT_TRUE(Verdict(checks).ok());
  TestProfile signatory(ProfileRole::kSignatory);
  signatory.Remove("root.pem");
  checks = Examine(signatory.path(), outside);
  EXPECT_EQ(At(checks, CheckId::kFiles).code, "FILE_MISSING");
}

TEST(Doctor, WarnsOfACertificateAndAnAgreementThatEndSoon) {
  TestProfile profile;
  FakeOutside outside(profile);
  outside.AddAgreement("isa-two", "active", TestNow() + 6 * kDayLong);
  outside.AddAgreement("isa-old", "expired", TestNow() - kDayLong);
  const std::vector<Check> checks = Examine(profile.path(), outside);
  EXPECT_TRUE(Verdict(checks).ok());
  const Check& dates = At(checks, CheckId::kDates);
  EXPECT_EQ(dates.code, "CERTIFICATE_EXPIRES");  // in a day
  EXPECT_THAT(dates.fix, HasSubstr("profile renew"));
  const Check& agreements = At(checks, CheckId::kAgreements);
  EXPECT_EQ(agreements.code, "AGREEMENT_ENDS");
  EXPECT_THAT(agreements.why, HasSubstr("isa-two ends this week, in 6 days"));
  EXPECT_THAT(agreements.why, HasSubstr("isa-old is expired"));
}

TEST(Doctor, AnAgencyWithoutAgreementsIsWell) {
  TestProfile profile;
  FakeOutside outside(profile);
  outside.response.clear_agreements();
  const std::vector<Check> checks = Examine(profile.path(), outside);
  EXPECT_TRUE(Verdict(checks).ok());
  EXPECT_THAT(At(checks, CheckId::kAgreements).why,
              HasSubstr("no agreement names northmere yet"));
}

TEST(Doctor, AClockMayDifferByAMinute) {
  for (const int off : {-61, -60, 0, 60}) {
    StatusAnswer answer;
    answer.asked = TestNow();
    answer.answered = TestNow();
    answer.response.mutable_broker_time()->set_seconds(
        absl::ToUnixSeconds(TestNow()) + off);
    EXPECT_EQ(ExamineClock(answer).state, CheckState::kOk) << off;
  }
}

TEST(Doctor, SpeaksToPeopleAndToScripts) {
  TestProfile profile;
  FakeOutside outside(profile);
  Hear(outside, TlsOutcome::kNobodyListens, "refused");
  const std::vector<Check> checks = Examine(profile.path(), outside);
  const std::string text = ChecksText(checks);
  EXPECT_THAT(text, HasSubstr("ok           files       all files of "));
  EXPECT_THAT(text, HasSubstr("NOT OK       network     refused\n"
                              "             fix: the machine is there"));
  EXPECT_THAT(text, HasSubstr("not checked  tls         it needs `network`"));
  EXPECT_THAT(ToJson(ToRecord(At(checks, CheckId::kTls))),
              HasSubstr("{\"id\":\"tls\",\"name\":\"it speaks TLS 1.3 and "
                        "HTTP/2\",\"state\":\"not_checked\",\"code\":\"NOT_"
                        "CHECKED\",\"why\":\"it needs `network` to be ok "
                        "first\",\"fix\":\"\"}"));
  EXPECT_EQ(FromStatus(Verdict(checks)).what,
            "1 of 12 checks is not ok: network");
  for (const std::string key : {"y.key", "kem.key"}) {
    std::ifstream in(profile.path() + "/" + key, std::ios::binary);
    std::string content((std::istreambuf_iterator<char>(in)), {});
    EXPECT_THAT(text, Not(HasSubstr(content.substr(content.size() - 32))));
  }
}

}  // namespace
}  // namespace entente::client
