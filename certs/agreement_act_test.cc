#include "certs/agreement_act.h"

#include <functional>
#include <vector>

#include "certs/test_agency.h"
#include "crypto/hex.h"
#include "gtest/gtest.h"

namespace entente::certs {
namespace {

AgreementAct Suspension() {
  return {ActKind::kSuspend,
          "isa-small",
          2,
          std::string(64, 'a'),
          "northmere",
          "Unusual queries since Monday",
          "",
          0,
          TestNow()};
}

AgreementAct Of(ActKind kind) {
  AgreementAct act = Suspension();
  act.kind = kind;
  if (kind == ActKind::kResume) act.lifts = std::string(64, 'b');
  if (kind == ActKind::kWithdraw) act.notice_days = 90;
  return act;
}

crypto::Envelope Signed(const AgreementAct& act, const TestHolder& holder,
                        absl::string_view type = kAgreementActType) {
  return *SignDocument(type, crypto::AsBytes(*PrintAgreementAct(act)),
                       holder.key, holder.chain);
}

TEST(AgreementAct, EveryKindRoundTrips) {
  for (const ActKind kind : {ActKind::kSuspend, ActKind::kSuspendSending,
                             ActKind::kResume, ActKind::kWithdraw}) {
    const AgreementAct act = Of(kind);
    const auto text = PrintAgreementAct(act);
    ASSERT_TRUE(text.ok()) << text.status();
    const auto read = ParseAgreementAct(crypto::AsBytes(*text));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, act) << ActName(kind);
  }
}

TEST(AgreementAct, NoChangedBitReadsAsTheSameAct) {
  const std::string text = *PrintAgreementAct(Of(ActKind::kResume));
  for (size_t i = 0; i < text.size() * 8; ++i) {
    std::string changed = text;
    changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << (i % 8)));
    const auto read = ParseAgreementAct(crypto::AsBytes(changed));
    if (read.ok()) {
      EXPECT_NE(*read, Of(ActKind::kResume)) << changed;
      EXPECT_EQ(*PrintAgreementAct(*read), changed);
    }
  }
}

TEST(AgreementAct, RefusesWhatSaysTooLittleOrTooMuch) {
  const std::vector<std::function<void(AgreementAct&)>> kFaults = {
      [](auto& act) { act.agreement.clear(); },
      [](auto& act) { act.agency.clear(); },
      [](auto& act) { act.version = 0; },
      [](auto& act) { act.digest = "abc"; },
      [](auto& act) { act.reason = "x"; },
      [](auto& act) { act.reason = std::string(kMaxActReasonBytes + 1, 'x'); },
      [](auto& act) { act.reason = "two\nlines"; },
      [](auto& act) { act.lifts = std::string(64, 'b'); },
      [](auto& act) { act.kind = ActKind::kResume; },
      [](auto& act) { act.notice_days = 1; },
      [](auto& act) {
        act.kind = ActKind::kWithdraw;
        act.notice_days = 366;
      },
      [](auto& act) { act.signed_at += absl::Microseconds(1); },
      [](auto& act) { act.signed_at = absl::FromUnixMillis(-1); },
  };
  for (size_t i = 0; i < kFaults.size(); ++i) {
    AgreementAct act = Suspension();
    kFaults[i](act);
    EXPECT_EQ(PrintAgreementAct(act).status().code(),
              absl::StatusCode::kInvalidArgument)
        << i;
  }
  AgreementAct longest = Suspension();
  longest.reason = std::string(kMaxActReasonBytes, 'x');
  EXPECT_TRUE(PrintAgreementAct(longest).ok());
  std::string unknown = *PrintAgreementAct(Suspension());
  unknown.replace(unknown.find("suspend"), 7, "suspect");
  EXPECT_FALSE(ParseAgreementAct(crypto::AsBytes(unknown)).ok());
}

TEST(AgreementAct, CountsWithTheSignatureOfASignatoryOfItsAgency) {
  const TestAgency agency("northmere");
  const TestAgency other("westvale");
  const TestHolder chief = agency.Member(Role::kSignatory, "chief");
  const auto good =
      VerifyAgreementAct(Signed(Suspension(), chief), agency.root_spki());
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(good->act, Suspension());
  EXPECT_EQ(good->signer.identity.name, "chief");
  EXPECT_EQ(good->digest.size(), 64u);
  EXPECT_FALSE(
      VerifyAgreementAct(Signed(Suspension(), chief), other.root_spki()).ok());
  EXPECT_FALSE(
      VerifyAgreementAct(
          Signed(Suspension(), agency.Member(Role::kSystem, "gateway")),
          agency.root_spki())
          .ok());
  EXPECT_FALSE(
      VerifyAgreementAct(
          Signed(Suspension(), other.Member(Role::kSignatory, "chief")),
          other.root_spki())
          .ok())
      << "another agency's act";
  crypto::Envelope twice = Signed(Suspension(), chief);
  twice.signatures.push_back(twice.signatures[0]);
  EXPECT_FALSE(VerifyAgreementAct(twice, agency.root_spki()).ok());
  EXPECT_FALSE(VerifyAgreementAct(Signed(Suspension(), chief, kAgreementType),
                                  agency.root_spki())
                   .ok());
  AgreementAct early = Suspension();
  early.signed_at -= absl::Hours(24 * 365);
  EXPECT_FALSE(
      VerifyAgreementAct(Signed(early, chief), agency.root_spki()).ok())
      << "the certificate was not valid then";
}

TEST(AgreementAct, AFlippedBitIsNoSignature) {
  const TestAgency agency("northmere");
  const TestHolder chief = agency.Member(Role::kSignatory, "chief");
  crypto::Envelope envelope = Signed(Suspension(), chief);
  for (size_t i = 0; i < envelope.signatures[0].signature.size(); i += 5) {
    envelope.signatures[0].signature[i] ^= 1;
    EXPECT_FALSE(VerifyAgreementAct(envelope, agency.root_spki()).ok());
    envelope.signatures[0].signature[i] ^= 1;
  }
  for (size_t i = 0; i < envelope.payload.size(); ++i) {
    envelope.payload[i] ^= 1;
    EXPECT_FALSE(VerifyAgreementAct(envelope, agency.root_spki()).ok()) << i;
    envelope.payload[i] ^= 1;
  }
}

}  // namespace
}  // namespace entente::certs
