#include "proto/strict.h"

#include <string>

#include "entente/v1/batch.pb.h"
#include "gtest/gtest.h"

namespace entente {
namespace {

absl::Status Parse(const std::string& bytes, v1::BatchHeader* header) {
  return ParseStrict(
      {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, header);
}

std::string Sample() {
  v1::BatchHeader header;
  header.set_protocol_version(1);
  header.set_agreement("isa-example");
  header.add_released_fields("surname");
  auto* field = header.add_pseudonym_fields();
  field->set_name("person");
  field->set_scheme("nhs/1");
  header.set_record_count(3);
  return header.SerializeAsString();
}

TEST(ParseStrict, ReadsWhatTheSerialiserWrites) {
  v1::BatchHeader header;
  ASSERT_TRUE(Parse(Sample(), &header).ok());
  EXPECT_EQ(header.pseudonym_fields(0).scheme(), "nhs/1");
}

TEST(ParseStrict, RefusesUnknownFields) {
  v1::BatchHeader header;
  // Field 1000, varint 1.
  EXPECT_FALSE(Parse(Sample() + "\xc0\x3e\x01", &header).ok());
}

TEST(ParseStrict, RefusesUnknownFieldsInside) {
  v1::BatchHeader header;
  // Field 12 holding only an unknown field 9.
  EXPECT_FALSE(Parse(std::string("\x62\x02\x48\x01", 4), &header).ok());
}

TEST(ParseStrict, RefusesDuplicates) {
  v1::BatchHeader header;
  EXPECT_FALSE(Parse(Sample() + Sample(), &header).ok());
  EXPECT_FALSE(Parse(std::string("\x08\x01\x08\x01", 4), &header).ok());
}

TEST(ParseStrict, RefusesDefaultsWrittenOutAndOtherOrder) {
  v1::BatchHeader header;
  EXPECT_FALSE(Parse(std::string("\x08\x00", 2), &header).ok());
  EXPECT_FALSE(Parse(std::string("\x12\x01\x61\x08\x01", 5), &header).ok());
}

TEST(ParseStrict, RefusesLongVarints) {
  v1::BatchHeader header;
  EXPECT_FALSE(Parse(std::string("\x08\x81\x00", 3), &header).ok());
}

TEST(ParseStrict, RefusesBadUtf8AndTruncation) {
  v1::BatchHeader header;
  EXPECT_FALSE(Parse("\x12\x01\xff", &header).ok());
  const std::string sample = Sample();
  for (size_t length = 1; length < sample.size(); ++length) {
    v1::BatchHeader cut;
    const absl::Status status = Parse(sample.substr(0, length), &cut);
    // A cut at a field's end is a shorter message, and reads as one.
    if (status.ok()) {
      EXPECT_EQ(cut.SerializeAsString(), sample.substr(0, length));
    }
  }
}

}  // namespace
}  // namespace entente
