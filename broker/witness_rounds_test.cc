#include "broker/witness_rounds.h"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/agreement_state.h"
#include "broker/ledger_service.h"
#include "broker/test_partnership.h"
#include "crypto/add_checkpoint.h"
#include "crypto/checkpoint.h"
#include "crypto/cosignature.h"
#include "crypto/merkle.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

using policy::EntryKind;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A witness in memory, which verifies as one does.
class FakeWitness {
 public:
  explicit FakeWitness(std::string name) : name_(std::move(name)) {}

  std::string vkey() const {
    return crypto::NoteKey::Create(name_, crypto::NoteKeyType::kCosignature,
                                   key_.public_key())
        ->ToString();
  }

  WitnessPort::Answer Add(const std::string& body, absl::Time now) {
    const auto request = crypto::ParseAddCheckpoint(body);
    if (!request.ok()) return {400, ""};
    const auto note = crypto::ParseNote(request->checkpoint);
    const auto checkpoint = crypto::ParseCheckpointText(note->text);
    if (request->old_size != size) return {409, absl::StrCat(size, "\n")};
    if (!crypto::VerifyConsistency(size, root, checkpoint->size,
                                   checkpoint->root, request->proof)
             .ok()) {
      return {422, "inconsistent\n"};
    }
    size = checkpoint->size;
    root = checkpoint->root;
    return {200, crypto::FormatNoteSignature(
                     *crypto::Cosign(note->text, name_, key_, now))};
  }

  uint64_t size = 0;
  crypto::Hash root = crypto::EmptyRoot();

 private:
  const std::string name_;
  const crypto::SigningKey key_ = *crypto::SigningKey::Generate();
};

// Reaches the fakes by their URL.
class FakePort final : public WitnessPort {
 public:
  explicit FakePort(const Clock* clock) : clock_(*clock) {}

  absl::StatusOr<Answer> Post(const std::string& url,
                              const std::string& body) override {
    ++calls;
    if (down.count(url) != 0) return absl::UnavailableError("nobody there");
    const auto said = says.find(url);
    if (said != says.end()) return said->second;
    return witnesses.at(url)->Add(body, clock_.Now());
  }

  std::map<std::string, FakeWitness*> witnesses;
  std::map<std::string, Answer> says;  // in the place of a witness
  std::set<std::string> down;
  int calls = 0;

 private:
  const Clock& clock_;
};

constexpr char kPanel[] = "https://w.panel.example/add-checkpoint";
constexpr char kWest[] = "http://127.0.0.1:7380/add-checkpoint";

// An agreement in force with two witnesses, `panel` and `west`, whose quorum is
// both, and may be missing for an hour.
class WitnessRoundsTest : public testing::Test {
 protected:
  explicit WitnessRoundsTest(const std::string& witness = "required",
                             int quorum = 2)
      : port_(&all_.clock) {
    port_.witnesses = {{kPanel, &panel_}, {kWest, &west_}};
    Activate(absl::StrCat(
        "witness: ", witness, "\nwitnesses:\n  quorum: ", quorum,
        "\n  missing_minutes: 60\n  named:\n    panel:\n      key: ",
        panel_.vkey(),
        "\n      url: https://w.panel.example\n    west:\n"
        "      key: ",
        west_.vkey(), "\n      url: http://127.0.0.1:7380\n"));
    EXPECT_TRUE(rounds_.Load().ok());
  }

  void Activate(const std::string& witnesses) {
    all_.RegisterAll();
    const std::string document =
        all_.Document({{"witness: optional\n", witnesses}});
    EXPECT_TRUE(all_.Publish(all_.north).ok());
    EXPECT_TRUE(all_.Publish(all_.west).ok());
    EXPECT_TRUE(all_.Propose(all_.north, document).ok());
    v1::SignAgreementResponse response;
    EXPECT_TRUE(all_.Sign(all_.north, document, &response).ok());
    EXPECT_TRUE(all_.Sign(all_.west, document, &response).ok());
    EXPECT_EQ(response.state(), "active");
  }

