// What the doctor says of real files and a real broker. One of its twelve
// checks is broken by unit tests alone: `clock` needs another time than the
// broker's, and both go by this machine's (client/doctor_break_test.cc,
// `ClockBehind`).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "certs/authority.h"
#include "certs/certificate.h"
#include "certs/identity.h"
#include "certs/private_key.h"
#include "crypto/hex.h"
#include "tests/world/agreed_pair.h"

namespace entente::renewal {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using world::kAgreement;
using world::kLeft;

// A port that answers, and not with TLS.
class PlainPort {
 public:
  PlainPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in here = {};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    auto* address = reinterpret_cast<sockaddr*>(&here);
    EXPECT_EQ(bind(fd_, address, size), 0);
    EXPECT_EQ(listen(fd_, 8), 0);
    EXPECT_EQ(getsockname(fd_, address, &size), 0);
    address_ = absl::StrCat("127.0.0.1:", ntohs(here.sin_port));
    server_ = std::thread([this] {
      constexpr char kHello[] = "220 mail.example ESMTP\r\n";
      for (int one; (one = accept(fd_, nullptr, nullptr)) >= 0;) {
        send(one, kHello, sizeof kHello - 1, MSG_NOSIGNAL);
        // Until the other end has read it and gone.
        char ignored[512];
        while (recv(one, ignored, sizeof ignored, 0) > 0) {
        }
        close(one);
      }
    });
  }
  ~PlainPort() {
    shutdown(fd_, SHUT_RDWR);  // ends the wait for the next one
    server_.join();
    close(fd_);
  }

  const std::string& address() const { return address_; }

 private:
  const int fd_;
  std::string address_;
  std::thread server_;
};

class Doctor : public world::OwnWorld {
 protected:
  // The answer to `id`; the doctor must end with `exit`.
  json Ask(const std::string& profile, const std::string& id, int exit) {
    const json said = Run(profile, {"doctor"}, exit);
    EXPECT_EQ(said.value("schema", 0), 1) << said.dump();
    EXPECT_EQ(said.value("ok", false), exit == 0);
    for (const json& check : said.value("checks", json::array())) {
      if (check.at("id") == id) return check;
    }
    ADD_FAILURE() << "no check " << id << " in " << said.dump();
    return json::object();
  }
  void ExpectBroken(const std::string& profile, const std::string& id,
                    const std::string& code, int exit) {
    const json check = Ask(profile, id, exit);
    EXPECT_EQ(check.value("state", ""), "not_ok") << check.dump();
    EXPECT_EQ(check.value("code", ""), code) << check.dump();
    EXPECT_FALSE(check.value("why", "").empty());
    EXPECT_FALSE(check.value("fix", "").empty());
  }
  // A copy of kLeft's system profile.
  std::string Copied(const std::string& name) {
    const std::string copy = world_.Path(name);
    std::filesystem::copy(Left(), copy,
                          std::filesystem::copy_options::recursive);
    return copy;
  }
  // The same with `from` replaced in its settings.
  std::string Altered(const std::string& name, const std::string& from,
                      const std::string& to) {
    const std::string copy = Copied(name);
    std::ifstream in(copy + "/profile.yaml");
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    EXPECT_THAT(text, HasSubstr(from));
    std::ofstream(copy + "/profile.yaml")
        << absl::StrReplaceAll(text, {{from, to}});
    return copy;
  }
  static std::string FileText(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {(std::istreambuf_iterator<char>(in)), {}};
  }
  // The system's certificate in the profile `folder`, of its own authority and
  // for another time; with `usage` in place of a client's unless it is null.
  void Reissue(const std::string& folder, absl::Time from, absl::Time until,
               const char* usage) {
    const std::string ca = world_.Path(absl::StrCat(kLeft, "/ca/"));
    const auto root = certs::Certificate::FromPem(FileText(ca + "root.pem"));
    const auto root_key = certs::PrivateKey::FromPem(FileText(ca + "root.key"));
    const auto key =
        certs::PrivateKey::Generate(certs::PrivateKey::Kind::kP256);
    const auto identity =
        certs::Identity::Parse(world::AgencyUri(kLeft, "system", "system"));
    ASSERT_TRUE(root.ok() && root_key.ok() && key.ok() && identity.ok());
    const auto authority = certs::Authority::Open(*root, *root_key);
    ASSERT_TRUE(authority.ok()) << authority.status();
    const auto issued =
        authority->Issue({*identity, {}, {}, from, until}, *key);
    ASSERT_TRUE(issued.ok()) << issued.status();
    if (usage != nullptr) {
      X509* leaf = issued->handle();
      X509_EXTENSION_free(X509_delete_ext(
          leaf, X509_get_ext_by_NID(leaf, NID_ext_key_usage, -1)));
      X509_EXTENSION* extension =
          X509V3_EXT_conf_nid(nullptr, nullptr, NID_ext_key_usage, usage);
      X509_add_ext(leaf, extension, -1);
      X509_EXTENSION_free(extension);
      ASSERT_GT(X509_sign(leaf, root_key->handle(), EVP_sha256()), 0);
    }
    const auto key_pem = key->ToPem();
    ASSERT_TRUE(key_pem.ok());
    std::ofstream(folder + "/certificate.pem") << issued->ToPem();
    std::ofstream(folder + "/key.pem") << crypto::AsText(key_pem->Expose());
  }
};

