#include "broker/store/keys_table.h"

#include "broker/store/agencies_table.h"
#include "broker/store/test_store.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

std::vector<uint8_t> Digest(uint8_t fill) {
  return std::vector<uint8_t>(32, fill);
}

void WithTable(absl::FunctionRef<void(KeysTable&)> work) {
  TestStore store;
  EXPECT_TRUE(store
                  .In([&](Transaction& transaction) {
                    EXPECT_TRUE(AgenciesTable(transaction)
                                    .Insert({"north", "North",
                                             std::string(64, 'a'), "", kNow})
                                    .ok());
                    KeysTable table(transaction);
                    work(table);
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST(KeysTable, OneBundleOfAnAgencyIsInForce) {
  WithTable([](KeysTable& table) {
    EXPECT_EQ(table.GetBundleInForce("north").status().code(),
              absl::StatusCode::kNotFound);
    const BundleRow first = {Digest(1), "north", {1}, kNow};
    const BundleRow second = {Digest(2), "north", {2}, kNow};
    ASSERT_TRUE(table.PutBundle(first).ok());
    ASSERT_TRUE(table.PutBundle(second).ok());
    EXPECT_EQ(table.GetBundleInForce("north")->digest, Digest(2));
    EXPECT_EQ(table.GetBundle(Digest(1))->envelope, first.envelope);
    EXPECT_EQ(table.GetBundle(Digest(1))->published, kNow);
    ASSERT_TRUE(table.PutBundle(first).ok());
    EXPECT_EQ(table.GetBundleInForce("north")->digest, Digest(1));
    EXPECT_EQ(table.GetBundle(Digest(3)).status().code(),
              absl::StatusCode::kNotFound);
    EXPECT_EQ(table.PutBundle({Digest(4), "nobody", {}, kNow}).code(),
              absl::StatusCode::kFailedPrecondition);
  });
}

TEST(KeysTable, TheNewestManifestIsInForce) {
  WithTable([](KeysTable& table) {
    EXPECT_EQ(table.GetManifestInForce("a").status().code(),
              absl::StatusCode::kNotFound);
    const ManifestRow first = {Digest(9), "a", 1, 1, {1}, absl::nullopt};
    const ManifestRow second = {Digest(2), "a", 2, 1, {2}, absl::nullopt};
    const ManifestRow other = {Digest(3), "b", 1, 1, {3}, absl::nullopt};
    ASSERT_TRUE(table.InsertManifest(first).ok());
    ASSERT_TRUE(table.InsertManifest(second).ok());
    ASSERT_TRUE(table.InsertManifest(other).ok());
    EXPECT_EQ(table.InsertManifest(first).code(),
              absl::StatusCode::kAlreadyExists);
    ASSERT_TRUE(table.SetManifestEntry(Digest(2), 5).ok());
    const auto in_force = table.GetManifestInForce("a");
    EXPECT_EQ(in_force->digest, Digest(2));
    EXPECT_EQ(in_force->version, 2u);
    EXPECT_EQ(in_force->epoch, 1u);
    EXPECT_EQ(in_force->content, second.content);
    EXPECT_EQ(*in_force->entry, 5u);
    EXPECT_FALSE(table.GetManifest(Digest(9))->entry.has_value());
    EXPECT_EQ(table.GetManifest(Digest(7)).status().code(),
              absl::StatusCode::kNotFound);
  });
}

TEST(KeysTable, AnEpochHasOneMasterUntilItIsDeleted) {
  WithTable([](KeysTable& table) {
    ASSERT_TRUE(table.InsertMaster({"a", 1, {1, 2}, kNow}).ok());
    ASSERT_TRUE(table.InsertMaster({"a", 2, {3}, kNow}).ok());
    EXPECT_EQ(table.InsertMaster({"a", 1, {4}, kNow}).code(),
              absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(table.GetMaster("a", 1)->sealed, (std::vector<uint8_t>{1, 2}));
    EXPECT_EQ(table.ListMasters()->size(), 2u);
    EXPECT_EQ(table.ListMasters()->back().epoch, 2u);
    ASSERT_TRUE(table.DeleteMaster("a", 1).ok());
    EXPECT_EQ(table.DeleteMaster("a", 1).code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(table.GetMaster("a", 1).status().code(),
              absl::StatusCode::kNotFound);
  });
}

TEST(KeysTable, SealedKeysAreWrittenOnce) {
  WithTable([](KeysTable& table) {
    EXPECT_EQ(table.GetSealed("k").status().code(),
              absl::StatusCode::kNotFound);
    ASSERT_TRUE(table.InsertSealed("k", Digest(1)).ok());
    EXPECT_EQ(table.InsertSealed("k", Digest(2)).code(),
              absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(*table.GetSealed("k"), Digest(1));
  });
}

}  // namespace
}  // namespace entente::broker