  // A second passes, and the rounds that it begins run.
  void Second() {
    all_.clock.Advance(absl::Seconds(1));
    const absl::Status ticked = rounds_.Tick();
    EXPECT_TRUE(ticked.ok()) << ticked;
    while (!tasks_.empty()) {
      tasks_.front()();
      tasks_.pop_front();
    }
  }
  void Pass(absl::Duration time) {
    all_.clock.Advance(time);
    Second();
    Second();
  }
  // An entry of the kind that any act makes, written now.
  void Act() {
    policy::LedgerEntry entry = all_.recorder->OwnAct(EntryKind::kKeyManifest);
    auto pending = Recorder::Pending("isa-small", std::move(entry));
    ASSERT_TRUE(
        all_.recorder
            ->Run(
                [&](Transaction&) -> absl::StatusOr<std::vector<PendingEntry>> {
                  return std::vector<PendingEntry>{*pending};
                })
            .ok());
  }
  v1::GetCheckpointResponse Checkpoint(const std::string& part = "isa-small") {
    LedgerService service(all_.context);
    v1::GetCheckpointRequest request;
    request.set_ledger(part);
    v1::GetCheckpointResponse response;
    EXPECT_TRUE(
        service.GetCheckpoint(all_.north.caller, request, &response).ok());
    return response;
  }
  uint64_t Size() {
    return crypto::ParseCheckpointText(
               crypto::ParseNote(Checkpoint().checkpoint())->text)
        ->size;
  }
  // Who cosigned `note`.
  std::vector<std::string> Cosigners(const std::string& note) {
    const std::vector<crypto::NoteKey> keys = {
        *crypto::NoteKey::Parse(panel_.vkey()),
        *crypto::NoteKey::Parse(west_.vkey())};
    const auto lines =
        crypto::VerifyCosignatures(*crypto::ParseNote(note), keys);
    EXPECT_TRUE(lines.ok()) << lines.status();
    std::vector<std::string> names;
    for (const auto& line : *lines) names.push_back(line.witness);
    return names;
  }
  std::vector<policy::LedgerEntry> Alarms() {
    std::vector<policy::LedgerEntry> alarms;
    const uint64_t size = Size();
    for (uint64_t i = 0; i < size; ++i) {
      EXPECT_TRUE(all_.parts.store
                      ->Read([&](Transaction& transaction) -> absl::Status {
                        const auto line = all_.parts.ledgers->Entry(
                            transaction, "isa-small", i);
                        const auto entry = policy::ParseEntry(*line);
                        if (entry->kind == EntryKind::kWitnessesMissing ||
                            entry->kind == EntryKind::kWitnessesBack) {
                          alarms.push_back(*entry);
                        }
                        return absl::OkStatus();
                      })
                      .ok());
    }
    return alarms;
  }
  // The reason why north may not act, or "".
  std::string Refusal() {
    const auto in_force = InForce(*all_.agreements.Get(), "isa-small", 0,
                                  "north-police", all_.clock.Now());
    return in_force.ok() ? "" : ConditionsOf(in_force.status()).front().reason;
  }
  v1::WitnessQuorum Status() {
    v1::GetStatusResponse response;
    EXPECT_TRUE(
        all_.directory->GetStatus(all_.north.caller, {}, &response).ok());
    return response.agreements(0).witnesses();
  }

  FakeWitness panel_{"w.panel.example/1"}, west_{"w.west.example/1"};
  TestPartnership all_;
  FakePort port_;
  std::deque<std::function<void()>> tasks_;
  WitnessRounds rounds_{&all_.context, &port_,
                        [this](std::function<void()> task) {
                          tasks_.push_back(std::move(task));
                          return absl::OkStatus();
                        }};
};

TEST_F(WitnessRoundsTest, TheCheckpointThatIsServedCarriesTheirLines) {
  Second();
  const auto served = Checkpoint();
  EXPECT_THAT(
      Cosigners(served.checkpoint()),
      testing::UnorderedElementsAre("w.panel.example/1", "w.west.example/1"));
  EXPECT_EQ(served.checkpoint(), served.witnessed());
  EXPECT_EQ(panel_.size, Size());
  // Nothing is new, so nobody is asked.
  const int calls = port_.calls;
  Second();
  EXPECT_EQ(port_.calls, calls);
}

