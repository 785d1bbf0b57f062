#include "client/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/error.h"
#include "client/key_file.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

ProfileSettings Settings(ProfileRole role) {
  ProfileSettings settings;
  if (role != ProfileRole::kOperator) settings.agency = "wessex";
  settings.role = role;
  settings.trust_domain = "entente.test";
  settings.broker_address = "localhost:7443";
  settings.broker_name = "broker.test";
  settings.ledger_key[3] = 9;
  return settings;
}

TEST(SettingsTest, ComeBackAsWritten) {
  for (const ProfileRole role :
       {ProfileRole::kSystem, ProfileRole::kSignatory, ProfileRole::kAuditor,
        ProfileRole::kOperator}) {
    const auto read = ParseSettings(SettingsText(Settings(role)), "p");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, Settings(role));
  }
}

TEST(SettingsTest, EveryMistakeIsNamedWithItsLine) {
  const absl::Status status =
      ParseSettings(
          "# mine\nagency: Wessex\nrole: king\nrole: system\nport: 1\n"
          "broker_address: nowhere\nbroker_ledger_key: AAAA\n",
          "p.yaml")
          .status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("p.yaml:2: agency: must be"),
                    HasSubstr("p.yaml:3: role: must be system, signatory"),
                    HasSubstr("p.yaml:4: role: stands already in line 3"),
                    HasSubstr("p.yaml:5: no setting \"port\""),
                    HasSubstr("p.yaml:6: broker_address: must be HOST:PORT"),
                    HasSubstr("p.yaml:7: broker_ledger_key: must be 32 bytes"),
                    HasSubstr("p.yaml: trust_domain is missing"),
                    HasSubstr("p.yaml: broker_name is missing")));
}

TEST(SettingsTest, AnOperatorBelongsToNoAgency) {
  const std::string text = absl::StrCat(
      SettingsText(Settings(ProfileRole::kOperator)), "agency: wessex\n");
  EXPECT_TRUE(absl::IsInvalidArgument(ParseSettings(text, "p").status()));
}

TEST(ProfileTest, ASystemGetsItsKeysForItsEyesOnly) {
  const TestFolder folder;
  const auto made =
      Profile::Create(folder / "a/wessex", Settings(ProfileRole::kSystem));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(folder.Mode("a/wessex"), 0700u);
  for (const std::string file : {"batch.key", "kem.key", "y.key", "print.key",
                                 "table.key", "shift.key"}) {
    EXPECT_EQ(folder.Mode("a/wessex/" + file), 0600u) << file;
  }
  const auto opened = Profile::Open(folder / "a/wessex/");
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->name(), "wessex");
  EXPECT_EQ(opened->settings(), Settings(ProfileRole::kSystem));
  EXPECT_EQ(opened->BatchKey()->public_key(), made->BatchKey()->public_key());
  EXPECT_EQ(opened->KemKey()->public_key(), made->KemKey()->public_key());
  EXPECT_TRUE(opened->PseudonymKey().ok());
  EXPECT_EQ(opened->PrintKey()->size(), 32u);
  EXPECT_EQ(opened->TableKey()->size(), 32u);
  EXPECT_EQ(opened->LedgerOrigin("pact"), "broker.test/ledgers/pact");
}

