#include "broker/exchange_service.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "broker/batch_check.h"
#include "broker/rpc/refusal.h"
#include "broker/store/acts_table.h"
#include "broker/test_batches.h"
#include "broker/test_clauses.h"
#include "crypto/chunk.h"
#include "crypto/conversion_proof.h"
#include "crypto/faulty_delivery.h"
#include "crypto/merkle.h"
#include "gtest/gtest.h"
#include "policy/decide.h"
#include "policy/ledger_entry.h"

namespace entente::broker {
namespace {

class ExchangeServiceTest : public testing::Test, protected TestBatches {
 protected:
  // The newest of the agreement's ledger.
  policy::LedgerEntry LastEntry() {
    policy::LedgerEntry last;
    const absl::Status read = world_.broker.store->Read(
        [&](Transaction& transaction) -> absl::Status {
          const auto head =
              world_.broker.ledgers->Head(transaction, kAgreement);
          if (!head.ok()) return head.status();
          const auto line = world_.broker.ledgers->Entry(
              transaction, kAgreement, head->size - 1);
          if (!line.ok()) return line.status();
          const auto entry = policy::ParseEntry(*line);
          if (!entry.ok()) return entry.status();
          last = *entry;
          return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << read;
    return last;
  }
};

TEST_F(ExchangeServiceTest, ConvertsProvesAndDelivers) {
  int woken = 0;
  world_.signal.Watch("south", kAgreement, [&](int64_t) { ++woken; });
  const auto chunks = Seal(Header());
  ASSERT_EQ(chunks.size(), 2u);
  ASSERT_TRUE(Send(chunks[0]).ok());
  EXPECT_EQ(response_.staged_chunks(), 1u);
  EXPECT_FALSE(response_.has_receipt());
  EXPECT_TRUE(Waiting()->empty());
  const absl::Status sent = Send(chunks[1]);
  ASSERT_TRUE(sent.ok()) << sent;
  EXPECT_EQ(woken, 1);
  const auto entry = policy::ParseEntry(response_.receipt().entry());
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->kind, policy::EntryKind::kBatch);
  EXPECT_EQ(entry->outcome, policy::Outcome::kAllow);
  EXPECT_EQ(entry->subject, crypto::ToHex(digest_));
  EXPECT_EQ(entry->records, 3u);
  EXPECT_EQ(absl::FromUnixSeconds(response_.good_until_time().seconds()),
            absl::FromCivil(world_.agreement.valid.until, absl::UTCTimeZone()));

  const auto rows = Waiting();
  ASSERT_TRUE(rows.ok() && rows->size() == 1u);
  v1::BatchStart start;
  ASSERT_TRUE(service_.FillStart(rows->front(), &start).ok());
  EXPECT_EQ(start.chunks(), 2u);
  EXPECT_EQ(start.receipt().index(), 3u);
  EXPECT_FALSE(start.view_consistency().empty());

  const auto k_north = world_.keys.FindDomain("north", crypto::Role::kMatching);
  const auto k_south = world_.keys.FindDomain("south", crypto::Role::kMatching);
  const crypto::ConversionPublicKeys keys = {
      k_north->key, k_south->key, world_.keys.edges[0].key,
      *crypto::MulBase(world_.agencies["south"].y)};
  for (uint32_t number = 0; number < 2; ++number) {
    v1::BatchChunk chunk;
    ASSERT_TRUE(service_.FillChunk(rows->front(), number, &chunk).ok());
    const auto from =
        *crypto::ParseCiphertexts(crypto::AsBytes(chunk.pseudonyms()));
    const auto to = *crypto::ParseConverted(crypto::AsBytes(chunk.converted()));
    EXPECT_TRUE(
        crypto::VerifyConversion(keys, crypto::ConversionContext(head_, number),
                                 from, to, crypto::AsBytes(chunk.proof()))
            .ok());
  }
}

TEST_F(ExchangeServiceTest, AJustificationIsFilledInWhereNoneIsBrought) {
  world_.agreement.purposes["analysis"].text = "Find one series.";
  world_.agreement.flows[0].limits.requests_per_day.reset();
  world_.PutRecord([](policy::AgreementRecord*) {});
  char id = 'a';
  const auto entry_of = [&](const std::vector<const char*>& brought,
                            const char* purpose) {
    auto header = Header();
    header.set_batch_id(std::string(16, id++));
    header.set_purpose(purpose);
    for (const char* name : brought) {
      v1::Accompanying* item = header.add_accompanying();
      item->set_name(name);
      item->set_value(absl::StrCat("the ", name));
    }
    SendAll(Seal(header)).IgnoreError();
    const policy::LedgerEntry entry = LastEntry();
    EXPECT_EQ(entry.batch, crypto::ToHex(crypto::AsBytes(header.batch_id())));
    EXPECT_EQ(entry.accompanying.size(), brought.size())
        << "what was brought stays what it was";
    return entry;
  };
  EXPECT_EQ(entry_of({}, "analysis").detail.at("justification"),
            "Find one series.");
  EXPECT_EQ(entry_of({"case_reference"}, "analysis").detail.at("justification"),
            "Case the case_reference: Find one series.");
  const policy::LedgerEntry given = entry_of({"justification"}, "analysis");
  EXPECT_EQ(given.detail.count("justification"), 0u);
  EXPECT_EQ(given.accompanying.at("justification"), "the justification");
  // A refusal has one as well, unless the agreement has no such purpose.
  const policy::LedgerEntry other = entry_of({}, "gossip");
  EXPECT_EQ(other.outcome, policy::Outcome::kDeny);
  EXPECT_EQ(other.detail.count("justification"), 0u);
  world_.PutRecord([](policy::AgreementRecord* record) {
    record->sending_suspended_by = {"north"};
  });
  const policy::LedgerEntry refused = entry_of({}, "analysis");
  EXPECT_EQ(refused.outcome, policy::Outcome::kDeny);
  EXPECT_EQ(refused.detail.at("justification"), "Find one series.");

  world_.agreement.governance.justification = policy::JustificationRule::kGiven;
  world_.PutRecord([](policy::AgreementRecord*) {});
  EXPECT_EQ(
      entry_of({"case_reference"}, "analysis").detail.count("justification"),
      0u);
}

TEST_F(ExchangeServiceTest, AnswersARepeatAsBeforeAndRefusesAnother) {
  const auto chunks = Seal(Header());
  ASSERT_TRUE(SendAll(chunks).ok());
  const uint64_t index = response_.receipt().index();
  ASSERT_TRUE(Send(chunks[0]).ok());
  ASSERT_TRUE(Send(chunks[1]).ok());
  EXPECT_EQ(response_.receipt().index(), index);
  for (const auto& other : Seal(Header())) {
    EXPECT_EQ(CodeOf(Send(other)), "REPLAYED_DIFFERENTLY");
  }
}

TEST_F(ExchangeServiceTest, RefusesChunksOutOfOrder) {
  auto header = Header();
  header.set_record_count(5);
  const auto chunks = Seal(header);
  EXPECT_EQ(CodeOf(Send(chunks[1])), "BATCH_UNKNOWN");
  ASSERT_TRUE(Send(chunks[0]).ok());
  EXPECT_EQ(CodeOf(Send(chunks[2])), "CHUNK_ORDER");
}

TEST_F(ExchangeServiceTest, RefusesEachBadHeaderAndRecordsIt) {
  using Change = std::function<void(v1::BatchHeader*)>;
  const std::string zeros(32, '\0');
  const std::pair<const char*, Change> cases[] = {
      {"BAD_HEADER", [](auto* h) { h->set_protocol_version(2); }},
      {"BAD_HEADER", [](auto* h) { h->set_agreement_digest("short"); }},
      {"BAD_HEADER", [&](auto* h) { h->set_agreement_digest(zeros); }},
      {"BAD_HEADER", [](auto* h) { h->set_method("steal"); }},
      {"BAD_HEADER", [](auto* h) { h->set_view_size(0); }},
      {"BAD_HEADER",
       [](auto* h) { h->set_created_unix_ms(h->created_unix_ms() + 301000); }},
      {"BAD_HEADER",
       [](auto* h) {
         h->set_not_after_unix_ms(h->created_unix_ms() + 604800001);
       }},
      {"BATCH_EXPIRED",
       [](auto* h) {
         h->set_not_after_unix_ms(h->created_unix_ms());
         h->set_created_unix_ms(h->created_unix_ms() - 1000);
       }},
      {"NOT_BUILT", [](auto* h) { h->set_method("query"); }},
      {"NOT_BUILT", [](auto* h) { h->set_in_reply_to(std::string(32, 'r')); }},
      {"METHOD_NOT_ALLOWED", [](auto* h) { h->set_method("extract"); }},
      {"NO_AGREEMENT", [](auto* h) { h->set_agreement("isa-other"); }},
      {"NOT_YOUR_AGENCY", [](auto* h) { h->set_sender("west"); }},
      {"FIELD_NOT_RELEASED", [](auto* h) { h->add_released_fields("name"); }},
      {"TOO_MANY_RECORDS", [](auto* h) { h->set_record_count(6); }},
      {"MANIFEST_UNKNOWN", [&](auto* h) { h->set_manifest_digest(zeros); }},
      {"KEY_UNKNOWN", [](auto* h) { h->set_epoch(2); }},
      {"KEY_UNKNOWN", [&](auto* h) { h->set_sender_bundle(zeros); }},
      {"KEY_UNKNOWN", [&](auto* h) { h->set_recipient_bundle(zeros); }},
      {"STALE_VIEW", [&](auto* h) { h->set_view_root(zeros); }},
      {"STALE_VIEW", [](auto* h) { h->set_view_size(1000); }},
  };
  for (const auto& [code, change] : cases) {
    auto header = Header();
    change(&header);
    // What cannot be read, or names a stranger's agreement, goes to the
    // broker's own ledger.
    const bool own =
        !ParseHeader(crypto::AsBytes(header.SerializeAsString())).ok() ||
        header.agreement() != kAgreement;
    const std::string ledger = own ? "broker" : kAgreement;
    const uint64_t before = Entries(ledger);
    EXPECT_EQ(CodeOf(Send(Seal(header)[0])), code) << header.ShortDebugString();
    EXPECT_EQ(Entries(ledger), before + 1) << header.ShortDebugString();
  }
  EXPECT_TRUE(Waiting()->empty());
}

TEST_F(ExchangeServiceTest, WhoDoesNotKnowTheNewestPartSendsNothing) {
  ASSERT_TRUE(world_.broker.Continue(kAgreement).ok());
  auto chunks = Seal(Header());
  const uint64_t before = Entries(std::string(kAgreement) + ".1");
  for (auto& chunk : chunks) chunk.mutable_known()->set_size(2);
  const absl::Status refused = SendAll(chunks);
  EXPECT_EQ(CodeOf(refused), "LEDGER_CONTINUED");
  EXPECT_TRUE(absl::IsUnavailable(refused)) << "it is worth trying again";
  EXPECT_EQ(Entries(std::string(kAgreement) + ".1"), before);
  EXPECT_TRUE(Waiting()->empty());
  for (auto& chunk : chunks) {
    chunk.mutable_known()->set_part(2);
  }
  EXPECT_EQ(CodeOf(SendAll(chunks)), "STALE_VIEW");
  for (auto& chunk : chunks) {
    chunk.mutable_known()->set_part(1);
    chunk.mutable_known()->set_size(1);
  }
  const absl::Status sent = SendAll(chunks);
  ASSERT_TRUE(sent.ok()) << sent;
  EXPECT_EQ(response_.receipt().ledger(), std::string(kAgreement) + ".1");
  EXPECT_EQ(response_.receipt().index(), before + 1)
      << "after the refused view";
}

TEST_F(ExchangeServiceTest, AViewOfAnEarlierPartLeadsToItsLastCheckpoint) {
  auto header = Header();
  ASSERT_TRUE(world_.broker.Continue(kAgreement).ok());
  auto chunks = Seal(header);
  for (auto& chunk : chunks) {
    chunk.mutable_known()->set_part(1);
    chunk.mutable_known()->set_size(1);
  }
  ASSERT_TRUE(SendAll(chunks).ok());
  v1::BatchStart start;
  ASSERT_TRUE(service_.FillStart(Waiting()->front(), &start).ok());
  EXPECT_EQ(start.receipt().ledger(), std::string(kAgreement) + ".1");
  EXPECT_GT(start.view_consistency_size(), 0);
  header.set_view_part(1);
  header.set_batch_id(std::string(16, 'k'));
  EXPECT_EQ(CodeOf(Send(Seal(header)[0])), "STALE_VIEW");
  header.set_view_part(7);
  EXPECT_EQ(CodeOf(Send(Seal(header)[0])), "STALE_VIEW");
}

TEST_F(ExchangeServiceTest, ARepeatIsAnsweredFromThePartThatHasTheEntry) {
  const auto chunks = Seal(Header());
  ASSERT_TRUE(SendAll(chunks).ok());
  const v1::Receipt first = response_.receipt();
  ASSERT_TRUE(world_.broker.Continue(kAgreement).ok());
  ASSERT_TRUE(Send(chunks.back()).ok());
  EXPECT_EQ(response_.receipt().ledger(), kAgreement);
  EXPECT_EQ(response_.receipt().index(), first.index());
  EXPECT_EQ(response_.receipt().entry(), first.entry());
}

TEST_F(ExchangeServiceTest, RefusesEveryChangeOfASignedChunk) {
  auto header = Header();
  header.set_record_count(2);
  const auto chunk = Seal(header)[0];
  auto changed = chunk;
  (*changed.mutable_signature())[3] ^= 1;
  EXPECT_EQ(CodeOf(Send(changed)), "BAD_SIGNATURE");
  changed = chunk;
  (*changed.mutable_pseudonyms())[70] ^= 1;
  EXPECT_EQ(CodeOf(Send(changed)), "BAD_SIGNATURE");
  changed = chunk;
  changed.mutable_sealed()->pop_back();
  EXPECT_EQ(CodeOf(Send(changed)), "BAD_CHUNK");
  EXPECT_TRUE(Send(chunk).ok());
}

TEST_F(ExchangeServiceTest, RefusesARepeatedElementAcrossChunks) {
  auto header = Header();
  EXPECT_EQ(CodeOf(Send(Seal(header, true)[0])), "REPEATED_ELEMENT");
  header.set_record_count(1);
  EXPECT_TRUE(Send(Seal(header, true)[0]).ok());
}

TEST_F(ExchangeServiceTest, TakesTheQuotaWithTheFinalChunkOnly) {
  for (const char id : {'1', '2', '3'}) {
    auto header = Header();
    header.set_batch_id(std::string(16, id));
    const absl::Status sent = SendAll(Seal(header));
    if (id != '3') {
      EXPECT_TRUE(sent.ok()) << sent;
    } else {
      EXPECT_EQ(CodeOf(sent), "QUOTA_EXCEEDED");
    }
  }
  EXPECT_EQ(Waiting()->size(), 2u);
}

TEST_F(ExchangeServiceTest, ANewDayHasANewQuota) {
  const auto send = [&](char id) {
    auto header = Header();
    header.set_batch_id(std::string(16, id));
    return CodeOf(SendAll(Seal(header)));
  };
  EXPECT_EQ(send('1'), "OK");
  EXPECT_EQ(send('2'), "OK");
  EXPECT_EQ(send('3'), "QUOTA_EXCEEDED");
  world_.clock.Advance(absl::Hours(24));
  EXPECT_EQ(send('4'), "OK");
}

// A request for a decision as the ledger recorded it.
policy::Request Recorded(const policy::LedgerEntry& entry,
                         const policy::Agreement& document) {
  policy::Request request;
  request.agreement = entry.agreement;
  request.version = entry.version;
  // `spiffe://<trust domain>/agency/<agency>/…`
  request.caller =
      std::vector<std::string>(absl::StrSplit(entry.actor, '/')).at(4);
  request.sender = entry.sender;
  request.recipient = entry.recipient;
  request.purpose = entry.purpose;
  request.dataset = entry.dataset;
  request.flow = entry.flow;
  request.method = *policy::MethodOf(entry.method);
  for (const auto& [name, value] : entry.accompanying) {
    request.carried.push_back(*policy::RequirementOf(name));
  }
  request.records = static_cast<int64_t>(entry.records);
  const auto& identifiers = document.datasets.at("crimes").identifiers;
  for (const std::string& field : entry.fields) {
    const auto scheme = identifiers.find(field);
    if (scheme == identifiers.end()) {
      request.fields.push_back(field);
    } else {
      request.pseudonyms.push_back({field, scheme->second});
    }
  }
  return request;
}

// What the ledger recorded, asked again of the register as it was then, is
// answered as it was then: with every reason and clause.
TEST_F(ExchangeServiceTest, WhatTheLedgerRecordedIsDecidedTheSameAgain) {
  using Change = std::function<void(v1::BatchHeader*)>;
  const Change asked[] = {[](auto*) {},
                          [](auto* h) { h->set_method("extract"); },
                          [](auto* h) { h->set_record_count(6); },
                          [](auto* h) { h->set_purpose("gossip"); },
                          [](auto* h) { h->add_released_fields("name"); },
                          [](auto* h) { h->clear_pseudonym_fields(); },
                          [](auto* h) { h->set_recipient("west"); },
                          [](auto* h) {
                            h->set_method("subscribe");
                            h->set_dataset("persons");
                            h->set_record_count(7);
                          }};
  const std::function<void(policy::AgreementRecord*)> states[] = {
      [](auto*) {},
      [](auto* record) { record->sending_suspended_by = {"north"}; },
      [](auto* record) { record->suspended_by = {"south"}; }};
  world_.agreement.flows[0].limits.requests_per_day.reset();
  int id = 0;
  std::map<std::string, int> outcomes;
  for (const auto& state : states) {
    world_.PutRecord(state);
    const auto then = world_.agreements.Get();
    for (const Change& change : asked) {
      auto header = Header();
      header.set_batch_id(std::string(15, 'r') + static_cast<char>('a' + id++));
      change(&header);
      const std::string code = CodeOf(SendAll(Seal(header)));
      const policy::LedgerEntry entry = LastEntry();
      ASSERT_EQ(entry.batch, crypto::ToHex(crypto::AsBytes(header.batch_id())));
      const policy::Decision again =
          policy::Decide(*then, entry.time, Recorded(entry, world_.agreement));
      EXPECT_EQ(entry.outcome == policy::Outcome::kAllow, again.allowed())
          << code;
      std::vector<policy::EntryReason> reasons;
      for (const policy::Failure& failure : again.failures) {
        reasons.push_back({failure.Code(), failure.clause});
      }
      EXPECT_EQ(entry.reasons, reasons) << code;
      ++outcomes[code];
    }
  }
  EXPECT_EQ(outcomes["OK"], 1);
  EXPECT_GE(outcomes.size(), 7u);
}

// What `agreement clauses` calls enforced here meets the code that it tells.
TEST_F(ExchangeServiceTest, ALimitThatIsUsedUpMeetsTheCodeThatItsClauseTells) {
  policy::Limits& limits = world_.agreement.flows[0].limits;
  world_.agreement.flows[0].methods = {policy::Method::kExtract};
  const auto send = [&](char id) {
    world_.PutRecord([](policy::AgreementRecord*) {});
    auto header = Header();
    header.set_method("extract");
    header.set_batch_id(std::string(16, id));
    return CodeOf(SendAll(Seal(header)));
  };
  const auto promised = [&](const char* limit) {
    return PromisedCode(world_.agreement,
                        absl::StrCat("flows[0] crimes-south.limits.", limit));
  };
  limits = policy::Limits();
  limits.requests_per_day = 1;
  EXPECT_EQ(send('1'), "OK");
  EXPECT_EQ(send('2'), promised("requests_per_day"));
  limits = policy::Limits();
  limits.records_per_day = 5;  // each batch has three
  EXPECT_EQ(send('3'), "OK");
  EXPECT_EQ(send('4'), promised("records_per_day"));
  limits = policy::Limits();
  limits.extracts_per_year = 1;
  EXPECT_EQ(send('5'), "OK");
  EXPECT_EQ(send('6'), promised("extracts_per_year"));
  limits = policy::Limits();
  limits.records_per_request = 2;
  EXPECT_EQ(send('7'), promised("records_per_request"));
}

TEST_F(ExchangeServiceTest, RecordsADeliveryOnce) {
  ASSERT_TRUE(SendAll(Seal(Header())).ok());
  const BatchRow row = Waiting()->front();
  const auto request = Delivery(row);
  auto changed = request;
  (*changed.mutable_signature())[0] ^= 1;
  EXPECT_EQ(CodeOf(Acknowledge(changed)), "BAD_SIGNATURE");
  changed = request;
  (*changed.mutable_converted_hash())[0] ^= 1;
  EXPECT_EQ(CodeOf(Acknowledge(changed)), "REPLAYED_DIFFERENTLY");
  changed = request;
  (*changed.mutable_final_hash())[0] ^= 1;
  EXPECT_EQ(CodeOf(Acknowledge(changed)), "REPLAYED_DIFFERENTLY");
  changed = request;
  changed.set_sender("south");
  EXPECT_EQ(CodeOf(Acknowledge(changed)), "BATCH_UNKNOWN");
  const absl::Status first = Acknowledge(request);
  ASSERT_TRUE(first.ok()) << first;
  const uint64_t index = delivered_.receipt().index();
  ASSERT_TRUE(Acknowledge(request).ok());
  EXPECT_EQ(delivered_.receipt().index(), index);
  EXPECT_TRUE(Waiting()->empty());
  v1::BatchChunk chunk;
  EXPECT_EQ(CodeOf(service_.FillChunk(row, 0, &chunk)), "BATCH_UNKNOWN");
}

TEST_F(ExchangeServiceTest, RecordsWhatWasNotAsAgreedAndNeverAValue) {
  ASSERT_TRUE(SendAll(Seal(Header())).ok());
  const BatchRow row = Waiting()->front();
  const v1::AcknowledgeRequest plain = Delivery(row);
  const std::string field = Header().released_fields(0);
  const auto faulty = [&](const std::string& violations) {
    v1::AcknowledgeRequest request = plain;
    request.set_violations(violations);
    crypto::Hash converted = {};
    std::copy(plain.converted_hash().begin(), plain.converted_hash().end(),
              converted.begin());
    request.set_signature(
        Text(crypto::SignFaultyDelivery(world_.agencies["south"].batch, head_,
                                        digest_, converted, violations)));
    return request;
  };
  // Malformed, of no record, of no field, too many: refused and recorded.
  for (const std::string& violations : std::vector<std::string>{
           std::string("x"), "2 0:" + field, "1 99999:" + field,
           std::string("1 0:shoe_size"), "1 00:" + field}) {
    EXPECT_EQ(CodeOf(Acknowledge(faulty(violations))), "BAD_REQUEST")
        << violations;
  }
  // Violations that were not signed, and signed ones that were dropped.
  const std::string good = "1 0:" + field;
  v1::AcknowledgeRequest changed = plain;
  changed.set_violations(good);
  EXPECT_EQ(CodeOf(Acknowledge(changed)), "BAD_SIGNATURE");
  changed = faulty(good);
  changed.clear_violations();
  EXPECT_EQ(CodeOf(Acknowledge(changed)), "BAD_SIGNATURE");

  const absl::Status first = Acknowledge(faulty(good));
  ASSERT_TRUE(first.ok()) << first;
  const auto entry = policy::ParseEntry(delivered_.receipt().entry());
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->kind, policy::EntryKind::kDelivery);
  EXPECT_EQ(entry->operation, policy::Operation::kCollection);
  EXPECT_EQ(entry->outcome, policy::Outcome::kAllow);
  EXPECT_EQ(entry->detail.at("violations"), good);
  const uint64_t index = delivered_.receipt().index();
  ASSERT_TRUE(Acknowledge(faulty(good)).ok());
  EXPECT_EQ(delivered_.receipt().index(), index);
  EXPECT_TRUE(Waiting()->empty());
}

TEST_F(ExchangeServiceTest, GivesUpOldStagesWithAnEntry) {
  const auto chunks = Seal(Header());
  ASSERT_TRUE(Send(chunks[0]).ok());
  ASSERT_TRUE(service_.ExpireStages().ok());
  world_.clock.Advance(kStageLife + absl::Seconds(1));
  ASSERT_TRUE(service_.ExpireStages().ok());
  EXPECT_EQ(CodeOf(Send(chunks[1])), "BATCH_EXPIRED");
}

}  // namespace
}  // namespace entente::broker
