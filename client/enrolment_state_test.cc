#include "client/enrolment_state.h"

#include <gtest/gtest.h>

#include "client/local_store.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

class EnrolmentStateTest : public testing::Test {
 protected:
  TestFolder folder_;
  const std::unique_ptr<LocalStore> store_ =
      *LocalStore::Open(folder_ / "store.db", *crypto::Secret::Random(32));
};

TEST_F(EnrolmentStateTest, ComesBackAsItWasStored) {
  PendingRequest request;
  request.request_id = {1, 2, 3};
  request.scheme = "nhs/1";
  request.epoch = 4;
  request.blinds = {*crypto::SecretScalar::Random(),
                    *crypto::SecretScalar::Random()};
  request.identifiers = {"a", "b"};
  request.references = {{"r1", "r2"}, {"r3"}};
  PseudonymTable& table = store_->pseudonyms();
  ASSERT_TRUE(PutPendingRequest("isa-pact", request, &table).ok());
  const auto pending = PendingRequests("isa-pact", &table);
  ASSERT_TRUE(pending.ok()) << pending.status();
  ASSERT_EQ(pending->size(), 1u);
  const PendingRequest& read = pending->front();
  EXPECT_EQ(read.request_id, request.request_id);
  EXPECT_EQ(read.scheme, "nhs/1");
  EXPECT_EQ(read.epoch, 4u);
  EXPECT_EQ(read.identifiers, request.identifiers);
  EXPECT_EQ(read.references, request.references);
  ASSERT_EQ(read.blinds.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(read.blinds[i].Expose(), request.blinds[i].Expose());
  }
  EXPECT_TRUE(PendingRequests("isa-other", &table)->empty());
  ASSERT_TRUE(table.DropPending(RequestName(request)).ok());
  EXPECT_TRUE(PendingRequests("isa-pact", &table)->empty());
}

TEST_F(EnrolmentStateTest, RefusesWhatItCannotRead) {
  PseudonymTable& table = store_->pseudonyms();
  ASSERT_TRUE(table.PutPending({"id", "isa-pact", {1, 2, 3}}).ok());
  EXPECT_TRUE(absl::IsDataLoss(PendingRequests("isa-pact", &table).status()));
}

}  // namespace
}  // namespace entente::client
