#include "broker/store/agencies_table.h"

#include "broker/store/test_store.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

AgencyRow Agency(const std::string& id, char digit) {
  return {id, "The " + id + " force", std::string(64, digit), "pem " + id,
          kNow};
}

TEST(AgenciesTable, KeepsAgenciesInOrder) {
  TestStore store;
  EXPECT_TRUE(store
                  .In([](Transaction& transaction) {
                    AgenciesTable table(transaction);
                    EXPECT_TRUE(table.Insert(Agency("west", 'c')).ok());
                    EXPECT_TRUE(table.Insert(Agency("east", 'a')).ok());
                    EXPECT_TRUE(table.Insert(Agency("north", 'b')).ok());
                    const auto north = table.Get("north");
                    EXPECT_EQ(north->name, "The north force");
                    EXPECT_EQ(north->root_digest, std::string(64, 'b'));
                    EXPECT_EQ(north->root_pem, "pem north");
                    EXPECT_EQ(north->added, kNow);
                    const auto all = table.List("", 10);
                    EXPECT_EQ(all->size(), 3u);
                    const auto page = table.List("east", 1);
                    EXPECT_EQ(page->size(), 1u);
                    EXPECT_EQ(page->front().id, "north");
                    EXPECT_TRUE(table.List("west", 10)->empty());
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST(AgenciesTable, RefusesATakenIdOrRoot) {
  TestStore store;
  EXPECT_TRUE(store
                  .In([](Transaction& transaction) {
                    AgenciesTable table(transaction);
                    EXPECT_TRUE(table.Insert(Agency("north", 'a')).ok());
                    EXPECT_EQ(table.Insert(Agency("north", 'b')).code(),
                              absl::StatusCode::kAlreadyExists);
                    EXPECT_EQ(table.Insert(Agency("south", 'a')).code(),
                              absl::StatusCode::kAlreadyExists);
                    EXPECT_EQ(table.Get("south").status().code(),
                              absl::StatusCode::kNotFound);
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST(AgenciesTable, RevokesOnceAndForEver) {
  TestStore store;
  const std::string fingerprint(64, 'f');
  EXPECT_TRUE(
      store
          .In([&](Transaction& transaction) {
            AgenciesTable table(transaction);
            EXPECT_FALSE(*table.IsRevoked(fingerprint, "north"));
            const RevokedRow row = {fingerprint, "north", "lost", "op", kNow};
            EXPECT_TRUE(*table.Revoke(row));
            EXPECT_FALSE(*table.Revoke(row));
            EXPECT_TRUE(*table.IsRevoked(fingerprint, "north"));
            // What one agency revokes says nothing about another's.
            EXPECT_FALSE(*table.IsRevoked(fingerprint, "south"));
            EXPECT_TRUE(*table.Revoke({fingerprint, "", "lost", "op", kNow}));
            EXPECT_TRUE(*table.IsRevoked(fingerprint, "south"));
            EXPECT_EQ(table.Revoked()->size(), 2u);
            EXPECT_EQ(table.Revoked()->back().agency, "north");
            EXPECT_EQ(
                table.Revoke({"short", "north", "", "", kNow}).status().code(),
                absl::StatusCode::kFailedPrecondition);
            return absl::OkStatus();
          })
          .ok());
}

}  // namespace
}  // namespace entente::broker
