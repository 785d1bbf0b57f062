#include "client/authority_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "client/error.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1795000000);
constexpr char kUri[] = "spiffe://demo.example/agency/northmere/system/records";

class AuthorityFolderTest : public testing::Test {
 protected:
  std::string Path() const { return folder_ / "ca"; }
  absl::StatusOr<AuthorityFolder> Create() const {
    return AuthorityFolder::Create(Path(), "Northmere", kNow, 10);
  }
  absl::StatusCode OpenCode() const {
    return AuthorityFolder::Open(Path()).status().code();
  }
  // One more certificate, issued by an authority that is opened anew.
  certs::Certificate Issue() const {
    const certs::PrivateKey key =
        *certs::PrivateKey::Generate(certs::PrivateKey::Kind::kP256);
    return *AuthorityFolder::Open(Path())->Issue(
        {*certs::Identity::Parse(kUri), {}, {}, kNow, kNow + absl::Hours(24)},
        key, kNow);
  }

  TestFolder folder_;
};

TEST_F(AuthorityFolderTest, KeepsTheKeyPrivateAndTheRestReadable) {
  ASSERT_TRUE(Create().ok());
  EXPECT_EQ(folder_.Mode("ca"), 0700u);
  EXPECT_EQ(folder_.Mode("ca/root.key"), 0600u);
  EXPECT_EQ(folder_.Mode("ca/issued.jsonl"), 0600u);
  EXPECT_EQ(folder_.Mode("ca/root.pem"), 0644u);
  EXPECT_THAT(folder_.Read("ca/crl.pem"), HasSubstr("BEGIN X509 CRL"));
}

