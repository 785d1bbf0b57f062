// A sender that seals what the agreement does not promise: the broker is blind
// to it, and the recipient is not.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/end_to_end/shared_world.h"
#include "tests/end_to_end/wire.h"

namespace entente::end_to_end {
namespace {

using client::BatchRoute;
using client::OutgoingRecord;
using testing::HasSubstr;
using testing::Not;

constexpr char kForeignCode[] = "99Z";  // not in the agreement's list

class Deliveries : public EndToEnd {
 protected:
  // One record in kScarce with `code`, as a system with other software could
  // send it.
  void SendCode(const std::string& code) {
    const client::Failure failure = SendCrafted(
        LeftSystem(), kAgreement,
        {kLeft, kRight, kScarce, kOtherPurpose, "push", {}},
        [&](BatchRoute* route, OutgoingRecord* record) {
          for (size_t i = 0; i < route->fields.size(); ++i) {
            record->values[i] = crypto::Value::Of(route->fields[i].type, code);
          }
        });
    ASSERT_EQ(failure.what, "") << failure.why;
  }
  std::vector<std::string> Receiving(const std::string& inbox) {
    return {"receive", "--agreement", kAgreement, "--out", inbox};
  }
  // The whole entry, as an auditor of the sender reads it.
  json Shown(uint64_t index) {
    const Ended shown =
        Run(Profile(kLeft, "auditor"),
            {"audit", "show", absl::StrCat(index), "--agreement", kAgreement});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    return shown.out;
  }
};

TEST_F(Deliveries, WhatIsNotAsAgreedIsWithheldSignedAndRecorded) {
  SendCode(kForeignCode);
  const std::string inbox = Folder() + "/inbox";
  const Ended ended = Run(RightSystem(), Receiving(inbox));
  EXPECT_EQ(ended.exit_code, 8) << ended.err;
  ASSERT_TRUE(ended.error.is_object()) << ended.err;
  EXPECT_EQ(ended.error.at("code"), "NOT_AS_AGREED");
  EXPECT_THAT(ended.error.at("next").get<std::string>(),
              HasSubstr("tell the sender"));
  ASSERT_TRUE(ended.out.is_object());
  EXPECT_EQ(ended.out.at("received"), 0);
  ASSERT_EQ(ended.out.at("batches").size(), 1u);
  const json batch = ended.out.at("batches").at(0);
  EXPECT_EQ(batch.at("withheld"), 1);
  EXPECT_EQ(batch.at("violations"), "1 0:offence_code");
  // Both sides read in the ledger which field of which record.
  const json entry = Shown(batch.at("entry").get<uint64_t>());
  EXPECT_THAT(entry.dump(), HasSubstr("1 0:offence_code"));
  // And nobody reads what it held.
  EXPECT_THAT(entry.dump(), Not(HasSubstr(kForeignCode)));
  EXPECT_THAT(ended.err, Not(HasSubstr(kForeignCode)));
  EXPECT_THAT(ended.out.dump(), Not(HasSubstr(kForeignCode)));
  for (const auto& file : std::filesystem::directory_iterator(inbox)) {
    EXPECT_THAT(ReadAll(file.path()), Not(HasSubstr(kForeignCode)));
  }
  // It is acknowledged, and does not come again.
  const Ended again = Run(RightSystem(), Receiving(inbox));
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(Run(Profile(kLeft, "auditor"),
                {"audit", "verify", "--agreement", kAgreement})
                .exit_code,
            0);
}

TEST_F(Deliveries, FollowingEndsWithTheSameCode) {
  std::vector<std::string> command = {world().settings.entente, "--no-input",
                                      "--profile", RightSystem()};
  const auto words = Receiving(Folder() + "/inbox");
  command.insert(command.end(), words.begin(), words.end());
  command.insert(command.end(), {"--follow", "-o", "ndjson"});
  auto follower = world::Background::Start(command, Folder() + "/follow.log");
  ASSERT_TRUE(follower.ok()) << follower.status();
  SendCode(kForeignCode);
  const auto line = (*follower)->WaitForLine(
      [](const std::string& said) {
        return said.find("1 0:offence_code") != std::string::npos;
      },
      kPatience);
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ((*follower)->End(SIGINT), 8) << (*follower)->Said();
  EXPECT_THAT((*follower)->Said(), HasSubstr("NOT_AS_AGREED"));
  EXPECT_THAT((*follower)->Said(), Not(HasSubstr(kForeignCode)));
}

}  // namespace
}  // namespace entente::end_to_end