TEST(ProfileTest, OthersGetNoDataKeys) {
  for (const ProfileRole role : {ProfileRole::kSignatory, ProfileRole::kAuditor,
                                 ProfileRole::kOperator}) {
    const TestFolder folder;
    const auto profile = Profile::Create(folder / "p", Settings(role));
    ASSERT_TRUE(profile.ok()) << profile.status();
    const absl::Status status = profile->BatchKey().status();
    EXPECT_TRUE(absl::IsNotFound(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("role system"));
    EXPECT_FALSE(std::filesystem::exists(folder / "p/table.key"));
  }
}

TEST(ProfileTest, KeysAreNeverOverwritten) {
  const TestFolder folder;
  ASSERT_TRUE(
      Profile::Create(folder / "p", Settings(ProfileRole::kSystem)).ok());
  const std::string before = folder.Read("p/y.key");
  EXPECT_TRUE(absl::IsAlreadyExists(
      Profile::Create(folder / "p", Settings(ProfileRole::kSystem)).status()));
  EXPECT_EQ(folder.Read("p/y.key"), before);
  EXPECT_TRUE(absl::IsAlreadyExists(CreateKeyFile(
      folder / "p/y.key", "y", crypto::Secret::Random(32)->Expose())));
}

TEST(ProfileTest, RefusesKeysThatOthersCanRead) {
  const TestFolder folder;
  const auto profile =
      Profile::Create(folder / "p", Settings(ProfileRole::kSystem));
  ASSERT_EQ(chmod((folder / "p/y.key").c_str(), 0640), 0);
  const absl::Status status = Profile::Open(folder / "p").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("chmod 600"));
  EXPECT_TRUE(absl::IsFailedPrecondition(profile->PseudonymKey().status()));
}

TEST(ProfileTest, OneKeyIsNotAnother) {
  const TestFolder folder;
  const auto profile =
      Profile::Create(folder / "p", Settings(ProfileRole::kSystem));
  folder.Write("p/y.key", folder.Read("p/kem.key"));
  EXPECT_TRUE(absl::IsDataLoss(profile->PseudonymKey().status()));
  folder.Write("p/kem.key", folder.Read("p/kem.key").substr(1));
  EXPECT_TRUE(absl::IsDataLoss(profile->KemKey().status()));
}

TEST(ProfileTest, InstallsPemAndNothingElse) {
  const TestFolder folder;
  const auto profile =
      Profile::Create(folder / "p", Settings(ProfileRole::kAuditor));
  const std::string pem = "-----BEGIN X-----\n";
  EXPECT_TRUE(profile->Install("key.pem", pem).ok());
  EXPECT_EQ(folder.Mode("p/key.pem"), 0600u);
  EXPECT_TRUE(profile->Install("root.pem", pem).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(profile->Install("root.pem", "hello")));
  EXPECT_TRUE(absl::IsInvalidArgument(profile->Install("../x.pem", pem)));
}

TEST(ProfileTest, SaysHowToMakeOne) {
  const Failure failure = FromStatus(Profile::Open("/nowhere").status());
  EXPECT_EQ(failure.code, "NO_PROFILE");
  EXPECT_THAT(failure.next, HasSubstr("profile init"));
}

class ChooseTest : public testing::Test {
 protected:
  void Make(const std::string& name) {
    ASSERT_TRUE(
        Profile::Create(folder_ / name, Settings(ProfileRole::kAuditor)).ok());
  }
  absl::StatusOr<std::string> Choose(const std::string& option,
                                     const std::string& environment,
                                     bool mutating) {
    return ChooseProfile({option, environment, folder_.path(), mutating});
  }
  TestFolder folder_;
};

TEST_F(ChooseTest, OptionThenEnvironmentThenTheOnlyOne) {
  EXPECT_EQ(FromStatus(Choose("", "", false).status()).exit, ExitCode::kUsage);
  Make("one");
  EXPECT_EQ(*Choose("", "", true), folder_ / "one");
  EXPECT_EQ(*Choose("x", "y", true), folder_ / "x");
  EXPECT_EQ(*Choose("", "y", true), folder_ / "y");
  EXPECT_EQ(*Choose("/some/path", "y", true), "/some/path");
  EXPECT_EQ(FromStatus(Choose("..", "", true).status()).exit, ExitCode::kUsage);
}

TEST_F(ChooseTest, NothingIsChangedByGuess) {
  Make("one");
  Make("two");
  EXPECT_THAT(ListProfiles(folder_.path()), ElementsAre("one", "two"));
  const Failure failure = FromStatus(Choose("", "", true).status());
  EXPECT_EQ(failure.exit, ExitCode::kUsage);
  EXPECT_THAT(failure.what, HasSubstr("one, two"));
  EXPECT_EQ(*Choose("", "", false), folder_ / "one");
}

}  // namespace
}  // namespace entente::client
