// Who may talk to the broker at all.
#include <gmock/gmock.h>
#include <openssl/tls1.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "certs/authority.h"
#include "crypto/hex.h"
#include "tests/end_to_end/shared_world.h"
#include "tests/end_to_end/tls_probe.h"
#include "tests/end_to_end/wire.h"

namespace entente::end_to_end {
namespace {

using testing::HasSubstr;

// The safety bound on a stream whose certificate was revoked.
constexpr absl::Duration kCutWithin = absl::Seconds(1);

class Certificates : public EndToEnd {
 protected:
  // certificate.pem and key.pem in a new folder, for `uri`, by the authority in
  // `issuer`, with any validity.
  std::string Issue(const std::string& issuer, const std::string& uri,
                    absl::Time not_before, absl::Time not_after) {
    const auto root = certs::Certificate::FromPem(
        ReadAll(world().Path(absl::StrCat(issuer, "/ca/root.pem"))));
    const auto root_key = certs::PrivateKey::FromPem(
        ReadAll(world().Path(absl::StrCat(issuer, "/ca/root.key"))));
    const auto key =
        certs::PrivateKey::Generate(certs::PrivateKey::Kind::kP256);
    const auto identity = certs::Identity::Parse(uri);
    EXPECT_TRUE(root.ok() && root_key.ok() && key.ok() && identity.ok());
    const auto authority = certs::Authority::Open(*root, *root_key);
    EXPECT_TRUE(authority.ok()) << authority.status();
    const auto certificate =
        authority->Issue({*identity, {}, {}, not_before, not_after}, *key);
    EXPECT_TRUE(certificate.ok()) << certificate.status();
    const auto key_pem = key->ToPem();
    EXPECT_TRUE(key_pem.ok());
    Write("certificate.pem", certificate->ToPem());
    Write("key.pem", std::string(crypto::AsText(key_pem->Expose())));
    std::filesystem::permissions(Folder() + "/key.pem",
                                 std::filesystem::perms::owner_read |
                                     std::filesystem::perms::owner_write);
    return Folder();
  }

  // The shared profile of kLeft's auditor, with the certificate in `folder`.
  std::string AuditorWith(const std::string& folder) {
    std::string profile = Folder() + "/profile";
    std::filesystem::copy(Profile(kLeft, "auditor"), profile);
    for (const char* file : {"certificate.pem", "key.pem"}) {
      std::filesystem::copy_file(
          absl::StrCat(folder, "/", file), absl::StrCat(profile, "/", file),
          std::filesystem::copy_options::overwrite_existing);
    }
    return profile;
  }

  std::string ProbeWith(const std::string& folder) {
    return Probe({.address = world().address,
                  .certificate = folder + "/certificate.pem",
                  .key = folder + "/key.pem"});
  }

  // Whether the broker's log tells of a handshake refused for `why`.
  void ExpectRefusedHandshake(const std::string& why) {
    const auto line = world().broker->WaitForLine(
        [&](const std::string& said) {
          return said.find("handshake_refused") != std::string::npos &&
                 said.find(why) != std::string::npos;
        },
        kPatience);
    EXPECT_TRUE(line.ok()) << line.status();
  }

  // Whether the broker's ledger holds the refused login of this certificate.
  // The broker closes the connection before the entry is durable.
  void ExpectLoginEntry(const std::string& folder, const std::string& code) {
    const auto certificate =
        certs::Certificate::FromPem(ReadAll(folder + "/certificate.pem"));
    ASSERT_TRUE(certificate.ok());
    for (int tries = 0; tries < 20; ++tries) {
      const Ended listed =
          Run(Profile("operator", "duty"), {"audit", "list", "--limit", "10"});
      ASSERT_EQ(listed.exit_code, 0) << listed.err;
      for (const json& row : listed.out.at("entries")) {
        if (row.at("kind") != "refused_login") continue;
        const Ended shown =
            Run(Profile("operator", "duty"),
                {"audit", "show", absl::StrCat(row.at("index").get<int>())});
        ASSERT_EQ(shown.exit_code, 0) << shown.err;
        const std::string entry = shown.out.at("entry").dump();
        if (entry.find(certificate->Fingerprint()) == std::string::npos) {
          continue;
        }
        EXPECT_EQ(row.at("outcome"), "deny");
        EXPECT_EQ(row.at("reasons"), code);
        return;
      }
    }
    ADD_FAILURE() << "no entry about the refused login";
  }

