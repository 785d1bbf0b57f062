// Mirrors as parties have them, for tests.
#ifndef ENTENTE_BROKER_TEST_MIRROR_H_
#define ENTENTE_BROKER_TEST_MIRROR_H_

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "broker/ledger/ledger_log.h"
#include "broker/store/store.h"
#include "crypto/tile.h"
#include "gtest/gtest.h"

namespace entente::broker {

inline void WriteTestFile(const std::string& path, absl::string_view content) {
  std::filesystem::create_directories(
      std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

// Writes checkpoint and entry bundles of a ledger as it is now into `folder`.
inline void MirrorLedger(Store& store, const LedgerLog& ledgers,
                         const std::string& id, const std::string& folder) {
  const absl::Status read =
      store.Read([&](Transaction& transaction) -> absl::Status {
        const auto head = ledgers.Head(transaction, id);
        if (!head.ok()) return head.status();
        WriteTestFile(folder + "/checkpoint", head->checkpoint);
        for (uint64_t at = 0; at < head->size; at += crypto::kTileWidth) {
          const auto width = static_cast<uint32_t>(
              std::min<uint64_t>(crypto::kTileWidth, head->size - at));
          const uint64_t index = at / crypto::kTileWidth;
          const auto bundle = ledgers.Bundle(transaction, id, index, width);
          if (!bundle.ok()) return bundle.status();
          WriteTestFile(
              absl::StrCat(folder, "/", crypto::BundlePath({index, width})),
              crypto::AsText(*bundle));
        }
        return absl::OkStatus();
      });
  ASSERT_TRUE(read.ok()) << read;
}

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_MIRROR_H_
