#include "crypto/note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "crypto/cosignature.h"
#include "crypto/worked_log.h"

namespace entente::crypto {
namespace {

using absl::StatusCode;

// The example of the specification.
constexpr char kVkey[] =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr char kNote[] =
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1"
    "ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

NoteKey SpecKey() { return *NoteKey::Parse(kVkey); }

StatusCode ParsingNote(absl::string_view note) {
  return ParseNote(note).status().code();
}

TEST(Note, VerifiesTheExampleOfTheSpecification) {
  const Note note = *ParseNote(kNote);
  EXPECT_EQ(note.text, "This is an example message.\n");
  ASSERT_EQ(note.signatures.size(), 1);
  EXPECT_EQ(ToHex(note.signatures[0].id), "530d903a");
  const NoteKey key = SpecKey();
  EXPECT_TRUE(VerifyNote(note, {&key, 1}).ok());
  EXPECT_EQ(*FormatNote(note), kNote);
  EXPECT_EQ(key.ToString(), kVkey);
  EXPECT_EQ(key.name(), "example.com/foo");
}

TEST(NoteKey, RefusesMalformedVerifierKeys) {
  const NoteKey good = SpecKey();
  const std::string data = absl::string_view(kVkey).substr(25).data();
  for (const std::string& bad :
       {std::string(), std::string("example.com/foo"),
        std::string("example.com/foo+530d903a"), "+530d903a+" + data,
        "example.com/foo+530d903b+" + data, "example.com/foo+530D903A+" + data,
        "example.com/bar+530d903a+" + data, "example.com foo+530d903a+" + data,
        "example.com/foo+530d903a+" + data + "=", std::string("a+00000000+"),
        "example.com/foo+530d903a+" + data.substr(0, 40)}) {
    EXPECT_EQ(NoteKey::Parse(bad).status().code(), StatusCode::kInvalidArgument)
        << bad;
  }
  // Its id is right, and its type one that is not built: ECDSA.
  Bytes ecdsa = {2};
  ecdsa.insert(ecdsa.end(), good.key().bytes().begin(),
               good.key().bytes().end());
  EXPECT_EQ(NoteKey::Parse(absl::StrCat("a+00000000+", ToBase64(ecdsa)))
                .status()
                .code(),
            StatusCode::kInvalidArgument);
}

TEST(NoteKey, RefusesNamesThatAreNone) {
  const Ed25519PublicKey key = SpecKey().key();
  for (const char* bad : {"", "a b", "a+b", "a\tb", "a\nb", "a\xC2\xA0", "\x01",
                          "a\xE2\x80\xA8", "a\xE3\x80\x80", "\xFF", "\xC2"}) {
    EXPECT_EQ(NoteKey::Create(bad, NoteKeyType::kEd25519, key).status().code(),
              StatusCode::kInvalidArgument);
  }
  EXPECT_TRUE(NoteKey::Create("bro\xC3\xA9", NoteKeyType::kEd25519, key).ok());
}

TEST(Note, SplitsAtTheLastEmptyLine) {
  const SigningKey key = *SigningKey::Generate();
  const std::string text = "a\n\n— b c\n\n\nd\n";
  const Note note = *ParseNote(*SignNote(text, "k", key));
  EXPECT_EQ(note.text, text);
  const NoteKey verifier =
      *NoteKey::Create("k", NoteKeyType::kEd25519, key.public_key());
  EXPECT_TRUE(VerifyNote(note, {&verifier, 1}).ok());
}

TEST(Note, RefusesMalformedNotes) {
  const std::string line = absl::string_view(kNote).substr(29).data();
  const std::string good = "text\n\n" + line;
  ASSERT_EQ(ParsingNote(good), StatusCode::kOk);
  const std::vector<std::string> bad = {
      "", "\n", "\n\n", "text\n", "text\n\n", "text\n" + line, "text" + line,
      good.substr(0, good.size() - 1), good + "\n", good + "more\n", good + " ",
      "te\rxt\n\n" + line, "te\txt\n\n" + line, "te\x7F\xFF\n\n" + line,
      std::string("te\0xt\n\n", 7) + line, "text\n\n- " + line.substr(4),
      "text\n\n—  " + line.substr(4), "text\n\n— nospace\n", "text\n\n— a \n",
      "text\n\n— a Uw2QOg==\n", "text\n\n— a+b Uw2QOkn8\n",
      "text\n\n— a Uw2QOkn8 \n", "text\n\n— a Uw2QOkn8=\n",
      "text\n\n— a Uw2QOk_8\n",
      // Unused bits of the last character.
      "text\n\n— a Uw2QOkn9sr=\n", "text\n\n— a Uw2QOkk=\n" + line};
  for (size_t i = 0; i + 1 < bad.size(); ++i) {
    EXPECT_EQ(ParsingNote(bad[i]), StatusCode::kInvalidArgument) << i;
  }
  EXPECT_EQ(ParsingNote("text\n\n— a Uw2QOkk=\n"), StatusCode::kOk);
  EXPECT_EQ(ParsingNote("text\n\n— a Uw2QOkl=\n"),
            StatusCode::kInvalidArgument);
}

TEST(Note, HoldsAtMostAHundredSignatures) {
  std::string note = "text\n\n";
  for (int i = 0; i < 100; ++i) note += "— a Uw2QOkn8\n";
  EXPECT_EQ(ParsingNote(note), StatusCode::kOk);
  Note parsed = *ParseNote(note);
  note += "— a Uw2QOkn8\n";
  EXPECT_EQ(ParsingNote(note), StatusCode::kInvalidArgument);
  EXPECT_TRUE(FormatNote(parsed).ok());
  parsed.signatures.push_back(parsed.signatures[0]);
  EXPECT_EQ(FormatNote(parsed).status().code(), StatusCode::kInvalidArgument);
}

TEST(Note, IsAtMostAMillionBytes) {
  const std::string line = "\n— a Uw2QOkn8\n";
  const std::string text(kMaxNoteBytes - line.size() - 1, 'x');
  const std::string longest = absl::StrCat(text, "\n", line);
  ASSERT_EQ(longest.size(), 1'000'000);
  EXPECT_EQ(ParsingNote(longest), StatusCode::kOk);
  EXPECT_EQ(ParsingNote("x" + longest), StatusCode::kInvalidArgument);
  EXPECT_EQ(SignNote(absl::StrCat(text, "\n"), "k", *SigningKey::Generate())
                .status()
                .code(),
            StatusCode::kInvalidArgument);
}

TEST(Note, DoesNotFormatWhatItWouldNotRead) {
  const Note good = *ParseNote(kNote);
  for (const char* text : {"", "no line feed", "a\x01\n", "\xFF\n"}) {
    Note note = good;
    note.text = text;
    EXPECT_EQ(FormatNote(note).status().code(), StatusCode::kInvalidArgument);
  }
  Note note = good;
  note.signatures.clear();
  EXPECT_EQ(FormatNote(note).status().code(), StatusCode::kInvalidArgument);
  note = good;
  note.signatures[0].name = "a b";
  EXPECT_EQ(FormatNote(note).status().code(), StatusCode::kInvalidArgument);
  note = good;
  note.signatures[0].signature.clear();
  EXPECT_EQ(FormatNote(note).status().code(), StatusCode::kInvalidArgument);
}

TEST(Note, IgnoresUnknownLinesAndWantsOneKnown) {
  const NoteKey key = SpecKey();
  const std::string with_unknown = absl::StrCat(kNote, "— a Uw2QOkn8\n");
  EXPECT_TRUE(VerifyNote(*ParseNote(with_unknown), {&key, 1}).ok());
  const NoteKey other = LogKey();
  EXPECT_EQ(VerifyNote(*ParseNote(kNote), {&other, 1}).code(),
            StatusCode::kNotFound);
  EXPECT_EQ(VerifyNote(*ParseNote(kNote), {}).code(), StatusCode::kNotFound);
  // The same key under another type does not vouch for a note.
  const NoteKey witness =
      *NoteKey::Create(key.name(), NoteKeyType::kCosignature, key.key());
  EXPECT_EQ(VerifyNote(*ParseNote(kNote), {&witness, 1}).code(),
            StatusCode::kNotFound);
}

TEST(Note, OneBadLineOfAKnownKeySpoilsTheNote) {
  const NoteKey key = SpecKey();
  Note note = *ParseNote(kNote);
  note.signatures.push_back(note.signatures[0]);
  EXPECT_TRUE(VerifyNote(note, {&key, 1}).ok());
  note.signatures[1].signature[5] ^= 1;
  EXPECT_EQ(VerifyNote(note, {&key, 1}).code(), StatusCode::kDataLoss);
  note.signatures[1].signature.resize(63);
  EXPECT_EQ(VerifyNote(note, {&key, 1}).code(), StatusCode::kDataLoss);
}

TEST(Note, EverySingleBitOfACheckpointCounts) {
  const std::string good = ReadLogFile("log/checkpoint");
  const NoteKey log = LogKey();
  const std::vector<NoteKey> witnesses = WitnessKeys();
  const auto accepted = [&](absl::string_view text) {
    const absl::StatusOr<Note> note = ParseNote(text);
    if (!note.ok() || !VerifyNote(*note, {&log, 1}).ok()) return false;
    const auto cosignatures = VerifyCosignatures(*note, witnesses);
    return cosignatures.ok() && cosignatures->size() == 2;
  };
  ASSERT_TRUE(accepted(good));
  ASSERT_EQ(good.size() * 8, 3728);
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string flipped = good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(accepted(flipped)) << bit;
  }
}

TEST(Note, WhatIsReadIsWrittenBackToTheByte) {
  const std::string good = ReadLogFile("log/checkpoint");
  std::mt19937 random(1);  // NOLINT: the same cases in every run
  int read = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string mutated = good;
    for (int changes = 1 + static_cast<int>(random() % 3); changes > 0;
         --changes) {
      const size_t at = random() % mutated.size();
      switch (random() % 4) {
        case 0:
          mutated[at] = static_cast<char>(random());
          break;
        case 1:
          mutated.erase(at, 1 + random() % 9);
          break;
        case 2:
          mutated.insert(at, mutated.substr(random() % mutated.size(), 9));
          break;
        default:
          mutated[at] = "\n +=A—"[random() % 6];
          break;
      }
    }
    const absl::StatusOr<Note> note = ParseNote(mutated);
    if (!note.ok()) continue;
    ++read;
    EXPECT_EQ(*FormatNote(*note), mutated);
  }
  EXPECT_GT(read, 100);
}

}  // namespace
}  // namespace entente::crypto
