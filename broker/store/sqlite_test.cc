#include "broker/store/sqlite.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "broker/test_folder.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

class SqliteTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = Open();
    ASSERT_TRUE(database_
                    ->Execute("CREATE TABLE t (k TEXT PRIMARY KEY, n INTEGER"
                              " CHECK (n < 100), b BLOB) STRICT;"
                              "CREATE TABLE child (k TEXT REFERENCES t (k))"
                              " STRICT")
                    .ok());
  }

  std::unique_ptr<Database> Open(
      Database::Mode mode = Database::Mode::kReadWrite) {
    return *Database::Open(folder_ / "db", mode);
  }
  absl::Status Insert(const std::string& key, int64_t number) {
    return database_->Query("INSERT INTO t VALUES (?, ?, NULL)")
        .Text(key)
        .Int(number)
        .Run();
  }
  int64_t Count() {
    Statement query = database_->Query("SELECT count(*) FROM t");
    EXPECT_TRUE(*query.Step());
    return query.ColumnInt(0);
  }
  std::string Pragma(const std::string& name) {
    Statement query = database_->Query("PRAGMA " + name);
    EXPECT_TRUE(*query.Step());
    return query.ColumnText(0);
  }

  TestFolder folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(SqliteTest, IsDurablePrivateAndStrict) {
  EXPECT_EQ(Pragma("journal_mode"), "wal");
  EXPECT_EQ(Pragma("synchronous"), "2");
  EXPECT_EQ(Pragma("foreign_keys"), "1");
  EXPECT_EQ(Pragma("secure_delete"), "1");
  EXPECT_EQ(Pragma("trusted_schema"), "0");
  struct stat found = {};
  ASSERT_EQ(stat((folder_ / "db").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(SqliteTest, KeepsEveryTypeAsItWas) {
  const std::vector<uint8_t> bytes = {0, 255, 0};
  ASSERT_TRUE(database_->Query("INSERT INTO t VALUES (?, ?, ?)")
                  .Text(absl::string_view("a\0b", 3))
                  .Int(-5)
                  .Blob(bytes)
                  .Run()
                  .ok());
  ASSERT_TRUE(database_->Query("INSERT INTO t VALUES (?, ?, ?)")
                  .Text("")
                  .Null()
                  .Blob({})
                  .Run()
                  .ok());
  Statement query = database_->Query("SELECT k, n, b FROM t ORDER BY k DESC");
  ASSERT_TRUE(*query.Step());
  EXPECT_EQ(query.ColumnText(0), std::string("a\0b", 3));
  EXPECT_EQ(query.ColumnInt(1), -5);
  EXPECT_EQ(query.ColumnBlob(2), bytes);
  EXPECT_FALSE(query.ColumnIsNull(2));
  ASSERT_TRUE(*query.Step());
  EXPECT_EQ(query.ColumnText(0), "");
  EXPECT_TRUE(query.ColumnIsNull(1));
  EXPECT_EQ(query.ColumnInt(1), 0);
  EXPECT_FALSE(query.ColumnIsNull(2));
  EXPECT_TRUE(query.ColumnBlob(2).empty());
  EXPECT_FALSE(*query.Step());
}

TEST_F(SqliteTest, TellsTakenKeysFromOtherConstraints) {
  ASSERT_TRUE(Insert("a", 1).ok());
  EXPECT_EQ(Insert("a", 1).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Insert("b", 100).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(database_->Query("INSERT INTO child VALUES ('none')").Run().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(SqliteTest, KeepsTheFirstMistakeAndShowsNoValue) {
  const absl::Status status = database_->Query("SELECT nothing FROM nowhere")
                                  .Text("private")
                                  .Int(1)
                                  .Step()
                                  .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(status.message().find("private"), absl::string_view::npos);
  EXPECT_EQ(
      database_->Query("SELECT 1").Text("too many").Step().status().code(),
      absl::StatusCode::kInternal);
  EXPECT_EQ(database_->Query("SELECT 1").Run().code(),
            absl::StatusCode::kInternal);
}

TEST_F(SqliteTest, RunsOneStatementWithinItself) {
  ASSERT_TRUE(Insert("a", 1).ok());
  ASSERT_TRUE(Insert("b", 2).ok());
  Statement outer = database_->Query("SELECT k FROM t ORDER BY k");
  ASSERT_TRUE(*outer.Step());
  {
    Statement inner = database_->Query("SELECT k FROM t ORDER BY k");
    ASSERT_TRUE(*inner.Step());
    EXPECT_EQ(inner.ColumnText(0), "a");
  }
  ASSERT_TRUE(*outer.Step());
  EXPECT_EQ(outer.ColumnText(0), "b");
}

TEST_F(SqliteTest, ReportsAFullDatabase) {
  ASSERT_TRUE(database_->Execute("PRAGMA max_page_count = 8").ok());
  const std::vector<uint8_t> large(100'000);
  EXPECT_EQ(database_->Query("INSERT INTO t VALUES ('a', 1, ?)")
                .Blob(large)
                .Run()
                .code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(SqliteTest, ReportsWhatIsNoDatabase) {
  std::ofstream(folder_ / "other") << std::string(4096, 'x');
  EXPECT_EQ(Database::Open(folder_ / "other", Database::Mode::kReadWrite)
                .status()
                .code(),
            absl::StatusCode::kDataLoss);
  EXPECT_FALSE(
      Database::Open(folder_ / "no/db", Database::Mode::kReadWrite).ok());
  EXPECT_EQ(Database::Open(folder_ / "missing", Database::Mode::kReadOnly)
                .status()
                .code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(SqliteTest, ReadersCannotWrite) {
  const auto reader = Open(Database::Mode::kReadOnly);
  EXPECT_FALSE(reader->Query("DELETE FROM t").Run().ok());
}

TEST_F(SqliteTest, TransactionsAreUndoneUnlessCommitted) {
  {
    auto transaction =
        Transaction::Begin(database_.get(), Transaction::Kind::kWrite);
    ASSERT_TRUE(
        transaction->Query("INSERT INTO t VALUES ('a', 1, NULL)").Run().ok());
  }
  EXPECT_EQ(Count(), 0);
  auto transaction =
      Transaction::Begin(database_.get(), Transaction::Kind::kWrite);
  ASSERT_TRUE(
      transaction->Query("INSERT INTO t VALUES ('a', 1, NULL)").Run().ok());
  EXPECT_EQ(transaction->changes(), 1);
  ASSERT_TRUE(transaction->Commit().ok());
  EXPECT_EQ(transaction->Commit().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Count(), 1);
}

TEST_F(SqliteTest, ReadersSeeOneStateThroughout) {
  const auto reader = Open(Database::Mode::kReadOnly);
  auto transaction = Transaction::Begin(reader.get(), Transaction::Kind::kRead);
  ASSERT_TRUE(transaction.ok());
  ASSERT_TRUE(Insert("a", 1).ok());
  Statement query = transaction->Query("SELECT count(*) FROM t");
  ASSERT_TRUE(*query.Step());
  EXPECT_EQ(query.ColumnInt(0), 0);
}

TEST_F(SqliteTest, SavepointsUndoTheirPartAlone) {
  auto transaction =
      Transaction::Begin(database_.get(), Transaction::Kind::kWrite);
  {
    auto kept = Savepoint::Open(&*transaction);
    ASSERT_TRUE(
        transaction->Query("INSERT INTO t VALUES ('a', 1, NULL)").Run().ok());
    ASSERT_TRUE(kept->Keep().ok());
    EXPECT_EQ(kept->Keep().code(), absl::StatusCode::kFailedPrecondition);
  }
  {
    auto undone = Savepoint::Open(&*transaction);
    ASSERT_TRUE(
        transaction->Query("INSERT INTO t VALUES ('b', 1, NULL)").Run().ok());
  }
  ASSERT_TRUE(transaction->Commit().ok());
  EXPECT_EQ(Count(), 1);
}

// SQLite may end a transaction itself; what follows must not commit alone.
TEST_F(SqliteTest, WritesNothingOutsideALostTransaction) {
  auto transaction =
      Transaction::Begin(database_.get(), Transaction::Kind::kWrite);
  ASSERT_TRUE(database_->Execute("ROLLBACK").ok());
  EXPECT_EQ(
      transaction->Query("INSERT INTO t VALUES ('a', 1, NULL)").Run().code(),
      absl::StatusCode::kUnavailable);
  EXPECT_FALSE(Savepoint::Open(&*transaction).ok());
  EXPECT_FALSE(transaction->Commit().ok());
  EXPECT_EQ(Count(), 0);
}

}  // namespace
}  // namespace entente::broker
