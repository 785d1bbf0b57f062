#include "client/batch_verifier.h"

#include <gmock/gmock.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "client/local_store.h"
#include "client/test_batch.h"
#include "client/test_folder.h"
#include "policy/test_glass.h"

namespace entente::client {
namespace {

using ::testing::HasSubstr;

void ExpectRefused(const absl::Status& status, const std::string& what) {
  EXPECT_TRUE(absl::IsDataLoss(status)) << what << ": " << status;
  const Failure failure = FromStatus(status);
  EXPECT_EQ(failure.exit, ExitCode::kVerificationFailed);
  EXPECT_THAT(absl::StrCat(failure.what, ": ", failure.why), HasSubstr(what));
}

TEST(BatchVerifierTest, AnHonestBatchIsGood) {
  TestBatch maker;
  const ArrivedBatch arrived = maker.Make();
  const auto batch = maker.Verify(arrived);
  ASSERT_TRUE(batch.ok()) << FromStatus(batch.status()).why;
  EXPECT_TRUE(batch->decision.allowed());
  EXPECT_EQ(batch->entry, 3);
  EXPECT_EQ(batch->checkpoint.size, 5);
  ASSERT_EQ(batch->converted.size(), 2);
  EXPECT_EQ(batch->converted_hash,
            crypto::Sha256(absl::StrCat(arrived.chunks[0].converted(),
                                        arrived.chunks[1].converted())));
}

TEST(BatchVerifierTest, NoChunkAtAllIsNoBatch) {
  TestBatch maker;
  maker.records().clear();
  ExpectRefused(maker.Verify(maker.Make()).status(), "not whole");
}

TEST(BatchVerifierTest, EveryAlteredByteOfAChunkIsRefused) {
  TestBatch maker;
  const ArrivedBatch good = maker.Make();
  std::string* (v1::BatchChunk::*const parts[])() = {
      &v1::BatchChunk::mutable_pseudonyms, &v1::BatchChunk::mutable_sealed,
      &v1::BatchChunk::mutable_signature, &v1::BatchChunk::mutable_converted,
      &v1::BatchChunk::mutable_proof};
  for (const auto part : parts) {
    const size_t size = (ArrivedBatch(good).chunks[0].*part)()->size();
    for (size_t i = 0; i < size; i += size / 8) {
      ArrivedBatch bad = good;
      (*(bad.chunks[0].*part)())[i] ^= 1;
      EXPECT_TRUE(absl::IsDataLoss(maker.Verify(bad).status())) << i;
    }
  }
}

TEST(BatchVerifierTest, EveryAlteredBitOfTheHeaderIsRefused) {
  TestBatch maker;
  const ArrivedBatch good = maker.Make();
  for (size_t i = 0; i < good.start.header().size(); ++i) {
    ArrivedBatch bad = good;
    (*bad.start.mutable_header())[i] ^= static_cast<char>(1 << (i % 8));
    EXPECT_TRUE(absl::IsDataLoss(maker.Verify(bad).status())) << i;
  }
}

TEST(BatchVerifierTest, MissingSwappedAndAddedChunksAreRefused) {
  TestBatch maker;
  const ArrivedBatch good = maker.Make();
  ArrivedBatch bad = good;
  bad.chunks.pop_back();
  ExpectRefused(maker.Verify(bad).status(), "not whole");
  bad = good;
  std::swap(bad.chunks[0], bad.chunks[1]);
  ExpectRefused(maker.Verify(bad).status(), "not what the sender signed");
  bad = good;
  bad.chunks.push_back(bad.chunks[1]);
  ExpectRefused(maker.Verify(bad).status(), "not what the sender signed");
  bad = good;
  bad.start.set_enc("short");
  ExpectRefused(maker.Verify(bad).status(), "enc");
}

TEST(BatchVerifierTest, ConversionIsProvedUnlessTheFlowSaysOtherwise) {
  TestBatch strict;
  ArrivedBatch bad = strict.Make();
  // Two records of one chunk, swapped by the broker.
  std::string& converted = *bad.chunks[0].mutable_converted();
  converted = converted.substr(64) + converted.substr(0, 64);
  ExpectRefused(strict.Verify(bad).status(), "not converted");
  bad.chunks[0].mutable_proof()->clear();
  ExpectRefused(strict.Verify(bad).status(), "not converted");
  bad.chunks[0].mutable_converted()->resize(64);
  ExpectRefused(strict.Verify(bad).status(), "more or fewer");

  TestBatch lax(policy::SmallWith("proof: always", "proof: none"));
  ArrivedBatch unproved = lax.Make();
  for (v1::BatchChunk& chunk : unproved.chunks) chunk.clear_proof();
  EXPECT_TRUE(lax.Verify(unproved).ok());
}

TEST(BatchVerifierTest, TheReceiptMustSayWhatTheHeaderSays) {
  const std::pair<const char*, std::function<void(policy::LedgerEntry&)>>
      lies[] = {
          {"no accepted batch",
           [](auto& e) { e.kind = policy::EntryKind::kDelivery; }},
          {"no accepted batch",
           [](auto& e) {
             e.outcome = policy::Outcome::kDeny;
             e.reasons = {{"QUOTA_EXCEEDED", ""}};
           }},
          {"digest", [](auto& e) { e.subject = std::string(64, '0'); }},
          {"batch id", [](auto& e) { e.batch = std::string(32, '0'); }},
          {"agreement", [](auto& e) { e.version = 2; }},
          {"sender or recipient", [](auto& e) { e.recipient = "panel"; }},
          {"flow", [](auto& e) { e.purpose = "other"; }},
          {"records", [](auto& e) { e.records = 4; }},
          {"manifest", [](auto& e) { e.manifest = std::string(64, '0'); }},
      };
  for (const auto& [what, lie] : lies) {
    TestBatch maker;
    maker.entry = lie;
    ExpectRefused(maker.Verify(maker.Make()).status(), what);
  }
  TestBatch maker;
  ArrivedBatch bad = maker.Make();
  bad.start.clear_receipt();
  ExpectRefused(maker.Verify(bad).status(), "no receipt");
}

TEST(BatchVerifierTest, TheSendersViewMustLeadToTheReceipt) {
  TestBatch maker;
  ArrivedBatch bad = maker.Make();
  bad.start.add_view_consistency(std::string(32, 'x'));
  ExpectRefused(maker.Verify(bad).status(), "different ledgers");
  bad = maker.Make();
  bad.start.mutable_view_consistency()->RemoveLast();
  ExpectRefused(maker.Verify(bad).status(), "different ledgers");
  bad.start.add_view_consistency("short");
  ExpectRefused(maker.Verify(bad).status(), "malformed");
}

TEST(BatchVerifierTest, WhatTheAgreementForbidsIsRefusedWhateverTheBrokerSays) {
  const std::pair<const char*, std::function<void(v1::BatchHeader&)>> wrongs[] =
      {
          {"does not allow",
           [](auto& h) { h.mutable_accompanying()->Clear(); }},
          {"does not allow", [](auto& h) { h.set_purpose("other"); }},
          {"no push", [](auto& h) { h.set_method("query"); }},
          {"somebody else", [](auto& h) { h.set_recipient("north-police"); }},
          {"another document",
           [](auto& h) { h.set_agreement_digest(std::string(32, 'x')); }},
          {"other keys", [](auto& h) { h.set_epoch(2); }},
          {"other keys",
           [](auto& h) { h.set_manifest_digest(std::string(32, 'x')); }},
          {"bundle of north-police",
           [](auto& h) { h.set_sender_bundle(std::string(32, 'x')); }},
          {"bundle of west-police",
           [](auto& h) { h.set_recipient_bundle(std::string(32, 'x')); }},
          {"out of its time",
           [](auto& h) {
             h.set_not_after_unix_ms(h.created_unix_ms() + 8 * 86400000LL);
           }},
          {"out of its time",
           [](auto& h) { h.set_not_after_unix_ms(h.created_unix_ms() + 1); }},
      };
  for (const auto& [what, wrong] : wrongs) {
    TestBatch maker;
    wrong(maker.header());
    ExpectRefused(maker.Verify(maker.Make()).status(), what);
  }
}

TEST(BatchVerifierTest, HeadersOfAnotherFormCannotBeRead) {
  const std::function<void(v1::BatchHeader&)> wrongs[] = {
      [](auto& h) { h.set_protocol_version(2); },
      [](auto& h) { h.set_batch_id("short"); },
      [](auto& h) { h.set_agreement_digest("short"); },
      [](auto& h) { h.set_sender_bundle("short"); },
      [](auto& h) { h.set_recipient_bundle("short"); },
      [](auto& h) { h.set_manifest_digest("short"); },
      [](auto& h) { h.set_view_root("short"); },
      [](auto& h) { h.set_view_size(0); },
      [](auto& h) { h.set_record_count(crypto::kMaxBatchRecords + 1); },
      [](auto& h) { h.set_flow(std::string(crypto::kMaxHeaderBytes, 'f')); },
  };
  TestBatch maker;
  maker.Make();
  ASSERT_TRUE(ReadBatchHeader(maker.header().SerializeAsString()).ok());
  for (const auto& wrong : wrongs) {
    v1::BatchHeader header = maker.header();
    wrong(header);
    ExpectRefused(ReadBatchHeader(header.SerializeAsString()).status(),
                  "cannot be read");
  }
  // A field twice: two readers could take it in two ways.
  const std::string twice = maker.header().SerializeAsString();
  ExpectRefused(ReadBatchHeader(twice + twice).status(), "cannot be read");
  ExpectRefused(ReadBatchHeader("").status(), "cannot be read");
}

TEST(BatchOpenerTest, ApplicationsGetValuesPseudonymsAndMatches) {
  TestBatch maker;
  const TestFolder folder;
  const auto key = *crypto::Secret::Random(32);
  const auto store = *LocalStore::Open(folder / "store.db", key);
  ASSERT_TRUE(store->pseudonyms()
                  .Add({"isa-small", "opaque/1:custody", 1},
                       {{"C1", maker.AtRecipient(0), "ref-1"}})
                  .ok());
  const ArrivedBatch arrived = maker.Make();
  const auto batch = *maker.Verify(arrived);
  const auto opened =
      OpenBatch(arrived, batch, maker.secrets(), store->pseudonyms());
  ASSERT_TRUE(opened.ok()) << FromStatus(opened.status()).why;
  ASSERT_EQ(opened->records.size(), 3);
  EXPECT_EQ(opened->matched, 1);
  const std::string first = ToJson(Value(opened->records[0]));
  EXPECT_THAT(first,
              HasSubstr(R"("index":0,"sender":"north-police","flow":)"
                        R"("crimes-west","purpose":"find-series","fields":)"
                        R"({"name":"Ann","offence":"28/3",)"
                        R"("occurred":"2026-11"},"pseudonyms":{"person":)"));
  EXPECT_THAT(first, HasSubstr(R"("matches":["ref-1"])"));
  EXPECT_THAT(ToJson(Value(opened->records[1])),
              HasSubstr(R"("person":{"pseudonym":null,"matches":[]})"));
  EXPECT_THAT(ToJson(Value(opened->records[2])), HasSubstr(R"("matches":[])"));
}

TEST(BatchOpenerTest, ARecordThatIsNotAsPromisedIsKeptFromApplications) {
  TestBatch maker;
  maker.records()[1].values[1].text = "9/9";
  const TestFolder folder;
  const auto key = *crypto::Secret::Random(32);
  const auto store = *LocalStore::Open(folder / "store.db", key);
  const ArrivedBatch arrived = maker.Make();
  const auto opened = OpenBatch(arrived, *maker.Verify(arrived),
                                maker.secrets(), store->pseudonyms());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(policy::PrintViolations(opened->violations), "1 1:offence");
  EXPECT_EQ(opened->withheld, 1);
  ASSERT_EQ(opened->records.size(), 2);
  EXPECT_THAT(ToJson(Value(opened->records[0])), HasSubstr("\"index\":0"));
  EXPECT_THAT(ToJson(Value(opened->records[1])), HasSubstr("\"index\":2"));
}

// A sender that seals by the rules cannot send another type.
TEST(BatchOpenerTest, EveryBrokenFormIsNamedByRecordAndField) {
  TestBatch maker(policy::SmallWith(
      "name: as_is", "name: { transform: reviewed_text, reviewer: Duty }"));
  auto& records = maker.records();
  records[0].values[2] = crypto::Value::Text("2026-13");     // no month
  records[1].values[2] = crypto::Value::Text("2026-10-31");  // too fine
  const TestFolder folder;
  const auto key = *crypto::Secret::Random(32);
  const auto store = *LocalStore::Open(folder / "store.db", key);
  const ArrivedBatch arrived = maker.Make();
  const auto opened = OpenBatch(arrived, *maker.Verify(arrived),
                                maker.secrets(), store->pseudonyms());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(policy::PrintViolations(opened->violations),
            "2 0:occurred 1:occurred");
  EXPECT_EQ(opened->withheld, 2);
  EXPECT_EQ(opened->records.size(), 1);
  EXPECT_EQ(opened->matched, 0);
}

TEST(BatchOpenerTest, AnotherAgencysKeyOpensNothing) {
  TestBatch maker;
  const TestBatch other;
  const TestFolder folder;
  const auto key = *crypto::Secret::Random(32);
  const auto store = *LocalStore::Open(folder / "store.db", key);
  const ArrivedBatch arrived = maker.Make();
  ExpectRefused(OpenBatch(arrived, *maker.Verify(arrived), other.secrets(),
                          store->pseudonyms())
                    .status(),
                "seal");
}

// A batch under a grant of the exact day, and what it is held against.
class GrantedBatch {
 public:
  GrantedBatch() {
    grant_ = policy::GlassGrant(absl::UnixEpoch());
    grant_.until = absl::InfiniteFuture();
    grant_.fields = {"occurred"};
    grant_.case_reference = "OP/1";
    maker_.header().set_break_glass(std::string(32, '\xaa'));
    maker_.entry = [](policy::LedgerEntry& entry) {
      entry.detail["break_glass"] = std::string(64, 'a');
    };
  }
  policy::Grant& grant() { return grant_; }
  TestBatch& maker() { return maker_; }
  absl::StatusOr<VerifiedBatch> Verify(bool known = true) {
    const ArrivedBatch batch = maker_.Make();
    BatchGrounds grounds = maker_.Grounds();
    if (known) grounds.grant = &grant_;
    return VerifyBatch(batch, *ReadBatchHeader(batch.start.header()), grounds);
  }