TEST_F(WitnessRoundsTest, EachRoundProvesWhatIsNew) {
  Second();
  for (int i = 0; i < 5; ++i) {
    Act();
    Act();
    Second();
    EXPECT_EQ(west_.size, Size());
  }
  EXPECT_THAT(Cosigners(Checkpoint().witnessed()), SizeIs(2));
}

TEST_F(WitnessRoundsTest, WhatIsNewerThanTheQuorumIsServedBesideIt) {
  Second();
  const std::string before = Checkpoint().witnessed();
  Act();
  const auto served = Checkpoint();
  EXPECT_THAT(Cosigners(served.checkpoint()), IsEmpty());
  EXPECT_EQ(served.witnessed(), before);
}

TEST_F(WitnessRoundsTest, OneOfTwoIsNoQuorum) {
  port_.down = {kPanel};
  Second();
  const auto served = Checkpoint();
  EXPECT_THAT(Cosigners(served.checkpoint()), ElementsAre("w.west.example/1"));
  EXPECT_EQ(served.witnessed(), "");
  EXPECT_THAT(Status().behind(), ElementsAre("panel"));
}

TEST_F(WitnessRoundsTest, GoesOnFromTheSizeThatAWitnessHas) {
  Second();
  // The broker forgets, as after a restore.
  ASSERT_TRUE(all_.parts.Tamper("DELETE FROM cosignatures").ok());
  Act();
  Second();
  EXPECT_THAT(Status().behind(), SizeIs(2));
  Second();
  EXPECT_THAT(Status().behind(), IsEmpty());
  EXPECT_EQ(panel_.size, Size());
}

TEST_F(WitnessRoundsTest, AWitnessThatSawMoreIsNotBelievedAway) {
  Second();
  panel_.size += 100;
  Act();
  Second();
  EXPECT_THAT(Status().behind(), ElementsAre("panel"));
}

TEST_F(WitnessRoundsTest, WhoDoesNotAnswerIsLeftAloneForEverLonger) {
  port_.down = {kPanel, kWest};
  Second();
  EXPECT_EQ(port_.calls, 2);
  Second();
  EXPECT_EQ(port_.calls, 2);
  Second();
  EXPECT_EQ(port_.calls, 4);
  Second();
  Second();
  Second();
  EXPECT_EQ(port_.calls, 4);
  for (int i = 0; i < 20; ++i) Pass(kLongestWitnessPause);
  const int calls = port_.calls;
  Pass(kLongestWitnessPause);
  EXPECT_EQ(port_.calls, calls + 2);
  port_.down.clear();
  Pass(kLongestWitnessPause);
  EXPECT_THAT(Status().behind(), IsEmpty());
}

TEST_F(WitnessRoundsTest, WhatIsNoCosignatureCountsForNothing) {
  const std::string note = Checkpoint().checkpoint();
  const crypto::SigningKey key = *crypto::SigningKey::Generate();
  const std::string forged = crypto::FormatNoteSignature(
      *crypto::Cosign(crypto::ParseNote(note)->text, "w.panel.example/1", key,
                      all_.clock.Now()));
  for (const WitnessPort::Answer& bad :
       std::vector<WitnessPort::Answer>{{200, ""},
                                        {200, "hello"},
                                        {200, forged},
                                        {409, "x\n"},
                                        {409, "0\n"},
                                        {403, "no\n"},
                                        {404, ""},
                                        {422, ""},
                                        {500, ""}}) {
    port_.says[kPanel] = bad;
    Pass(kLongestWitnessPause);
    EXPECT_THAT(Cosigners(Checkpoint().checkpoint()),
                ElementsAre("w.west.example/1"))
        << bad.status << " " << bad.body;
  }
}

