#include "broker/master_keys.h"

#include "broker/ledger_key.h"
#include "broker/store/sqlite_store.h"
#include "broker/test_folder.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using crypto::Domain;
using crypto::Edge;
using crypto::Role;

WrappingKey MakeKey(const std::string& path) {
  std::vector<uint8_t> passphrase(12, 'p');
  return *KeyFile::Create(
      path, *crypto::Secret::TakeFrom(absl::MakeSpan(passphrase)), {1, 8192});
}

class MasterKeysTest : public testing::Test {
 protected:
  void SetUp() override { store_ = *SqliteStore::Open(folder_ / "db", 1); }

  absl::Status In(absl::FunctionRef<absl::Status(Transaction&)> work) {
    return store_->Write(work, [] { return absl::OkStatus(); });
  }
  absl::Status Create(const std::string& agreement, uint32_t epoch) {
    return In([&](Transaction& transaction) {
      return keys_.Create(transaction, agreement, epoch, absl::UnixEpoch());
    });
  }
  absl::StatusOr<PublishedKey> Published(const Domain& domain) {
    absl::StatusOr<PublishedKey> key = absl::UnknownError("");
    EXPECT_TRUE(In([&](Transaction& transaction) {
                  key = keys_.PublishDomain(transaction, domain);
                  return absl::OkStatus();
                }).ok());
    return key;
  }

  TestFolder folder_;
  const WrappingKey wrapping_ = MakeKey(folder_ / "key");
  const MasterKeys keys_ = MasterKeys(&wrapping_);
  std::unique_ptr<SqliteStore> store_;
  const Domain domain_ = {"north-south", "north", Role::kMatching, 1};
};

TEST_F(MasterKeysTest, DerivesTheSameKeysEveryTime) {
  ASSERT_TRUE(Create("north-south", 1).ok());
  const auto first = Published(domain_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->point, Published(domain_)->point);
  EXPECT_TRUE(crypto::VerifyPossession(first->point, *crypto::OwnerOfK(domain_),
                                       first->proof)
                  .ok());
}

TEST_F(MasterKeysTest, PublishesEdgesWithTheirProof) {
  ASSERT_TRUE(Create("north-south", 1).ok());
  const Edge edge = {"north-south", "north", "south", 1};
  EXPECT_TRUE(In([&](Transaction& transaction) {
                const auto published = keys_.PublishEdge(transaction, edge);
                if (!published.ok()) return published.status();
                const auto secret = keys_.EdgeKey(transaction, edge);
                if (!secret.ok()) return secret.status();
                EXPECT_EQ(*crypto::MulBase(*secret), published->point);
                return crypto::VerifyPossession(published->point,
                                                *crypto::OwnerOfX(edge),
                                                published->proof);
              }).ok());
}

TEST_F(MasterKeysTest, GivesEachAgreementAndEpochItsOwnMaster) {
  ASSERT_TRUE(Create("north-south", 1).ok());
  ASSERT_TRUE(Create("north-south", 2).ok());
  EXPECT_EQ(Create("north-south", 1).code(), absl::StatusCode::kAlreadyExists);
  Domain next = domain_;
  next.epoch = 2;
  EXPECT_FALSE(Published(domain_)->point == Published(next)->point);
}

TEST_F(MasterKeysTest, KnowsNothingOfAShreddedEpoch) {
  EXPECT_EQ(Published(domain_).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(Create("north-south", 1).ok());
  const auto shred = [&] {
    return In([&](Transaction& transaction) {
      return keys_.Shred(transaction, "north-south", 1);
    });
  };
  EXPECT_TRUE(shred().ok());
  EXPECT_EQ(shred().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Published(domain_).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(MasterKeysTest, RefusesAMasterMovedToAnotherRow) {
  ASSERT_TRUE(Create("north-south", 1).ok());
  ASSERT_TRUE(Create("other", 1).ok());
  ASSERT_TRUE(In([](Transaction& transaction) {
                return transaction
                    .Query(
                        "UPDATE masters SET sealed = (SELECT sealed FROM"
                        " masters WHERE agreement = 'other')"
                        " WHERE agreement = 'north-south'")
                    .Run();
              }).ok());
  EXPECT_EQ(Published(domain_).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(MasterKeysTest, RefusesADomainWithoutNames) {
  ASSERT_TRUE(Create("north-south", 1).ok());
  Domain nameless = domain_;
  nameless.agency = "";
  EXPECT_EQ(Published(nameless).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(MasterKeysTest, TheLedgerKeyIsMadeOnceAndStays) {
  std::vector<std::vector<uint8_t>> seen;
  const auto load = [&](const WrappingKey& wrapping) {
    return In([&](Transaction& transaction) {
      const auto key = LoadLedgerKey(transaction, wrapping);
      if (!key.ok()) return key.status();
      seen.emplace_back(key->public_key().bytes().begin(),
                        key->public_key().bytes().end());
      return absl::OkStatus();
    });
  };
  const auto create = [&] {
    return In([&](Transaction& transaction) {
      return CreateLedgerKey(transaction, wrapping_);
    });
  };
  EXPECT_EQ(load(wrapping_).code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(create().ok());
  EXPECT_EQ(create().code(), absl::StatusCode::kAlreadyExists);
  ASSERT_TRUE(load(wrapping_).ok());
  ASSERT_TRUE(load(wrapping_).ok());
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_EQ(load(MakeKey(folder_ / "another")).code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace entente::broker