 private:
  TestBatch maker_{policy::GlassDocument()};
  policy::Grant grant_;
};

TEST(BatchVerifierTest, UnderAGrantItsFieldsComeAsTheyAre) {
  GrantedBatch granted;
  const auto batch = granted.Verify();
  ASSERT_TRUE(batch.ok()) << FromStatus(batch.status()).why;
  EXPECT_EQ(batch->decision.flow->release.at("occurred").transform,
            policy::Transform::kAsIs);
}

TEST(BatchVerifierTest, AGrantThatDoesNotAllowTheBatchIsRefused) {
  const std::vector<std::pair<std::string, std::function<void(GrantedBatch&)>>>
      kCases = {
          {"GRANT_OVER",
           [](auto& b) { b.grant().until = absl::FromUnixSeconds(1); }},
          {"GRANT_NOT_APPROVED",
           [](auto& b) { b.grant().from = absl::InfiniteFuture(); }},
          {"GRANT_DRILL", [](auto& b) { b.grant().drill = true; }},
          {"GRANT_DIFFERS", [](auto& b) { b.grant().case_reference = "OP/2"; }},
          {"GRANT_NOT_LISTED", [](auto& b) { b.grant().fields = {"name"}; }},
          {"not known here",
           [](auto& b) { b.grant().id = std::string(64, 'b'); }},
          {"the break-glass grant",
           [](auto& b) { b.maker().entry = [](auto&) {}; }},
          {"the break-glass grant",
           [](auto& b) { b.maker().header().clear_break_glass(); }},
      };
  for (const auto& [what, change] : kCases) {
    GrantedBatch granted;
    change(granted);
    ExpectRefused(granted.Verify().status(), what);
  }
  GrantedBatch granted;
  ExpectRefused(granted.Verify(/*known=*/false).status(), "not known here");
  granted.maker().header().set_break_glass("short");
  ExpectRefused(ReadBatchHeader(granted.maker().Make().start.header()).status(),
                "wrong length");
}

}  // namespace
}  // namespace entente::client
