#include "broker/ledger/ledger_log.h"

#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "broker/store/ledger_table.h"
#include "broker/test_broker.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

constexpr char kLog[] = ENTENTE_VECTORS "/tlog-log1000/";

std::string ReadVector(const std::string& name) {
  std::ifstream file(kLog + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

std::vector<std::string> ReadEntries() {
  std::vector<std::string> entries;
  for (const char* name : {"000", "001", "002", "003.p/232"}) {
    const std::string bundle =
        ReadVector(std::string("log/tile/entries/") + name);
    for (size_t at = 0; at < bundle.size();) {
      const size_t size = static_cast<uint8_t>(bundle[at]) << 8 |
                          static_cast<uint8_t>(bundle[at + 1]);
      entries.push_back(bundle.substr(at + 2, size));
      at += 2 + size;
    }
  }
  return entries;
}

class LedgerLogTest : public testing::Test {
 protected:
  // Adds entries without the limits of Append, and signs.
  SignedHead Extend(const std::string& id,
                    absl::Span<const std::string> entries) {
    SignedHead head;
    const absl::Status extended = broker_.store->Write(
        [&](Transaction& transaction) {
          LedgerTable table(transaction);
          const absl::StatusOr<LedgerRow> row = table.Get(id);
          if (!row.ok()) return row.status();
          for (size_t i = 0; i < entries.size(); ++i) {
            const absl::Status put =
                table.InsertEntry(id, row->size + i, entries[i]);
            if (!put.ok()) return put;
          }
          const absl::Status sized =
              table.SetSize(id, row->size + entries.size());
          if (!sized.ok()) return sized;
          const auto sign = broker_.ledgers->Sign(transaction, id);
          if (sign.ok()) head = *sign;
          return sign.status();
        },
        [] { return absl::OkStatus(); });
    EXPECT_TRUE(extended.ok()) << extended;
    return head;
  }

  template <typename Result>
  absl::StatusOr<Result> Get(
      absl::FunctionRef<absl::StatusOr<Result>(Transaction&)> read) {
    absl::StatusOr<Result> result = absl::UnknownError("");
    EXPECT_TRUE(broker_.store
                    ->Read([&](Transaction& transaction) {
                      result = read(transaction);
                      return absl::OkStatus();
                    })
                    .ok());
    return result;
  }
  absl::StatusOr<crypto::Bytes> Tile(const std::string& id, uint32_t level,
                                     uint64_t tile, uint32_t width) {
    return Get<crypto::Bytes>([&](Transaction& transaction) {
      return broker_.ledgers->Tile(transaction, id, level, tile, width);
    });
  }
  absl::StatusOr<crypto::Bytes> Bundle(const std::string& id, uint64_t tile,
                                       uint32_t width) {
    return Get<crypto::Bytes>([&](Transaction& transaction) {
      return broker_.ledgers->Bundle(transaction, id, tile, width);
    });
  }

  TestBroker broker_;
};

// The worked log of 1,000 entries, grown through every published checkpoint.
TEST_F(LedgerLogTest, GrowsThroughTheRootsOfTheWorkedLog) {
  const std::vector<std::string> entries = ReadEntries();
  ASSERT_EQ(entries.size(), 1000u);
  ASSERT_TRUE(broker_.OpenLedger("l").ok());
  size_t size = 0;
  for (const size_t next : {1, 2, 255, 256, 257, 511, 512, 600, 999, 1000}) {
    const SignedHead head =
        Extend("l", absl::MakeConstSpan(entries).subspan(size, next - size));
    size = next;
    const std::vector<std::string> lines = absl::StrSplit(
        ReadVector("history/checkpoint." + std::to_string(size)), '\n');
    EXPECT_EQ(crypto::ToBase64(head.root), lines[2]) << size;
    EXPECT_EQ(head.size, size);
  }
}

TEST_F(LedgerLogTest, ServesTheTilesOfTheWorkedLog) {
  ASSERT_TRUE(broker_.OpenLedger("l").ok());
  Extend("l", ReadEntries());
  const std::tuple<uint32_t, uint64_t, uint32_t, const char*> tiles[] = {
      {0, 0, 256, "log/tile/0/000"},
      {0, 2, 256, "log/tile/0/002"},
      {0, 3, 232, "log/tile/0/003.p/232"},
      {1, 0, 3, "log/tile/1/000.p/3"}};
  for (const auto& [level, tile, width, name] : tiles) {
    const std::string want = ReadVector(name);
    EXPECT_EQ(crypto::AsText(*Tile("l", level, tile, width)), want) << name;
    EXPECT_EQ(crypto::AsText(*Tile("l", level, tile, 1)), want.substr(0, 32));
  }
  EXPECT_EQ(crypto::AsText(*Bundle("l", 0, 256)),
            ReadVector("log/tile/entries/000"));
  EXPECT_EQ(crypto::AsText(*Bundle("l", 3, 232)),
            ReadVector("log/tile/entries/003.p/232"));
}

TEST_F(LedgerLogTest, ServesNoTileBeyondTheSignedHead) {
  ASSERT_TRUE(broker_.OpenLedger("l").ok());
  Extend("l", std::vector<std::string>(300, "x"));
  const std::tuple<uint32_t, uint64_t, uint32_t> tiles[] = {
      {0, 0, 0},
      {0, 0, 257},
      {0, 1, 45},
      {0, 2, 1},
      {1, 0, 2},
      {1, 1, 1},
      {2, 0, 1},
      {8, 0, 1},
      {63, 0, 1},
      {1000, 0, 1},
      {0, ~uint64_t{0}, 1},
      {0, uint64_t{1} << 56, 1}};
  for (const auto& [level, tile, width] : tiles) {
    EXPECT_EQ(Tile("l", level, tile, width).status().code(),
              absl::StatusCode::kOutOfRange)
        << level << "/" << tile << ".p/" << width;
    if (level > 0) continue;
    EXPECT_EQ(Bundle("l", tile, width).status().code(),
              absl::StatusCode::kOutOfRange);
  }
}

TEST_F(LedgerLogTest, SignsANoteUnderItsOwnOrigin) {
  ASSERT_TRUE(broker_.OpenLedger("north-south").ok());
  const SignedHead head = Extend("north-south", {"{}"});
  EXPECT_TRUE(absl::StartsWith(head.checkpoint,
                               "broker.test/ledgers/north-south\n1\n" +
                                   crypto::ToBase64(head.root) + "\n\n"));
  EXPECT_TRUE(absl::StartsWith(*broker_.ledgers->VerifierKey("north-south"),
                               "broker.test/ledgers/north-south+"));
  EXPECT_TRUE(broker_.ledgers->VerifyCheckpoint("north-south", head).ok());
  EXPECT_EQ(broker_.ledgers->VerifyCheckpoint("other", head).code(),
            absl::StatusCode::kDataLoss);
  for (size_t bit = 0; bit < head.checkpoint.size() * 8; ++bit) {
    SignedHead altered = head;
    altered.checkpoint[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE(
        broker_.ledgers->VerifyCheckpoint("north-south", altered).ok());
  }
  SignedHead smaller = head;
  smaller.size = 0;
  EXPECT_FALSE(broker_.ledgers->VerifyCheckpoint("north-south", smaller).ok());
}

TEST_F(LedgerLogTest, AnEmptyLedgerHasACheckpointToo) {
  ASSERT_TRUE(broker_.OpenLedger("l").ok());
  const auto head = Get<SignedHead>([&](Transaction& transaction) {
    return broker_.ledgers->Head(transaction, "l");
  });
  EXPECT_EQ(head->size, 0u);
  EXPECT_TRUE(broker_.ledgers->VerifyCheckpoint("l", *head).ok());
  EXPECT_EQ(broker_.OpenLedger("l").code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(LedgerLogTest, ProvesAndReadsWhatIsSignedOnly) {
  ASSERT_TRUE(broker_.OpenLedger("l").ok());
  ASSERT_TRUE(broker_.Append("l", 3).ok());
  EXPECT_EQ(*Get<std::string>([&](Transaction& transaction) {
    return broker_.ledgers->Entry(transaction, "l", 2);
  }),
            "{\"n\":2}");
  EXPECT_EQ(Get<std::string>([&](Transaction& transaction) {
              return broker_.ledgers->Entry(transaction, "l", 3);
            })
                .status()
                .code(),
            absl::StatusCode::kOutOfRange);
  const uint64_t beyond[] = {0, 3};
  EXPECT_EQ(Get<std::vector<std::string>>([&](Transaction& transaction) {
              return broker_.ledgers->Proofs(transaction, "l", beyond);
            })
                .status()
                .code(),
            absl::StatusCode::kOutOfRange);
  const auto consistency = [&](uint64_t from) {
    return Get<std::vector<crypto::Hash>>([&](Transaction& transaction) {
      return broker_.ledgers->Consistency(transaction, "l", from);
    });
  };
  EXPECT_EQ(consistency(1)->size(), 2u);
  EXPECT_TRUE(consistency(0)->empty());
  EXPECT_TRUE(consistency(3)->empty());
  EXPECT_EQ(consistency(4).status().code(), absl::StatusCode::kOutOfRange);
}

TEST_F(LedgerLogTest, KnowsNoLedgerThatWasNotMade) {
  EXPECT_EQ(Tile("none", 0, 0, 1).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Bundle("none", 0, 1).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(broker_.Append("none", 1).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(LedgerLogTest, ServesNothingOfARefusedLedger) {
  ASSERT_TRUE(broker_.OpenLedger("l").ok());
  ASSERT_TRUE(broker_.Append("l", 1).ok());
  broker_.ledgers->Refuse("l", "it was altered");
  const absl::Status refused = Tile("l", 0, 0, 1).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(refused.message(), "it was altered");
  EXPECT_TRUE(IsLedgerRefused(refused));
  EXPECT_FALSE(IsLedgerRefused(Tile("none", 0, 0, 1).status()));
  EXPECT_EQ(Bundle("l", 0, 1).status(), refused);
  EXPECT_EQ(broker_.Append("l", 1).status(), refused);
  EXPECT_EQ(broker_.OpenLedger("l"), refused);
  for (const auto& status :
       {Get<SignedHead>([&](Transaction& t) {
          return broker_.ledgers->Head(t, "l");
        }).status(),
        Get<std::string>([&](Transaction& t) {
          return broker_.ledgers->Entry(t, "l", 0);
        }).status(),
        Get<SignedHead>([&](Transaction& t) {
          return broker_.ledgers->Sign(t, "l");
        }).status(),
        Get<std::vector<crypto::Hash>>([&](Transaction& t) {
          return broker_.ledgers->Consistency(t, "l", 1);
        }).status()}) {
    EXPECT_EQ(status, refused);
  }
}

}  // namespace
}  // namespace entente::broker