  void ExpectStillServes() {
    const Ended status = Run(Profile(kLeft, "auditor"), {"status"});
    EXPECT_EQ(status.exit_code, 0) << status.err;
  }
};

std::string LeftAuditor() {
  return world::AgencyUri(kLeft, "auditor", "auditor");
}

TEST_F(Certificates, NoneAtAllEndsTheHandshake) {
  EXPECT_EQ(Probe({.address = world().address}), "closed");
  ExpectStillServes();
}

TEST_F(Certificates, AGoodOneIsServed) {
  EXPECT_EQ(ProbeWith(Profile(kLeft, "auditor")), "served");
}

TEST_F(Certificates, AnOlderTlsIsRefusedWhateverTheCertificate) {
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION}) {
    const std::string profile = Profile(kLeft, "auditor");
    const std::string ended =
        Probe({.address = world().address,
               .certificate = profile + "/certificate.pem",
               .key = profile + "/key.pem",
               .version = version});
    EXPECT_NE(ended, "served") << version;
  }
  ExpectStillServes();
}

TEST_F(Certificates, AnUnknownAuthorityCountsForNobody) {
  const auto made = world().MakeAuthority("tests/stranger", "Stranger");
  ASSERT_TRUE(made.ok()) << made.status();
  const absl::Time now = absl::Now();
  const std::string folder = Issue("tests/stranger", LeftAuditor(),
                                   now - absl::Hours(1), now + absl::Hours(1));
  EXPECT_EQ(ProbeWith(folder), "closed");
  ExpectRefusedHandshake("certificate");
  ExpectLoginEntry(folder, "BAD_CERTIFICATE");
  ExpectFailure(Run(AuditorWith(folder), {"status"}),
                {.exit_code = 4,
                 .code = "LOGIN_REFUSED",
                 .what = "the broker closed the connection",
                 .why = "a certificate does not count",
                 .next = "registered root issued it"});
  ExpectStillServes();
}

TEST_F(Certificates, OneForAnotherAgencyFromTheOwnRootIsRefused) {
  const absl::Time now = absl::Now();
  const std::string folder =
      Issue(kRight, LeftAuditor(), now - absl::Hours(1), now + absl::Hours(1));
  EXPECT_EQ(ProbeWith(folder), "closed");
  ExpectRefusedHandshake("certificate");
  ExpectLoginEntry(folder, "BAD_CERTIFICATE");
  ExpectFailure(Run(AuditorWith(folder), {"status"}),
                {.exit_code = 4,
                 .code = "LOGIN_REFUSED",
                 .what = "the broker closed the connection",
                 .why = "a certificate does not count",
                 .next = "registered root issued it"});
  ExpectStillServes();
}

TEST_F(Certificates, AnAgencyThatIsNotRegisteredIsRefused) {
  const absl::Time now = absl::Now();
  const std::string folder =
      Issue(kLeft, world::AgencyUri("southmere-police", "auditor", "auditor"),
            now - absl::Hours(1), now + absl::Hours(1));
  EXPECT_EQ(ProbeWith(folder), "closed");
  ExpectRefusedHandshake("southmere-police is not registered");
  ExpectStillServes();
}

TEST_F(Certificates, AnExpiredOneIsRefusedOnBothSides) {
  const absl::Time now = absl::Now();
  const std::string folder =
      Issue(kLeft, LeftAuditor(), now - absl::Hours(48), now - absl::Hours(24));
  EXPECT_EQ(ProbeWith(folder), "closed");
  ExpectRefusedHandshake("expired");
  ExpectLoginEntry(folder, "BAD_CERTIFICATE");
  ExpectFailure(Run(AuditorWith(folder), {"status"}),
                {.exit_code = 4,
                 .code = "CERTIFICATE_NOT_IN_DATE",
                 .what = "is not in date",
                 .why = "it is valid from",
                 .next = "entente ca issue"});
  ExpectStillServes();
}