TEST_F(AuthorityFolderTest, NeverReplacesAnAuthorityOrAKey) {
  const std::string root = Create()->authority().root().Fingerprint();
  EXPECT_EQ(Create().status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(AuthorityFolder::Open(Path())->authority().root().Fingerprint(),
            root);
  const std::string key = folder_.Read("ca/root.key");
  std::filesystem::remove(folder_ / "ca/root.pem");
  EXPECT_EQ(Create().status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(folder_.Read("ca/root.key"), key);
}

TEST_F(AuthorityFolderTest, RefusesBadNamesBeforeItMakesAnything) {
  EXPECT_EQ(AuthorityFolder::Create(Path(), "", kNow, 10).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(AuthorityFolder::Create(Path(), "Name", kNow, 0).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(Path()));
}

TEST_F(AuthorityFolderTest, RemembersWhatItIssued) {
  ASSERT_TRUE(Create().ok());
  const certs::Certificate first = Issue();
  const certs::Certificate second = Issue();
  const auto opened = AuthorityFolder::Open(Path());
  ASSERT_TRUE(opened.ok()) << opened.status();
  ASSERT_EQ(opened->issued().size(), 2u);
  const IssuedCertificate& kept = opened->issued()[0];
  EXPECT_EQ(kept.serial, first.SerialHex());
  EXPECT_EQ(kept.fingerprint, first.Fingerprint());
  EXPECT_EQ(kept.uri, kUri);
  EXPECT_EQ(kept.issued, kNow);
  EXPECT_EQ(kept.not_after, first.NotAfter());
  EXPECT_EQ(opened->issued()[1].serial, second.SerialHex());
}

TEST_F(AuthorityFolderTest, TellsValidExpiredAndRevokedApart) {
  IssuedCertificate issued;
  issued.not_after = kNow;
  EXPECT_EQ(issued.StateAt(kNow), "valid");
  EXPECT_EQ(issued.StateAt(kNow + absl::Seconds(1)), "expired");
  issued.revoked = kNow;
  EXPECT_EQ(issued.StateAt(kNow + absl::Seconds(1)), "revoked");
}

TEST_F(AuthorityFolderTest, RevokesBySerialOrFingerprintOnceAndForEver) {
  ASSERT_TRUE(Create().ok());
  const certs::Certificate a = Issue();
  const certs::Certificate b = Issue();
  const std::string empty = folder_.Read("ca/crl.pem");
  {
    auto opened = AuthorityFolder::Open(Path());
    ASSERT_TRUE(opened->Revoke(a.SerialHex(), "lost", kNow).ok());
    ASSERT_TRUE(opened->Revoke(b.Fingerprint(), "", kNow).ok());
    // Again: what was written first stays.
    const auto again =
        opened->Revoke(a.SerialHex(), "other", kNow + absl::Hours(1));
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->revoked, kNow);
    EXPECT_EQ(again->reason, "lost");
  }
  const auto opened = AuthorityFolder::Open(Path());
  EXPECT_EQ(opened->issued()[0].reason, "lost");
  EXPECT_EQ(opened->issued()[1].revoked, kNow);
  EXPECT_NE(folder_.Read("ca/crl.pem"), empty);
}

TEST_F(AuthorityFolderTest, RevokesNothingThatItDoesNotKnowOrCannotWriteDown) {
  ASSERT_TRUE(Create().ok());
  const certs::Certificate issued = Issue();
  auto opened = AuthorityFolder::Open(Path());
  EXPECT_EQ(opened->Revoke("00", "", kNow).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(opened->Revoke("", "", kNow).status().code(),
            absl::StatusCode::kNotFound);
  for (const std::string& reason :
       {std::string(kMaxReasonBytes + 1, 'x'), std::string("\xff")}) {
    EXPECT_EQ(opened->Revoke(issued.SerialHex(), reason, kNow).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_FALSE(opened->issued()[0].revoked.has_value());
  EXPECT_EQ(opened->issued()[0].reason, "");
}

TEST_F(AuthorityFolderTest, DoesNotOpenWithAKeyThatOthersCanRead) {
  ASSERT_TRUE(Create().ok());
  for (const mode_t mode : {0640, 0604, 0620}) {
    chmod((folder_ / "ca/root.key").c_str(), mode);
    const auto opened = AuthorityFolder::Open(Path());
    EXPECT_EQ(opened.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(opened.status().message()), HasSubstr("chmod 600"));
  }
  chmod((folder_ / "ca/root.key").c_str(), 0600);
  EXPECT_TRUE(AuthorityFolder::Open(Path()).ok());
  std::filesystem::rename(folder_ / "ca/root.key", folder_ / "elsewhere");
  std::filesystem::create_symlink(folder_ / "elsewhere",
                                  folder_ / "ca/root.key");
  EXPECT_EQ(OpenCode(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(AuthorityFolderTest, SaysWhatIsMissingOrDamaged) {
  EXPECT_EQ(FromStatus(AuthorityFolder::Open(Path()).status()).code,
            "NOT_FOUND");
  ASSERT_TRUE(Create().ok());
  const std::string root = folder_.Read("ca/root.pem");
  folder_.Write("ca/root.pem", "nothing");
  EXPECT_EQ(OpenCode(), absl::StatusCode::kDataLoss);
  // A root that is not this key's.
  ASSERT_TRUE(
      AuthorityFolder::Create(folder_ / "other", "Other", kNow, 1).ok());
  folder_.Write("ca/root.pem", folder_.Read("other/root.pem"));
  EXPECT_EQ(OpenCode(), absl::StatusCode::kDataLoss);
  folder_.Write("ca/root.pem", root);
  for (const std::string line :
       {"{", "[]", R"({"serial":"1"})",
        R"({"fingerprint":"00","issued":1,"not_after":1,"reason":"",)"
        R"("revoked":0,"serial":"1","uri":""})"}) {
    folder_.Write("ca/issued.jsonl", line + "\n");
    EXPECT_EQ(OpenCode(), absl::StatusCode::kDataLoss) << line;
  }
  std::filesystem::remove(folder_ / "ca/issued.jsonl");
  EXPECT_EQ(OpenCode(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace entente::client
