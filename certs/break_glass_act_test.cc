#include "certs/break_glass_act.h"

#include <functional>
#include <vector>

#include "certs/test_agency.h"
#include "crypto/hex.h"
#include "gtest/gtest.h"

namespace entente::certs {
namespace {

constexpr GlassActKind kAllKinds[] = {
    GlassActKind::kAsk, GlassActKind::kApprove, GlassActKind::kClose,
    GlassActKind::kReport};

BreakGlassAct GlassOf(GlassActKind kind) {
  BreakGlassAct act;
  act.kind = kind;
  act.agreement = "isa-small";
  act.version = 2;
  act.digest = std::string(64, 'a');
  act.agency = "northmere";
  act.words = "A child is missing since noon";
  act.signed_at = TestNow();
  if (kind != GlassActKind::kAsk) {
    act.grant = std::string(64, 'b');
    return act;
  }
  act.flow = "crimes-west";
  act.sender = "northmere";
  act.recipient = "westvale";
  act.purpose = "find-series";
  act.case_reference = "OP-LANTERN/0142";
  act.fields = {"age", "occurred"};
  act.minutes = 30;
  act.nonce = std::string(64, 'c');
  return act;
}

crypto::Envelope SignedGlass(const BreakGlassAct& act, const TestHolder& holder,
                             absl::string_view type = kBreakGlassActType) {
  return *SignDocument(type, crypto::AsBytes(*PrintBreakGlassAct(act)),
                       holder.key, holder.chain);
}

TEST(BreakGlassAct, EveryKindRoundTrips) {
  for (const GlassActKind kind : kAllKinds) {
    const BreakGlassAct act = GlassOf(kind);
    const auto text = PrintBreakGlassAct(act);
    ASSERT_TRUE(text.ok()) << text.status();
    const auto read = ParseBreakGlassAct(crypto::AsBytes(*text));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, act) << GlassActName(kind);
  }
  BreakGlassAct drill = GlassOf(GlassActKind::kAsk);
  drill.drill = true;
  const std::string text = *PrintBreakGlassAct(drill);
  EXPECT_EQ(*ParseBreakGlassAct(crypto::AsBytes(text)), drill);
  EXPECT_NE(BreakGlassActDigest(crypto::AsBytes(text)),
            BreakGlassActDigest(crypto::AsBytes(
                *PrintBreakGlassAct(GlassOf(GlassActKind::kAsk)))));
}

TEST(BreakGlassAct, AnApprovalMayBeWithoutWords) {
  for (const GlassActKind kind : kAllKinds) {
    BreakGlassAct act = GlassOf(kind);
    act.words.clear();
    EXPECT_EQ(PrintBreakGlassAct(act).ok(), kind == GlassActKind::kApprove)
        << GlassActName(kind);
  }
}

TEST(BreakGlassAct, NoChangedBitReadsAsTheSameAct) {
  for (const GlassActKind kind : kAllKinds) {
    const std::string text = *PrintBreakGlassAct(GlassOf(kind));
    for (size_t i = 0; i < text.size() * 8; ++i) {
      std::string changed = text;
      changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << (i % 8)));
      const auto read = ParseBreakGlassAct(crypto::AsBytes(changed));
      if (!read.ok()) continue;
      EXPECT_NE(*read, GlassOf(kind)) << changed;
      EXPECT_EQ(*PrintBreakGlassAct(*read), changed);
    }
  }
}

