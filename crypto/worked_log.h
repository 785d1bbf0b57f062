// For tests: the published log of 1,000 entries under tests/vectors.
#ifndef ENTENTE_CRYPTO_WORKED_LOG_H_
#define ENTENTE_CRYPTO_WORKED_LOG_H_

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "crypto/hex.h"
#include "crypto/note.h"
#include "crypto/signing.h"
#include "crypto/tile.h"

namespace entente::crypto {

// A file of the log's folder; a test fails if it is missing.
inline std::string ReadLogFile(absl::string_view path) {
  std::ifstream file(absl::StrCat(ENTENTE_VECTORS "/tlog-log1000/", path),
                     std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The same without white space around it.
inline std::string ReadLogLine(absl::string_view path) {
  return std::string(absl::StripAsciiWhitespace(ReadLogFile(path)));
}

inline Bytes ReadLogBytes(absl::string_view path) {
  const std::string text = ReadLogFile(path);
  return {text.begin(), text.end()};
}

inline NoteKey LogKey() { return *NoteKey::Parse(ReadLogLine("log.vkey")); }

inline SigningKey TestKey(absl::string_view path) {
  Bytes seed = *FromHex(ReadLogLine(path));
  return *SigningKey::TakeSeed(absl::MakeSpan(seed));
}

inline SigningKey LogSigningKey() { return TestKey("log.TESTKEY.seed.hex"); }

// The keys of the witnesses w1 and w2.
inline std::vector<NoteKey> WitnessKeys() {
  std::vector<NoteKey> keys;
  std::ifstream file(ENTENTE_VECTORS "/tlog-log1000/witness.vkeys");
  for (std::string line; std::getline(file, line);) {
    keys.push_back(*NoteKey::Parse(line));
  }
  EXPECT_EQ(keys.size(), 2);
  return keys;
}

inline const std::vector<uint64_t>& LogHistory() {
  static const auto& sizes =
      *new std::vector<uint64_t>{1, 2, 255, 256, 257, 511, 512, 600, 999, 1000};
  return sizes;
}

// All entries, from the bundles.
inline std::vector<Bytes> LogEntries() {
  std::vector<Bytes> entries;
  for (uint64_t index = 0; index < 4; ++index) {
    const TileId tile = *TileAt(0, index, 1000);
    const Bytes bundle = ReadLogBytes(
        absl::StrCat("log/", BundlePath({tile.index, tile.width})));
    const auto decoded = *DecodeBundle(bundle, tile.width);
    for (const absl::Span<const uint8_t> entry : decoded) {
      entries.emplace_back(entry.begin(), entry.end());
    }
  }
  EXPECT_EQ(entries.size(), 1000);
  return entries;
}

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_WORKED_LOG_H_
