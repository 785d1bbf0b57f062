#include "crypto/seal.h"

#include <functional>

#include "absl/strings/str_cat.h"
#include "crypto/batch_limits.h"
#include "crypto/encoding.h"
#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

Bytes Flip(absl::Span<const uint8_t> bytes, size_t bit) {
  Bytes flipped(bytes.begin(), bytes.end());
  flipped[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
  return flipped;
}

class Seal : public testing::Test {
 protected:
  static RecordLayout Layout() {
    return {{{"offence", ValueType::kCode, 12},
             {"seen", ValueType::kDate, 0},
             {"note", ValueType::kText, 0}},
            2};
  }

  static ClearRecord Record(int i) {
    return {
        {Value::Code("BURGLARY"), Value::Date("2026-11-30"),
         i % 2 == 0 ? Value::Null() : Value::Text(absl::StrCat("note ", i))},
        {true, i % 3 == 0}};
  }

  static Bytes Pairs(int i) {
    return Bytes(2 * kElementPairSize, static_cast<uint8_t>(i + 1));
  }

  BatchSealer Sealer() const {
    return *BatchSealer::Create(key_.public_key(), header_, Layout());
  }

  BatchOpener Opener(const BatchSealer& sealer) const {
    return *BatchOpener::Create(key_, header_, sealer.enc(), Layout());
  }

  const KemKey key_ = *KemKey::Generate();
  const Bytes header_ = {'h', 'e', 'a', 'd'};
};

TEST_F(Seal, OpensWhatItSealed) {
  BatchSealer sealer = Sealer();
  Bytes packed;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(sealer.next_record(), static_cast<uint32_t>(i));
    ASSERT_TRUE(sealer.SealRecord(Record(i), Pairs(i), &packed).ok());
  }
  EXPECT_TRUE(CheckSealedFields(packed, 20 * Layout().sealed_fields()).ok());
  BatchOpener opener = Opener(sealer);
  EXPECT_EQ(opener.head_hash(), sealer.head_hash());
  SealedFieldReader reader(packed);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(*opener.OpenRecord(static_cast<uint32_t>(i), Pairs(i), &reader),
              Record(i));
  }
  EXPECT_TRUE(reader.ExpectEnd().ok());
}

// Opens the second field of record 1 from the primitives alone.
TEST_F(Seal, IsLaidOutAsDocumented) {
  BatchSealer sealer = Sealer();
  Bytes packed;
  ASSERT_TRUE(sealer.SealRecord(Record(0), Pairs(0), &packed).ok());
  packed.clear();
  ASSERT_TRUE(sealer.SealRecord(Record(1), Pairs(1), &packed).ok());

  const Hash header_hash =
      Sha256(*ByteWriter().Raw("entente header v1").Raw(header_).Finish());
  const Bytes info =
      *ByteWriter().Raw("entente hpke v1").Raw(header_hash).Finish();
  const Hash head_hash = Sha256(*ByteWriter()
                                     .Raw("entente batch-head v1")
                                     .Raw(header_hash)
                                     .Raw(sealer.enc())
                                     .Finish());
  EXPECT_EQ(head_hash, sealer.head_hash());
  const HpkeRecipient hpke =
      *HpkeRecipient::Setup(Aead::kAes256Gcm, sealer.enc(), key_, info);
  Bytes exported(44);
  ASSERT_TRUE(
      hpke.Export(*ByteWriter().Raw("entente field v1").Lp("seen").Finish(),
                  absl::MakeSpan(exported))
          .ok());
  Bytes nonce(exported.begin() + 32, exported.end());
  nonce[11] ^= 1;
  const Bytes aad =
      *ByteWriter().Raw(head_hash).U32(1).Lp("seen").Raw(Pairs(1)).Finish();
  SealedFieldReader reader(packed);
  ASSERT_TRUE(reader.Next().ok());
  AeadKey key =
      *AeadKey::Create(Aead::kAes256Gcm, absl::MakeSpan(exported).first(32));
  EXPECT_EQ(*key.Open(nonce, aad, *reader.Next()),
            *EncodePlaintext(Value::Date("2026-11-30"), 0));
}

TEST_F(Seal, PadsAClosedVocabularyAndNullAlike) {
  BatchSealer sealer = *BatchSealer::Create(
      key_.public_key(), header_, {{{"code", ValueType::kCode, 300}}, 0});
  Bytes null, shorter, longest;
  ASSERT_TRUE(sealer.SealRecord({{Value::Null()}, {}}, {}, &null).ok());
  ASSERT_TRUE(sealer.SealRecord({{Value::Code("A")}, {}}, {}, &shorter).ok());
  ASSERT_TRUE(
      sealer
          .SealRecord({{Value::Code(std::string(300, 'x'))}, {}}, {}, &longest)
          .ok());
  EXPECT_EQ(null.size(), longest.size());
  EXPECT_EQ(shorter.size(), longest.size());
}