TEST_F(WitnessRoundsTest, WithoutTheQuorumForTooLongActsAreRefused) {
  Second();
  port_.down = {kPanel};
  Act();
  Pass(absl::Minutes(59));
  EXPECT_EQ(Refusal(), "");
  EXPECT_THAT(Alarms(), IsEmpty());
  EXPECT_FALSE(Status().has_missing_since_time());
  Pass(absl::Minutes(2));
  EXPECT_EQ(Refusal(), "WITNESSES_MISSING");
  ASSERT_THAT(Alarms(), SizeIs(1));
  EXPECT_EQ(Alarms()[0].kind, EntryKind::kWitnessesMissing);
  EXPECT_EQ(Alarms()[0].detail.at("behind"), "panel");
  EXPECT_EQ(Alarms()[0].detail.at("quorum"), "2 of 2");
  EXPECT_TRUE(Status().has_missing_since_time());
  EXPECT_TRUE(Status().required());
  // It is said once.
  Pass(absl::Minutes(60));
  EXPECT_THAT(Alarms(), SizeIs(1));
  port_.down.clear();
  Pass(kLongestWitnessPause);
  Second();
  EXPECT_EQ(Refusal(), "");
  ASSERT_THAT(Alarms(), SizeIs(2));
  EXPECT_EQ(Alarms()[1].kind, EntryKind::kWitnessesBack);
  EXPECT_EQ(Alarms()[1].detail.at("since"), Alarms()[0].detail.at("since"));
  EXPECT_FALSE(Status().has_missing_since_time());
}

TEST_F(WitnessRoundsTest, ARestartForgetsNoAlarm) {
  Second();
  port_.down = {kPanel};
  Act();
  Pass(absl::Minutes(62));
  ASSERT_EQ(Refusal(), "WITNESSES_MISSING");
  all_.agreements.SetQuorumMissing("isa-small", false);
  WitnessRounds again(&all_.context, &port_, [](std::function<void()> task) {
    task();
    return absl::OkStatus();
  });
  ASSERT_TRUE(again.Load().ok());
  EXPECT_EQ(Refusal(), "WITNESSES_MISSING");
  ASSERT_TRUE(again.Tick().ok());
  EXPECT_THAT(Alarms(), SizeIs(1));
  port_.down.clear();
  for (int i = 0; i < 3; ++i) {
    all_.clock.Advance(kLongestWitnessPause);
    ASSERT_TRUE(again.Tick().ok());
  }
  EXPECT_EQ(Refusal(), "");
  EXPECT_THAT(Alarms(), SizeIs(2));
}

TEST_F(WitnessRoundsTest, AStartAfterALongStopAsksBeforeItSaysAnything) {
  Second();
  Act();
  all_.clock.Advance(absl::Hours(5));
  WitnessRounds again(&all_.context, &port_, [](std::function<void()> task) {
    task();
    return absl::OkStatus();
  });
  ASSERT_TRUE(again.Load().ok());
  // Closed until they have answered.
  EXPECT_EQ(Refusal(), "WITNESSES_MISSING");
  ASSERT_TRUE(again.Tick().ok());
  ASSERT_TRUE(again.Tick().ok());
  EXPECT_EQ(Refusal(), "");
  EXPECT_THAT(Alarms(), IsEmpty());
}

TEST_F(WitnessRoundsTest, NobodyIsAskedAfterAStop) {
  rounds_.Stop();
  Second();
  EXPECT_EQ(port_.calls, 0);
}

TEST_F(WitnessRoundsTest, ANewPartIsCosignedFromItsBeginning) {
  Second();
  ASSERT_TRUE(all_.parts.Continue("isa-small").ok());
  panel_.size = west_.size = 0;
  panel_.root = west_.root = crypto::EmptyRoot();
  Second();
  EXPECT_THAT(Cosigners(Checkpoint("isa-small.1").witnessed()), SizeIs(2));
}

class OptionalWitnessTest : public WitnessRoundsTest {
 protected:
  OptionalWitnessTest() : WitnessRoundsTest("optional", 1) {}
};

TEST_F(OptionalWitnessTest, OneOfTwoIsEnough) {
  port_.down = {kPanel};
  Second();
  EXPECT_THAT(Cosigners(Checkpoint().witnessed()),
              ElementsAre("w.west.example/1"));
}

TEST_F(OptionalWitnessTest, WithoutTheQuorumIsAnAlarmAndNoRefusal) {
  Second();
  port_.down = {kPanel, kWest};
  Act();
  Pass(absl::Minutes(62));
  EXPECT_EQ(Refusal(), "");
  EXPECT_THAT(Alarms(), SizeIs(1));
  EXPECT_TRUE(Status().has_missing_since_time());
  EXPECT_FALSE(Status().required());
}

}  // namespace
}  // namespace entente::broker
