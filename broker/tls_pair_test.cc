#include "broker/tls_pair.h"

#include <functional>

#include "broker/test_tls_files.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using certs::TestNow;
using testing::HasSubstr;

TEST(TlsPair, ReadsWhatBelongsTogether) {
  const TestTlsFiles files;
  const certs::TestHolder holder = files.Issue();
  files.Put(holder);
  const auto pair = ReadTlsPair(files.config, TestNow());
  ASSERT_TRUE(pair.ok()) << pair.status();
  EXPECT_EQ(pair->leaf().Fingerprint(), holder.chain[0].Fingerprint());
}

struct BadPairCase {
  std::string name;
  std::function<void(TestTlsFiles&)> make;
  absl::StatusCode code;
  std::string said;  // and the file
};

class BadTlsPairTest : public testing::TestWithParam<BadPairCase> {};

TEST_P(BadTlsPairTest, IsRefusedWithTheFileAndTheCause) {
  TestTlsFiles files;
  GetParam().make(files);
  const auto pair = ReadTlsPair(files.config, TestNow());
  EXPECT_EQ(pair.status().code(), GetParam().code);
  EXPECT_THAT(std::string(pair.status().message()), HasSubstr(GetParam().said));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadTlsPairTest,
    testing::Values(
        BadPairCase{
            "NoCertificate",
            [](auto& f) { std::filesystem::remove(f.config.certificate); },
            absl::StatusCode::kNotFound, "certificate.pem"},
        BadPairCase{
            "NoKey",
            [](auto& f) { std::filesystem::remove(f.config.private_key); },
            absl::StatusCode::kNotFound, "key.pem"},
        BadPairCase{"HalfACertificate",
                    [](auto& f) {
                      std::filesystem::resize_file(f.config.certificate, 200);
                    },
                    absl::StatusCode::kInvalidArgument, "certificate.pem: "},
        BadPairCase{"AKeyThatOthersMayRead",
                    [](auto& f) {
                      std::filesystem::permissions(
                          f.config.private_key,
                          std::filesystem::perms::others_read,
                          std::filesystem::perm_options::add);
                    },
                    absl::StatusCode::kFailedPrecondition, "key.pem"},
        BadPairCase{"EmptyKey",
                    [](auto& f) {
                      std::filesystem::resize_file(f.config.private_key, 0);
                    },
                    absl::StatusCode::kInvalidArgument, "key.pem: "},
        BadPairCase{"KeyOfAnother", [](auto& f) { f.PutKey(f.Issue()); },
                    absl::StatusCode::kInvalidArgument,
                    "key.pem is not the key of "},
        BadPairCase{"AnotherName",
                    [](auto& f) { f.Put(f.Issue(90, "other.test")); },
                    absl::StatusCode::kInvalidArgument,
                    "it is for spiffe://demo.example/broker/other.test, not"},
        BadPairCase{"AnotherTrustDomain",
                    [](auto& f) { f.config.trust_domain = "b.example"; },
                    absl::StatusCode::kInvalidArgument,
                    "not for spiffe://b.example/broker/broker.test"},
        BadPairCase{"AClients",
                    [](auto& f) {
                      f.Put(f.authority.Member(certs::Role::kSystem, "x"));
                    },
                    absl::StatusCode::kInvalidArgument, "it is for spiffe"},
        BadPairCase{"Expired",
                    [](auto& f) {
                      f.Put(f.authority.Holder(
                          "spiffe://demo.example/broker/broker.test",
                          TestNow() - absl::Hours(2),
                          TestNow() - absl::Hours(1)));
                    },
                    absl::StatusCode::kInvalidArgument, "it is valid from"},
        BadPairCase{"OfTomorrow",
                    [](auto& f) {
                      f.Put(f.authority.Holder(
                          "spiffe://demo.example/broker/broker.test",
                          TestNow() + absl::Hours(24),
                          TestNow() + absl::Hours(48)));
                    },
                    absl::StatusCode::kInvalidArgument, "it is valid from"},
        BadPairCase{"ChainOfAnother",
                    [](auto& f) {
                      const certs::TestAgency other("other");
                      std::ofstream(f.config.certificate, std::ios::app)
                          << other.authority().root().ToPem();
                    },
                    absl::StatusCode::kInvalidArgument,
                    "was not issued by the next one"}),
    [](const auto& test) { return test.param.name; });

TEST(TlsPair, ASuccessorLeadsToTheSameRoot) {
  TestTlsFiles files;
  const TlsPair current = *ReadTlsPair(files.config, TestNow());
  files.Put(files.Issue());
  const TlsPair next = *ReadTlsPair(files.config, TestNow());
  EXPECT_NE(next.leaf().Fingerprint(), current.leaf().Fingerprint());
  EXPECT_TRUE(CheckSuccessor(current, next).ok());
  // With its root in the file it is still the same root.
  std::ofstream(files.config.certificate, std::ios::app)
      << files.authority.authority().root().ToPem();
  EXPECT_TRUE(
      CheckSuccessor(current, *ReadTlsPair(files.config, TestNow())).ok());
  const TestTlsFiles foreign;
  const TlsPair other = *ReadTlsPair(foreign.config, TestNow());
  EXPECT_EQ(CheckSuccessor(current, other).code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::broker
