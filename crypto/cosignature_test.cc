#include "crypto/cosignature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/worked_log.h"

namespace entente::crypto {
namespace {

using absl::StatusCode;

Note WorkedNote() { return *ParseNote(ReadLogFile("log/checkpoint")); }

TEST(Cosignature, ReproducesTheWorkedOne) {
  const Note note = WorkedNote();
  const NoteSignature line = *Cosign(note.text, "witness.example.org/w1",
                                     TestKey("w1.TESTKEY.seed.hex"),
                                     absl::FromUnixSeconds(1767226140));
  EXPECT_EQ(ToHex(line.id), "8ef38276");
  EXPECT_EQ(
      ToHex(line.signature),
      "000000006955bb1cf4bf8fcebe9e7595facd500dfac31423d73f410fd37e23424bdace9f"
      "5b1e1956ae3ce001403af229120fbad83651248b66d24a141526f4e308e4cdf8448149"
      "08");
  EXPECT_EQ(FormatNoteSignature(line), FormatNoteSignature(note.signatures[1]));
}

TEST(Cosignature, VerifiesWitnessesAndTheirTimes) {
  const auto verified = VerifyCosignatures(WorkedNote(), WitnessKeys());
  ASSERT_TRUE(verified.ok()) << verified.status();
  ASSERT_EQ(verified->size(), 2);
  EXPECT_EQ((*verified)[0].witness, "witness.example.org/w1");
  EXPECT_EQ((*verified)[0].time, absl::FromUnixSeconds(1767226140));
  EXPECT_EQ((*verified)[1].witness, "witness.example.net/w2");
  EXPECT_EQ((*verified)[1].time, absl::FromUnixSeconds(1767226141));
}

TEST(Cosignature, OfUnknownWitnessesCountsForNothing) {
  const NoteKey log = LogKey();
  EXPECT_TRUE(VerifyCosignatures(WorkedNote(), {&log, 1})->empty());
  EXPECT_TRUE(VerifyCosignatures(WorkedNote(), {})->empty());
  const std::vector<NoteKey> keys = WitnessKeys();
  EXPECT_EQ(VerifyCosignatures(WorkedNote(), {&keys[1], 1})->size(), 1);
}

TEST(Cosignature, EveryBitOfTimeAndSignatureCounts) {
  const std::vector<NoteKey> keys = WitnessKeys();
  Note note = WorkedNote();
  for (size_t bit = 0; bit < 72 * 8; ++bit) {
    uint8_t& byte = note.signatures[1].signature[bit / 8];
    byte ^= 1 << (bit % 8);
    EXPECT_EQ(VerifyCosignatures(note, keys).status().code(),
              StatusCode::kDataLoss)
        << bit;
    byte ^= 1 << (bit % 8);
  }
  note.text[0] ^= 1;
  EXPECT_EQ(VerifyCosignatures(note, keys).status().code(),
            StatusCode::kDataLoss);
}

TEST(Cosignature, RefusesOtherLengths) {
  for (const size_t length : {1, 7, 8, 64, 71, 73, 76}) {
    Note note = WorkedNote();
    note.signatures[2].signature.resize(length);
    EXPECT_EQ(VerifyCosignatures(note, WitnessKeys()).status().code(),
              StatusCode::kDataLoss)
        << length;
  }
}

TEST(Cosignature, RefusesTwoByOneWitness) {
  Note note = WorkedNote();
  note.signatures.push_back(*Cosign(note.text, "witness.example.org/w1",
                                    TestKey("w1.TESTKEY.seed.hex"),
                                    absl::FromUnixSeconds(1767226199)));
  EXPECT_EQ(VerifyCosignatures(note, WitnessKeys()).status().code(),
            StatusCode::kDataLoss);
}

TEST(Cosignature, NeedsANameAndATimeSince1970) {
  const SigningKey key = *SigningKey::Generate();
  EXPECT_EQ(Cosign("t\n", "a b", key, absl::UnixEpoch()).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(Cosign("t\n", "w", key, absl::FromUnixSeconds(-1)).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_TRUE(Cosign("t\n", "w", key, absl::UnixEpoch()).ok());
}

}  // namespace
}  // namespace entente::crypto