TEST(BreakGlassAct, RefusesWhatAsksTooLittleOrTooMuch) {
  const std::vector<std::function<void(BreakGlassAct&)>> kFaults = {
      [](auto& act) { act.agreement.clear(); },
      [](auto& act) { act.agency.clear(); },
      [](auto& act) { act.version = 0; },
      [](auto& act) { act.digest = "abc"; },
      [](auto& act) { act.words = "x"; },
      [](auto& act) { act.words = std::string(kMaxGlassWordsBytes + 1, 'x'); },
      [](auto& act) { act.words = "two\nlines"; },
      [](auto& act) { act.signed_at += absl::Microseconds(1); },
      [](auto& act) { act.signed_at = absl::FromUnixMillis(-1); },
      [](auto& act) { act.grant = std::string(64, 'b'); },
      [](auto& act) { act.flow.clear(); },
      [](auto& act) { act.sender.clear(); },
      [](auto& act) { act.recipient.clear(); },
      [](auto& act) { act.purpose.clear(); },
      [](auto& act) { act.case_reference.clear(); },
      [](auto& act) { act.case_reference = "two\nlines"; },
      [](auto& act) {
        act.case_reference = std::string(kMaxCaseReferenceBytes + 1, 'x');
      },
      [](auto& act) { act.fields.clear(); },
      [](auto& act) {
        act.fields = {"occurred", "age"};
      },
      [](auto& act) {
        act.fields = {"age", "age"};
      },
      [](auto& act) { act.fields = {""}; },
      [](auto& act) { act.minutes = 0; },
      [](auto& act) { act.minutes = kMaxGlassMinutes + 1; },
      [](auto& act) { act.nonce.clear(); },
  };
  for (size_t i = 0; i < kFaults.size(); ++i) {
    BreakGlassAct act = GlassOf(GlassActKind::kAsk);
    kFaults[i](act);
    EXPECT_EQ(PrintBreakGlassAct(act).status().code(),
              absl::StatusCode::kInvalidArgument)
        << i;
  }
  BreakGlassAct widest = GlassOf(GlassActKind::kAsk);
  widest.words = std::string(kMaxGlassWordsBytes, 'x');
  widest.case_reference = std::string(kMaxCaseReferenceBytes, 'x');
  widest.minutes = kMaxGlassMinutes;
  widest.fields.clear();
  for (size_t i = 0; i < kMaxGlassFields; ++i) {
    widest.fields.push_back("f" + std::to_string(100 + i));
  }
  EXPECT_TRUE(PrintBreakGlassAct(widest).ok());
  widest.fields.push_back("g");
  EXPECT_FALSE(PrintBreakGlassAct(widest).ok());
}

TEST(BreakGlassAct, OnlyAnAskSaysWhatIsAsked) {
  const std::vector<std::function<void(BreakGlassAct&)>> kFaults = {
      [](auto& act) { act.grant.clear(); },
      [](auto& act) { act.grant = "abc"; },
      [](auto& act) { act.flow = "crimes-west"; },
      [](auto& act) { act.fields = {"age"}; },
      [](auto& act) { act.minutes = 30; },
      [](auto& act) { act.drill = true; },
      [](auto& act) { act.nonce = std::string(64, 'c'); },
  };
  for (size_t i = 0; i < kFaults.size(); ++i) {
    BreakGlassAct act = GlassOf(GlassActKind::kApprove);
    kFaults[i](act);
    EXPECT_FALSE(PrintBreakGlassAct(act).ok()) << i;
  }
}

TEST(BreakGlassAct, AReportSaysSomething) {
  BreakGlassAct report = GlassOf(GlassActKind::kReport);
  report.words = std::string(kMinGlassReportBytes - 1, 'x');
  EXPECT_FALSE(PrintBreakGlassAct(report).ok());
  report.words += "x";
  EXPECT_TRUE(PrintBreakGlassAct(report).ok());
  report.words = std::string(kMaxGlassReportBytes, 'x');
  EXPECT_TRUE(PrintBreakGlassAct(report).ok());
  report.words += "x";
  EXPECT_FALSE(PrintBreakGlassAct(report).ok());
}

TEST(BreakGlassAct, RefusesUnknownWordsAndMembers) {
  const std::string text = *PrintBreakGlassAct(GlassOf(GlassActKind::kAsk));
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{
           {"\"ask\"", "\"asx\""},
           {"\"release\"", "\"rehearse\""},
           {"\"minutes\":30", "\"minutes\":\"30\""},
           {"\"minutes\":30", "\"minutes\":4294967326"},
           {"[\"age\",", "[7,"},
           {"since noon\"}", "since noon\",\"zeal\":1}"},
           {"break-glass-act/v1", "break-glass-act/v2"}}) {
    std::string changed = text;
    ASSERT_NE(changed.find(from), std::string::npos) << from << text;
    changed.replace(changed.find(from), from.size(), to);
    EXPECT_FALSE(ParseBreakGlassAct(crypto::AsBytes(changed)).ok()) << to;
  }
}