TEST_F(Certificates, OneThatIsNotYetValidIsRefusedOnBothSides) {
  const absl::Time now = absl::Now();
  const std::string folder =
      Issue(kLeft, LeftAuditor(), now + absl::Hours(24), now + absl::Hours(48));
  EXPECT_EQ(ProbeWith(folder), "closed");
  ExpectRefusedHandshake("not yet valid");
  ExpectFailure(Run(AuditorWith(folder), {"status"}),
                {.exit_code = 4,
                 .code = "CERTIFICATE_NOT_IN_DATE",
                 .what = "is not in date",
                 .why = "it is valid from",
                 .next = "entente ca issue"});
  ExpectStillServes();
}

TEST_F(Certificates, ARevokedOneIsRefusedAtTheNextCall) {
  ASSERT_TRUE(world().MakeProfile(kLeft, "auditor", "leaver").ok());
  const std::string leaver = Profile(kLeft, "leaver");
  EXPECT_EQ(Run(leaver, {"status"}).exit_code, 0);
  const Ended revoked =
      Run(Profile(kLeft, "siro"),
          {"agency", "revoke", "--certificate", leaver + "/certificate.pem",
           "--reason", "left the force"});
  ASSERT_EQ(revoked.exit_code, 0) << revoked.err;
  ExpectFailure(Run(leaver, {"status"}),
                {.exit_code = 4,
                 .code = "LOGIN_REFUSED",
                 .what = "the broker closed the connection",
                 .why = "a certificate does not count",
                 .next = "registered root issued it"});
  ExpectRefusedHandshake("revoked");
  ExpectLoginEntry(leaver, "CERTIFICATE_REVOKED");
  const json entry = Entry("", revoked.out.at("entry"));
  ASSERT_TRUE(entry.is_object());
  EXPECT_EQ(entry.at("kind"), "certificate_revoked");
  EXPECT_EQ(entry.at("subject"), revoked.out.at("fingerprint"));
  ExpectStillServes();
}

TEST_F(Certificates, NobodyRevokesAnotherAgencysCertificate) {
  const Ended ended =
      Run(Profile(kRight, "siro"),
          {"agency", "revoke", kLeft, "--certificate",
           LeftSystem() + "/certificate.pem", "--reason", "mischief"});
  ExpectFailure(ended, {.exit_code = 3,
                        .code = "NOT_YOUR_AGENCY",
                        .what = "your own agency only",
                        .next = "use a certificate of the agency"});
  ExpectRefusalEntry(ended, "broker", Entry("", ended.error.value("entry", 0)),
                     "certificate_revoked", "NOT_YOUR_AGENCY");
  EXPECT_EQ(Run(LeftSystem(), {"status"}).exit_code, 0);
}

TEST_F(Certificates, AnOpenStreamIsCutWithinASecondOfTheRevocation) {
  ASSERT_TRUE(world().MakeProfile(kRight, "system", "spare").ok());
  const Ended sent = Send(kPersons, kPurpose, Write("rows.csv", People(1)),
                          {"--case", "OP-LANTERN/0142"});
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  FollowedStream stream(Profile(kRight, "spare"), kAgreement, kPatience);
  ASSERT_TRUE(stream.ReadBatch());
  absl::Time revoked;
  std::thread revoking([&] {
    const client::Failure done =
        RevokeRaw(Profile(kRight, "siro"), kRight, Profile(kRight, "spare"));
    revoked = absl::Now();
    EXPECT_EQ(done.what, "") << done.why;
  });
  const auto [ended, how] = stream.ReadToTheEnd();
  revoking.join();
  EXPECT_LE(ended - revoked, kCutWithin);
  EXPECT_EQ(how.code, "CERTIFICATE_REVOKED");
  EXPECT_EQ(how.exit, client::ExitCode::kNotAuthenticated);
  // The batch was not acknowledged, so it is still there for the system.
  const Ended received =
      Run(RightSystem(),
          {"receive", "--agreement", kAgreement, "--out", Folder() + "/in"});
  ASSERT_EQ(received.exit_code, 0) << received.err;
  EXPECT_EQ(received.out.at("batches").back().at("batch"),
            sent.out.at("batches").at(0).at("batch"));
}

}  // namespace
}  // namespace entente::end_to_end
