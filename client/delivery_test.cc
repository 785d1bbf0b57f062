#include "client/delivery.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::client {
namespace {

using ::testing::ElementsAre;

Record OneRecord() {
  return {{"batch", "ab"},
          {"index", 0},
          {"sender", "north"},
          {"flow", "persons"},
          {"purpose", "investigate"},
          {"fields", Record{{"surname", "Ashe"}, {"town", Value()}}},
          {"pseudonyms",
           Record{{"person",
                   Record{{"pseudonym", "AAAA-BBBB-CCCC-DDDD"},
                          {"matches", std::vector<Value>{"REF-1", "REF-2"}}}},
                  {"victim", Record{{"pseudonym", Value()},
                                    {"matches", std::vector<Value>{}}}}}}};
}

TEST(ToDelivery, TellsFieldsPseudonymsAndMatches) {
  const auto delivery = ToDelivery("ab", "north", {{OneRecord()}, 1, {}, 0});
  ASSERT_TRUE(delivery.ok()) << delivery.status();
  EXPECT_EQ(delivery->batch, "ab");
  EXPECT_EQ(delivery->sender, "north");
  EXPECT_EQ(delivery->flow, "persons");
  EXPECT_EQ(delivery->purpose, "investigate");
  ASSERT_EQ(delivery->records.size(), 1u);
  const ReceivedRecord& record = delivery->records[0];
  EXPECT_EQ(record.fields.at("surname"), "Ashe");
  EXPECT_EQ(record.fields.at("town"), std::nullopt);
  EXPECT_EQ(record.pseudonyms.at("person")->printed, "AAAA-BBBB-CCCC-DDDD");
  EXPECT_THAT(record.pseudonyms.at("person")->matches,
              ElementsAre("REF-1", "REF-2"));
  EXPECT_EQ(record.pseudonyms.at("victim"), std::nullopt);
}

TEST(ToDelivery, RefusesAnotherForm) {
  for (const Record& record :
       {Record{}, Record{{"fields", Record{}}},
        Record{{"fields", "text"}, {"pseudonyms", Record{}}},
        Record{{"fields", Record{}}, {"pseudonyms", Record{{"p", "text"}}}},
        Record{{"fields", Record{}},
               {"pseudonyms", Record{{"p", Record{{"pseudonym", "X"}}}}}}}) {
    EXPECT_EQ(ToDelivery("ab", "north", {{record}, 0, {}, 0}).status().code(),
              absl::StatusCode::kInternal);
  }
}

TEST(HandlerSink, PassesOnWhatTheHandlerSays) {
  const struct {
    absl::Status said;
    absl::StatusCode want;
  } cases[] = {
      {absl::OkStatus(), absl::StatusCode::kOk},
      {absl::InvalidArgumentError("x"), absl::StatusCode::kDataLoss},
      {absl::UnavailableError("x"), absl::StatusCode::kUnavailable},
      {absl::CancelledError("x"), absl::StatusCode::kCancelled},
  };
  for (const auto& one : cases) {
    int handed = 0;
    const Handler handler = [&](const Delivery& delivery) {
      handed += static_cast<int>(delivery.records.size());
      return one.said;
    };
    HandlerSink sink(handler);
    const auto taken = sink.Take("ab", "north", {{OneRecord()}, 1, {}, 0});
    EXPECT_EQ(taken.status().code(), one.want);
    EXPECT_EQ(handed, 1);
  }
}

}  // namespace
}  // namespace entente::client
