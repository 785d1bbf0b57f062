#include "client/sent_rows.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "client/local_store.h"
#include "client/test_folder.h"
#include "crypto/hex.h"

namespace entente::client {
namespace {

using crypto::AsBytes;

class SentRowsTest : public testing::Test {
 protected:
  static SendingScope Scope() {
    return {"isa-pact", "crimes", "westvale", "analysis", {{"case", "OP-1"}}};
  }

  std::vector<crypto::Bytes> Keys(const std::vector<std::string>& rows,
                                  const SendingScope& scope = Scope()) {
    const auto sent = store_->BeginSending(scope);
    EXPECT_TRUE(sent.ok()) << sent.status();
    std::vector<crypto::Bytes> keys;
    for (const std::string& row : rows) {
      keys.push_back(*(*sent)->NextKey(AsBytes(row)));
    }
    return keys;
  }

  bool WasSent(const crypto::Bytes& key) {
    return *(*store_->BeginSending(Scope()))->WasSent(key);
  }

  absl::Status Put(uint8_t id, const std::vector<crypto::Bytes>& keys) {
    OutgoingBatch batch;
    batch.batch_id[0] = id;
    batch.agreement = "isa-pact";
    batch.recipient = "westvale";
    batch.chunks.resize(1);
    return store_->exchange().PutOutgoing(batch, keys);
  }

  TestFolder folder_;
  const std::unique_ptr<LocalStore> store_ =
      *LocalStore::Open(folder_ / "store.db", *crypto::Secret::Random(32));
};

TEST_F(SentRowsTest, TheSameInputHasTheSameKeys) {
  EXPECT_EQ(Keys({"a", "b", "a"}), Keys({"a", "b", "a"}));
}

TEST_F(SentRowsTest, TheOrderOfOtherRowsDoesNotMatter) {
  const auto keys = Keys({"a", "b"});
  const auto turned = Keys({"b", "a"});
  EXPECT_EQ(keys[0], turned[1]);
  EXPECT_EQ(keys[1], turned[0]);
}

TEST_F(SentRowsTest, ARepeatedRowIsAnotherEachTime) {
  const auto keys = Keys({"a", "a", "a"});
  EXPECT_EQ(std::set<crypto::Bytes>(keys.begin(), keys.end()).size(), 3u);
}

TEST_F(SentRowsTest, EveryPartOfTheScopeCounts) {
  std::vector<SendingScope> scopes(6, Scope());
  scopes[1].agreement = "isa-other";
  scopes[2].flow = "persons";
  scopes[3].recipient = "estmarch";
  scopes[4].purpose = "series";
  scopes[5].accompanying = {{"case", "OP-2"}};
  std::set<crypto::Bytes> keys;
  for (const SendingScope& scope : scopes) keys.insert(Keys({"a"}, scope)[0]);
  EXPECT_EQ(keys.size(), scopes.size());
}

TEST_F(SentRowsTest, ReadingsAtTheSameTimeAreApart) {
  const auto one = store_->BeginSending(Scope());
  const auto other = store_->BeginSending(Scope());
  EXPECT_EQ(*(*one)->NextKey(AsBytes("a")), *(*other)->NextKey(AsBytes("a")));
}

TEST_F(SentRowsTest, RowsOfAStoredBatchWereSent) {
  const auto keys = Keys({"a", "b", "a"});
  ASSERT_TRUE(Put(1, {keys[0], keys[1]}).ok());
  EXPECT_TRUE(WasSent(keys[0]));
  EXPECT_TRUE(WasSent(keys[1]));
  EXPECT_FALSE(WasSent(keys[2]));
}

TEST_F(SentRowsTest, RowsOfARefusedBatchWereNot) {
  const auto keys = Keys({"a", "b"});
  ASSERT_TRUE(Put(1, {keys[0]}).ok());
  ASSERT_TRUE(Put(2, {keys[1]}).ok());
  BatchId id = {1};
  ASSERT_TRUE(store_->exchange().MarkRefused(id).ok());
  EXPECT_FALSE(WasSent(keys[0]));
  EXPECT_TRUE(WasSent(keys[1]));
}

TEST_F(SentRowsTest, AcceptedBatchesStayKnown) {
  const auto keys = Keys({"a"});
  ASSERT_TRUE(Put(1, keys).ok());
  BatchId id = {1};
  ASSERT_TRUE(store_->exchange().MarkAccepted(id, "receipt").ok());
  EXPECT_TRUE(WasSent(keys[0]));
}

TEST_F(SentRowsTest, ABatchThatIsNotStoredSendsNothing) {
  const auto keys = Keys({"a", "b"});
  ASSERT_TRUE(Put(1, {keys[0]}).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Put(1, {keys[1]})));
  EXPECT_FALSE(WasSent(keys[1]));
}

TEST_F(SentRowsTest, SendingAgainMovesARowToTheLaterBatch) {
  const auto keys = Keys({"a"});
  ASSERT_TRUE(Put(1, keys).ok());
  ASSERT_TRUE(Put(2, keys).ok());
  BatchId first = {1};
  ASSERT_TRUE(store_->exchange().MarkRefused(first).ok());
  EXPECT_TRUE(WasSent(keys[0]));
}

TEST_F(SentRowsTest, ATooLongScopeIsRefused) {
  SendingScope scope = Scope();
  scope.purpose = std::string(70'000, 'x');
  EXPECT_TRUE(absl::IsInvalidArgument(store_->BeginSending(scope).status()));
}

TEST_F(SentRowsTest, CountingStartsAtNoneEachTime) {
  for (int i = 0; i < 2; ++i) {
    const auto occurrences = store_->BeginCounting();
    ASSERT_TRUE(occurrences.ok());
    EXPECT_EQ(*(*occurrences)->Count(AsBytes("a")), 1u);
    EXPECT_EQ(*(*occurrences)->Count(AsBytes("b")), 1u);
    EXPECT_EQ(*(*occurrences)->Count(AsBytes("a")), 2u);
  }
}

TEST_F(SentRowsTest, StoringABatchInTheMiddleOfAReadingWorks) {
  const auto sent = store_->BeginSending(Scope());
  const auto first = *(*sent)->NextKey(AsBytes("a"));
  ASSERT_FALSE(*(*sent)->WasSent(first));
  ASSERT_TRUE(Put(1, {first}).ok());
  EXPECT_TRUE(*(*sent)->WasSent(first));
  const auto second = *(*sent)->NextKey(AsBytes("a"));
  EXPECT_FALSE(*(*sent)->WasSent(second));
}

}  // namespace
}  // namespace entente::client