TEST_F(Seal, UsesAnotherKeyForEveryBatch) {
  EXPECT_NE(Sealer().enc(), Sealer().enc());
}

TEST_F(Seal, RefusesRecordsThatDoNotFit) {
  BatchSealer sealer = Sealer();
  const std::pair<const char*, std::function<void(ClearRecord*)>> cases[] = {
      {"layout", [](ClearRecord* r) { r->values.pop_back(); }},
      {"layout", [](ClearRecord* r) { r->values.push_back({}); }},
      {"layout", [](ClearRecord* r) { r->present.pop_back(); }},
      {"layout", [](ClearRecord* r) { r->present.push_back(true); }},
      {"`seen`", [](ClearRecord* r) { r->values[1] = Value::Text("x"); }},
      {"`seen`", [](ClearRecord* r) { r->values[1].text = "2026-02-30"; }},
      {"`offence`",
       [](ClearRecord* r) { r->values[0].text = "LONGER-THAN-ALL"; }},
      {"`note`", [](ClearRecord* r) { r->values[2] = Value::Text("\xff"); }}};
  for (const auto& [why, spoil] : cases) {
    ClearRecord record = Record(1);
    spoil(&record);
    Bytes packed = {1};
    const absl::Status status = sealer.SealRecord(record, Pairs(1), &packed);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(status.message().find(why), absl::string_view::npos) << status;
    EXPECT_EQ(packed, Bytes{1});
  }
  Bytes packed;
  for (const size_t size : {0, 64, 127, 129, 192}) {
    EXPECT_EQ(sealer.SealRecord(Record(1), Bytes(size), &packed).code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(sealer.next_record(), 0u);
  EXPECT_TRUE(packed.empty());
}

TEST_F(Seal, RefusesBadLayouts) {
  std::vector<FieldSpec> many;
  for (size_t i = 0; i <= kMaxReleasedFields; ++i) {
    many.push_back({absl::StrCat("f", i), ValueType::kText, 0});
  }
  const std::vector<RecordLayout> bad = {
      {{{"", ValueType::kText, 0}}, 1},
      {{{"_present", ValueType::kBytes, 0}}, 1},
      {{{"a", ValueType::kText, 0}, {"a", ValueType::kText, 0}}, 1},
      {{{std::string(70000, 'a'), ValueType::kText, 0}}, 1},
      {many, 1},
      {{}, kMaxPseudonymFields + 1}};
  for (const RecordLayout& layout : bad) {
    EXPECT_EQ(
        BatchSealer::Create(key_.public_key(), header_, layout).status().code(),
        absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(BatchOpener::Create(key_, header_, Sealer().enc(), layout)
                  .status()
                  .code(),
              absl::StatusCode::kInvalidArgument);
  }
  many.pop_back();
  EXPECT_TRUE(BatchSealer::Create(key_.public_key(), header_,
                                  {many, kMaxPseudonymFields})
                  .ok());
  EXPECT_TRUE(
      BatchSealer::Create(key_.public_key(), Bytes(kMaxHeaderBytes), Layout())
          .ok());
  EXPECT_EQ(BatchSealer::Create(key_.public_key(), Bytes(kMaxHeaderBytes + 1),
                                Layout())
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(Seal, HoldsABatchAndNoMore) {
  BatchSealer sealer =
      *BatchSealer::Create(key_.public_key(), header_, {{}, 0});
  Bytes packed;
  for (uint32_t i = 0; i < kMaxBatchRecords; ++i) {
    packed.clear();
    ASSERT_TRUE(sealer.SealRecord({}, {}, &packed).ok());
  }
  BatchOpener opener =
      *BatchOpener::Create(key_, header_, sealer.enc(), {{}, 0});
  SealedFieldReader reader(packed);
  EXPECT_TRUE(opener.OpenRecord(kMaxBatchRecords - 1, {}, &reader).ok());
  EXPECT_EQ(opener.OpenRecord(kMaxBatchRecords, {}, &reader).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(sealer.SealRecord({}, {}, &packed).code(),
            absl::StatusCode::kResourceExhausted);
}

class Opening : public Seal {
 protected:
  Opening() {
    Bytes earlier;
    EXPECT_TRUE(sealer_.SealRecord(Record(0), Pairs(0), &earlier).ok());
    EXPECT_TRUE(sealer_.SealRecord(Record(1), Pairs(1), &packed_).ok());
  }

  absl::StatusCode Open(BatchOpener opener, uint32_t index,
                        absl::Span<const uint8_t> pairs,
                        absl::Span<const uint8_t> packed) const {
    SealedFieldReader reader(packed);
    return opener.OpenRecord(index, pairs, &reader).status().code();
  }

  absl::StatusCode OpenWithLayout(RecordLayout layout) const {
    return Open(*BatchOpener::Create(key_, header_, sealer_.enc(), layout), 1,
                Pairs(1), packed_);
  }

  BatchSealer sealer_ = Sealer();
  Bytes packed_;
};

TEST_F(Opening, RefusesEveryFlippedBit) {
  ASSERT_EQ(Open(Opener(sealer_), 1, Pairs(1), packed_), absl::StatusCode::kOk);
  for (size_t bit = 0; bit < 8 * packed_.size(); ++bit) {
    EXPECT_NE(Open(Opener(sealer_), 1, Pairs(1), Flip(packed_, bit)),
              absl::StatusCode::kOk)
        << bit;
  }
  for (size_t bit = 0; bit < 8 * Pairs(1).size(); ++bit) {
    EXPECT_EQ(Open(Opener(sealer_), 1, Flip(Pairs(1), bit), packed_),
              absl::StatusCode::kDataLoss);
  }
  for (size_t bit = 0; bit < 8 * header_.size(); ++bit) {
    EXPECT_EQ(Open(*BatchOpener::Create(key_, Flip(header_, bit), sealer_.enc(),
                                        Layout()),
                   1, Pairs(1), packed_),
              absl::StatusCode::kDataLoss);
  }
}

TEST_F(Opening, RefusesEveryTruncation) {
  for (size_t size = 0; size < packed_.size(); ++size) {
    EXPECT_EQ(
        Open(Opener(sealer_), 1, Pairs(1), absl::MakeSpan(packed_).first(size)),
        absl::StatusCode::kInvalidArgument)
        << size;
  }
}

TEST_F(Opening, RefusesAnotherIndexRecordOrRecipient) {
  for (const uint32_t index : {0u, 2u, 257u}) {
    EXPECT_EQ(Open(Opener(sealer_), index, Pairs(1), packed_),
              absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(Open(Opener(sealer_), 1, Pairs(0), packed_),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(Open(Opener(sealer_), 1, Bytes(64), packed_),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Open(Opener(Sealer()), 1, Pairs(1), packed_),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(Open(*BatchOpener::Create(*KemKey::Generate(), header_,
                                      sealer_.enc(), Layout()),
                 1, Pairs(1), packed_),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(
      BatchOpener::Create(key_, header_, HpkeEnc{}, Layout()).status().code(),
      absl::StatusCode::kInvalidArgument);
}

TEST_F(Opening, RefusesSwappedFields) {
  SealedFieldReader reader(packed_);
  std::vector<absl::Span<const uint8_t>> fields;
  for (size_t i = 0; i < 4; ++i) fields.push_back(*reader.Next());
  Bytes swapped;
  for (const size_t i : {1, 0, 2, 3}) {
    ASSERT_TRUE(AppendSealedField(&swapped, fields[i]).ok());
  }
  EXPECT_EQ(Open(Opener(sealer_), 1, Pairs(1), swapped),
            absl::StatusCode::kDataLoss);
}

TEST_F(Opening, RefusesAnotherNameTypeOrVocabulary) {
  RecordLayout layout = Layout();
  layout.fields[1].name = "Seen";
  EXPECT_EQ(OpenWithLayout(layout), absl::StatusCode::kDataLoss);
  layout = Layout();
  layout.fields[1].type = ValueType::kText;
  EXPECT_EQ(OpenWithLayout(layout), absl::StatusCode::kInvalidArgument);
  layout = Layout();
  layout.fields[0].longest = 300;
  EXPECT_EQ(OpenWithLayout(layout), absl::StatusCode::kInvalidArgument);
}

TEST_F(Opening, SaysWhichRecordAndField) {
  Bytes bad = packed_;
  bad[bad.size() - 1] ^= 1;
  BatchOpener opener = Opener(sealer_);
  SealedFieldReader reader(bad);
  const absl::Status status = opener.OpenRecord(1, Pairs(1), &reader).status();
  EXPECT_NE(status.message().find("record 1, field `_present`"),
            absl::string_view::npos)
      << status;
}

TEST(PresentBitmap, CountsFromTheLeastSignificantBit) {
  std::vector<bool> present(10);
  EXPECT_EQ(PresentBitmap(present), (Bytes{0, 0}));
  present[0] = present[3] = present[9] = true;
  EXPECT_EQ(PresentBitmap(present), (Bytes{0x09, 0x02}));
  EXPECT_EQ(*ParsePresentBitmap(Bytes{0x09, 0x02}, 10), present);
  EXPECT_TRUE(PresentBitmap({}).empty());
  EXPECT_TRUE(ParsePresentBitmap({}, 0)->empty());
}

TEST(PresentBitmap, RefusesOtherLengthsAndUnusedBits) {
  for (const Bytes& bitmap :
       {Bytes{}, Bytes{0}, Bytes{0, 0, 0}, Bytes{0, 4}, Bytes{0, 0x80}}) {
    EXPECT_EQ(ParsePresentBitmap(bitmap, 10).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_FALSE(ParsePresentBitmap(Bytes{0}, 0).ok());
}

}  // namespace
}  // namespace entente::crypto
