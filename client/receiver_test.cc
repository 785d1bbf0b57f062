#include "client/receiver.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "client/enrolment.h"
#include "client/fake_traffic.h"
#include "client/jsonl_sink.h"
#include "client/pepper_exchange.h"
#include "client/sender.h"
#include "client/test_receiver.h"

namespace entente::client {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Parts = std::vector<v1::ReceiveResponse>;

TEST_F(ReceiverTest, WhatWaitsIsOpenedHandedOverAndAcknowledged) {
  const OutgoingBatch batch = Sent();
  const auto report = Run(sink_);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  EXPECT_THAT(report->refused, IsEmpty());
  ASSERT_THAT(report->batches, SizeIs(1));
  const ReceivedSummary& summary = report->batches[0];
  EXPECT_EQ(summary.batch, crypto::ToHex(batch.batch_id));
  EXPECT_EQ(summary.sender, kNorth);
  EXPECT_EQ(summary.flow, "crimes-west");
  EXPECT_EQ(summary.records, 2u);
  EXPECT_EQ(summary.matched, 0u);
  EXPECT_FALSE(summary.before);
  EXPECT_EQ(summary.file, "somewhere");
  EXPECT_EQ(summary.entry, broker_.batches.begin()->second.delivery);
  EXPECT_EQ(sink_.records, 2u);
  EXPECT_EQ(StateOf(batch), ReceivedState::kAcknowledged);
  const auto again = Run(sink_);
  ASSERT_TRUE(again.ok());
  EXPECT_THAT(again->batches, IsEmpty());
}

TEST_F(ReceiverTest, APersonKnownToBothMatches) {
  FakeSystem west(&broker_, kWest);
  const std::string scheme = "opaque/1:custody";
  const auto ours = ObtainPepper(north_.Deal());
  const auto theirs = ObtainPepper(west.Deal());
  ASSERT_TRUE(Enrol(north_.Deal(), *ours, scheme, {{"P1", "n"}}).ok());
  ASSERT_TRUE(
      Enrol(west.Deal(), *theirs, scheme, {{"P1", "w-1"}, {"P2", "w-2"}}).ok());
  const auto person =
      *north_.store().pseudonyms().Find({kPact, scheme, 1}, "P1");
  const OutgoingBatch batch =
      PutBatch(&north_, kWest, {*person, std::nullopt}, {2});
  ASSERT_TRUE(SendStored(north_.Deal(), batch.batch_id).ok());
  TestFolder inbox;
  auto sink = *FolderSink::Open(inbox.path());
  const auto report = Run(*sink);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  ASSERT_THAT(report->batches, SizeIs(1)) << Told(report->refused[0].why);
  EXPECT_EQ(report->batches[0].matched, 1u);
  const std::string lines =
      inbox.Read(crypto::ToHex(batch.batch_id) + ".jsonl");
  EXPECT_THAT(lines, HasSubstr("\"matches\":[\"w-1\"]"));
  EXPECT_THAT(lines, HasSubstr("\"pseudonym\":null"));
  EXPECT_THAT(lines, HasSubstr("\"offence\":\"28/3\""));
  EXPECT_EQ(lines.find("P1"), std::string::npos);
}

TEST_F(ReceiverTest, TheFileIsWholeBeforeTheBrokerHearsOfIt) {
  const OutgoingBatch batch = Sent();
  TestFolder inbox;
  const std::string name = crypto::ToHex(batch.batch_id) + ".jsonl";
  auto sink = *FolderSink::Open(inbox.path());
  std::string lines;
  size_t files = 0;
  ReceivedState state = ReceivedState::kArrived;
  broker_.acknowledge.refuse = [&](const auto&) {
    lines = inbox.Read(name);
    for (const auto& file : std::filesystem::directory_iterator(inbox.path())) {
      files += file.is_regular_file() ? 1 : 0;
    }
    state = StateOf(batch);
    return grpc::Status::OK;
  };
  ASSERT_TRUE(Run(*sink).ok());
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
  EXPECT_EQ(lines, inbox.Read(name));
  EXPECT_EQ(files, 1u) << "nothing half written beside it";
  EXPECT_EQ(inbox.Mode(name), 0600u);
  EXPECT_EQ(state, ReceivedState::kHandedOver);
}

TEST_F(ReceiverTest, ALostAcknowledgementIsRepeatedWithoutASecondOutput) {
  const OutgoingBatch batch = Sent();
  broker_.acknowledge.refuse = [](const auto&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
  };
  EXPECT_THAT(Told(Run(sink_).status()), HasSubstr("UNAVAILABLE exit 7"));
  EXPECT_THAT(sink_.taken, SizeIs(1));
  EXPECT_EQ(StateOf(batch), ReceivedState::kHandedOver);
  broker_.acknowledge.refuse = nullptr;
  const auto again = Run(sink_);
  ASSERT_TRUE(again.ok()) << Told(again.status());
  ASSERT_THAT(again->batches, SizeIs(1));
  EXPECT_TRUE(again->batches[0].before);
  EXPECT_THAT(sink_.taken, SizeIs(1));
  EXPECT_EQ(StateOf(batch), ReceivedState::kAcknowledged);
  const auto& calls = broker_.acknowledge.calls;
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(calls[0].signature(), calls[1].signature());
}

TEST_F(ReceiverTest, ALostAnswerToItIsRepeatedToo) {
  const OutgoingBatch batch = Sent();
  broker_.acknowledge.lose = [](const auto&) { return true; };
  EXPECT_FALSE(Run(sink_).ok());
  broker_.acknowledge.lose = nullptr;
  broker_.batches.begin()->second.delivered = false;  // it delivers once more
  const auto again = Run(sink_);
  ASSERT_TRUE(again.ok()) << Told(again.status());
  EXPECT_THAT(sink_.taken, SizeIs(1));
  EXPECT_EQ(StateOf(batch), ReceivedState::kAcknowledged);
}

TEST_F(ReceiverTest, ASinkThatFailsEndsItAndGetsTheBatchAgain) {
  const OutgoingBatch batch = Sent();
  sink_.answer = absl::UnavailableError("the disk is full");
  EXPECT_THAT(Told(Run(sink_).status()), HasSubstr("the disk is full"));
  EXPECT_THAT(broker_.acknowledge.calls, IsEmpty());
  EXPECT_EQ(StateOf(batch), ReceivedState::kArrived);
  sink_.answer = absl::OkStatus();
  ASSERT_TRUE(Run(sink_).ok());
  EXPECT_THAT(sink_.taken, SizeIs(1));
}

TEST_F(ReceiverTest, StandardOutputGetsABatchAtLeastOnce) {
  Sent();
  std::ostringstream out;
  std::ostringstream err;
  Output output(&out, &err, Format::kJson, false);
  OutputSink sink(&output);
  std::string before;
  broker_.acknowledge.refuse = [&](const auto&) {
    before = out.str();
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
  };
  EXPECT_FALSE(Run(sink).ok());
  EXPECT_EQ(std::count(before.begin(), before.end(), '\n'), 2)
      << "flushed before the acknowledgement";
}

TEST_F(ReceiverTest, TheReceiptOfTheDeliveryIsVerified) {
  const OutgoingBatch batch = Sent();
  broker_.acknowledge.alter = [&](const auto& request, auto* response) {
    *response->mutable_receipt() = broker_.Receipt(
        kPact, broker_.batches.begin()->second.entry, request.known());
  };
  const auto report = Run(sink_);
  EXPECT_TRUE(absl::IsDataLoss(report.status()));
  EXPECT_THAT(Told(report.status()), HasSubstr("wanted an allowed delivery"));
  EXPECT_EQ(StateOf(batch), ReceivedState::kHandedOver);
}

struct BatchLie {
  std::string name;
  std::function<void(Parts*)> alter;
  std::string found;
};

std::function<void(Parts*)> InStart(std::function<void(v1::BatchStart*)> lie) {
  return [lie](Parts* parts) { lie((*parts)[0].mutable_start()); };
}
std::function<void(Parts*)> InChunk(std::function<void(v1::BatchChunk*)> lie) {
  return [lie](Parts* parts) { lie((*parts)[1].mutable_chunk()); };
}
void Flip(std::string* bytes) { (*bytes)[bytes->size() / 2] ^= 1; }

class BatchLieTest : public ReceiverTest,
                     public testing::WithParamInterface<BatchLie> {};

TEST_P(BatchLieTest, IsRefusedAndTheNextBatchIsReceived) {
  Sent();
  const OutgoingBatch good = Sent();
  // The altered one comes first, whichever it is.
  broker_.receive.alter = [](const auto&, Parts* parts) {
    GetParam().alter(parts);
  };
  const auto report = Run(sink_);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  ASSERT_THAT(report->refused, SizeIs(1));
  EXPECT_TRUE(absl::IsDataLoss(report->refused[0].why));
  EXPECT_THAT(Told(report->refused[0].why), HasSubstr("exit 6"));
  EXPECT_THAT(Told(report->refused[0].why), HasSubstr(GetParam().found));
  EXPECT_THAT(report->batches, SizeIs(1));
  EXPECT_THAT(sink_.taken, SizeIs(1));
  EXPECT_THAT(broker_.acknowledge.calls, SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(
    All, BatchLieTest,
    testing::Values(
        BatchLie{"Header", InStart([](auto* s) { Flip(s->mutable_header()); }),
                 ""},
        BatchLie{"NoHeader", InStart([](auto* s) { s->clear_header(); }),
                 "header cannot be read"},
        BatchLie{"Enc", InStart([](auto* s) { Flip(s->mutable_enc()); }),
                 "not what the sender signed"},
        BatchLie{"Receipt", InStart([](auto* s) {
                   Flip(s->mutable_receipt()->mutable_entry());
                 }),
                 "does not prove its entry"},
        BatchLie{"NoReceipt", InStart([](auto* s) { s->clear_receipt(); }),
                 "no receipt"},
        BatchLie{"View", InStart([](auto* s) {
                   s->mutable_view_consistency()->Clear();
                   s->add_view_consistency(std::string(32, 'x'));
                 }),
                 "different ledgers"},
        BatchLie{"Signature",
                 InChunk([](auto* c) { Flip(c->mutable_signature()); }),
                 "not what the sender signed"},
        BatchLie{"NoSignature", InChunk([](auto* c) { c->clear_signature(); }),
                 "not signed"},
        BatchLie{"Sealed", InChunk([](auto* c) { Flip(c->mutable_sealed()); }),
                 "not what the sender signed"},
        BatchLie{"Pseudonyms",
                 InChunk([](auto* c) { Flip(c->mutable_pseudonyms()); }),
                 "not what the sender signed"},
        BatchLie{"Count", InChunk([](auto* c) { c->set_count(2); }),
                 "not what the sender signed"},
        BatchLie{"Number", InChunk([](auto* c) { c->set_chunk(1); }),
                 "not what the sender signed"},
        BatchLie{"Final", InChunk([](auto* c) { c->set_final(true); }),
                 "not what the sender signed"},
        BatchLie{"Converted",
                 [](Parts* parts) {
                   const std::string other = (*parts)[2].chunk().converted();
                   (*parts)[1].mutable_chunk()->set_converted(other);
                 },
                 "not converted as they must be"},
        BatchLie{"Proof", InChunk([](auto* c) { Flip(c->mutable_proof()); }),
                 "not converted as they must be"},
        BatchLie{"NoProof", InChunk([](auto* c) { c->clear_proof(); }),
                 "not converted as they must be"},
        BatchLie{"Sequence",
                 [](Parts* parts) { std::swap((*parts)[1], (*parts)[2]); },
                 "not what the sender signed"},
        BatchLie{"MissingChunk",
                 [](Parts* parts) {
                   (*parts)[0].mutable_start()->set_chunks(1);
                   parts->erase(parts->begin() + 2);
                 },
                 "not whole"},
        BatchLie{"AnotherOnesReceipt",
                 [](Parts* parts) {
                   *(*parts)[0].mutable_start()->mutable_receipt() =
                       (*parts)[3].start().receipt();
                 },
                 "the digest"}),
    [](const auto& test) { return test.param.name; });

TEST_F(ReceiverTest, ABatchOfASenderWhoLiesIsRefused) {
  const crypto::SigningKey foreign = *crypto::SigningKey::Generate();
  struct Case {
    const char* found;
    Falsehood falsehood;
  };
  const Case cases[] = {
      {"not what the sender signed", {.key = &foreign}},
      // A good signature over a seal that is not: the tag of a value.
      {"seal",
       {.sealed = [](OutgoingBatch& b) { b.chunks[0].sealed.back() ^= 1; }}},
      {"agreement does not allow",
       {.route = [](BatchRoute& r) { r.purpose = "other-purpose"; }}},
      {"agreement does not allow",
       {.route = [](BatchRoute& r) { r.flow = "other-flow"; }}},
      {"agreement does not allow",
       {.route = [](BatchRoute& r) { r.accompanying.clear(); }}},
      {"another document",
       {.route = [](BatchRoute& r) { r.agreement_digest[0] ^= 1; }}},
      {"another agreement's batch",
       {.route = [](BatchRoute& r) { r.agreement = "isa-big"; }}},
      {"never verified here",
       {.route = [](BatchRoute& r) { r.manifest_digest[0] ^= 1; }}},
      {"is not the one in the key manifest",
       {.route = [](BatchRoute& r) { r.recipient_bundle[0] ^= 1; }}},
      {"manifest, epoch or agreement differ",
       {.route = [](BatchRoute& r) { r.epoch = 2; }}},
      {"different ledgers",
       {.route = [](BatchRoute& r) { r.view.root[0] ^= 1; }}}};
  for (const Case& c : cases) {
    Sent(1, c.falsehood);
    const auto report = Run(sink_);
    ASSERT_TRUE(report.ok()) << c.found << ": " << Told(report.status());
    ASSERT_THAT(report->refused, SizeIs(1)) << c.found;
    EXPECT_THAT(Told(report->refused[0].why), HasSubstr(c.found));
    EXPECT_EQ(report->refused[0].sender, kNorth);
    broker_.batches.clear();
  }
  EXPECT_THAT(sink_.taken, IsEmpty());
  EXPECT_THAT(broker_.acknowledge.calls, IsEmpty());
}

TEST_F(ReceiverTest, ABatchForSomebodyElseIsRefused) {
  Sent();
  broker_.batches.begin()->second.parsed.set_recipient(kEast);
  const auto receiver = Receiver::Open(broker_.agency(kEast).profile(),
                                       broker_.Link(kEast), kPact);
  const auto report = (*receiver)->Run(sink_);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  ASSERT_THAT(report->refused, SizeIs(1));
  EXPECT_THAT(Told(report->refused[0].why), HasSubstr("for somebody else"));
}

TEST_F(ReceiverTest, ABatchPastItsLastInstantIsRefusedAndSaidWhy) {
  const OutgoingBatch batch = Sent();
  broker_.now += absl::Hours(24 * 7);
  const auto report = Run(sink_);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  ASSERT_THAT(report->refused, SizeIs(1));
  const std::string told = Told(report->refused[0].why);
  EXPECT_THAT(told, HasSubstr("BATCH_EXPIRED exit 6"));
  EXPECT_THAT(told, HasSubstr("2026-11-25T"));
  EXPECT_THAT(told, HasSubstr("ask north-police to send the records again"));
  EXPECT_THAT(sink_.taken, IsEmpty());
  EXPECT_EQ(StateOf(batch), ReceivedState::kArrived);
  broker_.now -= absl::Seconds(1);
  ASSERT_TRUE(Run(sink_).ok());
  EXPECT_THAT(sink_.taken, SizeIs(1)) << "the second before it is in time";
}

TEST_F(ReceiverTest, WhatCameInTimeIsAcknowledgedAlsoLater) {
  Sent();
  broker_.acknowledge.refuse = [](const auto&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
  };
  EXPECT_FALSE(Run(sink_).ok());
  broker_.acknowledge.refuse = nullptr;
  broker_.now += absl::Hours(24 * 8);
  const auto report = Run(sink_);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  EXPECT_THAT(report->batches, SizeIs(1));
  EXPECT_THAT(sink_.taken, SizeIs(1));
}

TEST_F(ReceiverTest, WhatWasSealedToABundleThatIsOverByNowIsReceived) {
  FakeBrokerPlan plan;
  plan.bundle = [&](certs::KeyBundle& bundle) {
    bundle.not_after = plan.now + absl::Hours(1);
  };
  FakeBroker broker(plan);
  FakeSystem north(&broker, kNorth);
  const OutgoingBatch batch = PutBatch(&north, kWest, 1);
  ASSERT_TRUE(SendStored(north.Deal(), batch.batch_id).ok());
  broker.now += absl::Hours(2);
  const auto receiver =
      Receiver::Open(broker.agency(kWest).profile(), broker.Link(kWest), kPact);
  ASSERT_TRUE(receiver.ok()) << Told(receiver.status());
  const auto report = (*receiver)->Run(sink_);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  EXPECT_THAT(report->batches, SizeIs(1));
}

TEST_F(ReceiverTest, ABatchUnderAnEarlierPinnedManifestIsReceived) {
  Open();  // pins the first
  Sent();
  certs::KeyBundle fresh = broker_.agency(kEast).Bundle();
  fresh.not_after += absl::Hours(24);
  broker_.Publish(kEast, fresh, broker_.agency(kEast).signatory());
  broker_.MakeManifest(policy::EntryKind::kKeyManifest);
  const auto report = Run(sink_);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  EXPECT_THAT(report->batches, SizeIs(1));
  EXPECT_THAT(report->refused, IsEmpty());
}

TEST_F(ReceiverTest, ABatchUnderAManifestThatIsNewerThanTheReceiver) {
  const auto receiver = Open();
  certs::KeyBundle fresh = broker_.agency(kNorth).Bundle();
  fresh.not_after += absl::Hours(24);
  broker_.Publish(kNorth, fresh, broker_.agency(kNorth).signatory());
  broker_.MakeManifest(policy::EntryKind::kKeyManifest);
  Sent();
  const auto report = receiver->Run(sink_);
  ASSERT_TRUE(report.ok()) << Told(report.status());
  EXPECT_THAT(report->refused, IsEmpty());
  EXPECT_THAT(report->batches, SizeIs(1));
  // It is the pinned one from then on.
  const auto store = LocalStore::Open(broker_.agency(kWest).profile());
  const auto pinned = (*store)->knowledge().PinnedManifest(kPact);
  ASSERT_TRUE(pinned.ok() && pinned->has_value());
  EXPECT_EQ(certs::ParseKeyManifest(**pinned)->bundles,
            broker_.manifest().bundles);
}

TEST_F(ReceiverTest, ReceivingPassesThePepperOn) {
  FakeSystem west(&broker_, kWest);
  broker_.put_pepper.refuse = [this](const auto&) {
    // Only the first message gets through: to east, which comes first.
    return broker_.put_pepper.calls.size() == 1
               ? grpc::Status::OK
               : grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
  };
  ASSERT_TRUE(ObtainPepper(north_.Deal()).ok());
  broker_.put_pepper.refuse = nullptr;
  broker_.put_pepper.calls.clear();
  std::ostringstream out;
  std::ostringstream err;
  Output output(&out, &err, Format::kTable, false);
  // West has none yet, which is no error; east has, and passes it on.
  EXPECT_TRUE(Open()->PassPepperOn(output).ok());
  EXPECT_THAT(broker_.put_pepper.calls, IsEmpty());
  const auto east = Receiver::Open(broker_.agency(kEast).profile(),
                                   broker_.Link(kEast), kPact);
  EXPECT_TRUE((*east)->PassPepperOn(output).ok());
  EXPECT_THAT(broker_.put_pepper.calls, SizeIs(1));
  EXPECT_THAT(err.str(), HasSubstr("pepper: left for west-police"));
  EXPECT_TRUE(ObtainPepper(west.Deal()).ok());
}

}  // namespace
}  // namespace entente::client
