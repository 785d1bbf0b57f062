#include "broker/store/sqlite_store.h"

#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "broker/store/agencies_table.h"
#include "broker/store/schema.h"
#include "broker/test_folder.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

constexpr absl::Status (*kReleased)() = +[] { return absl::OkStatus(); };

AgencyRow Force(const std::string& id, char digit) {
  return {id, "An agency", std::string(64, digit), "pem", absl::UnixEpoch()};
}

class SqliteStoreTest : public testing::Test {
 protected:
  void SetUp() override { store_ = *SqliteStore::Open(folder_ / "db", 2); }

  absl::Status Add(const std::string& id, char digit) {
    return store_->Write(
        [&](Transaction& transaction) {
          return AgenciesTable(transaction).Insert(Force(id, digit));
        },
        kReleased);
  }
  absl::StatusCode Find(const std::string& id) {
    return store_
        ->Read([&](Transaction& transaction) {
          return AgenciesTable(transaction).Get(id).status();
        })
        .code();
  }

  TestFolder folder_;
  std::unique_ptr<SqliteStore> store_;
};

TEST_F(SqliteStoreTest, KeepsWhatItCommitted) {
  ASSERT_TRUE(Add("north", 'a').ok());
  EXPECT_EQ(Find("north"), absl::StatusCode::kOk);
  store_ = nullptr;
  store_ = *SqliteStore::Open(folder_ / "db", 1);
  EXPECT_EQ(Find("north"), absl::StatusCode::kOk);
}

TEST_F(SqliteStoreTest, FailedWorkChangesNothing) {
  const absl::Status failed = store_->Write(
      [&](Transaction& transaction) {
        const absl::Status put =
            AgenciesTable(transaction).Insert(Force("north", 'a'));
        return put.ok() ? absl::AbortedError("changed my mind") : put;
      },
      kReleased);
  EXPECT_EQ(failed.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Find("north"), absl::StatusCode::kNotFound);
}

TEST_F(SqliteStoreTest, NoReaderSeesACommitBeforeItsRelease) {
  absl::Notification reading;
  absl::StatusCode seen = absl::StatusCode::kUnknown;
  bool released = false;
  bool released_before_read = false;
  std::thread reader;
  const absl::Status written = store_->Write(
      [&](Transaction& transaction) {
        return AgenciesTable(transaction).Insert(Force("north", 'a'));
      },
      [&] {
        // The commit is done; a reader that starts now has to wait for us.
        reader = std::thread([&] {
          reading.Notify();
          seen = store_
                     ->Read([&](Transaction& transaction) {
                       released_before_read = released;
                       return AgenciesTable(transaction).Get("north").status();
                     })
                     .code();
        });
        reading.WaitForNotification();
        released = true;
        return absl::OkStatus();
      });
  reader.join();
  EXPECT_TRUE(written.ok());
  EXPECT_EQ(seen, absl::StatusCode::kOk);
  EXPECT_TRUE(released_before_read);
}

TEST_F(SqliteStoreTest, StopsWhenACommitCannotBeReleased) {
  const absl::Status failed = store_->Write(
      [&](Transaction& transaction) {
        return AgenciesTable(transaction).Insert(Force("north", 'a'));
      },
      [] { return absl::UnavailableError("anchors: disk full"); });
  EXPECT_EQ(failed.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(absl::StrContains(failed.message(), "anchors: disk full"));
  EXPECT_EQ(Find("north"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Add("south", 'b').code(), absl::StatusCode::kUnavailable);
}

TEST_F(SqliteStoreTest, ReadersBeyondTheConnectionsWaitTheirTurn) {
  std::vector<std::thread> readers;
  std::atomic<int> done = 0;
  for (int i = 0; i < 16; ++i) {
    readers.emplace_back([&] {
      if (Find("none") == absl::StatusCode::kNotFound) ++done;
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(done, 16);
}

TEST_F(SqliteStoreTest, RefusesAnotherVersionAndAnotherProgram) {
  store_ = nullptr;
  auto database = *Database::Open(folder_ / "db", Database::Mode::kReadWrite);
  const int later = kSchemaVersion + 1;
  ASSERT_TRUE(
      database->Execute(absl::StrCat("PRAGMA user_version = ", later)).ok());
  const absl::Status version = SqliteStore::Open(folder_ / "db", 1).status();
  EXPECT_EQ(version.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(
      absl::StrContains(version.message(), absl::StrCat("version ", later)));
  EXPECT_TRUE(absl::StrContains(version.message(), "new data folder"));

  ASSERT_TRUE(database->Execute("PRAGMA application_id = 7").ok());
  EXPECT_EQ(SqliteStore::Open(folder_ / "db", 1).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(SqliteStoreTest, RefusesAForeignDatabaseWithoutVersion) {
  auto database =
      *Database::Open(folder_ / "foreign", Database::Mode::kReadWrite);
  ASSERT_TRUE(database->Execute("CREATE TABLE t (a)").ok());
  EXPECT_EQ(SqliteStore::Open(folder_ / "foreign", 1).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(SqliteStoreTest, EntriesAreNeverChangedOrDeleted) {
  const absl::Status prepared = store_->Write(
      [](Transaction& transaction) {
        const absl::Status made = transaction
                                      .Query(
                                          "INSERT INTO ledgers VALUES"
                                          " ('l', 'o', 1, 0, zeroblob(32), '')")
                                      .Run();
        if (!made.ok()) return made;
        return transaction.Query("INSERT INTO entries VALUES ('l', 0, x'61')")
            .Run();
      },
      kReleased);
  ASSERT_TRUE(prepared.ok());
  for (const char* sql :
       {"UPDATE entries SET content = x'62'", "DELETE FROM entries"}) {
    EXPECT_EQ(store_
                  ->Write([&](Transaction& t) { return t.Query(sql).Run(); },
                          kReleased)
                  .code(),
              absl::StatusCode::kFailedPrecondition)
        << sql;
  }
}

}  // namespace
}  // namespace entente::broker
