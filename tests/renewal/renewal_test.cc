#include <csignal>

#include "absl/strings/str_cat.h"
#include "tests/world/agreed_pair.h"

namespace entente::renewal {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using world::kAgreement;
using world::kLeft;
using world::kPatience;
using world::kRight;

class Renewal : public world::AgreedPair {
 protected:
  // How many records the other side receives and matches.
  void Receive(int records) {
    const json got = Run(Right(), {"receive", "--agreement", kAgreement,
                                   "--out", world_.Path("inbox")});
    EXPECT_EQ(got.value("received", 0), records) << got.dump();
    EXPECT_EQ(got.value("matched", 0), records) << got.dump();
  }
  void RenewKeys(const std::string& agency) {
    const std::string file = world_.Path(absl::StrCat(agency, "/next.json"));
    Run(world_.Profile(agency, "system"),
        {"keys", "request", "--new", "--out", file});
    Run(world_.Profile(agency, "siro"), {"keys", "publish", file});
  }
  // The broker's next log line of `event` from `from` on; moves it.
  json Logged(const std::string& event, size_t* from) {
    json found;
    size_t seen = 0;
    const auto line = world_.broker->WaitForLine(
        [&](const std::string& said) {
          const json one = json::parse(said, nullptr, false);
          if (!one.is_object() || one.value("event", "") != event) return false;
          if (seen++ < *from) return false;
          found = one;
          return true;
        },
        kPatience);
    EXPECT_TRUE(line.ok()) << line.status();
    ++*from;
    return found;
  }
  std::string File(const std::string& path) {
    std::ifstream in(world_.Path(path));
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_F(Renewal, DataKeysAreRenewedWhileBatchesWait) {
  // The pepper is left for a bundle that is renewed before it was fetched.
  Enrol(Left());
  RenewKeys(kRight);
  Enrol(Right(), 7);
  Enrol(Left());
  Enrol(Right());

  Send();            // to the second keys of kRight
  RenewKeys(kLeft);  // signed with the first keys of kLeft
  Send();
  RenewKeys(kRight);
  Send();
  Receive(6);  // under three manifests
  Receive(0);
  // A new set that is not published yet is not used.
  Run(Left(), {"keys", "request", "--new", "--out", world_.Path("n.json")});
  Send();
  Receive(2);
}

TEST_F(Renewal, AProfilesCertificateIsReplacedOrLeftAlone) {
  Enrol(Left());
  Enrol(Right());
  const std::string uri = world::AgencyUri(kRight, "system", "system");
  ASSERT_TRUE(world_.Issue(kRight, uri, "next").ok());
  ASSERT_TRUE(world_.Issue(kRight, uri, "other").ok());
  ASSERT_TRUE(
      world_.Issue(kRight, world::AgencyUri(kRight, "auditor", "x"), "role")
          .ok());
  const json mixed = Run(
      Right(),
      {"profile", "renew", "--certificate", world_.Path("next/certificate.pem"),
       "--key", world_.Path("other/key.pem")},
      4);
  EXPECT_EQ(mixed.at("error").at("code"), "KEY_MISMATCH");
  const json role = Run(
      Right(),
      {"profile", "renew", "--certificate", world_.Path("role/certificate.pem"),
       "--key", world_.Path("role/key.pem")},
      4);
  EXPECT_EQ(role.at("error").at("code"), "IDENTITY_DIFFERS");
  Send();
  const std::string old = world_.Path("old.pem");
  std::filesystem::copy_file(Right() + "/certificate.pem", old);
  const json renewed = Run(Right(), {"profile", "renew", "--certificate",
                                     world_.Path("next/certificate.pem"),
                                     "--key", world_.Path("next/key.pem")});
  EXPECT_EQ(renewed.at("uri"), uri);
  Run(world_.Profile(kRight, "siro"),
      {"agency", "revoke", kRight, "--certificate", old, "--reason",
       "it was renewed"});
  Run(Right(), {"doctor"});
  Receive(2);
}

TEST_F(Renewal, TheBrokersCertificateIsReplacedWhileItServes) {
  const std::string uri = absl::StrCat("spiffe://", world::kTrustDomain,
                                       "/broker/", world::kBrokerName);
  ASSERT_TRUE(
      world_.Issue("operator", uri, "next", {"--ip", "127.0.0.1"}).ok());
  const std::string folder = "operator/broker-certificate/";
  // Half of a renewal: the listener stays up, and the log says what is wrong.
  std::ofstream(world_.Path(folder + "key.pem")) << File("next/key.pem");
  world_.broker->Signal(SIGHUP);
  size_t refused = 0;
  const json bad = Logged("certificate_refused", &refused);
  EXPECT_THAT(bad.value("reason", ""), HasSubstr("is not the key of"));
  Run(Left(), {"doctor"});
  std::ofstream(world_.Path(folder + "certificate.pem"))
      << File("next/certificate.pem");
  world_.broker->Signal(SIGHUP);
  size_t renewed = 0;
  const json good = Logged("certificate_renewed", &renewed);
  EXPECT_NE(good.value("fingerprint", ""), good.value("before", ""));
  Run(Left(), {"doctor"});
  EXPECT_EQ(world_.broker->Stop(), 0);
}

TEST_F(Renewal, StatusWarnsOfWhatRunsOut) {
  const json before = Run(Left(), {"status"});
  EXPECT_EQ(before.at("warnings"), json::array()) << before.dump();
  ASSERT_TRUE(world_
                  .Issue(kLeft, world::AgencyUri(kLeft, "system", "system"),
                         "short", {"--days", "6"})
                  .ok());
  Run(Left(), {"profile", "renew", "--certificate",
               world_.Path("short/certificate.pem"), "--key",
               world_.Path("short/key.pem")});
  const std::string file = world_.Path("keys.json");
  Run(Left(), {"keys", "request", "--days", "20", "--out", file});
  Run(world_.Profile(kLeft, "siro"), {"keys", "publish", file});
  const json after = Run(Left(), {"status"});
  ASSERT_EQ(after.at("warnings").size(), 2u) << after.dump();
  const json& certificate = after.at("warnings")[0];
  EXPECT_EQ(certificate.at("code"), "CERTIFICATE_EXPIRES");
  EXPECT_EQ(certificate.at("within"), 7);
  EXPECT_THAT(certificate.value("next", ""), HasSubstr("profile renew"));
  const json& bundle = after.at("warnings")[1];
  EXPECT_EQ(bundle.at("code"), "BUNDLE_EXPIRES");
  EXPECT_EQ(bundle.at("within"), 30);
  const auto words = world_.RunEntente(Left(), {"status"});
  ASSERT_TRUE(words.ok());
  EXPECT_THAT(words->err, HasSubstr("warning: this profile's certificate ends "
                                    "this week, in 5 days"));
}

}  // namespace
}  // namespace entente::renewal
