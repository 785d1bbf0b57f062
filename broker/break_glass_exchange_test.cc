// Batches under break-glass grants, at the exchange.
#include "broker/batch_check.h"
#include "broker/exchange_service.h"
#include "broker/grant_steps.h"
#include "broker/test_batches.h"
#include "broker/test_glass_rows.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

class BreakGlassExchangeTest : public testing::Test, protected TestBatches {
 protected:
  BreakGlassExchangeTest() {
    context_.grants = &grants_;
    world_.agreement.datasets["crimes"].fields["name"] = {};
    world_.agreement.break_glass =
        policy::BreakGlass{{{"crimes", {"name"}}}, 30, 24};
    world_.PutRecord([](policy::AgreementRecord*) {});
  }

  certs::BreakGlassAct GlassAsk(bool drill = false) {
    certs::BreakGlassAct act = SmallAsk(world_.clock.Now());
    act.agreement = kAgreement;
    act.agency = "north";
    act.flow = "crimes-south";
    act.sender = "north";
    act.recipient = "south";
    act.purpose = "analysis";
    act.fields = {"name"};
    act.drill = drill;
    return act;
  }
  void Put(const GlassRow& row) {
    const absl::Status put = world_.Write([&](Transaction& transaction) {
      return GlassTable(transaction).Insert(row);
    });
    ASSERT_TRUE(put.ok()) << put;
    ASSERT_TRUE(
        ReloadGrant(context_, kAgreement, crypto::ToHex(row.grant)).ok());
  }
  // Asked for and, unless told otherwise, approved.
  GlassRow Give(const certs::BreakGlassAct& act, bool approved = true) {
    const GlassRow asked = AskedRow(act);
    Put(asked);
    if (approved) {
      Put(StepRow(asked, GlassStep::kApproved, world_.clock.Now()));
    }
    return asked;
  }
  // A header under it, with the field that it grants.
  v1::BatchHeader Under(const GlassRow& grant,
                        const std::string& case_ref = "OP-LANTERN/0142") {
    v1::BatchHeader header = Header();
    header.clear_released_fields();
    header.add_released_fields("name");
    header.add_released_fields("offence");
    v1::Accompanying* item = header.add_accompanying();
    item->set_name("case_reference");
    item->set_value(case_ref);
    header.set_break_glass(Text(grant.grant));
    header.set_batch_id(std::string(15, 'g') + static_cast<char>('a' + ++ids_));
    header.set_record_count(1);
    return header;
  }
  // With one more sealed field than Seal makes.
  std::vector<v1::SendChunkRequest> SealThree(const v1::BatchHeader& header) {
    auto chunks = Seal(header);
    EXPECT_EQ(chunks.size(), 1u);
    crypto::Bytes sealed;
    for (int field = 0; field < 3; ++field) {
      EXPECT_TRUE(
          crypto::AppendSealedField(&sealed, crypto::Bytes(80, 3)).ok());
    }
    chunks[0].set_sealed(Text(sealed));
    digest_ = crypto::ChunkHash(head_, 0, crypto::Hash{}, true, 1,
                                crypto::Sha256(chunks[0].pseudonyms()),
                                crypto::Sha256(chunks[0].sealed()));
    chunks[0].set_signature(
        Text(crypto::SignChunk(world_.agencies["north"].batch, digest_)));
    return chunks;
  }
  std::string CodeUnder(const v1::BatchHeader& header) {
    const absl::Status sent = SendAll(SealThree(header));
    return sent.ok() ? "OK" : CodeOf(sent);
  }
  policy::LedgerEntry LastEntry() {
    v1::Receipt receipt;
    EXPECT_TRUE(world_.receipts
                    .Fill(kAgreement, Entries(kAgreement) - 1, v1::KnownView(),
                          &receipt)
                    .ok());
    return policy::ParseEntry(receipt.entry()).value_or(policy::LedgerEntry());
  }

  GrantBoard grants_;
  int ids_ = 0;
};

TEST_F(BreakGlassExchangeTest, AnOpenGrantLetsItsFieldThrough) {
  v1::BatchHeader plain = Under(Give(GlassAsk()));
  const std::string grant = crypto::ToHex(crypto::AsBytes(plain.break_glass()));
  ASSERT_EQ(CodeUnder(plain), "OK");
  const policy::LedgerEntry entry = LastEntry();
  EXPECT_EQ(entry.kind, policy::EntryKind::kBatch);
  EXPECT_EQ(entry.outcome, policy::Outcome::kAllow);
  EXPECT_EQ(entry.detail.at("break_glass"), grant);
  EXPECT_EQ(Waiting()->size(), 1u);
  plain = Under(AskedRow(GlassAsk()));
  plain.clear_break_glass();
  EXPECT_EQ(CodeUnder(plain), "FIELD_NOT_RELEASED");
}

