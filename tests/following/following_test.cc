#include <csignal>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/world/agreed_pair.h"

namespace entente::following {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using world::Background;
using world::kAgreement;
using world::kLeft;
using world::kPatience;
using world::kRight;

// Every revocation cuts a stream within a second; a busy machine takes longer.
constexpr absl::Duration kCutWithin = absl::Seconds(5);

class Following : public world::AgreedPair {
 protected:
  void SetUp() override {
    AgreedPair::SetUp();
    Enrol(Left());
    Enrol(Right());
  }

  // `receive --follow` into the folder `name`.
  std::unique_ptr<Background> Follow(const std::string& profile,
                                     const std::string& name,
                                     const std::string& format = "ndjson") {
    auto started = Background::Start(
        {world_.settings.entente, "--no-input", "--profile", profile, "receive",
         "--agreement", kAgreement, "--follow", "--out", world_.Path(name),
         "-o", format},
        world_.Path(name + ".log"));
    EXPECT_TRUE(started.ok()) << started.status();
    return *std::move(started);
  }
  // Waits until `follower` has said `text`; the line.
  static std::string Says(const Background& follower, const std::string& text) {
    const auto line = follower.WaitForLine(
        [&](const std::string& said) { return absl::StrContains(said, text); },
        kPatience);
    EXPECT_TRUE(line.ok()) << line.status();
    return line.value_or("");
  }
  // The batch as its line tells it, once it has been received.
  static json Gets(const Background& follower, const std::string& batch) {
    const json told =
        json::parse(Says(follower, absl::StrCat("\"batch\":\"", batch, "\"")),
                    nullptr, false);
    EXPECT_TRUE(told.is_object());
    return told.is_object() ? told : json::object();
  }
  // The batches in a folder.
  std::set<std::string> In(const std::string& name) {
    std::set<std::string> ids;
    if (!fs::exists(world_.Path(name))) return ids;
    for (const auto& file : fs::directory_iterator(world_.Path(name))) {
      ids.insert(file.path().stem().string());
    }
    return ids;
  }
  // Another machine of the agency: the profile's folder, copied.
  std::string OtherMachine() {
    const std::string copy = world_.Path("other-machine");
    fs::copy(Right(), copy, fs::copy_options::recursive);
    return copy;
  }
  json ReceiveOnce(const std::string& profile, const std::string& name) {
    return Run(profile, {"receive", "--agreement", kAgreement, "--out",
                         world_.Path(name)});
  }
};

TEST_F(Following, GoesOnAfterTheBrokerWasKilledAndStopsOnRequest) {
  const auto follower = Follow(Right(), "inbox");
  const std::string first = Send();
  EXPECT_EQ(Gets(*follower, first).value("matched", 0), 2);
  EXPECT_EQ(world_.broker->End(SIGKILL), 128 + SIGKILL);
  Says(*follower, "interrupted: ");
  const absl::Status back = world_.StartBroker(world_.address);
  ASSERT_TRUE(back.ok()) << back;
  const std::string second = Send();
  EXPECT_EQ(Gets(*follower, second).value("received_before", true), false);
  Says(*follower, "receiving again");
  EXPECT_EQ(follower->End(SIGINT), 0) << follower->Said();
  EXPECT_THAT(follower->Said(), HasSubstr("received 4 records in 2 batches"));
  EXPECT_EQ(In("inbox"), (std::set<std::string>{first, second}));
  EXPECT_EQ(ReceiveOnce(Right(), "after").value("received", -1), 0);
}

TEST_F(Following, SigtermEndsItWithASummary) {
  const auto follower = Follow(Right(), "inbox", "json");
  const std::string batch = Send();
  Says(*follower, absl::StrCat("batch ", batch, " of ", kLeft));
  EXPECT_EQ(follower->End(SIGTERM), 0) << follower->Said();
  const json summary = json::parse(Says(*follower, "\"schema\":1"));
  EXPECT_EQ(summary.at("batches"), 1);
  EXPECT_EQ(summary.at("received"), 2);
  EXPECT_EQ(summary.at("matched"), 2);
  EXPECT_EQ(summary.at("refused"), 0);
  EXPECT_EQ(summary.at("breaks"), 0);
}

TEST_F(Following, TwoMachinesShareWhatComesAndGetItOnce) {
  const std::string other = OtherMachine();
  const auto one = Follow(Right(), "one");
  const auto two = Follow(other, "two");
  std::set<std::string> sent;
  for (int i = 0; i < 6; ++i) sent.insert(Send());
  // A third one, which ends when nothing waits, or only with others.
  const json third = ReceiveOnce(other, "three");
  EXPECT_EQ(third.value("with_others", -1), 0) << third.dump();
  EXPECT_EQ(third.value("held_back", -1), 0) << third.dump();
  EXPECT_EQ(one->End(SIGTERM), 0) << one->Said();
  EXPECT_EQ(two->End(SIGTERM), 0) << two->Said();
  std::set<std::string> got;
  size_t files = 0;
  for (const char* inbox : {"one", "two", "three"}) {
    const std::set<std::string> its = In(inbox);
    files += its.size();
    got.insert(its.begin(), its.end());
  }
  EXPECT_EQ(got, sent);
  EXPECT_EQ(files, sent.size()) << "each at one of them";
}

TEST_F(Following, TwoProcessesOfOneProfileShareToo) {
  const auto one = Follow(Right(), "one");
  const auto two = Follow(Right(), "two");
  std::set<std::string> sent;
  for (int i = 0; i < 4; ++i) sent.insert(Send());
  EXPECT_EQ(ReceiveOnce(Right(), "three").value("with_others", -1), 0);
  EXPECT_EQ(one->End(SIGTERM), 0) << one->Said();
  EXPECT_EQ(two->End(SIGTERM), 0) << two->Said();
  EXPECT_EQ(In("one").size() + In("two").size() + In("three").size(),
            sent.size());
}

TEST_F(Following, TheBatchOfOneThatIsKilledGoesToAnother) {
  const std::string other = OtherMachine();
  const auto one = Follow(Right(), "one");
  Gets(*one, Send());  // its stream is open
  one->Signal(SIGSTOP);
  const std::string batch = Send();
  // It is the frozen one's, and another run is told so.
  const json asked = ReceiveOnce(other, "two");
  EXPECT_EQ(asked.value("received", -1), 0) << asked.dump();
  EXPECT_EQ(asked.value("with_others", -1), 1) << asked.dump();
  EXPECT_EQ(asked.value("held_back", -1), 0) << asked.dump();
  const auto two = Follow(other, "two");
  Says(*two, "receiving what comes");
  EXPECT_EQ(one->End(SIGKILL), 128 + SIGKILL);
  EXPECT_EQ(Gets(*two, batch).value("matched", 0), 2);
  EXPECT_EQ(two->End(SIGTERM), 0);
  EXPECT_EQ(In("one").count(batch), 0u);
}

TEST_F(Following, RenewedKeysOfBothSidesArePickedUp) {
  const auto follower = Follow(Right(), "inbox");
  Gets(*follower, Send());
  for (const char* agency : {kLeft, kRight}) {
    const std::string file = world_.Path(absl::StrCat(agency, "/next.json"));
    Run(world_.Profile(agency, "system"),
        {"keys", "request", "--new", "--out", file});
    Run(world_.Profile(agency, "siro"), {"keys", "publish", file});
    const json got = Gets(*follower, Send());
    EXPECT_EQ(got.value("matched", 0), 2) << agency << got.dump();
  }
  EXPECT_EQ(follower->End(SIGTERM), 0) << follower->Said();
  EXPECT_EQ(follower->Said().find("interrupted"), std::string::npos);
}

// The certificate counts from the next stream on.
TEST_F(Following, ARenewedCertificateIsPickedUpWhenTheStreamIsOpenedAgain) {
  const auto follower = Follow(Right(), "inbox");
  const std::string first = Send();
  Gets(*follower, first);
  const std::string before = world_.Path("before.pem");
  fs::copy_file(Right() + "/certificate.pem", before);
  ASSERT_TRUE(
      world_.Issue(kRight, world::AgencyUri(kRight, "system", "system"), "next")
          .ok());
  Run(Right(),
      {"profile", "renew", "--certificate", world_.Path("next/certificate.pem"),
       "--key", world_.Path("next/key.pem")});
  EXPECT_EQ(world_.broker->End(SIGKILL), 128 + SIGKILL);
  Says(*follower, "interrupted: ");
  const absl::Status back = world_.StartBroker(world_.address);
  ASSERT_TRUE(back.ok()) << back;
  Says(*follower, "receiving again");
  // Whoever still showed the old one would be cut off.
  Run(world_.Profile(kRight, "siro"),
      {"agency", "revoke", "--certificate", before, "--reason", "renewed"});
  const std::string second = Send();
  EXPECT_EQ(Gets(*follower, second).value("matched", 0), 2);
  EXPECT_EQ(follower->End(SIGTERM), 0) << follower->Said();
  EXPECT_EQ(In("inbox"), (std::set<std::string>{first, second}));
}

TEST_F(Following, ARevokedCertificateEndsIt) {
  const auto follower = Follow(Right(), "inbox");
  Gets(*follower, Send());
  Run(world_.Profile(kRight, "siro"),
      {"agency", "revoke", "--certificate", Right() + "/certificate.pem",
       "--reason", "the disk was lost"});
  const absl::Time revoked = absl::Now();
  EXPECT_EQ(follower->Wait(), 4) << follower->Said();
  EXPECT_LT(absl::Now() - revoked, kCutWithin);
  EXPECT_THAT(follower->Said(), HasSubstr("CERTIFICATE_REVOKED"));
  EXPECT_THAT(follower->Said(), HasSubstr("received 2 records in 1 batches"));
}

}  // namespace
}  // namespace entente::following
