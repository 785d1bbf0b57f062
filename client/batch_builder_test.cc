#include "client/batch_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "crypto/batch_limits.h"
#include "crypto/chunk.h"
#include "crypto/convert.h"
#include "crypto/hex.h"
#include "entente/v1/batch.pb.h"
#include "proto/strict.h"

namespace entente::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class BatchBuilderTest : public testing::Test {
 protected:
  BatchRoute Route() const {
    return {.agreement = "isa-pact",
            .version = 2,
            .agreement_digest = {1},
            .flow = "crimes",
            .sender = "wessex",
            .recipient = "mercia",
            .purpose = "analysis",
            .method = "push",
            .dataset = "crimes",
            .fields = {{"age", crypto::ValueType::kInteger, 0},
                       {"note", crypto::ValueType::kText, 0}},
            .pseudonyms = {{"suspect", "nhs/1"}, {"victim", "nhs/1"}},
            .accompanying = {{"case_reference", "C1"}, {"approver", "A"}},
            .sender_bundle = {2},
            .recipient_bundle = {3},
            .manifest_digest = {4},
            .epoch = 1,
            .recipient_kem = kem_.public_key(),
            .target = *crypto::MulBase(j_),
            .view = {7, {5}, "note"}};
  }

  static std::vector<OutgoingRecord> Records(size_t count) {
    std::vector<OutgoingRecord> records;
    for (size_t i = 1; i <= count; ++i) {
      OutgoingRecord record;
      record.row = i;
      record.values = {crypto::Value::Integer(static_cast<int64_t>(i)),
                       crypto::Value::Text("x")};
      record.pseudonyms = {std::nullopt, std::nullopt};
      records.push_back(record);
    }
    return records;
  }

  absl::StatusOr<BuiltBatch> Build(const std::vector<OutgoingRecord>& records,
                                   const std::vector<uint32_t>& chunks) {
    return BuildBatch(Route(), key_, kNow, records, chunks);
  }

  const crypto::KemKey kem_ = *crypto::KemKey::Generate();
  const crypto::SigningKey key_ = *crypto::SigningKey::Generate();
  const crypto::SecretScalar j_ = *crypto::SecretScalar::Random();
};

TEST_F(BatchBuilderTest, TheHeaderSaysEverythingAndIsCanonical) {
  const auto built = Build(Records(3), {3});
  ASSERT_TRUE(built.ok()) << built.status();
  v1::BatchHeader header;
  ASSERT_TRUE(ParseStrict(built->batch.header, &header).ok());
  EXPECT_EQ(header.protocol_version(), 1u);
  EXPECT_EQ(header.agreement(), "isa-pact");
  EXPECT_EQ(header.agreement_version(), 2u);
  EXPECT_EQ(header.sender(), "wessex");
  EXPECT_EQ(header.recipient(), "mercia");
  EXPECT_THAT(header.released_fields(), ElementsAre("age", "note"));
  ASSERT_EQ(header.pseudonym_fields_size(), 2);
  EXPECT_EQ(header.pseudonym_fields(1).name(), "victim");
  ASSERT_EQ(header.accompanying_size(), 2);
  EXPECT_EQ(header.accompanying(0).name(), "approver");
  EXPECT_EQ(header.record_count(), 3u);
  EXPECT_EQ(header.view_size(), 7u);
  EXPECT_EQ(header.batch_id(), crypto::AsText(built->batch.batch_id));
  EXPECT_EQ(header.not_after_unix_ms() - header.created_unix_ms(),
            absl::ToInt64Milliseconds(crypto::kMaxBatchLife));
  EXPECT_TRUE(header.in_reply_to().empty());
}

TEST_F(BatchBuilderTest, EveryBatchHasItsOwnIdAndKey) {
  const auto one = Build(Records(1), {1});
  const auto two = Build(Records(1), {1});
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(one->batch.batch_id, two->batch.batch_id);
  EXPECT_NE(one->batch.enc, two->batch.enc);
}