TEST_F(BreakGlassExchangeTest, EachRefusalIsInTheLedgerWithTheGrant) {
  const GlassRow open = Give(GlassAsk());
  certs::BreakGlassAct waiting = GlassAsk();
  waiting.nonce = std::string(64, 'd');
  const GlassRow asked = Give(waiting, /*approved=*/false);
  const GlassRow drill = Give(GlassAsk(/*drill=*/true));
  certs::BreakGlassAct closed_act = GlassAsk();
  closed_act.nonce = std::string(64, 'e');
  const GlassRow closed = Give(closed_act);
  Put(StepRow(closed, GlassStep::kClosed, world_.clock.Now()));
  v1::BatchHeader unknown = Under(open);
  unknown.set_break_glass(std::string(32, 'z'));
  v1::BatchHeader wide = Under(open);
  wide.add_released_fields("zone");
  const std::vector<std::pair<const char*, v1::BatchHeader>> kCases = {
      {"GRANT_NOT_APPROVED", Under(asked)},
      {"GRANT_DRILL", Under(drill)},
      {"GRANT_OVER", Under(closed)},
      {"GRANT_DIFFERS", Under(open, "OP-OTHER/1")},
      {"GRANT_UNKNOWN", unknown},
      {"FIELD_NOT_RELEASED", wide}};
  for (const auto& [code, header] : kCases) {
    const uint64_t before = Entries(kAgreement);
    EXPECT_EQ(CodeUnder(header), code);
    EXPECT_EQ(Entries(kAgreement), before + 1) << code;
    const policy::LedgerEntry entry = LastEntry();
    EXPECT_EQ(entry.outcome, policy::Outcome::kDeny);
    ASSERT_FALSE(entry.reasons.empty());
    EXPECT_EQ(entry.reasons[0].code, code);
    EXPECT_EQ(entry.detail.at("break_glass"),
              crypto::ToHex(crypto::AsBytes(header.break_glass())));
  }
  EXPECT_TRUE(Waiting()->empty());
}

TEST_F(BreakGlassExchangeTest, AGrantOfAnotherLengthIsABadHeader) {
  v1::BatchHeader header = Under(Give(GlassAsk()));
  header.set_break_glass("short");
  EXPECT_EQ(CodeUnder(header), "BAD_HEADER");
}

TEST_F(BreakGlassExchangeTest, WhatBeganUnderAGrantIsCutAtItsEnd) {
  const GlassRow grant = Give(GlassAsk());
  v1::BatchHeader header = Under(grant);
  header.set_record_count(3);
  // Two chunks of the flow's own fields: what counts is the grant's time.
  header.clear_released_fields();
  header.add_released_fields("offence");
  const auto chunks = Seal(header);
  ASSERT_EQ(chunks.size(), 2u);
  EXPECT_EQ(CodeOf(Send(chunks[0])), "FIELD_MISSING");
  v1::BatchHeader whole = Under(grant);
  const auto one = SealThree(whole);
  world_.clock.Advance(absl::Minutes(30));
  EXPECT_EQ(CodeOf(Send(one[0])), "GRANT_OVER");
}

TEST_F(BreakGlassExchangeTest, WhatWaitsIsKeptOnceTheGrantHasEnded) {
  ASSERT_EQ(CodeUnder(Under(Give(GlassAsk()))), "OK");
  const auto rows = Waiting();
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_FALSE(service_.IsHeld(rows->front()));
  world_.clock.Advance(absl::Minutes(30) - absl::Milliseconds(1));
  EXPECT_FALSE(service_.IsHeld(rows->front()));
  world_.clock.Advance(absl::Milliseconds(1));
  EXPECT_TRUE(service_.IsHeld(rows->front()));
  EXPECT_TRUE(Waiting()->empty());
}

TEST_F(BreakGlassExchangeTest, WhatWaitsIsKeptIfTheGrantIsClosed) {
  const GlassRow grant = Give(GlassAsk());
  ASSERT_EQ(CodeUnder(Under(grant)), "OK");
  const auto rows = Waiting();
  Put(StepRow(grant, GlassStep::kClosed, world_.clock.Now()));
  EXPECT_TRUE(service_.IsHeld(rows->front()));
  EXPECT_TRUE(Waiting()->empty());
}

TEST_F(BreakGlassExchangeTest, WithoutABoardNothingIsHandedOver) {
  ASSERT_EQ(CodeUnder(Under(Give(GlassAsk()))), "OK");
  context_.grants = nullptr;
  EXPECT_TRUE(Waiting()->empty());
}

}  // namespace
}  // namespace entente::broker