TEST(BreakGlassAct, CountsWithTheSignatureOfASignatoryOfItsAgency) {
  const TestAgency agency("northmere");
  const TestAgency other("westvale");
  const TestHolder chief = agency.Member(Role::kSignatory, "chief");
  const BreakGlassAct act = GlassOf(GlassActKind::kApprove);
  const auto verify = [&](const crypto::Envelope& envelope) {
    return VerifyBreakGlassAct(envelope, agency.root_spki(),
                               GlassSigner::kParty);
  };
  const auto good = verify(SignedGlass(act, chief));
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(good->act, act);
  EXPECT_EQ(good->signer.identity.name, "chief");
  EXPECT_FALSE(VerifyBreakGlassAct(SignedGlass(act, chief), other.root_spki(),
                                   GlassSigner::kParty)
                   .ok());
  for (const Role role : {Role::kSystem, Role::kAuditor}) {
    EXPECT_FALSE(verify(SignedGlass(act, agency.Member(role, "other"))).ok());
  }
  EXPECT_FALSE(VerifyBreakGlassAct(
                   SignedGlass(act, other.Member(Role::kSignatory, "chief")),
                   other.root_spki(), GlassSigner::kParty)
                   .ok())
      << "another agency's act";
  crypto::Envelope twice = SignedGlass(act, chief);
  twice.signatures.push_back(twice.signatures[0]);
  EXPECT_FALSE(verify(twice).ok());
  EXPECT_FALSE(verify(SignedGlass(act, chief, kAgreementType)).ok());
  BreakGlassAct early = act;
  early.signed_at -= absl::Hours(24 * 365);
  EXPECT_FALSE(verify(SignedGlass(early, chief)).ok());
}

TEST(BreakGlassAct, AnOverseersAuditorApprovesAndReportsOnly) {
  const TestAgency panel("northmere");
  for (const GlassActKind kind : kAllKinds) {
    for (const Role role : {Role::kAuditor, Role::kSignatory}) {
      const bool may =
          kind == GlassActKind::kApprove || kind == GlassActKind::kReport;
      EXPECT_EQ(VerifyBreakGlassAct(
                    SignedGlass(GlassOf(kind), panel.Member(role, "clerk")),
                    panel.root_spki(), GlassSigner::kOverseer)
                    .ok(),
                may)
          << GlassActName(kind);
    }
  }
  EXPECT_FALSE(
      VerifyBreakGlassAct(SignedGlass(GlassOf(GlassActKind::kApprove),
                                      panel.Member(Role::kSystem, "x")),
                          panel.root_spki(), GlassSigner::kOverseer)
          .ok());
}

TEST(BreakGlassAct, AFlippedBitIsNoSignature) {
  const TestAgency agency("northmere");
  const TestHolder chief = agency.Member(Role::kSignatory, "chief");
  for (const GlassActKind kind : kAllKinds) {
    crypto::Envelope envelope = SignedGlass(GlassOf(kind), chief);
    const auto counts = [&] {
      return VerifyBreakGlassAct(envelope, agency.root_spki(),
                                 GlassSigner::kParty)
          .ok();
    };
    ASSERT_TRUE(counts());
    for (size_t i = 0; i < envelope.signatures[0].signature.size(); i += 5) {
      envelope.signatures[0].signature[i] ^= 1;
      EXPECT_FALSE(counts());
      envelope.signatures[0].signature[i] ^= 1;
    }
    for (size_t i = 0; i < envelope.payload.size(); ++i) {
      envelope.payload[i] ^= 1;
      EXPECT_FALSE(counts()) << GlassActName(kind) << i;
      envelope.payload[i] ^= 1;
    }
  }
}

}  // namespace
}  // namespace entente::certs