TEST_F(Doctor, TellsApartWhatARealBrokerDoes) {
  // Nobody is registered yet: the broker hangs up on all but its operator.
  ExpectBroken(Left(), "registered", "HUNG_UP", 4);
  EXPECT_EQ(Ask(world_.Profile("operator", "duty"), "registered", 0)
                .value("state", ""),
            "ok");
  const absl::Status registered = world_.Register();
  ASSERT_TRUE(registered.ok()) << registered;
  const json fine = Run(Left(), {"doctor"});
  EXPECT_TRUE(fine.value("ok", false)) << fine.dump();
  EXPECT_EQ(fine.at("checks").size(), 12u);
  for (const json& check : fine.at("checks")) {
    EXPECT_EQ(check.at("state"), "ok") << check.dump();
  }

  ExpectBroken(Altered("port", world_.address, "127.0.0.1:1"), "network",
               "NO_ONE_LISTENS", 7);
  ExpectBroken(Altered("host", world_.address, "nowhere.invalid:7443"),
               "network", "NAME_NOT_FOUND", 7);
  ExpectBroken(Altered("name", world::kBrokerName, "other.demo.example"),
               "broker", "WRONG_BROKER_NAME", 6);
  ExpectBroken(
      Altered("pin", world_.facts.ledger_key, std::string(43, 'A') + "="),
      "broker", "WRONG_LEDGER_KEY", 6);
  const std::string root = Copied("root");
  std::filesystem::copy_file(world_.Path(absl::StrCat(kLeft, "/ca/root.pem")),
                             root + "/broker-root.pem",
                             std::filesystem::copy_options::overwrite_existing);
  ExpectBroken(root, "broker", "WRONG_BROKER_ROOT", 6);

  const PlainPort mail;
  ExpectBroken(Altered("mail", world_.address, mail.address()), "tls",
               "NOT_TLS", 7);

  // The only agreement is suspended, and goes on.
  const absl::Status agreed =
      world_.Agree(FrameDocument(world_.facts, world::kPairContent));
  ASSERT_TRUE(agreed.ok()) << agreed;
  EXPECT_THAT(Ask(Left(), "agreements", 0).value("why", ""),
              HasSubstr(kAgreement));
  Run(world_.Profile(kLeft, "siro"),
      {"agreement", "suspend", kAgreement, "--reason", "odd queries"});
  ExpectBroken(Left(), "agreements", "NONE_ACTIVE", 3);
  Run(world_.Profile(kLeft, "siro"),
      {"agreement", "resume", kAgreement, "--reason", "they were ours"});
  EXPECT_EQ(Ask(Left(), "agreements", 0).value("state", ""), "ok");

  // A certificate that is revoked while the agency stays.
  const std::string auditor = world_.Profile(kLeft, "auditor");
  EXPECT_EQ(Ask(auditor, "registered", 0).value("state", ""), "ok");
  Run(world_.Profile(kLeft, "siro"),
      {"agency", "revoke", kLeft, "--certificate", auditor + "/certificate.pem",
       "--reason", "laptop lost"});
  ExpectBroken(auditor, "registered", "HUNG_UP", 4);

  // For people, the same without a line of JSON.
  const auto words = world_.RunEntente(auditor, {"doctor"});
  ASSERT_TRUE(words.ok());
  EXPECT_EQ(words->exit_code, 4);
  EXPECT_THAT(words->out, HasSubstr("NOT OK       registered  the broker hung "
                                    "up when it had seen our certificate"));
  EXPECT_THAT(words->out, HasSubstr("fix: ask the operator for"));
  EXPECT_THAT(words->err, HasSubstr("1 of 12 checks is not ok: registered"));

  world_.broker->Stop();
  ExpectBroken(Left(), "network", "NO_ONE_LISTENS", 7);
}