TEST_F(BatchBuilderTest, TheRecipientOpensWhatTheJournalSays) {
  std::vector<OutgoingRecord> records = Records(5);
  const crypto::Point person = *crypto::Point::Random();
  records[2].pseudonyms[1] = person;
  const auto built = Build(records, {3, 2});
  ASSERT_TRUE(built.ok()) << built.status();
  crypto::HpkeEnc enc;
  std::copy(built->batch.enc.begin(), built->batch.enc.end(), enc.begin());
  auto opener = crypto::BatchOpener::Create(kem_, built->batch.header, enc,
                                            {Route().fields, 2});
  ASSERT_TRUE(opener.ok()) << opener.status();
  crypto::ChunkChain chain(opener->head_hash(), {5, 2, 3});
  uint32_t index = 0;
  for (uint32_t c = 0; c < 2; ++c) {
    const OutgoingChunk& chunk = built->batch.chunks[c];
    ASSERT_TRUE(
        chain
            .AppendSigned(
                {c, c == 1, chunk.count, chunk.pseudonyms, chunk.sealed},
                key_.public_key(), *crypto::ParseSignature(chunk.signature))
            .ok());
    crypto::SealedFieldReader sealed(chunk.sealed);
    const auto pairs = *crypto::ParseCiphertexts(chunk.pseudonyms);
    for (uint32_t i = 0; i < chunk.count; ++i, ++index) {
      const auto record = opener->OpenRecord(
          index, absl::MakeConstSpan(chunk.pseudonyms).subspan(i * 128, 128),
          &sealed);
      ASSERT_TRUE(record.ok()) << record.status();
      const uint64_t row = built->rows[index];
      EXPECT_EQ(record->values[0].integer, static_cast<int64_t>(row));
      EXPECT_THAT(record->present, ElementsAre(false, row == 3));
      const crypto::Ciphertext& victim = pairs[2 * i + 1];
      const auto opened = crypto::Sub(victim.c2, *crypto::Mul(j_, victim.c1));
      EXPECT_EQ(*opened == person, row == 3);
    }
    EXPECT_TRUE(sealed.ExpectEnd().ok());
  }
  EXPECT_EQ(*chain.BatchDigest(), built->batch.digest);
}

TEST_F(BatchBuilderTest, RecordsStayInTheirChunkAndLoseTheirOrder) {
  const auto built = Build(Records(400), {200, 200});
  ASSERT_TRUE(built.ok()) << built.status();
  ASSERT_EQ(built->rows.size(), 400u);
  const std::vector<uint64_t> first(built->rows.begin(),
                                    built->rows.begin() + 200);
  EXPECT_FALSE(std::is_sorted(first.begin(), first.end()));
  EXPECT_EQ(*std::max_element(first.begin(), first.end()), 200u);
  const std::set<uint64_t> all(built->rows.begin(), built->rows.end());
  EXPECT_EQ(all.size(), 400u);
}

TEST_F(BatchBuilderTest, RefusesRecordsThatDoNotFit) {
  EXPECT_TRUE(absl::IsInvalidArgument(Build(Records(3), {2}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Build({}, {}).status()));
  std::vector<OutgoingRecord> records = Records(2);
  records[1].pseudonyms.pop_back();
  EXPECT_TRUE(absl::IsInvalidArgument(Build(records, {2}).status()));
  records = Records(2);
  records[0].values[0] = crypto::Value::Text("no number");
  EXPECT_TRUE(absl::IsInvalidArgument(Build(records, {2}).status()));
}

TEST_F(BatchBuilderTest, PlansChunksByCountBytesAndTheFlowsLimit) {
  EXPECT_THAT(*PlanChunks(Route(), {}), IsEmpty());
  EXPECT_THAT(*PlanChunks(Route(), Records(1025)), ElementsAre(1024, 1));
  BatchRoute route = Route();
  route.max_records = 10;
  EXPECT_THAT(*PlanChunks(route, Records(25)), ElementsAre(10));
  std::vector<OutgoingRecord> large = Records(4);
  for (OutgoingRecord& record : large) {
    record.values[1] = crypto::Value::Text(std::string(400'000, 'x'));
  }
  EXPECT_THAT(*PlanChunks(Route(), large), ElementsAre(2, 2));
  large[0].values[1] = crypto::Value::Text(std::string(1'040'000, 'x'));
  const auto refused = PlanChunks(Route(), large);
  ASSERT_TRUE(absl::IsInvalidArgument(refused.status()));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("row 1"));
}

TEST_F(BatchBuilderTest, APlannedBatchEndsAfterSixtyFourChunks) {
  std::vector<OutgoingRecord> large = Records(70);
  for (OutgoingRecord& record : large) {
    record.values[1] = crypto::Value::Text(std::string(600'000, 'x'));
  }
  EXPECT_EQ(PlanChunks(Route(), large)->size(), crypto::kMaxBatchChunks);
}

}  // namespace
}  // namespace entente::client
