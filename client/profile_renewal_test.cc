#include "client/profile_renewal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "client/durable_file.h"
#include "client/error.h"
#include "client/test_profile.h"

namespace entente::client {
namespace {

using certs::TestNow;
using testing::HasSubstr;

constexpr char kUri[] = "spiffe://demo.example/agency/northmere/system/records";

class ProfileRenewalTest : public testing::Test {
 protected:
  NewPair Issue(const std::string& uri = kUri,
                absl::Time from = TestNow() - absl::Hours(1),
                absl::Time until = TestNow() + absl::Hours(24)) const {
    const certs::TestHolder holder =
        profile_.northmere().Holder(uri, from, until);
    return {{holder.chain[0]}, holder.key};
  }
  Failure Check(const NewPair& pair) const {
    const absl::Status checked = CheckPair(profile_.Open(), pair, TestNow());
    EXPECT_FALSE(checked.ok());
    return FromStatus(checked);
  }
  std::string Read(const std::string& file) const {
    return *ReadFile(profile_.path() + "/" + file, 1 << 20);
  }
  // Without opening the profile, which would finish a renewal.
  void Write(const std::string& file, const std::string& content) const {
    EXPECT_TRUE(WriteDurably(profile_.path() + "/" + file, content, 0600).ok());
  }
  bool Holds(const NewPair& pair) const {
    return Read("certificate.pem") == pair.chain[0].ToPem() &&
           Read("key.pem") == TestProfile::KeyPem(pair.key);
  }

  TestProfile profile_;
};

TEST_F(ProfileRenewalTest, PutsAGoodPairInPlaceOfTheOld) {
  const NewPair pair = Issue();
  ASSERT_TRUE(CheckPair(profile_.Open(), pair, TestNow()).ok());
  ASSERT_TRUE(SwapPair(profile_.Open(), pair).ok());
  EXPECT_TRUE(Holds(pair));
  EXPECT_TRUE(CheckPrivate(profile_.path() + "/key.pem").ok());
  EXPECT_FALSE(Exists(profile_.path() + "/renewal.pem"));
  EXPECT_TRUE(CheckPair(profile_.Open(), pair, TestNow()).ok());
}

TEST_F(ProfileRenewalTest, KeepsAWholeChain) {
  NewPair pair = Issue();
  pair.chain.push_back(profile_.northmere().authority().root());
  ASSERT_TRUE(SwapPair(profile_.Open(), pair).ok());
  EXPECT_EQ(Read("certificate.pem"),
            pair.chain[0].ToPem() + pair.chain[1].ToPem());
}

TEST_F(ProfileRenewalTest, APairCanBeRenewedAlsoWhenTheOldOneHasExpired) {
  profile_.Use(profile_.northmere().Holder(kUri, TestNow() - absl::Hours(20),
                                           TestNow() - absl::Hours(10)));
  EXPECT_TRUE(CheckPair(profile_.Open(), Issue(), TestNow()).ok());
}

TEST_F(ProfileRenewalTest, RefusesEveryPairThatWouldNotWork) {
  NewPair mixed = Issue();
  mixed.key = Issue().key;
  const certs::TestHolder foreign = profile_.broker_operator().Holder(kUri);
  const std::pair<NewPair, std::string> cases[] = {
      {mixed, "KEY_MISMATCH"},
      {Issue(kUri, TestNow() - absl::Hours(9), TestNow() - absl::Hours(8)),
       "CERTIFICATE_EXPIRED"},
      {Issue(kUri, TestNow() + absl::Hours(8), TestNow() + absl::Hours(9)),
       "CERTIFICATE_NOT_YET_VALID"},
      {{{foreign.chain[0]}, foreign.key}, "WRONG_CHAIN"},
      {Issue("spiffe://demo.example/agency/westvale/system/records"),
       "IDENTITY_DIFFERS"},
      {Issue("spiffe://demo.example/agency/northmere/auditor/records"),
       "IDENTITY_DIFFERS"},
      {Issue("spiffe://demo.example/agency/northmere/system/other"),
       "IDENTITY_DIFFERS"},
      {Issue("spiffe://other.example/agency/northmere/system/records"),
       "IDENTITY_DIFFERS"}};
  for (const auto& [pair, code] : cases) {
    const Failure failure = Check(pair);
    EXPECT_EQ(failure.code, code);
    EXPECT_EQ(failure.exit, ExitCode::kNotAuthenticated);
    EXPECT_FALSE(failure.why.empty());
    EXPECT_FALSE(failure.next.empty());
  }
}

// After a crash at any moment the profile holds the old pair or the new one.
TEST_F(ProfileRenewalTest, ASwapThatWasCutShortIsFinishedOnOpening) {
  const NewPair pair = Issue();
  const std::string both =
      TestProfile::KeyPem(pair.key) + pair.chain[0].ToPem();
  const std::string renewal = profile_.path() + "/renewal.pem";
  const std::function<void()> crashes[] = {
      [] {}, [&] { Write("key.pem", TestProfile::KeyPem(pair.key)); },
      [&] { Write("certificate.pem", pair.chain[0].ToPem()); }};
  for (const auto& crash : crashes) {
    profile_.Use(profile_.holder());
    ASSERT_TRUE(WriteDurably(renewal, both, 0600).ok());
    crash();
    ASSERT_TRUE(Profile::Open(profile_.path()).ok());
    EXPECT_TRUE(Holds(pair));
    EXPECT_FALSE(Exists(renewal));
  }
}

TEST_F(ProfileRenewalTest, BeforeTheOneMomentTheOldPairStands) {
  // A crash while the file is being written leaves it under another name.
  ASSERT_TRUE(
      WriteDurably(profile_.path() + "/renewal.pem.new", "half", 0600).ok());
  ASSERT_TRUE(Profile::Open(profile_.path()).ok());
  EXPECT_TRUE(Holds({{profile_.holder().chain[0]}, profile_.holder().key}));
}

TEST_F(ProfileRenewalTest, SaysThatADamagedRenewalIsInTheWay) {
  ASSERT_TRUE(
      WriteDurably(profile_.path() + "/renewal.pem", "nothing", 0600).ok());
  const absl::Status finished = FinishSwap(profile_.path());
  EXPECT_EQ(finished.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(finished.message()), HasSubstr("renewal.pem"));
  EXPECT_TRUE(Holds({{profile_.holder().chain[0]}, profile_.holder().key}));
}

}  // namespace
}  // namespace entente::client