// What is wrong with the files is found without a broker.
TEST_F(Doctor, FindsWhatIsWrongWithTheFilesThemselves) {
  world_.broker->Stop();
  const absl::Time now = absl::Now();
  const std::string auditor = world_.Profile(kLeft, "auditor");
  const auto put = [](const std::string& from, const std::string& into) {
    fs::copy_file(from, into, fs::copy_options::overwrite_existing);
  };
  const struct {
    std::string name;
    std::function<void(const std::string&)> alter;
    std::string id;
    std::string code;
    int exit;
  } cases[] = {
      {"missing",
       [](const std::string& p) { fs::remove(p + "/certificate.pem"); },
       "files", "FILE_MISSING", 1},
      {"damaged",
       [](const std::string& p) {
         fs::resize_file(p + "/certificate.pem", 100);
       },
       "files", "FILE_DAMAGED", 1},
      {"unreadable",
       [](const std::string& p) {
         fs::remove(p + "/broker-root.pem");
         fs::create_directory(p + "/broker-root.pem");
       },
       "files", "FILE_UNREADABLE", 1},
      {"exposed",
       [](const std::string& p) {
         fs::permissions(p + "/key.pem", fs::perms(0644));
       },
       "files", "KEY_EXPOSED", 1},
      {"open",
       [](const std::string& p) { fs::permissions(p, fs::perms(0777)); },
       "files", "FOLDER_EXPOSED", 1},
      {"settings",
       [](const std::string& p) {
         std::ofstream(p + "/profile.yaml") << "role: king\n";
       },
       "files", "SETTINGS_WRONG", 1},
      {"another-key",
       [&](const std::string& p) { put(auditor + "/key.pem", p + "/key.pem"); },
       "key", "KEY_MISMATCH", 4},
      {"another-role",
       [&](const std::string& p) {
         put(auditor + "/key.pem", p + "/key.pem");
         put(auditor + "/certificate.pem", p + "/certificate.pem");
       },
       "identity", "IDENTITY_DIFFERS", 4},
      {"another-root",
       [&](const std::string& p) {
         put(world_.Path("operator/ca/root.pem"), p + "/root.pem");
       },
       "chain", "WRONG_CHAIN", 4},
      {"expired",
       [&](const std::string& p) {
         Reissue(p, now - absl::Hours(3), now - absl::Hours(1), nullptr);
       },
       "dates", "CERTIFICATE_EXPIRED", 4},
      {"of-tomorrow",
       [&](const std::string& p) {
         Reissue(p, now + absl::Hours(20), now + absl::Hours(40), nullptr);
       },
       "dates", "CERTIFICATE_NOT_YET_VALID", 4},
      {"for-servers",
       [&](const std::string& p) {
         Reissue(p, now - absl::Hours(1), now + absl::Hours(40), "serverAuth");
       },
       "usage", "WRONG_USAGE", 4},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    const std::string profile = Copied(one.name);
    one.alter(profile);
    ExpectBroken(profile, one.id, one.code, one.exit);
  }
}

}  // namespace
}  // namespace entente::renewal
